//! What the network says of a picture: the numbers behind a verdict, and [`Score`], which is for evaluation alone.

use crate::{
    bundle::{Manifest, MaskSpec},
    case::{Evidence, Explanation, Timings},
    explain::{cam, lesion::clean},
    frame::{Heatmap, Region},
    quality::Quality,
    system::Findings,
    verdict::{Abstention, Label, OperatingPoint, disagreement, logistic},
};

use super::explanation::Reading;

/// What the network says of a frame, whether or not the gate would let it through. For evaluation only: it carries no
/// label, and nothing that a person sees may be made from it.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// Calibrated probability of each class, in the order of the manifest's class names. Of classes that exclude each other they sum to 1.
    pub probabilities: Vec<f32>,
    /// The class that the picture is named after, a position in `probabilities`: not always of the largest, see [`Classes::named`].
    ///
    /// [`Classes::named`]: crate::system::Classes::named
    pub named: usize,
    /// Calibrated probability of a referral, made from those of the positive classes.
    pub probability: f32,
    /// What the gate says.
    pub quality: Quality,
    /// Where the network sees evidence for the class that was chosen at the operating point, and the lesion.
    pub evidence: Evidence,
    /// How unlike the pictures that the model was made with it is; where the bundle says how to measure it.
    pub novelty: Option<f32>,
    /// Standard deviation of the probability of a referral over the bundle's views; 0 of one view.
    pub disagreement: f32,
    /// Why the answer would not count, if it would not.
    pub abstention: Option<Abstention>,
    /// The criteria behind the answer; where the bundle measures them and there is a lesion to measure.
    pub explanation: Option<Explanation>,
    /// How long it took.
    pub timings: Timings,
}

/// The numbers behind a verdict.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Answer {
    pub(super) probabilities: Vec<f32>,
    pub(super) named: usize,
    pub(super) probability: f32,
    pub(super) novelty: Option<f32>,
    pub(super) disagreement: f32,
    pub(super) abstention: Option<Abstention>,
    pub(super) evidence: Evidence,
    pub(super) reading: Reading,
}

impl Answer {
    /// Calibrates what was found in a picture, the mean of its views, and holds it to the bundle's limits. `referrals` are the probabilities of
    /// a referral in each of the views.
    pub(super) fn of(
        manifest: &Manifest,
        mut findings: Findings,
        referrals: &[f32],
        operating_point: &OperatingPoint,
        region: Region,
    ) -> Self {
        let Manifest { classes, calibration, abstention, .. } = manifest;
        let reading = Reading::of(&mut findings);
        let novelty = abstention.novelty.map(|novelty| novelty.of(&findings, classes.relation));
        let disagreement = disagreement(referrals);
        let probabilities = calibration.probabilities(&findings.scores, classes.relation);
        let probability = classes.referral(&probabilities);
        // A map of a class that was *not* chosen would mostly be empty and would explain nothing.
        let named = classes.named(&probabilities);
        let chosen = classes.chosen(&classes.at_equal_frequencies(&probabilities), operating_point.label(probability) == Label::Refer);
        let shown = chosen.unwrap_or(findings.heatmaps.len().saturating_sub(1));
        let heatmap = cam::of_class(&findings.heatmaps, shown);
        let lesion = findings.lesion.map(|log_odds| lesion_of(log_odds, manifest.mask.as_ref()));
        let evidence = Evidence { region, heatmap, lesion };
        let abstention = abstention.judge(novelty, disagreement);
        Self { probabilities, named, probability, novelty, disagreement, abstention, evidence, reading }
    }
}

/// The lesion that the log-odds of a network mean by what a bundle says of its mask.
fn lesion_of(log_odds: Heatmap, mask: Option<&MaskSpec>) -> Heatmap {
    match mask {
        Some(mask) => clean(membership(log_odds, mask.threshold), &mask.cleaning),
        None => membership(log_odds, 0.5),
    }
}

/// How much each cell is lesion, 0 to 1, from its log-odds: 0.5 where these are those of `threshold`.
fn membership(mut log_odds: Heatmap, threshold: f32) -> Heatmap {
    let shift = (threshold / (1.0 - threshold)).ln();
    log_odds.values_mut().iter_mut().for_each(|cell| *cell = logistic(*cell - shift));
    log_odds
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::lesion::Cleaning;

    #[test]
    fn the_outline_lies_at_one_half_whatever_the_threshold() {
        for threshold in [0.05_f32, 0.5, 0.8] {
            let edge = (threshold / (1.0 - threshold)).ln();
            let cells = membership(Heatmap::new(3, 1, vec![edge - 0.01, edge, edge + 0.01]).unwrap(), threshold);
            assert!(cells.values()[0] < 0.5 && (cells.values()[1] - 0.5).abs() < 1e-6 && cells.values()[2] > 0.5, "{cells:?}");
        }
        let far = membership(Heatmap::new(2, 1, vec![-1e30, 1e30]).unwrap(), 0.5);
        assert_eq!(far.values(), [0.0, 1.0]);
    }

    #[test]
    fn a_lesion_is_cleaned_as_the_bundle_says() {
        let log_odds = Heatmap::new(5, 1, vec![2.0, -2.0, 1.0, 2.0, 1.0]).unwrap();
        let lesion = |cleaning| lesion_of(log_odds.clone(), Some(&MaskSpec { threshold: 0.5, cleaning }));
        assert_eq!(lesion(vec![]), membership(log_odds.clone(), 0.5));
        assert_eq!(lesion(vec![]), lesion_of(log_odds.clone(), None));
        let cleaned = lesion(vec![Cleaning::Largest, Cleaning::LogOdds]);
        assert!(cleaned.values()[0] == 0.0 && (cleaned.values()[3] - logistic(0.5)).abs() < 1e-6, "{cleaned:?}");
    }
}
