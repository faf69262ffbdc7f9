//! Figures that only depend on the order of the scores: areas under the ROC and the precision-recall curve, and the curves.

use super::ratio;

/// One labelled prediction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scored {
    /// Calibrated probability of the positive class, in [0, 1], finite.
    pub probability: f64,
    /// Whether the positive class is true.
    pub positive: bool,
}

/// Predictions in rising order of probability, sorted once, so that a figure costs one pass.
#[derive(Debug, Clone)]
pub struct Ranked {
    rows: Vec<Scored>,
    /// Place of each ranked row in the order that was given.
    origin: Vec<u32>,
    /// Whether the next row has another probability.
    ends: Vec<bool>,
}

/// Rows of one probability: how much weight of positives and negatives they carry.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tie {
    pub(super) probability: f64,
    pub(super) positives: f64,
    pub(super) negatives: f64,
}

impl Ranked {
    /// Sorts predictions by probability.
    #[must_use]
    pub fn new(rows: &[Scored]) -> Self {
        let mut origin: Vec<u32> = (0..rows.len()).map(|at| at as u32).collect();
        origin.sort_by(|a, b| rows[*a as usize].probability.total_cmp(&rows[*b as usize].probability));
        let rows: Vec<Scored> = origin.iter().map(|at| rows[*at as usize]).collect();
        let ends = (0..rows.len()).map(|at| rows.get(at + 1).is_none_or(|next| next.probability != rows[at].probability)).collect();
        Self { rows, origin, ends }
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

    /// Number of positives.
    #[must_use]
    pub fn positives(&self) -> usize {
        self.rows.iter().filter(|row| row.positive).count()
    }

    /// Weights of 1 for every row.
    #[must_use]
    pub fn unit_weights(&self) -> Vec<u32> {
        vec![1; self.rows.len()]
    }

    /// Each row's probability, truth and weight, in rising order.
    pub(super) fn weighted<'a>(&'a self, weights: &'a [u32]) -> impl Iterator<Item = (Scored, u32)> + 'a {
        self.rows.iter().zip(&self.origin).map(|(row, at)| (*row, weights[*at as usize]))
    }

    /// Rows of equal probability, in rising order.
    pub(super) fn ties<'a>(&'a self, weights: &'a [u32]) -> impl Iterator<Item = Tie> + 'a {
        let (mut positives, mut negatives) = (0u32, 0u32);
        self.weighted(weights).zip(&self.ends).filter_map(move |((row, weight), end)| {
            // Both sums every time: a branch on the truth would be guessed wrongly half of the time.
            let yes = u32::from(row.positive);
            positives += weight * yes;
            negatives += weight * (1 - yes);
            end.then(|| Tie {
                probability: row.probability,
                positives: f64::from(std::mem::take(&mut positives)),
                negatives: f64::from(std::mem::take(&mut negatives)),
            })
        })
    }

    /// As [`Ranked::ties`], in falling order.
    fn falling(&self, weights: &[u32]) -> Vec<Tie> {
        let mut ties: Vec<Tie> = self.ties(weights).collect();
        ties.reverse();
        ties
    }
}

/// Area under the ROC curve: the chance that a positive scores above a negative, ties counting half
/// (Mann-Whitney U; Hanley and McNeil 1982). `None` unless both classes are there.
#[must_use]
pub fn roc_auc(ranked: &Ranked, weights: &[u32]) -> Option<f64> {
    let (mut below, mut pairs, mut positives) = (0.0, 0.0, 0.0);
    for tie in ranked.ties(weights) {
        pairs += tie.positives * (below + tie.negatives / 2.0);
        below += tie.negatives;
        positives += tie.positives;
    }
    ratio(pairs, positives * below)
}

/// Area under the precision-recall curve as average precision, `sum (R_k - R_(k-1)) P_k` over falling thresholds,
/// without interpolation (as scikit-learn's `average_precision_score`). `None` without positives.
#[must_use]
pub fn pr_auc(ranked: &Ranked, weights: &[u32]) -> Option<f64> {
    let (mut hits, mut referred, mut area) = (0.0, 0.0, 0.0);
    for tie in ranked.falling(weights) {
        hits += tie.positives;
        referred += tie.positives + tie.negatives;
        if referred > 0.0 {
            area += tie.positives * hits / referred;
        }
    }
    ratio(area, hits)
}

/// A point of a curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// ROC: false positive rate; precision-recall: recall.
    pub x: f64,
    /// ROC: true positive rate; precision-recall: precision.
    pub y: f64,
}

/// The ROC curve over falling thresholds, from (0, 0) to (1, 1), one point a distinct probability; empty unless both classes are there.
#[must_use]
pub fn roc_curve(ranked: &Ranked) -> Vec<Point> {
    let (positives, negatives) = (ranked.positives() as f64, (ranked.len() - ranked.positives()) as f64);
    if positives == 0.0 || negatives == 0.0 {
        return vec![];
    }
    let (mut hits, mut alarms) = (0.0, 0.0);
    let mut curve = vec![Point { x: 0.0, y: 0.0 }];
    for tie in ranked.falling(&ranked.unit_weights()) {
        hits += tie.positives;
        alarms += tie.negatives;
        curve.push(Point { x: alarms / negatives, y: hits / positives });
    }
    curve
}

