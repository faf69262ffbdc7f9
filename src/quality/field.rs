//! Where the dermatoscope's light falls: the circular field of view without its dark corners.
//!
//! A contact dermatoscope shows a disc; what a camera adds around it is black and says nothing about exposure,
//! focus or lesion. Only the corners may be given up, never the middle: a black lesion in the middle is a lesion.

use super::flags::{Flags, packed, runs_of};
use super::planes::{Plane, blur, in_order};
use super::view::SIDE;

/// Nothing nearer to the middle than this (in sides) is ever taken for a dark corner.
const ALWAYS_LIT: f32 = 0.42;

/// A corner is at most this bright, relative to the median of the middle.
const CORNER_TO_MIDDLE: f32 = 0.45;

/// The median is taken of every pixel of the middle whose number, counted along the rows, is a multiple of this.
const EVERY: usize = 3;

/// How far, in pixels of the view, the soft edge of the field stop reaches inwards.
const SOFT_EDGE: usize = 4;

/// Flags the pixels inside the lit field, given the brightness of the view in [0, 1].
///
/// Dark corners are the pixels outside a middle disc that are much darker than it and connected with a corner.
pub(super) fn lit(luma: &Plane, [smooth, between]: [&mut Plane; 2]) -> Flags {
    smooth.copy_from_slice(luma);
    blur::<1>(smooth, between);
    let limit = median_of_the_middle(smooth) * CORNER_TO_MIDDLE;
    let dark = Flags::from_rows(|y| packed(|x| smooth[y][x] <= limit) & !MIDDLE[y]);
    let corners = [0, SIDE - 1].map(|y| dark.rows[y] & (1 | 1 << (SIDE - 1)));
    if corners == [0, 0] {
        return Flags::ALL;
    }
    let runs = dark.runs();
    let mut cornered = vec![false; runs.len()];
    for run in &runs {
        let (at_the_side, at_the_end) = (run.columns.start == 0 || run.columns.end == SIDE, run.y == 0 || run.y == SIDE - 1);
        cornered[run.patch] |= at_the_side && at_the_end;
    }
    let mut corners = Flags::NONE;
    for run in runs.iter().filter(|run| cornered[run.patch]) {
        corners.rows[run.y] |= run.bits();
    }
    let dark = corners.grown(SOFT_EDGE);
    Flags::from_rows(|y| !dark.rows[y])
}

fn median_of_the_middle(smooth: &Plane) -> f32 {
    let mut middle = Vec::with_capacity(SIDE * SIDE / EVERY);
    for (y, row) in smooth.iter().enumerate() {
        for columns in runs_of(MIDDLE[y]) {
            let skip = (y * SIDE + columns.start).next_multiple_of(EVERY) - (y * SIDE + columns.start);
            middle.extend(row[columns].iter().skip(skip).step_by(EVERY));
        }
    }
    let half = middle.len() / 2;
    in_order(&mut middle, half)
}

/// The pixels nearer to the middle than [`ALWAYS_LIT`], a bit a pixel.
static MIDDLE: [u128; SIDE] = {
    let mut rows = [0; SIDE];
    let mut at = 0;
    while at < SIDE * SIDE {
        // In halves of a pixel, so that distances from the middle of the view are whole numbers.
        let (x, y) = ((2 * (at % SIDE)).abs_diff(SIDE - 1), (2 * (at / SIDE)).abs_diff(SIDE - 1));
        let reach = 2.0 * ALWAYS_LIT * SIDE as f32;
        if ((x * x + y * y) as f32) < reach * reach {
            rows[at / SIDE] |= 1 << (at % SIDE);
        }
        at += 1;
    }
    rows
};
