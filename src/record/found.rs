//! What is recorded of the lesion's size and of how far the answer can be relied on. Older lines have neither.

use serde::{Deserialize, Serialize};

use crate::{
    case::{Case, Numbers},
    explain::lesion::{Scale, measure},
    verdict::Abstention,
};

/// How large the lesion is: on the skin where the scale was known, else as shares of the assessed square.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LesionSize {
    /// Area without gaps, in mm².
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area_mm2: Option<f64>,
    /// Greatest diameter, in mm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diameter_mm: Option<f64>,
    /// Greatest width across that diameter, in mm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width_mm: Option<f64>,
    /// Area without gaps as a share of the assessed square's, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area_share: Option<f64>,
    /// Greatest diameter as a share of the square's side; up to 1.41, its diagonal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diameter_share: Option<f64>,
    /// Greatest width across that diameter as a share of the square's side.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width_share: Option<f64>,
    /// The lesion reaches the border of what was assessed: it is at least so large.
    pub at_least: bool,
}

impl LesionSize {
    /// Of the lesion in `case`, whose camera has this `scale`; `None` when no lesion was seen.
    #[must_use]
    pub fn of(case: &Case, scale: Option<Scale>) -> Option<Self> {
        let evidence = case.evidence.as_ref()?;
        let measures = measure(evidence.lesion.as_ref()?, evidence.region)?;
        let on_skin = scale.map(|scale| scale.apply(&measures, case.frame.width(), case.frame.height()));
        // More digits than the outline is good for would only pretend.
        let rounded = |value: f64, decimals: f64| (value * decimals).round() / decimals;
        let share = |pixels: f64| {
            let side = f64::from(evidence.region.width.min(evidence.region.height).max(1));
            on_skin.is_none().then(|| rounded(pixels / side, 1e4))
        };
        Some(Self {
            area_mm2: on_skin.map(|size| rounded(size.area_mm2, 1e2)),
            diameter_mm: on_skin.map(|size| rounded(size.diameter_mm, 1e2)),
            width_mm: on_skin.map(|size| rounded(size.width_mm, 1e2)),
            area_share: on_skin.is_none().then(|| rounded(measures.share, 1e4)),
            diameter_share: share(measures.diameter),
            width_share: share(measures.width),
            at_least: measures.at_least,
        })
    }
}

/// How far the network's answer can be relied on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reliability {
    /// How unlike the pictures that the model was made with it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub novelty: Option<f32>,
    /// Standard deviation of the probability of a referral over the bundle's views.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disagreement: Option<f32>,
    /// Why the answer does not count, if it does not: `novelty` or `disagreement`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub abstention: Option<String>,
}

impl Reliability {
    /// Of an answer; `None` when nothing of the kind was measured.
    #[must_use]
    pub fn of(numbers: &Numbers) -> Option<Self> {
        // JSON has no infinity: what is not measurable is left out, and the abstention says why.
        let finite = |value: Option<f32>| value.filter(|value| value.is_finite());
        let abstention = numbers.abstention.map(|abstention| match abstention {
            Abstention::Novelty { .. } => "novelty".to_owned(),
            Abstention::Disagreement { .. } => "disagreement".to_owned(),
        });
        let found = Self { novelty: finite(numbers.novelty), disagreement: finite(numbers.disagreement), abstention };
        (found.novelty.is_some() || found.disagreement.is_some() || found.abstention.is_some()).then_some(found)
    }
}
