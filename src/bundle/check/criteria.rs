//! The sections that belong to the system cefm: there for it and for no other, and each value possible.

use super::{require, unique};
use crate::{
    bundle::{
        ClinicalSpec,
        manifest::{Manifest, ManifestError, did_you_mean},
    },
    explain::{
        abc::{Abc, Settings},
        severity::{Scale, Scales},
    },
    system::Cefm,
};

pub(super) fn check_criteria(manifest: &Manifest) -> Result<(), ManifestError> {
    let Manifest { criteria, severity, clinical, prototypes, .. } = manifest;
    let sections = [
        ("criteria", criteria.is_some(), "how criteria are measured"),
        ("severity", severity.is_some(), "where the levels of criteria lie"),
        ("clinical", clinical.is_some(), "which graph embeds the criteria"),
        ("prototypes", prototypes.is_some(), "where the prototypes lie"),
    ];
    let measures = manifest.system == Cefm::NAME;
    for (key, is_there, what) in sections {
        require(is_there || !measures, key, || format!("must say {what}: the system is {}", Cefm::NAME))?;
        require(measures || !is_there, key, || {
            format!("is there, but belongs to the system {} and not to {}", Cefm::NAME, manifest.system)
        })?;
    }
    criteria.iter().try_for_each(check_settings)?;
    severity.iter().try_for_each(check_scales)?;
    clinical.iter().try_for_each(check_clinical)?;
    let mut files: Vec<&String> = manifest.named_files().into_iter().map(|(_, path)| path).collect();
    files.sort();
    let twice = files.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0].as_str());
    require(twice.is_none(), "graph.file", || {
        format!("and the other files must be different ones, {:?} is named twice", twice.unwrap_or(""))
    })
}

fn check_settings(settings: &Settings) -> Result<(), ManifestError> {
    let Settings { colour_constancy: _, shape_min, colour_min, abrupt_min, colour_share_min } = settings;
    for (key, share) in [("criteria.shape_min", shape_min), ("criteria.colour_share_min", colour_share_min)] {
        require(*share > 0.0 && *share <= 1.0, key, || format!("must be above 0 and at most 1, it is {share}"))?;
    }
    for (key, difference) in [("criteria.colour_min", colour_min), ("criteria.abrupt_min", abrupt_min)] {
        require(difference.is_finite() && *difference > 0.0, key, || format!("must be a number above 0, it is {difference}"))?;
    }
    Ok(())
}

fn check_scales(scales: &Scales) -> Result<(), ManifestError> {
    let Scales { asymmetry, border, colour, overall } = scales;
    for (name, scale) in [("asymmetry", asymmetry), ("border", border), ("colour", colour), ("overall", overall)] {
        let Scale { measure, cuts } = scale;
        require_measure(&format!("severity.{name}.measure"), measure, Abc::names())?;
        let rise = cuts.iter().all(|cut| cut.is_finite()) && cuts.is_sorted_by(|one, next| one < next);
        require(rise, &format!("severity.{name}.cuts"), || format!("must be four numbers that rise, they are {cuts:?}"))?;
    }
    Ok(())
}

fn check_clinical(clinical: &ClinicalSpec) -> Result<(), ManifestError> {
    let ClinicalSpec { graph: _, measures, mean, deviation, limit, agreement_min } = clinical;
    require(!measures.is_empty(), "clinical.measures", || "must name at least one measurement".to_owned())?;
    measures.iter().try_for_each(|measure| require_measure("clinical.measures", measure, Abc::KEYS.into_iter()))?;
    unique("clinical.measures", measures.iter())?;
    let count = measures.len();
    for (key, values) in [("clinical.mean", mean), ("clinical.deviation", deviation)] {
        require(values.len() == count, key, || format!("must have one entry a measurement ({count}), it has {}", values.len()))?;
    }
    require(mean.iter().all(|mean| mean.is_finite()), "clinical.mean", || format!("must be numbers, they are {mean:?}"))?;
    // What is divided by a deviation that is not normal would be infinite.
    let usable = |deviation: &f64| deviation.is_normal() && *deviation > 0.0;
    require(deviation.iter().all(usable), "clinical.deviation", || format!("must be numbers above 0, they are {deviation:?}"))?;
    require(limit.is_finite() && *limit > 0.0, "clinical.limit", || format!("must be a number above 0, it is {limit}"))?;
    require((-1.0..=1.0).contains(agreement_min), "clinical.agreement_min", || format!("must be -1 to 1, it is {agreement_min}"))
}

fn require_measure(key: &str, name: &str, known: impl Iterator<Item = &'static str> + Clone) -> Result<(), ManifestError> {
    require(known.clone().any(|measure| measure == name), key, || {
        let hint = did_you_mean(name, known.clone());
        format!("must be a measurement of `lentigo measure`, {name:?} is none{hint}")
    })
}
