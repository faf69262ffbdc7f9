//! Figures of a binary classifier from scores, labels and whole-number weights.
//!
//! Weights are how often a row was drawn: 1 for the plain figure, a resampling count for the
//! [bootstrap](super::bootstrap). Rows come sorted once by score, so that a figure costs one pass.

/// One labelled prediction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scored {
    /// Calibrated probability of the positive class, in [0, 1], finite.
    pub probability: f64,
    /// Whether the positive class is true.
    pub positive: bool,
}

/// Predictions in rising order of probability: what every figure takes.
#[derive(Debug, Clone)]
pub struct Ranked {
    rows: Vec<Scored>,
    /// Place of each ranked row in the order that was given.
    origin: Vec<usize>,
}

impl Ranked {
    /// Sorts predictions by probability.
    #[must_use]
    pub fn new(rows: &[Scored]) -> Self {
        let mut origin: Vec<usize> = (0..rows.len()).collect();
        origin.sort_by(|a, b| rows[*a].probability.total_cmp(&rows[*b].probability));
        Self { rows: origin.iter().map(|at| rows[*at]).collect(), origin }
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Weights of 1 for every row.
    #[must_use]
    pub fn unit_weights(&self) -> Vec<u32> {
        vec![1; self.rows.len()]
    }

    /// Puts weights given in the original order into ranked order.
    #[must_use]
    pub fn rank_weights(&self, original: &[u32]) -> Vec<u32> {
        self.origin.iter().map(|at| original[*at]).collect()
    }

    /// Groups of equal probability in rising order: (probability, weight of positives, weight of negatives).
    fn ties<'a>(&'a self, weights: &'a [u32]) -> impl Iterator<Item = (f64, f64, f64)> + 'a {
        let mut at = 0;
        std::iter::from_fn(move || {
            let probability = self.rows.get(at)?.probability;
            let (mut positives, mut negatives) = (0.0, 0.0);
            while let Some(row) = self.rows.get(at).filter(|row| row.probability == probability) {
                *(if row.positive { &mut positives } else { &mut negatives }) += f64::from(weights[at]);
                at += 1;
            }
            Some((probability, positives, negatives))
        })
    }

    fn totals(&self, weights: &[u32]) -> (f64, f64) {
        self.ties(weights).fold((0.0, 0.0), |(p, n), (_, dp, dn)| (p + dp, n + dn))
    }
}

/// What a threshold does: weights of true and false decisions, refer at or above the threshold.
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
        let mut counts = Self { true_positive: 0.0, false_positive: 0.0, true_negative: 0.0, false_negative: 0.0 };
        for (probability, positives, negatives) in ranked.ties(weights) {
            if probability >= threshold {
                counts.true_positive += positives;
                counts.false_positive += negatives;
            } else {
                counts.false_negative += positives;
                counts.true_negative += negatives;
            }
        }
        counts
    }

    /// Share of all decisions that are right; `None` without rows.
    #[must_use]
    pub fn accuracy(&self) -> Option<f64> {
        let right = self.true_positive + self.true_negative;
        ratio(right, right + self.false_positive + self.false_negative)
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

/// Area under the ROC curve: the chance that a positive scores above a negative, ties counting half
/// (Mann-Whitney U; Hanley and McNeil 1982). `None` unless both classes are there.
#[must_use]
pub fn roc_auc(ranked: &Ranked, weights: &[u32]) -> Option<f64> {
    let (mut below, mut pairs) = (0.0, 0.0);
    let mut positives_seen = 0.0;
    for (_, positives, negatives) in ranked.ties(weights) {
        pairs += positives * (below + negatives / 2.0);
        below += negatives;
        positives_seen += positives;
    }
    ratio(pairs, positives_seen * below)
}

/// Area under the precision-recall curve as average precision, `sum (R_k - R_(k-1)) P_k` over falling thresholds,
/// without interpolation (as scikit-learn's `average_precision_score`). `None` without positives.
#[must_use]
pub fn pr_auc(ranked: &Ranked, weights: &[u32]) -> Option<f64> {
    let (all_positives, _) = ranked.totals(weights);
    let steps: Vec<_> = ranked.ties(weights).collect();
    let (mut hits, mut referred, mut area) = (0.0, 0.0, 0.0);
    for (_, positives, negatives) in steps.into_iter().rev() {
        hits += positives;
        referred += positives + negatives;
        if referred > 0.0 {
            area += positives * hits / referred;
        }
    }
    ratio(area, all_positives)
}

/// Number of equal-width bins of [`calibration_error`].
pub const CALIBRATION_BINS: usize = 15;

/// Expected calibration error of the positive class's probability: the mean distance, weighted by rows, between mean
/// probability and observed frequency over [`CALIBRATION_BINS`] equal-width bins (Naeini et al. 2015). `None` without rows.
#[must_use]
pub fn calibration_error(ranked: &Ranked, weights: &[u32]) -> Option<f64> {
    let mut gaps = [0.0; CALIBRATION_BINS];
    let mut total = 0.0;
    for (probability, positives, negatives) in ranked.ties(weights) {
        let bin = ((probability * CALIBRATION_BINS as f64) as usize).min(CALIBRATION_BINS - 1);
        gaps[bin] += probability * (positives + negatives) - positives;
        total += positives + negatives;
    }
    ratio(gaps.iter().map(|gap| f64::abs(*gap)).sum(), total)
}

fn ratio(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| part / whole)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ranked(rows: &[(f64, bool)]) -> Ranked {
        Ranked::new(
            &rows.iter().map(|(probability, positive)| Scored { probability: *probability, positive: *positive }).collect::<Vec<_>>(),
        )
    }

    /// Values of scikit-learn 1.x: `roc_auc_score`, `average_precision_score` on the same eight rows.
    #[test]
    fn areas_equal_those_of_scikit_learn() {
        let rows = ranked(&[(0.1, false), (0.4, false), (0.35, true), (0.8, true), (0.8, false), (0.65, true), (0.2, false), (0.9, true)]);
        let weights = rows.unit_weights();
        assert!((roc_auc(&rows, &weights).unwrap() - 0.781_25).abs() < 1e-12);
        assert!((pr_auc(&rows, &weights).unwrap() - 0.770_833_333_333_333_3).abs() < 1e-12);
    }

    #[test]
    fn a_single_class_has_no_area_and_no_rows_have_no_figure() {
        let positives = ranked(&[(0.2, true), (0.7, true)]);
        assert_eq!(roc_auc(&positives, &[1, 1]), None);
        assert_eq!(Confusion::at(&positives, &[1, 1], 0.5).specificity(), None);
        let nothing = ranked(&[]);
        assert_eq!(pr_auc(&nothing, &[]), None);
        assert_eq!(calibration_error(&nothing, &[]), None);
        assert_eq!(Confusion::at(&nothing, &[], 0.5).accuracy(), None);
    }

    #[test]
    fn a_threshold_refers_at_or_above_it() {
        let rows = ranked(&[(0.5, true), (0.49, true), (0.5, false), (0.1, false)]);
        let counts = Confusion::at(&rows, &rows.unit_weights(), 0.5);
        assert_eq!((counts.true_positive, counts.false_negative, counts.false_positive, counts.true_negative), (1.0, 1.0, 1.0, 1.0));
        assert_eq!(counts.balanced_accuracy(), Some(0.5));
    }

    #[test]
    fn calibration_error_is_the_gap_between_said_and_seen() {
        let honest = ranked(&[(0.5, true), (0.5, false)]);
        assert_eq!(calibration_error(&honest, &[1, 1]), Some(0.0));
        let boastful = ranked(&[(1.0, true), (1.0, false)]);
        assert_eq!(calibration_error(&boastful, &[1, 1]), Some(0.5));
    }

    proptest! {
        #[test]
        fn a_weight_counts_as_that_many_equal_rows(rows in prop::collection::vec((0u8..20, any::<bool>(), 0u32..4), 1..40)) {
            let scored: Vec<Scored> = rows.iter().map(|(p, positive, _)| Scored { probability: f64::from(*p) / 19.0, positive: *positive }).collect();
            let repeated: Vec<Scored> = scored.iter().zip(&rows).flat_map(|(row, (_, _, times))| std::iter::repeat_n(*row, *times as usize)).collect();
            let weighted = Ranked::new(&scored);
            let weights = weighted.rank_weights(&rows.iter().map(|(_, _, times)| *times).collect::<Vec<_>>());
            let plain = Ranked::new(&repeated);
            for figure in [roc_auc, pr_auc, calibration_error] {
                match (figure(&weighted, &weights), figure(&plain, &plain.unit_weights())) {
                    (Some(a), Some(b)) => prop_assert!((a - b).abs() < 1e-9),
                    (a, b) => prop_assert_eq!(a, b),
                }
            }
        }

        #[test]
        fn turning_scores_round_turns_the_area_round(rows in prop::collection::vec((0u16..1000, any::<bool>()), 2..60)) {
            let at = |flip: bool| Ranked::new(&rows.iter().map(|(p, positive)| {
                let probability = f64::from(*p) / 999.0;
                Scored { probability: if flip { 1.0 - probability } else { probability }, positive: *positive }
            }).collect::<Vec<_>>());
            let (straight, flipped) = (at(false), at(true));
            let weights = straight.unit_weights();
            if let (Some(a), Some(b)) = (roc_auc(&straight, &weights), roc_auc(&flipped, &weights)) {
                prop_assert!((a + b - 1.0).abs() < 1e-9);
            }
        }
    }
}
