//! Whether a probability means what it says.

use super::{Ranked, ratio};

/// Number of equal-width bins of [`calibration_error`] and [`bins`].
pub const CALIBRATION_BINS: usize = 15;

/// Predictions whose probability lies in one bin.
#[derive(Debug, Clone, Copy, PartialEq, Default, serde::Serialize)]
pub struct Bin {
    /// Weight of rows in it.
    pub n: f64,
    /// Their mean probability; 0 without rows.
    pub said: f64,
    /// The share of them that is positive; 0 without rows.
    pub seen: f64,
}

/// The predictions by probability: bin `k` holds those in `[k, k + 1) / 15`, the last one also 1.
#[must_use]
pub fn bins(ranked: &Ranked, weights: &[u32]) -> [Bin; CALIBRATION_BINS] {
    let mut bins = [Bin::default(); CALIBRATION_BINS];
    for tie in ranked.ties(weights) {
        let bin = &mut bins[((tie.probability * CALIBRATION_BINS as f64) as usize).min(CALIBRATION_BINS - 1)];
        let n = tie.positives + tie.negatives;
        bin.n += n;
        bin.said += tie.probability * n;
        bin.seen += tie.positives;
    }
    for bin in &mut bins {
        bin.said = ratio(bin.said, bin.n).unwrap_or_default();
        bin.seen = ratio(bin.seen, bin.n).unwrap_or_default();
    }
    bins
}

/// Expected calibration error of the positive class's probability: the mean distance, weighted by rows, between mean
/// probability and observed frequency over [`CALIBRATION_BINS`] equal-width bins (Naeini et al. 2015). `None` without rows.
#[must_use]
pub fn calibration_error(ranked: &Ranked, weights: &[u32]) -> Option<f64> {
    let bins = bins(ranked, weights);
    let gaps = bins.iter().map(|bin| bin.n * (bin.said - bin.seen).abs()).sum();
    ratio(gaps, bins.iter().map(|bin| bin.n).sum())
}

/// Mean squared distance between probability and truth (Brier 1950, for one yes/no question); 0 is perfect. `None` without rows.
#[must_use]
pub fn brier(ranked: &Ranked, weights: &[u32]) -> Option<f64> {
    let (mut squares, mut total) = (0.0, 0.0);
    for tie in ranked.ties(weights) {
        squares += tie.positives * (1.0 - tie.probability).powi(2) + tie.negatives * tie.probability.powi(2);
        total += tie.positives + tie.negatives;
    }
    ratio(squares, total)
}

#[cfg(test)]
mod tests {
    use super::{super::Scored, *};

    fn ranked(rows: &[(f64, bool)]) -> Ranked {
        Ranked::new(
            &rows.iter().map(|(probability, positive)| Scored { probability: *probability, positive: *positive }).collect::<Vec<_>>(),
        )
    }

    #[test]
    fn calibration_error_is_the_gap_between_said_and_seen() {
        let honest = ranked(&[(0.5, true), (0.5, false)]);
        assert_eq!(calibration_error(&honest, &[1, 1]), Some(0.0));
        let boastful = ranked(&[(1.0, true), (1.0, false)]);
        assert_eq!(calibration_error(&boastful, &[1, 1]), Some(0.5));
        // Two bins: 3 rows that say 0.1 (bin 1) of which 1 is positive, 1 row that says 0.9 (bin 13) and is.
        let rows = ranked(&[(0.1, true), (0.1, false), (0.1, false), (0.9, true)]);
        let expected = 0.75 * (1.0 / 3.0 - 0.1) + 0.25 * 0.1;
        assert!((calibration_error(&rows, &rows.unit_weights()).unwrap() - expected).abs() < 1e-12);
        assert_eq!(calibration_error(&ranked(&[]), &[]), None);
    }

    #[test]
    fn the_brier_score_is_the_mean_square_of_what_was_missed() {
        let rows = ranked(&[(0.8, true), (0.3, false), (0.3, true)]);
        assert!((brier(&rows, &[1, 1, 1]).unwrap() - (0.04 + 0.09 + 0.49) / 3.0).abs() < 1e-12);
        assert_eq!(brier(&ranked(&[(1.0, true), (0.0, false)]), &[1, 1]), Some(0.0));
    }

    #[test]
    fn every_row_lies_in_one_bin() {
        let rows = ranked(&[(0.0, false), (1.0, true), (0.999, true), (0.5, false)]);
        let bins = bins(&rows, &[1, 2, 1, 1]);
        assert_eq!(bins.iter().map(|bin| bin.n).sum::<f64>(), 5.0);
        assert_eq!((bins[0].n, bins[14].n, bins[7].n), (1.0, 3.0, 1.0));
        assert_eq!((bins[14].seen, bins[7].said), (1.0, 0.5));
    }
}
