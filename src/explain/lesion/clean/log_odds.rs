//! Where the outline runs between two cells.

use std::cmp::Ordering;

use super::super::LEVEL;
use crate::{frame::Heatmap, verdict::logistic};

/// By what log-odds are divided. Up to this far from even they turn into membership almost linearly, so that membership that is linear between
/// two cells is even where log-odds that are linear between them would be. Chosen on train of `isic2017`, `ham10000` and `isic2018-seg` for the
/// mean Jaccard index, which hardly rises with more.
pub const FLATTENING: f32 = 4.0;

/// Flattens membership to the logistic function of its log-odds divided by [`FLATTENING`]: what is drawn between cells then lies where the
/// network's log-odds, enlarged, are even. To enlarge these and not what is made of them is common in segmentation (Chen et al., "Rethinking
/// Atrous Convolution for Semantic Image Segmentation", arXiv 1706.05587, 4.1); membership itself has nearly a step there, which puts
/// the outline halfway between a sure cell and an unsure one.
///
/// Every cell stays on its side of [`LEVEL`] and in its order. Membership of 0 and 1 stays, and what is no number stays
/// that.
#[must_use]
pub fn log_odds(mut lesion: Heatmap) -> Heatmap {
    lesion.values_mut().iter_mut().for_each(|cell| {
        let odds = *cell / (1.0 - *cell);
        let flat = logistic(odds.ln() / FLATTENING);
        // Next to even, rounding would carry a cell over.
        *cell = match (*cell).partial_cmp(&LEVEL) {
            Some(Ordering::Less) => flat.min(LEVEL.next_down()),
            Some(_) => flat.max(LEVEL),
            None => flat,
        };
    });
    lesion
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        super::tests::{grids, is_lesion},
        *,
    };
    use crate::{
        explain::lesion::parts,
        frame::{Heatmap, Region},
    };

    #[test]
    fn an_outline_lies_where_the_log_odds_are_even() {
        // Log-odds of 3 and -1: even three quarters of the way from one middle to the other, at 1.25 cells of two.
        let grid = Heatmap::new(2, 1, vec![logistic(3.0), logistic(-1.0)]).unwrap();
        let edge = |grid: &Heatmap| {
            let found = parts(grid, Region { x: 0, y: 0, width: 2, height: 1 });
            found[0].outer.iter().map(|point| point.x).fold(0.0, f64::max)
        };
        let (before, after) = (edge(&grid), edge(&log_odds(grid.clone())));
        assert!((before - 1.25).abs() > 0.08 && (after - 1.25).abs() < 0.01, "{before} -> {after}");
    }

    #[test]
    fn certainty_and_what_is_no_number_stay() {
        let found = log_odds(Heatmap::new(4, 1, vec![0.0, 1.0, 0.5, f32::NAN]).unwrap());
        assert_eq!(found.values()[..3], [0.0, 1.0, 0.5]);
        assert!(found.values()[3].is_nan());
    }

    proptest! {
        #[test]
        fn every_cell_stays_on_its_side_and_in_order(grid in grids()) {
            let found = log_odds(grid.clone());
            prop_assert_eq!(is_lesion(&found), is_lesion(&grid));
            let pairs = || grid.values().iter().zip(found.values());
            for (one, flat) in pairs() {
                prop_assert!((*flat - 0.5).abs() <= (*one - 0.5).abs() + 1e-6);
                prop_assert!(pairs().all(|(other, other_flat)| one > other || flat <= other_flat));
            }
        }
    }
}
