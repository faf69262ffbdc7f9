//! What `lentigo bundle show` says of a bundle that explains its answers by criteria.

use anyhow::Result;

use super::super::output::Printed;
use crate::{
    bundle::{Bundle, ClinicalSpec},
    explain::{
        abc::{ColourConstancy, Settings},
        severity::{Scale, Scales},
    },
};

pub(super) fn show(bundle: &Bundle) -> Result<()> {
    let manifest = bundle.manifest();
    if let Some(settings) = &manifest.criteria {
        let Settings { colour_constancy, shape_min, colour_min, abrupt_min, colour_share_min } = settings;
        let constancy = match colour_constancy {
            ColourConstancy::None => "none",
            ColourConstancy::ShadesOfGrey => "shades of grey",
        };
        Printed::line(format_args!(
            "  criteria    colour constancy {constancy}; asymmetric from shape {shape_min} or colour {colour_min}, abrupt from {abrupt_min}, \
             a colour from {colour_share_min} of the lesion"
        ))?;
    }
    if let Some(Scales { asymmetry, border, colour, overall }) = &manifest.severity {
        for (name, Scale { measure, cuts }) in [("asymmetry", asymmetry), ("border", border), ("colour", colour), ("overall", overall)] {
            Printed::line(format_args!("  severity    {name} by {measure}, cut at {cuts:?}"))?;
        }
    }
    if let Some(clinical) = &manifest.clinical {
        let ClinicalSpec { graph, measures, mean: _, deviation: _, limit, agreement_min } = clinical;
        let (bytes, precision) = (bundle.clinical_graph().map_or(0, <[u8]>::len), clinical.graph_spec().precision);
        Printed::line(format_args!("  clinical    {graph}, {bytes} bytes, {precision}; agreement usual from {agreement_min}"))?;
        Printed::line(format_args!("  measures    {} within {limit} deviations: {}", measures.len(), measures.join(", ")))?;
    }
    if !bundle.prototypes().is_empty() {
        let levels: Vec<String> = bundle.prototypes().iter().map(|prototype| prototype.level.number().to_string()).collect();
        Printed::line(format_args!("  prototypes  {} of the levels {}", levels.len(), levels.join(", ")))?;
    }
    Ok(())
}
