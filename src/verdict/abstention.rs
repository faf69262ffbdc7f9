//! When an answer does not count: the picture is unlike those that the model was made with, or the model disagrees with itself.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::system::{Findings, Relation};

/// What a bundle says of answers that do not count (`[abstention]` in its manifest); each part can be left out.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AbstentionLimits {
    /// How novelty is measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub novelty: Option<Novelty>,
    /// The most novelty that still gets an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub novelty_max: Option<f32>,
    /// The largest standard deviation of the referral's probability over the views that still gets an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disagreement_max: Option<f32>,
}

/// How unlike the pictures that the network was made with a picture is; more is more unlike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Novelty {
    /// The smallest squared Mahalanobis distance of the network's features to a centre (Lee et al., "A Simple Unified Framework for Detecting
    /// Out-of-Distribution Samples and Adversarial Attacks", 2018, eq. 2).
    Distance,
    /// The free energy of the scores (Liu et al., "Energy-based Out-of-distribution Detection", 2020, eq. 4 at temperature 1):
    /// `-ln(sum_k exp(s_k))`; of independent classes `-sum_k ln(1 + exp(s_k))` (Wang et al., "Can multi-label classification networks know
    /// what they don't know?", 2021, eq. 7).
    Energy,
}

impl Novelty {
    /// Its name in manifests.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Distance => "distance",
            Self::Energy => "energy",
        }
    }

    /// The novelty of what was found, the mean of all views; infinite when there is nothing to measure it by.
    #[must_use]
    pub fn of(self, findings: &Findings, relation: Relation) -> f32 {
        match (self, relation) {
            (Self::Distance, _) => findings.distances.iter().copied().fold(f32::INFINITY, f32::min),
            (Self::Energy, Relation::Exclusive) => {
                let largest = findings.scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
                -(largest + findings.scores.iter().map(|score| (score - largest).exp()).sum::<f32>().ln())
            }
            // ln(1 + exp(s)) without overflow: what is above 0 comes through as it is.
            (Self::Energy, Relation::Independent) => {
                -findings.scores.iter().map(|score| score.max(0.0) + (-score.abs()).exp().ln_1p()).sum::<f32>()
            }
        }
    }
}

/// Why the model's answer to one picture does not count. Its words are for the person holding the device; they hold no number, because a
/// number that does not count must not be read.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Error)]
#[serde(rename_all = "lowercase")]
pub enum Abstention {
    /// The picture is unlike those that the model was made with.
    #[error("It is unlike the pictures that this model knows. Wipe the lens and hold it flat on one mole.")]
    Novelty {
        /// What was measured.
        found: f32,
        /// The bundle's limit.
        limit: f32,
    },
    /// The answer changes when the picture is turned over.
    #[error("The answer changes when the picture is turned. Centre the lesion and hold still.")]
    Disagreement {
        /// Standard deviation of the probability over the views.
        found: f32,
        /// The bundle's limit.
        limit: f32,
    },
}

impl AbstentionLimits {
    /// Why an answer does not count, if it does not. What cannot be compared (not a number) does not count.
    #[must_use]
    pub fn judge(&self, novelty: Option<f32>, disagreement: f32) -> Option<Abstention> {
        let over = |found: f32, limit: f32| found > limit || found.is_nan();
        let novel = self.novelty_max.zip(novelty).filter(|(limit, found)| over(*found, *limit));
        let novel = novel.map(|(limit, found)| Abstention::Novelty { found, limit });
        let unsure = self.disagreement_max.filter(|limit| over(disagreement, *limit));
        novel.or(unsure.map(|limit| Abstention::Disagreement { found: disagreement, limit }))
    }
}

/// The standard deviation of the probability of a referral over the views of one picture: `sqrt(mean((p_v - mean(p))^2))`; 0 of one view.
#[must_use]
pub fn disagreement(probabilities: &[f32]) -> f32 {
    let count = probabilities.len().max(1) as f32;
    let mean = probabilities.iter().sum::<f32>() / count;
    (probabilities.iter().map(|p| (p - mean) * (p - mean)).sum::<f32>() / count).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(scores: &[f32], distances: &[f32]) -> Findings {
        Findings {
            scores: scores.to_vec(),
            heatmaps: vec![],
            lesion: None,
            distances: distances.to_vec(),
            embedding: vec![],
            criteria: None,
        }
    }

    #[test]
    fn novelty_is_the_nearest_distance_or_the_energy_of_the_scores() {
        let of = |novelty: Novelty, relation, scores: &[f32]| novelty.of(&findings(scores, &[9.0, 4.0, 7.0]), relation);
        assert_eq!(of(Novelty::Distance, Relation::Exclusive, &[1.0]), 4.0);
        assert!((of(Novelty::Energy, Relation::Exclusive, &[1.0, 2.0]) + 2.313_261_7).abs() < 1e-5);
        assert!((of(Novelty::Energy, Relation::Independent, &[1.0, -2.0]) + 1.313_261_7 + 0.126_928).abs() < 1e-5);
        assert_eq!(of(Novelty::Energy, Relation::Exclusive, &[1e30, 0.0]), -1e30);
        assert_eq!(of(Novelty::Energy, Relation::Independent, &[200.0, -200.0]), -200.0);
        assert_eq!(Novelty::Distance.of(&findings(&[0.0], &[]), Relation::Exclusive), f32::INFINITY);
    }

    #[test]
    fn the_limit_itself_still_gets_an_answer_and_what_is_no_number_does_not() {
        let limits = AbstentionLimits { novelty: Some(Novelty::Distance), novelty_max: Some(2.0), disagreement_max: Some(0.25) };
        assert_eq!(limits.judge(Some(2.0), 0.25), None);
        assert!(matches!(limits.judge(Some(2.1), 0.3), Some(Abstention::Novelty { limit: 2.0, .. })));
        assert!(matches!(limits.judge(Some(f32::NAN), 0.0), Some(Abstention::Novelty { .. })));
        assert!(matches!(limits.judge(Some(0.0), 0.3), Some(Abstention::Disagreement { limit: 0.25, .. })));
        assert!(matches!(limits.judge(None, f32::NAN), Some(Abstention::Disagreement { .. })));
        assert_eq!(AbstentionLimits::default().judge(Some(f32::INFINITY), 9.0), None);
    }

    #[test]
    fn disagreement_is_the_standard_deviation_over_views() {
        assert_eq!((disagreement(&[]), disagreement(&[0.7])), (0.0, 0.0));
        assert!((disagreement(&[0.1, 0.3, 0.1, 0.3]) - 0.1).abs() < 1e-6);
    }
}
