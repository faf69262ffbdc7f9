//! Agreement of two orders: Spearman's correlation, and how far several raters agree with each other.

use super::ratio;

/// Values in rising order, sorted once, so that a figure costs one pass.
#[derive(Debug, Clone)]
pub struct Ranks {
    /// Rows in rising order of their value.
    order: Vec<u32>,
    /// Whether the next row in that order has another value.
    ends: Vec<bool>,
}

impl Ranks {
    /// Sorts finite values.
    #[must_use]
    pub fn new(values: &[f64]) -> Self {
        let mut order: Vec<u32> = (0..values.len()).map(|at| at as u32).collect();
        order.sort_by(|a, b| values[*a as usize].total_cmp(&values[*b as usize]));
        let value = |at: usize| order.get(at).map(|row| values[*row as usize]);
        let ends = (0..order.len()).map(|at| value(at) != value(at + 1)).collect();
        Self { order, ends }
    }

    /// The rank of every row, from 1, in a sample that has it `weights` times; equal values share the middle of their ranks.
    fn of(&self, weights: &[u32]) -> Vec<f64> {
        let mut ranks = vec![0.0; self.order.len()];
        let (mut below, mut here, mut first) = (0.0, 0.0, 0);
        for (at, row) in self.order.iter().enumerate() {
            here += f64::from(weights[*row as usize]);
            if self.ends[at] {
                let rank = below + (here + 1.0) / 2.0;
                self.order[first..=at].iter().for_each(|row| ranks[*row as usize] = rank);
                below += here;
                (here, first) = (0.0, at + 1);
            }
        }
        ranks
    }
}

/// Spearman's rank correlation in [-1, 1]: Pearson's of the ranks, ties sharing the middle of theirs (Spearman 1904; as SciPy's `spearmanr`).
/// Both orders are of the same rows. `None` when one of them is all of one value.
#[must_use]
pub fn spearman(one: &Ranks, other: &Ranks, weights: &[u32]) -> Option<f64> {
    let total: f64 = weights.iter().map(|weight| f64::from(*weight)).sum();
    // The mean of all ranks, whatever the ties.
    let middle = (total + 1.0) / 2.0;
    let (mut both, mut first, mut second) = (0.0, 0.0, 0.0);
    for ((a, b), weight) in one.of(weights).into_iter().zip(other.of(weights)).zip(weights) {
        let (a, b, weight) = (a - middle, b - middle, f64::from(*weight));
        both += weight * a * b;
        first += weight * a * a;
        second += weight * b * b;
    }
    ratio(both, (first * second).sqrt())
}

/// Ratings of the same rows by several raters.
#[derive(Debug, Clone)]
pub struct Raters {
    /// Each rater's own.
    singles: Vec<Ranks>,
    /// The mean of all the others, for each rater.
    rests: Vec<Ranks>,
}

impl Raters {
    /// From one list of ratings a row, one rating a rater; `None` unless every row has the same number of raters, at least two.
    #[must_use]
    pub fn new(ratings: &[&[f64]]) -> Option<Self> {
        let raters = ratings.first()?.len();
        if raters < 2 || ratings.iter().any(|row| row.len() != raters) {
            return None;
        }
        let single = |rater: usize| Ranks::new(&ratings.iter().map(|row| row[rater]).collect::<Vec<_>>());
        let others = |row: &[f64], rater: usize| (0..raters).filter(|other| *other != rater).map(|other| row[other]).sum::<f64>();
        // A sum has the order of its mean, and sums of whole numbers tie where their means do.
        let rest = |rater: usize| Ranks::new(&ratings.iter().map(|row| others(row, rater)).collect::<Vec<_>>());
        Some(Self { singles: (0..raters).map(single).collect(), rests: (0..raters).map(rest).collect() })
    }

    /// How far a rater agrees with the others: Spearman's correlation of each with the mean of all others, averaged over raters.
    #[must_use]
    pub fn agreement(&self, weights: &[u32]) -> Option<f64> {
        mean(self.singles.iter().zip(&self.rests).map(|(single, rest)| spearman(single, rest, weights)))
    }

    /// Reliability of the mean of all raters, in [0, 1], from the mean correlation `r` of two of them: `k r / (1 + (k - 1) r)`
    /// (Spearman 1910; Brown 1910), 0 where they do not agree at all.
    #[must_use]
    pub fn reliability(&self, weights: &[u32]) -> Option<f64> {
        let raters = self.singles.len();
        let pairs = (0..raters).flat_map(|one| (one + 1..raters).map(move |other| (one, other)));
        let r = mean(pairs.map(|(one, other)| spearman(&self.singles[one], &self.singles[other], weights)))?.max(0.0);
        Some(raters as f64 * r / (1.0 + (raters as f64 - 1.0) * r))
    }

    /// The most that anything can be expected to correlate with the raters' mean: the root of its [reliability](Self::reliability)
    /// (Spearman 1904, correction for attenuation).
    #[must_use]
    pub fn ceiling(&self, weights: &[u32]) -> Option<f64> {
        Some(self.reliability(weights)?.sqrt())
    }
}

