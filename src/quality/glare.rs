//! Specular reflections: patches of the lamp's own colour that stand out from what is around them.
//!
//! A reflection lifts all three channels, so the lowest channel of a pixel shows it and the colour of the skin does
//! not. Very pale skin is lifted everywhere and does not stand out; a bubble or a dry gap does.

use super::flags::packed;
use super::planes::{Plane, soften};
use super::view::{SIDE, View};

/// The lowest channel of a reflection is at least this, in [0, 1].
const BRIGHT: f32 = 0.6;

/// The lowest channel of a reflection is at least this much above its surroundings.
const STANDS_OUT: f32 = 0.12;

/// Radius of the box that the surroundings are averaged with (twice), in pixels of the view.
const SURROUNDINGS: usize = 8;

/// Share of the field that reflections cover, in [0, 1]; the contents of the planes are left undefined.
pub(super) fn share(view: &View, [surroundings, between]: [&mut Plane; 2]) -> f32 {
    let bright = view.flag(|r, g, b| share_of_full_scale(r.min(g).min(b)) > BRIGHT);
    // Most pictures have nothing bright enough, and then nothing needs comparing.
    if bright.area() == 0 {
        return 0.0;
    }
    let [red, green, blue] = &view.channels;
    let lowest = |x: usize, y: usize| share_of_full_scale(red[y][x].min(green[y][x]).min(blue[y][x]));
    for (y, row) in surroundings.iter_mut().enumerate() {
        for (x, value) in row.iter_mut().enumerate() {
            *value = lowest(x, y);
        }
    }
    soften::<SURROUNDINGS>(surroundings, between);
    let reflections = |y: usize| bright.rows[y] & packed(|x| lowest(x, y) - surroundings[y][x] > STANDS_OUT);
    view.share((0..SIDE).map(|y| reflections(y).count_ones() as usize).sum())
}

fn share_of_full_scale(value: u8) -> f32 {
    f32::from(value) / 255.0
}
