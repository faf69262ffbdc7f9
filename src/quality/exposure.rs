//! Whether the light and the exposure were right, for skin of every colour.
//!
//! Mean brightness cannot tell dark skin in good light from light skin in bad light, and a gate that used it would
//! refuse people for the colour of their skin. Melanin tells itself apart by its spectrum: it takes away far more
//! blue than red. [`Exposure::level`] adds back what the colour says melanin has taken.

use std::sync::LazyLock;

use super::planes::{Plane, in_order};
use super::view::{SIDE, View};
use crate::colour::linear;

/// No channel of a pixel reaches this 8-bit value: crushed to black.
const BLACK: u8 = 26;

/// A channel that reaches this 8-bit value has lost its detail.
const CLIPPED: u8 = 250;

/// How many stops of red light melanin takes for each stop by which it takes more blue than red.
///
/// Melanin's absorption falls with the wavelength to the power 3.33 (Jacques, "Optical properties of biological
/// tissues: a review", Phys. Med. Biol. 58, 2013). Between a camera's blue (475 nm) and red (620 nm) that is a factor
/// 2.4, and 1 / (2.4 - 1) = 0.7. The value was chosen by trial on phantoms of all six phototypes; the spectrum makes it
/// plausible and no more. More would favour dark skin further, and take the yellow of a warm lamp for melanin.
const RED_FOR_BLUE: f32 = 0.7;

/// At most this many stops between red and blue are put down to melanin; the darkest skin shows about two.
const MOST_MELANIN: f32 = 3.0;

/// Light below this share of full scale is noise; keeps the logarithms finite.
const NOISE_FLOOR: f32 = 0.001;

/// Light of every 8-bit sRGB value in stops.
static STOPS: LazyLock<[f32; 256]> = LazyLock::new(|| std::array::from_fn(|value| (linear(value as u8) + NOISE_FLOOR).log2()));

/// What was found out about the light.
pub(super) struct Exposure {
    /// Light on the skin in stops: 0 is about where full-scale white skin would be, less is darker, with the part that
    /// melanin took added back. The upper quartile of the field, so that a dark lesion does not count.
    pub(super) level: f32,
    /// Mean brightness of the field, sRGB scaled to [0, 1].
    pub(super) mean: f32,
    /// Share of the field with every channel crushed to black, in [0, 1].
    pub(super) dark_share: f32,
    /// Share of the field with a channel clipped, in [0, 1].
    pub(super) bright_share: f32,
}

/// Measures the light inside the field; the contents of `levels` are left undefined.
pub(super) fn measure(view: &View, levels: &mut Plane) -> Exposure {
    let stops = &*STOPS;
    let levels = levels.as_flattened_mut();
    let [red, _, blue] = &view.channels;
    let (mut number, mut sum) = (0, 0.0);
    for y in 0..SIDE {
        for x in 0..SIDE {
            let (red, blue) = (stops[usize::from(red[y][x])], stops[usize::from(blue[y][x])]);
            let lit = view.lit[y][x];
            levels[number] = red + RED_FOR_BLUE * (red - blue).min(MOST_MELANIN);
            number += usize::from(lit);
            // One after the other: the limits were surveyed with the sum rounded in this order.
            sum += if lit { view.luma[y][x] } else { 0.0 };
        }
    }
    let upper_quartile = (number * 3 / 4).min(number.saturating_sub(1));
    Exposure {
        level: in_order(&mut levels[..number], upper_quartile),
        mean: sum / view.field_area as f32,
        dark_share: view.share(view.flag(|r, g, b| r.max(g).max(b) < BLACK).area()),
        bright_share: view.share(view.flag(|r, g, b| r.max(g).max(b) >= CLIPPED).area()),
    }
}
