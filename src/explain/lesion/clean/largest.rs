//! The most plausible of several parts.

use super::super::LEVEL;
use crate::frame::Heatmap;

/// How fast a cell loses weight towards the edge: standard deviation, in sides of the grid, of the Gaussian about the middle. Whoever takes
/// the picture puts the lesion there.
const NEARNESS: f64 = 0.3;

/// Weight of a cell in the very middle. Whole numbers, so that a sum does not depend on the order in which a part is walked.
const WHOLE: f64 = 1_048_576.0;

/// Keeps the part of `lesion` with the greatest weight: its cells of at least [`LEVEL`], joined over edges, each counted by a
/// Gaussian of its distance from the middle of the grid. Cells of other parts get membership 0; of parts of the very same weight all
/// stay. Cells below the level are left alone, and so is a lesion of one part or none.
#[must_use]
pub fn largest(mut lesion: Heatmap) -> Heatmap {
    let (width, height) = (lesion.width() as usize, lesion.height() as usize);
    let mut part = vec![None; width * height];
    let mut weights: Vec<u64> = Vec::new();
    let mut waiting = Vec::new();
    for first in 0..part.len() {
        if part[first].is_some() || !is_lesion(lesion.values()[first]) {
            continue;
        }
        let here = Some(weights.len());
        let mut weight = 0;
        part[first] = here;
        waiting.push(first);
        while let Some(cell) = waiting.pop() {
            let (x, y) = (cell % width, cell / width);
            weight += nearness(x, width, y, height);
            let beside = [(x > 0).then(|| cell - 1), (x + 1 < width).then(|| cell + 1)];
            let above_and_below = [(y > 0).then(|| cell - width), (y + 1 < height).then(|| cell + width)];
            for neighbour in beside.into_iter().chain(above_and_below).flatten() {
                if part[neighbour].is_none() && is_lesion(lesion.values()[neighbour]) {
                    part[neighbour] = here;
                    waiting.push(neighbour);
                }
            }
        }
        weights.push(weight);
    }
    let greatest = weights.iter().copied().max();
    for (cell, part) in lesion.values_mut().iter_mut().zip(part) {
        if part.is_some_and(|part| Some(weights[part]) != greatest) {
            *cell = 0.0;
        }
    }
    lesion
}

fn is_lesion(membership: f32) -> bool {
    membership >= LEVEL
}

/// Weight of the cell in column `x` of `width` and row `y` of `height`.
fn nearness(x: usize, width: usize, y: usize, height: usize) -> u64 {
    // Of whole numbers, so that mirror images have the very same distance.
    let off = |at: usize, cells: usize| (2 * at + 1).abs_diff(cells) as f64 / (2 * cells) as f64;
    let (across, down) = (off(x, width), off(y, height));
    // Even the farthest cell counts: a lesion in a corner is one.
    (WHOLE * (-(across * across + down * down) / (2.0 * NEARNESS * NEARNESS)).exp()).ceil() as u64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        super::tests::{grids, is_lesion as lesion},
        *,
    };

    /// `#` lesion, `.` not.
    fn drawn(rows: &[&str]) -> Heatmap {
        let cells = rows.iter().flat_map(|row| row.chars().map(|cell| if cell == '#' { 0.8 } else { 0.2 })).collect();
        Heatmap::new(rows[0].len() as u32, rows.len() as u32, cells).unwrap()
    }

    #[test]
    fn the_larger_part_stays_and_corners_do_not_join() {
        let found = largest(drawn(&["#......", "#..##..", "..#.##.", "...##..", "......."]));
        assert_eq!(lesion(&found), lesion(&drawn(&[".......", "...##..", "....##.", "...##..", "......."])));
    }

    #[test]
    fn a_part_in_the_middle_outweighs_a_larger_one_in_the_corner() {
        let found = largest(drawn(&["####.....", "###......", ".........", "....##...", "....##...", ".........", "........."]));
        let middle = drawn(&[".........", ".........", ".........", "....##...", "....##...", ".........", "........."]);
        assert_eq!(lesion(&found), lesion(&middle));
    }

    #[test]
    fn parts_of_one_weight_all_stay() {
        let twins = drawn(&["#...#", "#...#"]);
        assert_eq!(largest(twins.clone()), twins);
    }

    #[test]
    fn what_is_no_number_is_no_part() {
        let found = largest(Heatmap::new(5, 1, vec![f32::NAN, 0.9, 0.9, f32::NAN, 0.9]).unwrap());
        assert_eq!(lesion(&found), [false, true, true, false, false]);
    }

    proptest! {
        #[test]
        fn once_is_enough(grid in grids()) {
            let once = largest(grid);
            prop_assert_eq!(largest(once.clone()), once);
        }

        #[test]
        fn a_cell_stays_as_it_is_or_is_dropped(grid in grids()) {
            let found = largest(grid.clone());
            for (before, after) in grid.values().iter().zip(found.values()) {
                prop_assert!(after == before || (*before >= LEVEL && *after == 0.0));
            }
        }
    }
}
