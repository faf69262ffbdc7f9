//! The figures of one label over one labelled set, each with its interval.

use serde::Serialize;

use super::{
    bootstrap::{self, Interval},
    metrics::{self, Confusion, Ranked, Scored},
};

/// All figures of one label; a figure that does not exist (one class only) is `null`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figures {
    /// Labelled images.
    pub n: usize,
    /// Images of the positive class.
    pub positives: usize,
    /// Accuracy when the more probable class is taken (probability of at least 0.5).
    pub accuracy: Option<Interval>,
    /// Balanced accuracy when the more probable class is taken.
    pub balanced_accuracy: Option<Interval>,
    /// Area under the ROC curve.
    pub roc_auc: Option<Interval>,
    /// Average precision.
    pub pr_auc: Option<Interval>,
    /// Sensitivity at the operating point.
    pub sensitivity: Option<Interval>,
    /// Specificity at the operating point.
    pub specificity: Option<Interval>,
    /// Accuracy at the operating point.
    pub accuracy_at_operating_point: Option<Interval>,
    /// Expected calibration error, [`metrics::CALIBRATION_BINS`] bins.
    pub ece: Option<Interval>,
}

/// Computes all figures with 95 % intervals by drawing lesions.
///
/// `rows` and `lesions` run in parallel; `threshold` is the operating point.
#[must_use]
pub fn figures(rows: &[Scored], lesions: &[String], threshold: f64) -> Figures {
    let ranked = Ranked::new(rows);
    let all = |weights: &[u32]| -> [Option<f64>; 8] {
        let likelier = Confusion::at(&ranked, weights, 0.5);
        let chosen = Confusion::at(&ranked, weights, threshold);
        [
            likelier.accuracy(),
            likelier.balanced_accuracy(),
            metrics::roc_auc(&ranked, weights),
            metrics::pr_auc(&ranked, weights),
            chosen.sensitivity(),
            chosen.specificity(),
            chosen.accuracy(),
            metrics::calibration_error(&ranked, weights),
        ]
    };
    let values = all(&ranked.unit_weights());
    let resampled: Vec<[Option<f64>; 8]> = bootstrap::draws(lesions).map(|drawn| all(&ranked.rank_weights(&drawn))).collect();
    let interval = |at: usize| bootstrap::interval(values[at], &resampled.iter().map(|draw| draw[at]).collect::<Vec<_>>());
    Figures {
        n: rows.len(),
        positives: rows.iter().filter(|row| row.positive).count(),
        accuracy: interval(0),
        balanced_accuracy: interval(1),
        roc_auc: interval(2),
        pr_auc: interval(3),
        sensitivity: interval(4),
        specificity: interval(5),
        accuracy_at_operating_point: interval(6),
        ece: interval(7),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_perfect_classifier_has_perfect_figures_and_tight_intervals() {
        let rows: Vec<Scored> = (0..60).map(|i| Scored { probability: f64::from(u8::from(i % 3 == 0)), positive: i % 3 == 0 }).collect();
        let lesions: Vec<String> = (0..60).map(|i| (i / 2).to_string()).collect();
        let found = figures(&rows, &lesions, 0.5);
        assert_eq!((found.n, found.positives), (60, 20));
        let one = Some(Interval { value: 1.0, low: 1.0, high: 1.0 });
        assert_eq!((found.roc_auc, found.pr_auc, found.accuracy, found.sensitivity, found.specificity), (one, one, one, one, one));
        assert_eq!(found.ece, Some(Interval { value: 0.0, low: 0.0, high: 0.0 }));
    }

    #[test]
    fn guessing_has_an_area_near_a_half_inside_its_interval() {
        let rows: Vec<Scored> = (0..400u32)
            .map(|i| Scored { probability: f64::from(i.wrapping_mul(2_654_435_761) >> 16) / 65_536.0, positive: i % 2 == 0 })
            .collect();
        let lesions: Vec<String> = (0..400).map(|i| i.to_string()).collect();
        let area = figures(&rows, &lesions, 0.5).roc_auc.unwrap();
        assert!(area.low < 0.5 && 0.5 < area.high && area.high - area.low < 0.15, "{area:?}");
    }
}
