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
    let lowest = |y: usize| -> [f32; SIDE] { std::array::from_fn(|x| share_of_full_scale(red[y][x].min(green[y][x]).min(blue[y][x]))) };
    surroundings.iter_mut().enumerate().for_each(|(y, row)| *row = lowest(y));
    soften::<SURROUNDINGS>(surroundings, between);
    let reflections = |y: usize| {
        let lowest = lowest(y);
        bright.rows[y] & packed(&std::array::from_fn(|x| lowest[x] - surroundings[y][x] > STANDS_OUT))
    };
    view.share((0..SIDE).map(|y| reflections(y).count_ones() as usize).sum())
}

fn share_of_full_scale(value: u8) -> f32 {
    f32::from(value) / 255.0
}
