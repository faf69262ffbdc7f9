//! How sharp the picture is, whatever it shows.
//!
//! A smooth mole on smooth skin has little detail even in perfect focus, so the amount of detail says nothing.
//! What tells is how much of the detail is fine: blurring a sharp picture once more takes away much of the difference
//! between neighbouring pixels, blurring a blurred one takes away little (Crete, Dolmiere, Ladret, Nicolas: "The blur
//! effect: perception and estimation with a new no-reference perceptual blur metric", SPIE 6492, 2007). The ratio
//! does not depend on brightness or contrast.

use super::planes::soften;
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
pub(super) fn sharpness(view: &View) -> f32 {
    let blurred = soften(&view.luma, REBLUR);
    let (mut total, mut lost) = (0.0_f32, 0.0_f32);
    for y in 1..SIDE {
        for x in 1..SIDE {
            let at = y * SIDE + x;
            for before in [at - 1, at - SIDE] {
                if view.field[at] && view.field[before] {
                    let sharp = (view.luma[at] - view.luma[before]).abs();
                    total += sharp;
                    lost += (sharp - (blurred[at] - blurred[before]).abs()).max(0.0);
                }
            }
        }
    }
    if total / view.field_area as f32 > NOTHING { lost / total } else { 0.0 }
}
