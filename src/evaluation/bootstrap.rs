//! How sure a figure is: a percentile bootstrap over lesions.
//!
//! Several images can show one lesion and are then not independent, so whole lesions are drawn
//! (cluster bootstrap; Davison and Hinkley 1997, section 3.8), not single images. A difference of two figures on the same
//! rows takes the same draws for both, so that what both find hard does not widen its interval.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

/// Resamplings that an interval is read from.
pub const RESAMPLINGS: usize = 1000;

/// Seed of the resampling: figures are the same at every run.
const SEED: u64 = 0x6c65_6e74_6967_6f00;

/// A figure with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// The figure on all rows.
    pub value: f64,
    /// 2.5th percentile over resamplings.
    pub low: f64,
    /// 97.5th percentile over resamplings.
    pub high: f64,
}

/// How often each row of a set was drawn, for each of [`RESAMPLINGS`] resamplings of its lesions.
#[derive(Debug, Clone)]
pub struct Draws {
    rows: usize,
    weights: Vec<Vec<u32>>,
}

impl Draws {
    /// Draws lesions with replacement, as many as there are. `lesions` names the lesion of every row; rows of one lesion are drawn together.
    #[must_use]
    pub fn new<T: AsRef<str>>(lesions: &[T]) -> Self {
        let mut names: Vec<&str> = lesions.iter().map(AsRef::as_ref).collect();
        names.sort_unstable();
        names.dedup();
        let cluster: Vec<usize> = lesions.iter().map(|lesion| names.partition_point(|name| *name < lesion.as_ref())).collect();
        let clusters = names.len();
        let mut random = ChaCha8Rng::seed_from_u64(SEED);
        let draw = |_| {
            let mut drawn = vec![0u32; clusters];
            for _ in 0..clusters {
                drawn[random.random_range(0..clusters)] += 1;
            }
            cluster.iter().map(|of| drawn[*of]).collect()
        };
        Self { rows: lesions.len(), weights: (0..RESAMPLINGS).map(draw).collect() }
    }

    /// Number of rows in the set.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// One entry a resampling: how often every row was drawn, in the set's order.
    #[must_use]
    pub fn weights(&self) -> &[Vec<u32>] {
        &self.weights
    }

    /// `figure` on the whole set, with the 95 % percentile interval of its values on the resamplings; resamplings on which it
    /// does not exist (one class only) are left out. `None` when it does not exist on the whole set.
    #[must_use]
    pub fn interval(&self, figure: impl Fn(&[u32]) -> Option<f64>) -> Option<Interval> {
        let value = figure(&vec![1; self.rows])?;
        let mut sorted: Vec<f64> = self.weights.iter().filter_map(|weights| figure(weights)).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let at = |share: f64| match sorted.len() {
            0 => value,
            n => sorted[((n - 1) as f64 * share).round() as usize],
        };
        Some(Interval { value, low: at(0.025), high: at(0.975) })
    }

    /// The mean of one value a row, with its interval; `None` without rows.
    #[must_use]
    pub fn mean(&self, values: &[f64]) -> Option<Interval> {
        self.interval(|weights| weighted_mean(values, weights))
    }
}

/// `sum w x / sum w`; `None` when no row counts.
#[must_use]
pub fn weighted_mean(values: &[f64], weights: &[u32]) -> Option<f64> {
    let total: u64 = weights.iter().map(|weight| u64::from(*weight)).sum();
    let sum: f64 = values.iter().zip(weights).map(|(value, weight)| value * f64::from(*weight)).sum();
    (total > 0).then(|| sum / total as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(n: usize) -> Vec<String> {
        (0..n).map(|i| i.to_string()).collect()
    }

    #[test]
    fn rows_of_one_lesion_are_drawn_together_and_every_draw_is_as_large_as_the_set() {
        let draws = Draws::new(&["a", "b", "a", "c"]);
        let mut differing = 0;
        for weights in draws.weights() {
            assert_eq!(weights[0], weights[2]);
            assert_eq!(weights[0] + weights[1] + weights[3], 3);
            differing += usize::from(*weights != [1, 1, 1, 1]);
        }
        assert!(differing > RESAMPLINGS / 2);
    }

    #[test]
    fn the_interval_of_a_mean_has_the_width_that_theory_gives() {
        let n = 400;
        let values: Vec<f64> = (0..n).map(|i| f64::from(u8::from(i % 2 == 0))).collect();
        let found = Draws::new(&names(n)).mean(&values).unwrap();
        let expected = 1.96 * 0.5 / (n as f64).sqrt();
        assert!((found.high - 0.5 - expected).abs() < 0.006, "{found:?}, expected half width {expected}");
        assert!((0.5 - found.low - expected).abs() < 0.006, "{found:?}, expected half width {expected}");
    }

    #[test]
    fn lesions_seen_many_times_are_no_more_evidence_than_lesions_seen_once() {
        let values: Vec<f64> = (0..400).map(|i| f64::from(u8::from(i % 8 < 4))).collect();
        let lesions: Vec<String> = (0..400).map(|i| (i / 4).to_string()).collect();
        let width = |found: Interval| found.high - found.low;
        let (clustered, single) = (Draws::new(&lesions).mean(&values).unwrap(), Draws::new(&names(400)).mean(&values).unwrap());
        assert!(width(clustered) > 1.6 * width(single), "{clustered:?} {single:?}");
    }

    /// 95 % intervals of the mean of 60 coins, for 200 throws of them: theory says that about 190 contain the truth.
    #[test]
    fn intervals_contain_the_truth_about_as_often_as_they_say() {
        let draws = Draws::new(&names(60));
        let mut random = ChaCha8Rng::seed_from_u64(7);
        let contained = (0..200).filter(|_| {
            let coins: Vec<f64> = (0..60).map(|_| f64::from(u8::from(random.random_range(0..10) < 3))).collect();
            let found = draws.mean(&coins).unwrap();
            found.low <= 0.3 && 0.3 <= found.high
        });
        let contained = contained.count();
        assert!((178..=199).contains(&contained), "{contained} of 200");
    }

    #[test]
    fn nothing_has_no_interval() {
        let draws = Draws::new::<&str>(&[]);
        assert_eq!((draws.rows(), draws.mean(&[])), (0, None));
    }
}
