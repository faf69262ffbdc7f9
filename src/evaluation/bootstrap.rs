//! How sure a figure is: a percentile bootstrap over lesions.
//!
//! Several images can show one lesion and are then not independent, so whole lesions are drawn
//! (cluster bootstrap; Davison and Hinkley 1997, section 3.8), not single images.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

/// Resamplings a figure's interval is read from.
pub const RESAMPLINGS: usize = 2000;

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

/// Draws lesions with replacement and gives, for each of [`RESAMPLINGS`] draws, how often every row was drawn.
///
/// `lesions` names the lesion of every row; rows of one lesion are drawn together.
pub fn draws(lesions: &[String]) -> impl Iterator<Item = Vec<u32>> {
    let mut names: Vec<&String> = lesions.iter().collect();
    names.sort_unstable();
    names.dedup();
    let cluster: Vec<usize> = lesions.iter().map(|lesion| names.partition_point(|name| *name < lesion)).collect();
    let clusters = names.len();
    let mut random = ChaCha8Rng::seed_from_u64(SEED);
    (0..RESAMPLINGS).map(move |_| {
        let mut drawn = vec![0u32; clusters];
        for _ in 0..clusters {
            drawn[random.random_range(0..clusters)] += 1;
        }
        cluster.iter().map(|of| drawn[*of]).collect()
    })
}

/// The 95 % percentile interval of a figure, from its value on each resampling; draws in which the figure does not
/// exist (one class only) are left out. `None` when the figure itself does not exist.
#[must_use]
pub fn interval(value: Option<f64>, resampled: &[Option<f64>]) -> Option<Interval> {
    let value = value?;
    let mut sorted: Vec<f64> = resampled.iter().flatten().copied().collect();
    sorted.sort_by(f64::total_cmp);
    let at = |share: f64| match sorted.len() {
        0 => value,
        n => sorted[((n - 1) as f64 * share).round() as usize],
    };
    Some(Interval { value, low: at(0.025), high: at(0.975) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_one_lesion_are_drawn_together_and_every_draw_is_as_large_as_the_set() {
        let lesions: Vec<String> = ["a", "b", "a", "c"].iter().map(ToString::to_string).collect();
        let mut differing = 0;
        for weights in draws(&lesions) {
            assert_eq!(weights[0], weights[2]);
            assert_eq!(weights[0] + weights[1] + weights[3], 3);
            differing += usize::from(weights != [1, 1, 1, 1]);
        }
        assert!(differing > RESAMPLINGS / 2);
    }

    #[test]
    fn the_interval_of_a_mean_has_the_width_that_theory_gives() {
        let n = 400;
        let lesions: Vec<String> = (0..n).map(|i| i.to_string()).collect();
        let values: Vec<f64> = (0..n).map(|i| f64::from(u8::from(i % 2 == 0))).collect();
        let means: Vec<Option<f64>> = draws(&lesions)
            .map(|weights| Some(weights.iter().zip(&values).map(|(w, v)| f64::from(*w) * v).sum::<f64>() / n as f64))
            .collect();
        let found = interval(Some(0.5), &means).unwrap();
        let expected = 1.96 * 0.5 / (n as f64).sqrt();
        assert!((found.high - 0.5 - expected).abs() < 0.006, "{found:?}, expected half width {expected}");
        assert!((0.5 - found.low - expected).abs() < 0.006, "{found:?}, expected half width {expected}");
    }
}
