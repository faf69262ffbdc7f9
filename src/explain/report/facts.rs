//! What a report is written from: plain values of one case. Nothing here measures anything but the lesion's size, as screens and records do.

use crate::{
    case::{Case, Evidence, Explanation},
    explain::lesion::{self, Millimetres},
    frame::Frame,
    quality::Reason,
    verdict::{Abstention, Label, Verdict},
};

/// Everything that a report may say of one case.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// What the device advises.
    pub label: Label,
    /// The number behind "refer" and "no referral indicated"; the other labels have none.
    pub decision: Option<Decision>,
    /// Why the picture must be taken again, the first to put right first; only behind "retake".
    pub reasons: Vec<Reason>,
    /// Why the answer does not count, where the bundle's limits say so; only behind "cannot assess".
    pub abstention: Option<Abstention>,
    /// What is known of the lesion's outline.
    pub outline: Outline,
    /// The criteria, where the bundle measures them and there was something to measure.
    pub explanation: Option<Explanation>,
    /// Standard deviation of the probability over the views of the picture; where the bundle has several.
    pub disagreement: Option<f32>,
}

/// A calibrated probability and what it was compared with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decision {
    /// Calibrated probability of a referral, in [0, 1].
    pub probability: f32,
    /// Refer at or above this, in [0, 1].
    pub threshold: f32,
}

/// What is known of the lesion's outline.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Outline {
    /// Nothing: the model draws none, or was not asked.
    Unknown,
    /// The model found no lesion.
    NotFound,
    /// The lesion's size.
    Found(Extent),
}

/// How large a lesion is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Extent {
    /// Area by that of the region that was assessed, in [0, 1].
    pub area_share: f64,
    /// Greatest diameter by the side of the region, in [0, sqrt 2].
    pub diameter_share: f64,
    /// On the skin, where the camera's scale is known.
    pub millimetres: Option<Millimetres>,
    /// The lesion reaches the border of the region: it is at least so large.
    pub cut_off: bool,
}

impl Facts {
    /// What is known of `case`, seen through optics of `scale`.
    ///
    /// The size is that of [`lesion::measure`], which screens and records state too, so that no two figures of one lesion differ.
    #[must_use]
    pub fn of(case: &Case, scale: Option<lesion::Scale>) -> Self {
        let numbers = case.numbers.as_ref();
        let (mut decision, mut reasons) = (None, Vec::new());
        match &case.verdict {
            Verdict::Assessed(assessment) => {
                let threshold = assessment.operating_point().threshold;
                decision = Some(Decision { probability: assessment.probability(), threshold });
            }
            Verdict::Retake { reasons: found } => reasons.clone_from(found),
            Verdict::CannotAssess { .. } => {}
        }
        Self {
            label: case.verdict.label(),
            decision,
            reasons,
            abstention: numbers.and_then(|numbers| numbers.abstention),
            outline: case.evidence.as_ref().map_or(Outline::Unknown, |evidence| Outline::of(&case.frame, evidence, scale)),
            explanation: case.explanation.clone(),
            disagreement: decision.and(numbers).and_then(|numbers| numbers.disagreement),
        }
    }
}

impl Outline {
    fn of(frame: &Frame, evidence: &Evidence, scale: Option<lesion::Scale>) -> Self {
        let Some(lesion) = &evidence.lesion else { return Self::Unknown };
        let Some(measures) = lesion::measure(lesion, evidence.region) else { return Self::NotFound };
        let side = f64::from(evidence.region.width.max(evidence.region.height).max(1));
        Self::Found(Extent {
            area_share: measures.share,
            diameter_share: measures.diameter / side,
            millimetres: scale.map(|scale| scale.apply(&measures, frame.width(), frame.height())),
            cut_off: measures.at_least,
        })
    }
}