/// The mean of several figures; `None` when one of them does not exist.
fn mean(figures: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    let figures: Vec<f64> = figures.collect::<Option<_>>()?;
    ratio(figures.iter().sum(), figures.len() as f64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(one: &[f64], other: &[f64]) -> Option<f64> {
        spearman(&Ranks::new(one), &Ranks::new(other), &vec![1; one.len()])
    }

    /// Ranks 1 2.5 2.5 4 5 7 7 7 against 2 1 3 5 4 6 8 7: sums of squares and products about 4.5 are 39.5, 42 and 37, by hand.
    #[test]
    fn ties_share_the_middle_of_their_ranks() {
        let found = of(&[0.0, 1.0, 1.0, 2.0, 3.0, 5.0, 5.0, 5.0], &[20.0, 10.0, 30.0, 50.0, 40.0, 60.0, 80.0, 70.0]).unwrap();
        assert!((found - 37.0 / (39.5_f64 * 42.0).sqrt()).abs() < 1e-12, "{found}");
    }

    #[test]
    fn one_value_has_no_order() {
        assert_eq!(of(&[1.0, 1.0, 1.0], &[1.0, 2.0, 3.0]), None);
        assert_eq!(of(&[], &[]), None);
    }

    #[test]
    fn raters_who_say_the_same_agree_wholly() {
        let rows = [[0.0; 3], [1.0; 3], [2.0; 3], [2.0; 3], [0.0; 3]];
        let raters = Raters::new(&rows.iter().map(<[f64; 3]>::as_slice).collect::<Vec<_>>()).unwrap();
        for figure in [Raters::agreement, Raters::reliability, Raters::ceiling] {
            assert!((figure(&raters, &[1; 5]).unwrap() - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn one_rater_who_turns_the_order_round_pulls_agreement_down() {
        // The third says the opposite. Pairs: 1, -1, -1. Against the sum of the others: the first and the second meet a constant.
        let rows: [[f64; 3]; 4] = [[0.0, 0.0, 4.0], [1.0, 1.0, 3.0], [2.0, 2.0, 2.0], [4.0, 3.0, 0.0]];
        let raters = Raters::new(&rows.iter().map(<[f64; 3]>::as_slice).collect::<Vec<_>>()).unwrap();
        assert_eq!((raters.reliability(&[1; 4]), raters.ceiling(&[1; 4])), (Some(0.0), Some(0.0)));
        // Sums of the others: 4 4 4 3 for the first (-0.775 of its ranks), 4 4 4 4 for the second, which has no order.
        assert_eq!(raters.agreement(&[1; 4]), None);
    }

    #[test]
    fn reliability_is_spearmans_and_browns() {
        // Pairs of the orders 1 2 3 4, 1 2 4 3 and 2 1 3 4: 0.8, 0.8 and 0.6, mean 11 / 15.
        let rows: [[f64; 3]; 4] = [[1.0, 1.0, 2.0], [2.0, 2.0, 1.0], [3.0, 4.0, 3.0], [4.0, 3.0, 4.0]];
        let raters = Raters::new(&rows.iter().map(<[f64; 3]>::as_slice).collect::<Vec<_>>()).unwrap();
        let r: f64 = 11.0 / 15.0;
        assert!((raters.reliability(&[1; 4]).unwrap() - 3.0 * r / (1.0 + 2.0 * r)).abs() < 1e-12);
        assert!((raters.ceiling(&[1; 4]).unwrap().powi(2) - raters.reliability(&[1; 4]).unwrap()).abs() < 1e-12);
    }

    #[test]
    fn raters_are_the_same_on_every_row() {
        assert!(Raters::new(&[]).is_none());
        assert!(Raters::new(&[&[1.0], &[2.0]]).is_none());
        assert!(Raters::new(&[&[1.0, 2.0], &[2.0]]).is_none());
    }

    fn pairs() -> impl Strategy<Value = Vec<(f64, f64)>> {
        prop::collection::vec((0u8..9, 0u8..9), 2..40).prop_map(|rows| rows.iter().map(|(a, b)| (f64::from(*a), f64::from(*b))).collect())
    }

    proptest! {
        #[test]
        fn a_weight_counts_as_that_many_equal_rows(rows in prop::collection::vec((0u8..6, 0u8..6, 0u32..4), 2..30)) {
            let rows: Vec<(f64, f64, u32)> = rows.iter().map(|(a, b, times)| (f64::from(*a), f64::from(*b), *times)).collect();
            let (one, other): (Vec<f64>, Vec<f64>) = rows.iter().map(|row| (row.0, row.1)).unzip();
            let weights: Vec<u32> = rows.iter().map(|row| row.2).collect();
            let (many, others): (Vec<f64>, Vec<f64>) =
                rows.iter().flat_map(|row| std::iter::repeat_n((row.0, row.1), row.2 as usize)).unzip();
            match (spearman(&Ranks::new(&one), &Ranks::new(&other), &weights), of(&many, &others)) {
                (Some(a), Some(b)) => prop_assert!((a - b).abs() < 1e-9),
                (a, b) => prop_assert_eq!(a, b),
            }
        }

        #[test]
        fn only_the_order_counts_and_turning_one_round_turns_the_sign(rows in pairs()) {
            let (one, other): (Vec<f64>, Vec<f64>) = rows.into_iter().unzip();
            if let Some(found) = of(&one, &other) {
                let bent: Vec<f64> = one.iter().map(|value| (value / 3.0).exp()).collect();
                let turned: Vec<f64> = one.iter().map(|value| -value).collect();
                prop_assert!((of(&bent, &other).unwrap() - found).abs() < 1e-9);
                prop_assert!((of(&turned, &other).unwrap() + found).abs() < 1e-9);
                prop_assert!((of(&other, &one).unwrap() - found).abs() < 1e-9);
                prop_assert!(found.abs() <= 1.0 + 1e-9);
            }
        }
    }
}
