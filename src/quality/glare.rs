//! Specular reflections: patches of the lamp's own colour that stand out from what is around them.
//!
//! A reflection lifts all three channels, so the lowest channel of a pixel shows it and the colour of the skin does
//! not. Very pale skin is lifted everywhere and does not stand out; a bubble or a dry gap does.

use super::planes::soften;
use super::view::{AREA, View};

/// The lowest channel of a reflection is at least this, in [0, 1].
const BRIGHT: f32 = 0.6;

/// The lowest channel of a reflection is at least this much above its surroundings.
const STANDS_OUT: f32 = 0.12;

/// Radius of the box that the surroundings are averaged with (twice), in pixels of the view.
const SURROUNDINGS: usize = 8;

/// Share of the field that reflections cover, in [0, 1].
pub(super) fn share(view: &View) -> f32 {
    let lowest: Vec<f32> = view.rgb.iter().map(|&[r, g, b]| f32::from(r.min(g).min(b)) / 255.0).collect();
    let surroundings = soften(&lowest, SURROUNDINGS);
    let found = (0..AREA).filter(|&at| view.field[at] && lowest[at] > BRIGHT && lowest[at] - surroundings[at] > STANDS_OUT).count();
    found as f32 / view.field_area as f32
}
