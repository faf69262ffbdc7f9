//! Figures of a classifier that chooses one of several classes.

use super::{Ranked, Scored, ratio, roc_auc};

/// One prediction over several classes that exclude each other.
#[derive(Debug, Clone, PartialEq)]
pub struct Typed {
    /// Calibrated probability of each class.
    pub probabilities: Vec<f64>,
    /// The class that the bundle names: the likeliest, or the likeliest if all were equally common.
    pub named: usize,
    /// The true class.
    pub truth: usize,
}

impl Typed {
    /// Calibrated probability of the class that is named.
    #[must_use]
    pub fn confidence(&self) -> f64 {
        self.probabilities.get(self.named).copied().unwrap_or_default()
    }
}

/// Predictions over several classes, ranked once by each of them.
#[derive(Debug, Clone)]
pub struct Many {
    /// Truth and choice of every row.
    decisions: Vec<(usize, usize)>,
    /// Each class against the rest.
    rest: Vec<Ranked>,
    top: Ranked,
}

impl Many {
    /// Ranks `rows` by each of `classes` classes.
    #[must_use]
    pub fn new(rows: &[Typed], classes: usize) -> Self {
        let against_rest = |class: usize| -> Vec<Scored> {
            rows.iter().map(|row| Scored { probability: row.probabilities[class], positive: row.truth == class }).collect()
        };
        let top: Vec<Scored> = rows.iter().map(|row| Scored { probability: row.confidence(), positive: row.named == row.truth }).collect();
        Self {
            decisions: rows.iter().map(|row| (row.truth, row.named)).collect(),
            rest: (0..classes).map(|class| Ranked::new(&against_rest(class))).collect(),
            top: Ranked::new(&top),
        }
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.decisions.len()
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.decisions.is_empty()
    }

    /// Class `class` against all others, by its probability.
    #[must_use]
    pub fn against_rest(&self, class: usize) -> &Ranked {
        &self.rest[class]
    }

    /// The probability of the chosen class, positive where it was the right one: what its calibration error is measured on.
    #[must_use]
    pub fn top(&self) -> &Ranked {
        &self.top
    }

    /// Rows by truth (outer) and choice (inner).
    #[must_use]
    pub fn confusion(&self) -> Vec<Vec<usize>> {
        let classes = self.rest.len();
        let mut counts = vec![vec![0; classes]; classes];
        for (truth, chosen) in &self.decisions {
            counts[*truth][*chosen] += 1;
        }
        counts
    }

    /// For each class: weight of its rows that were chosen rightly, and of all its rows.
    fn hits(&self, weights: &[u32]) -> Vec<(f64, f64)> {
        let mut hits = vec![(0.0, 0.0); self.rest.len()];
        for ((truth, chosen), weight) in self.decisions.iter().zip(weights) {
            hits[*truth].0 += f64::from(*weight) * f64::from(u8::from(truth == chosen));
            hits[*truth].1 += f64::from(*weight);
        }
        hits
    }

    /// Share of rows whose likeliest class is true; `None` without rows.
    #[must_use]
    pub fn accuracy(&self, weights: &[u32]) -> Option<f64> {
        let (right, all) = self.hits(weights).into_iter().fold((0.0, 0.0), |sum, of| (sum.0 + of.0, sum.1 + of.1));
        ratio(right, all)
    }

    /// Share of a class's rows for which it was the likeliest; `None` when it has none.
    #[must_use]
    pub fn recall(&self, class: usize, weights: &[u32]) -> Option<f64> {
        let (right, all) = self.hits(weights)[class];
        ratio(right, all)
    }

    /// Balanced accuracy: the mean recall of those classes that have at least `fewest` rows among `weights`. `None` when none has.
    #[must_use]
    pub fn balanced_accuracy(&self, weights: &[u32], fewest: u32) -> Option<f64> {
        let fewest = f64::from(fewest.max(1));
        mean(self.hits(weights).into_iter().filter(|(_, all)| *all >= fewest).filter_map(|(right, all)| ratio(right, all)))
    }

