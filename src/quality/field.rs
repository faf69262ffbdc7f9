//! Where the dermatoscope's light falls: the circular field of view without its dark corners.
//!
//! A contact dermatoscope shows a disc; what a camera adds around it is black and says nothing about exposure,
//! focus or lesion. Only the corners may be given up, never the middle: a black lesion in the middle is a lesion.

use super::planes::blur;
use super::view::{AREA, SIDE};

/// Nothing nearer to the middle than this (in sides) is ever taken for a dark corner.
const ALWAYS_LIT: f32 = 0.42;

/// A corner is at most this bright, relative to the median of the middle.
const CORNER_TO_MIDDLE: f32 = 0.45;

/// How far, in pixels of the view, the soft edge of the field stop reaches inwards.
const SOFT_EDGE: usize = 4;

/// Flags the pixels inside the lit field, given the brightness of the view in [0, 1].
///
/// Dark corners are the pixels outside a middle disc that are much darker than it and connected with a corner.
pub(super) fn lit(luma: &[f32]) -> Vec<bool> {
    let smooth = blur(luma, 1);
    let mut middle: Vec<f32> = (0..AREA).step_by(3).filter(|&at| radius(at) < ALWAYS_LIT).map(|at| smooth[at]).collect();
    let half = middle.len() / 2;
    let limit = *middle.select_nth_unstable_by(half, f32::total_cmp).1 * CORNER_TO_MIDDLE;

    let mut dark = vec![false; AREA];
    let mut open = vec![0, SIDE - 1, AREA - SIDE, AREA - 1];
    while let Some(at) = open.pop() {
        if dark[at] || radius(at) < ALWAYS_LIT || smooth[at] > limit {
            continue;
        }
        dark[at] = true;
        let (x, y) = (at % SIDE, at / SIDE);
        if x > 0 {
            open.push(at - 1);
        }
        if x + 1 < SIDE {
            open.push(at + 1);
        }
        if y > 0 {
            open.push(at - SIDE);
        }
        if y + 1 < SIDE {
            open.push(at + SIDE);
        }
    }
    if !dark.contains(&true) {
        return vec![true; AREA];
    }
    grow(&mut dark, SOFT_EDGE);
    (0..AREA).map(|at| !dark[at]).collect()
}

/// Distance from the middle, in sides.
fn radius(at: usize) -> f32 {
    let half = (SIDE as f32 - 1.0) / 2.0;
    let (x, y) = ((at % SIDE) as f32 - half, (at / SIDE) as f32 - half);
    (x * x + y * y).sqrt() / SIDE as f32
}

/// Widens the flagged part by `by` pixels to all eight sides.
fn grow(flags: &mut [bool], by: usize) {
    let rows = flags.to_vec();
    for (at, flag) in flags.iter_mut().enumerate() {
        let (x, row) = (at % SIDE, at - at % SIDE);
        *flag = rows[row + x.saturating_sub(by)..=row + (x + by).min(SIDE - 1)].contains(&true);
    }
    let columns = flags.to_vec();
    for (at, flag) in flags.iter_mut().enumerate() {
        let (x, y) = (at % SIDE, at / SIDE);
        *flag = (y.saturating_sub(by)..=(y + by).min(SIDE - 1)).any(|y| columns[y * SIDE + x]);
    }
}