/// Precision over recall for falling thresholds, one point a distinct probability; empty without positives.
#[must_use]
pub fn pr_curve(ranked: &Ranked) -> Vec<Point> {
    let positives = ranked.positives() as f64;
    if positives == 0.0 {
        return vec![];
    }
    let (mut hits, mut referred) = (0.0, 0.0);
    let step = |tie: Tie| {
        hits += tie.positives;
        referred += tie.positives + tie.negatives;
        Point { x: hits / positives, y: hits / referred }
    };
    ranked.falling(&ranked.unit_weights()).into_iter().map(step).collect()
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
    fn a_single_class_has_no_area_and_no_curve() {
        let positives = ranked(&[(0.2, true), (0.7, true)]);
        assert_eq!(roc_auc(&positives, &[1, 1]), None);
        assert_eq!(roc_curve(&positives), []);
        let nothing = ranked(&[]);
        assert_eq!((pr_auc(&nothing, &[]), pr_curve(&nothing)), (None, vec![]));
    }

    #[test]
    fn curves_pass_through_the_points_that_counting_gives() {
        let rows = ranked(&[(0.9, true), (0.6, false), (0.6, true), (0.1, false)]);
        let at = |x, y| Point { x, y };
        assert_eq!(roc_curve(&rows), [at(0.0, 0.0), at(0.0, 0.5), at(0.5, 1.0), at(1.0, 1.0)]);
        assert_eq!(pr_curve(&rows), [at(0.5, 1.0), at(1.0, 2.0 / 3.0), at(1.0, 0.5)]);
    }

    fn some_rows() -> impl Strategy<Value = Vec<(f64, bool)>> {
        prop::collection::vec((0u16..60, any::<bool>()), 2..60)
            .prop_map(|rows| rows.iter().map(|(p, positive)| (f64::from(*p) / 59.0, *positive)).collect())
    }

    proptest! {
        #[test]
        fn a_weight_counts_as_that_many_equal_rows(rows in prop::collection::vec((0u8..20, any::<bool>(), 0u32..4), 1..40)) {
            let scored: Vec<Scored> = rows.iter().map(|(p, positive, _)| Scored { probability: f64::from(*p) / 19.0, positive: *positive }).collect();
            let repeated: Vec<Scored> = scored.iter().zip(&rows).flat_map(|(row, (_, _, times))| std::iter::repeat_n(*row, *times as usize)).collect();
            let weights: Vec<u32> = rows.iter().map(|(_, _, times)| *times).collect();
            let (weighted, plain) = (Ranked::new(&scored), Ranked::new(&repeated));
            for figure in [roc_auc, pr_auc, super::super::calibration_error, super::super::brier] {
                match (figure(&weighted, &weights), figure(&plain, &plain.unit_weights())) {
                    (Some(a), Some(b)) => prop_assert!((a - b).abs() < 1e-9),
                    (a, b) => prop_assert_eq!(a, b),
                }
            }
        }

        #[test]
        fn turning_scores_round_turns_the_area_round(rows in some_rows()) {
            let flipped: Vec<_> = rows.iter().map(|(p, positive)| (1.0 - p, *positive)).collect();
            let (straight, flipped) = (ranked(&rows), ranked(&flipped));
            let weights = straight.unit_weights();
            if let (Some(a), Some(b)) = (roc_auc(&straight, &weights), roc_auc(&flipped, &weights)) {
                prop_assert!((a + b - 1.0).abs() < 1e-9);
            }
        }

        #[test]
        fn areas_see_only_the_order_of_scores(rows in some_rows(), temperature in 0.2_f64..5.0, shift in -3.0_f64..3.0) {
            let logistic = |p: f64| 1.0 / (1.0 + (-(4.0 * p - 2.0) / temperature - shift).exp());
            let (plain, mapped) = (ranked(&rows), ranked(&rows.iter().map(|(p, positive)| (logistic(*p), *positive)).collect::<Vec<_>>()));
            let weights = plain.unit_weights();
            prop_assert_eq!(roc_auc(&plain, &weights), roc_auc(&mapped, &weights));
            prop_assert_eq!(pr_auc(&plain, &weights), pr_auc(&mapped, &weights));
        }

        #[test]
        fn the_trapezoids_under_the_roc_curve_are_its_area(rows in some_rows()) {
            let rows = ranked(&rows);
            if let Some(area) = roc_auc(&rows, &rows.unit_weights()) {
                let curve = roc_curve(&rows);
                let trapezoids: f64 = curve.windows(2).map(|pair| (pair[1].x - pair[0].x) * (pair[1].y + pair[0].y) / 2.0).sum();
                prop_assert!((trapezoids - area).abs() < 1e-9);
            }
        }
    }
}