    /// Mean area under the ROC curve of each class against the rest (Hand and Till 2001 call it one-versus-rest), over the classes that
    /// occur. `None` when no class and its rest both do.
    #[must_use]
    pub fn macro_auc(&self, weights: &[u32]) -> Option<f64> {
        mean(self.rest.iter().filter_map(|ranked| roc_auc(ranked, weights)))
    }
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, n) = values.fold((0.0, 0), |(sum, n), value| (sum + value, n + 1));
    ratio(sum, f64::from(n))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        super::{Confusion, calibration_error},
        *,
    };

    fn likeliest(probabilities: &[f64]) -> usize {
        (0..probabilities.len()).fold(0, |best, class| if probabilities[class] > probabilities[best] { class } else { best })
    }

    fn row(probabilities: [f64; 3], truth: usize) -> Typed {
        Typed { named: likeliest(&probabilities), probabilities: probabilities.to_vec(), truth }
    }

    /// Six rows of three classes, worked out by hand: the third class never occurs.
    fn six() -> Vec<Typed> {
        vec![
            row([0.7, 0.2, 0.1], 0),
            row([0.6, 0.3, 0.1], 0),
            row([0.4, 0.5, 0.1], 0),
            row([0.2, 0.1, 0.7], 0),
            row([0.1, 0.8, 0.1], 1),
            row([0.5, 0.4, 0.1], 1),
        ]
    }

    #[test]
    fn figures_of_six_rows_are_those_that_counting_gives() {
        let (many, ones) = (Many::new(&six(), 3), [1; 6]);
        assert_eq!(many.confusion(), [[2, 1, 1], [1, 1, 0], [0, 0, 0]]);
        assert_eq!(many.accuracy(&ones), Some(0.5));
        assert_eq!((many.recall(0, &ones), many.recall(1, &ones), many.recall(2, &ones)), (Some(0.5), Some(0.5), None));
        assert_eq!(many.balanced_accuracy(&ones, 1), Some(0.5));
        assert_eq!((many.balanced_accuracy(&ones, 3), many.balanced_accuracy(&ones, 5)), (Some(0.5), None));
        // Class 0: of 8 pairs, 0.7 0.6 beat both, 0.4 and 0.2 beat one. Class 1: 0.8 beats 4, 0.4 beats 0.2 0.3 0.1.
        assert_eq!(many.macro_auc(&ones), Some((6.0 / 8.0 + 7.0 / 8.0) / 2.0));
        // Chosen with 0.7 right, 0.6 right, 0.5 wrong, 0.7 wrong, 0.8 right, 0.5 wrong: bins 10, 9, 7, 10, 12, 7.
        let expected = (2.0 * (0.7 - 0.5) + (1.0 - 0.6) + 2.0 * 0.5 + (1.0 - 0.8)) / 6.0;
        assert!((calibration_error(many.top(), &ones).unwrap() - expected).abs() < 1e-12);
    }

    #[test]
    fn of_equals_the_first_is_chosen_and_nothing_has_no_figure() {
        let nothing = Many::new(&[], 3);
        assert_eq!((nothing.accuracy(&[]), nothing.balanced_accuracy(&[], 1), nothing.macro_auc(&[])), (None, None, None));
    }

    proptest! {
        /// With two classes the figures of several are those of a yes/no question at one half.
        #[test]
        fn two_classes_are_a_yes_no_question(rows in prop::collection::vec((1u16..1000, any::<bool>(), 0u32..3), 2..50)) {
            // 500 of 1000 would be a tie, which the two conventions break differently.
            let p = |p: u16| f64::from(if p == 500 { 501 } else { p }) / 1000.0;
            let typed: Vec<Typed> = rows.iter().map(|(q, positive, _)| Typed { probabilities: vec![1.0 - p(*q), p(*q)], named: usize::from(p(*q) > 0.5), truth: usize::from(*positive) }).collect();
            let scored: Vec<Scored> = rows.iter().map(|(q, positive, _)| Scored { probability: p(*q), positive: *positive }).collect();
            let weights: Vec<u32> = rows.iter().map(|(.., weight)| *weight).collect();
            let (many, ranked) = (Many::new(&typed, 2), Ranked::new(&scored));
            let half = Confusion::at(&ranked, &weights, 0.5);
            let near = |a: Option<f64>, b: Option<f64>| match (a, b) { (Some(a), Some(b)) => (a - b).abs() < 1e-9, (a, b) => a == b };
            prop_assert!(near(many.accuracy(&weights), half.accuracy()));
            prop_assert!(near(many.macro_auc(&weights), roc_auc(&ranked, &weights)));
            prop_assert!(near(many.recall(1, &weights), half.sensitivity()));
            if half.balanced_accuracy().is_some() {
                prop_assert!(near(many.balanced_accuracy(&weights, 1), half.balanced_accuracy()));
            }
        }

        #[test]
        fn the_confusion_matrix_holds_every_row_once(truths in prop::collection::vec((0usize..4, 0usize..4), 0..40)) {
            let rows: Vec<Typed> = truths.iter().map(|(truth, chosen)| {
                let probabilities = (0..4).map(|class| if class == *chosen { 0.7 } else { 0.1 }).collect();
                Typed { probabilities, named: *chosen, truth: *truth }
            }).collect();
            let many = Many::new(&rows, 4);
            let counts = many.confusion();
            prop_assert_eq!(counts.iter().flatten().sum::<usize>(), rows.len());
            let right: usize = (0..4).map(|class| counts[class][class]).sum();
            if !rows.is_empty() {
                prop_assert!((many.accuracy(&vec![1; rows.len()]).unwrap() - right as f64 / rows.len() as f64).abs() < 1e-12);
            }
        }
    }
}
