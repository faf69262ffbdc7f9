//! How sharp the picture is, whatever it shows.
//!
//! A smooth mole on smooth skin has little detail even in perfect focus, so the amount of detail says nothing.
//! What tells is how much of the detail is fine: blurring a sharp picture once more takes away much of the difference
//! between neighbouring pixels, blurring a blurred one takes away little (Crete, Dolmiere, Ladret, Nicolas: "The blur
//! effect: perception and estimation with a new no-reference perceptual blur metric", SPIE 6492, 2007). The ratio
//! does not depend on brightness or contrast.

use multiversion::multiversion;

use super::planes::{Plane, soften};
use super::view::{SIDE, View};

/// Radius of the box of the second blur, in pixels of the view.
const REBLUR: usize = 2;

/// A mean difference between neighbours below this, in [0, 1], is a picture of nothing.
const NOTHING: f32 = 1e-6;

/// Share of the differences between neighbours that a second blur takes away, in [0, 1]: 1 is all detail fine, 0 is
/// no fine detail, or nothing in the picture at all.
///
/// Only pixels whose left and upper neighbour lie in the lit field count, so the edge of the field stop, which can be
/// sharp when the skin is not, has no say.
#[multiversion(targets("x86_64+avx2"))]
pub(super) fn sharpness(view: &View, [blurred, between]: [&mut Plane; 2]) -> f32 {
    blurred.copy_from_slice(&view.luma);
    soften::<REBLUR>(blurred, between);
    let (mut total, mut lost) = (0.0_f32, 0.0_f32);
    for y in 1..SIDE {
        let (lit, luma, soft) = (&view.lit[y], &view.luma[y], &blurred[y]);
        let left = differences((lit, luma, soft), (&to_the_left(lit), &to_the_left(luma), &to_the_left(soft)));
        let above = differences((lit, luma, soft), (&view.lit[y - 1], &view.luma[y - 1], &blurred[y - 1]));
        // One value after the other: the limits were surveyed with the sums rounded in this order.
        for x in 1..SIDE {
            for (sharp, less) in [(left.0[x], left.1[x]), (above.0[x], above.1[x])] {
                total += sharp;
                lost += less;
            }
        }
    }
    if total / view.field_area as f32 > NOTHING { lost / total } else { 0.0 }
}

/// One row of flags, of brightness and of blurred brightness.
type Row<'a> = (&'a [bool; SIDE], &'a [f32; SIDE], &'a [f32; SIDE]);

/// How much each pixel differs from its neighbour, and how much of that blurring takes away; 0 unless both are flagged.
#[inline(always)]
fn differences(here: Row, there: Row) -> ([f32; SIDE], [f32; SIDE]) {
    let (mut differences, mut lost) = ([0.0; SIDE], [0.0; SIDE]);
    for x in 0..SIDE {
        let counts = here.0[x] & there.0[x];
        let sharp = (here.1[x] - there.1[x]).abs();
        let less = sharp - (here.2[x] - there.2[x]).abs();
        differences[x] = if counts { sharp } else { 0.0 };
        lost[x] = if counts & (less > 0.0) { less } else { 0.0 };
    }
    (differences, lost)
}

/// The row with each pixel's left neighbour in its place; the first has none and stays.
#[inline(always)]
fn to_the_left<T: Copy>(row: &[T; SIDE]) -> [T; SIDE] {
    let mut left = *row;
    left[1..].copy_from_slice(&row[..SIDE - 1]);
    left
}
