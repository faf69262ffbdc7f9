//! What a threshold does.

use super::{Ranked, ratio};

/// Weights of true and false decisions, positive at or above the threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Confusion {
    /// Positive and referred.
    pub true_positive: f64,
    /// Negative and referred.
    pub false_positive: f64,
    /// Negative and not referred.
    pub true_negative: f64,
    /// Positive and not referred.
    pub false_negative: f64,
}

impl Confusion {
    /// Counts decisions at `threshold` (positive when `probability >= threshold`).
    #[must_use]
    pub fn at(ranked: &Ranked, weights: &[u32], threshold: f64) -> Self {
        let mut counts = [[0u32; 2]; 2];
        for (row, weight) in ranked.weighted(weights) {
            counts[usize::from(row.positive)][usize::from(row.probability >= threshold)] += weight;
        }
        let [[true_negative, false_positive], [false_negative, true_positive]] = counts.map(|by_truth| by_truth.map(f64::from));
        Self { true_positive, false_positive, true_negative, false_negative }
    }

    fn all(&self) -> f64 {
        self.true_positive + self.false_positive + self.true_negative + self.false_negative
    }

    /// Share of all decisions that are right; `None` without rows.
    #[must_use]
    pub fn accuracy(&self) -> Option<f64> {
        ratio(self.true_positive + self.true_negative, self.all())
    }

    /// Share of all rows that are referred; `None` without rows.
    #[must_use]
    pub fn referred(&self) -> Option<f64> {
        ratio(self.true_positive + self.false_positive, self.all())
    }

    /// True positive rate; `None` without positives.
    #[must_use]
    pub fn sensitivity(&self) -> Option<f64> {
        ratio(self.true_positive, self.true_positive + self.false_negative)
    }

    /// True negative rate; `None` without negatives.
    #[must_use]
    pub fn specificity(&self) -> Option<f64> {
        ratio(self.true_negative, self.true_negative + self.false_positive)
    }

    /// Mean of sensitivity and specificity; `None` unless both classes are there.
    #[must_use]
    pub fn balanced_accuracy(&self) -> Option<f64> {
        Some((self.sensitivity()? + self.specificity()?) / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::Scored, *};

    #[test]
    fn a_threshold_refers_at_or_above_it() {
        let rows = [(0.5, true), (0.49, true), (0.5, false), (0.1, false)];
        let rows = Ranked::new(&rows.map(|(probability, positive)| Scored { probability, positive }));
        let counts = Confusion::at(&rows, &rows.unit_weights(), 0.5);
        assert_eq!((counts.true_positive, counts.false_negative, counts.false_positive, counts.true_negative), (1.0, 1.0, 1.0, 1.0));
        assert_eq!((counts.balanced_accuracy(), counts.referred()), (Some(0.5), Some(0.5)));
        let weighted = Confusion::at(&rows, &[3, 0, 1, 0], 0.5);
        assert_eq!((weighted.accuracy(), weighted.sensitivity(), weighted.specificity()), (Some(0.75), Some(1.0), Some(0.0)));
    }

    #[test]
    fn no_rows_have_no_figure() {
        let nothing = Confusion::at(&Ranked::new(&[]), &[], 0.5);
        assert_eq!((nothing.accuracy(), nothing.specificity(), nothing.referred()), (None, None, None));
    }
}
