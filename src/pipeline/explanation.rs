//! From an answer to the criteria behind it (system B): the lesion that the network saw is measured, the clinical head embeds what was
//! measured, and the picture's own embedding is compared with that and with the bundle's prototypes.
//!
//! Explains and never decides: a verdict stands whatever is found here.

use crate::{
    bundle::{Bundle, ClinicalSpec, Prototype},
    case::{Evidence, Explanation, Nearness},
    engine::{self, Engine, Options, Tensor},
    explain::{
        abc::{self, Abc, Settings},
        severity::Scales,
    },
    frame::Frame,
    system::{
        Cefm, Findings,
        embedding::{cosine, to_unit_length},
    },
};

use super::{AnalysisError, LoadError};

/// Measures and compares as a bundle says.
pub(super) struct Explainer {
    settings: Settings,
    scales: Scales,
    clinical: ClinicalSpec,
    head: Box<dyn Engine>,
    prototypes: Vec<Prototype>,
}

/// What the network itself says beside its scores.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Reading {
    /// Where the picture lies, of length 1; empty where the graph gives no embedding.
    pub(super) embedding: Vec<f32>,
    /// A, B and C on the raters' scales.
    pub(super) criteria: Option<[f32; 3]>,
}

impl Reading {
    /// Takes what the network says out of the mean of its views.
    pub(super) fn of(findings: &mut Findings) -> Self {
        let within = |criteria: [f32; 3]| std::array::from_fn(|at| criteria[at].clamp(Cefm::SCALES[at][0], Cefm::SCALES[at][1]));
        Self { embedding: std::mem::take(&mut findings.embedding), criteria: findings.criteria.map(within) }
    }
}

impl Explainer {
    /// What explains the answers of `bundle`; `None` where it measures no criteria.
    pub(super) fn load(bundle: &Bundle) -> Result<Option<Self>, LoadError> {
        let manifest = bundle.manifest();
        let sections = (&manifest.criteria, &manifest.severity, &manifest.clinical, bundle.clinical_graph());
        let (Some(settings), Some(scales), Some(clinical), Some(graph)) = sections else { return Ok(None) };
        let head = engine::load(graph, &clinical.graph_spec(), &Options { threads: 1, ..Options::default() })?;
        Ok(Some(Self {
            settings: *settings,
            scales: scales.clone(),
            clinical: clinical.clone(),
            head,
            prototypes: bundle.prototypes().to_vec(),
        }))
    }

    /// The criteria behind what was found in `frame`; `None` when there is no lesion to measure.
    pub(super) fn explain(&mut self, frame: &Frame, evidence: &Evidence, found: &Reading) -> Result<Option<Explanation>, AnalysisError> {
        let Some(abc) = evidence.lesion.as_ref().and_then(|lesion| abc::measure_in(frame, evidence.region, lesion, &self.settings)) else {
            return Ok(None);
        };
        let Some(severity) = self.scales.levels(&abc) else { return Ok(None) };
        let of_criteria = self.embed(&abc)?;
        let near = |prototype: &Prototype| Nearness { level: prototype.level, cosine: cosine(&found.embedding, &prototype.embedding) };
        let mut prototypes: Vec<Nearness> = self.prototypes.iter().map(near).collect();
        prototypes.sort_by(|one, other| other.cosine.total_cmp(&one.cosine));
        Ok(Some(Explanation {
            severity,
            read: found.criteria,
            agreement: cosine(&found.embedding, &of_criteria),
            agreement_min: self.clinical.agreement_min,
            embedding: found.embedding.clone(),
            criteria_embedding: of_criteria,
            prototypes,
            abc,
        }))
    }

    /// Where measured criteria lie in the space that they share with pictures, of length 1.
    fn embed(&mut self, abc: &Abc) -> Result<Vec<f32>, AnalysisError> {
        let measured = self.clinical.measures.iter().map(|measure| abc.value(measure).unwrap_or(f64::NAN));
        let values: Vec<f32> = measured.enumerate().map(|(place, value)| self.clinical.standardised(place, value)).collect();
        let outputs = self.head.run(&[Tensor { shape: vec![1, values.len()], values }])?;
        let mut embedding = outputs.first().map(|output| output.values.clone()).unwrap_or_default();
        to_unit_length("the clinical head's embedding", &mut embedding)?;
        Ok(embedding)
    }

    /// What runs the clinical head: `tract, float32`.
    pub(super) fn describe_engine(&self) -> String {
        format!("{} by {}", self.clinical.graph, self.head.describe())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_network_reads_beyond_the_raters_scales_is_told_as_their_end() {
        let reading = |criteria| {
            let mut findings =
                Findings { scores: vec![], heatmaps: vec![], lesion: None, distances: vec![], embedding: vec![0.6, 0.8], criteria };
            Reading::of(&mut findings)
        };
        assert_eq!(reading(Some([-0.2, 9.0, 0.5])).criteria, Some([0.0, 8.0, 1.0]));
        assert_eq!(reading(Some([2.5, -1.0, 7.0])).criteria, Some([2.0, 0.0, 6.0]));
        assert_eq!(reading(Some([1.5, 4.0, 3.0])), Reading { embedding: vec![0.6, 0.8], criteria: Some([1.5, 4.0, 3.0]) });
        assert_eq!(reading(None).criteria, None);
    }
}
