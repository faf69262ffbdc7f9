//! Colour as light and as the eye sees it: linear sRGB and CIE 1976 L*a*b* (D65).

use std::sync::LazyLock;

use super::planes::Plane;
use super::view::{SIDE, View};

/// [`linear`] of every 8-bit value.
static LIGHT: LazyLock<[f32; 256]> = LazyLock::new(|| std::array::from_fn(|value| linear(value as u8)));

/// Light of an 8-bit sRGB value, in [0, 1] (IEC 61966-2-1).
pub(super) fn linear(value: u8) -> f32 {
    let value = f32::from(value) / 255.0;
    if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
}

/// Fills `planes` with L*, a* and b* of the view.
pub(super) fn lab(view: &View, planes: [&mut Plane; 3]) {
    let light = &*LIGHT;
    let [lightness, a, b] = planes;
    let mut lights = [[0.0; SIDE]; 3];
    for y in 0..SIDE {
        for (lights, channel) in lights.iter_mut().zip(&view.channels) {
            for (to, value) in lights.iter_mut().zip(&channel[y]) {
                *to = light[usize::from(*value)];
            }
        }
        let [red, green, blue] = &lights;
        let (lightness, a, b) = (&mut lightness[y], &mut a[y], &mut b[y]);
        for x in 0..SIDE {
            let root_x = root((0.4124 * red[x] + 0.3576 * green[x] + 0.1805 * blue[x]) * (1.0 / 0.9505));
            let root_y = root(0.2126 * red[x] + 0.7152 * green[x] + 0.0722 * blue[x]);
            let root_z = root((0.0193 * red[x] + 0.1192 * green[x] + 0.9505 * blue[x]) * (1.0 / 1.089));
            lightness[x] = 116.0 * root_y - 16.0;
            a[x] = 500.0 * (root_x - root_y);
            b[x] = 200.0 * (root_y - root_z);
        }
    }
}

/// The cube root with a straight line near 0, as L*a*b* asks for.
fn root(t: f32) -> f32 {
    let straight = 7.787 * t + 16.0 / 116.0;
    let curved = cube_root(t);
    if t > 0.008_856 { curved } else { straight }
}

/// The cube root of a number from 0.008 to 2 to 3e-7 of its value, without branches and calls, so that the compiler
/// makes vectors of it.
fn cube_root(t: f32) -> f32 {
    // A third of the bits is a third of the exponent, and of the mantissa near enough: within 4 %. Adding 1.5 * 2^23
    // leaves the whole part of a number in the lowest bits.
    let third = ((t.to_bits() >> 8) as i32 as f32 * (1.0 / 3.0) + 12_582_912.0).to_bits() << 8;
    let rough = f32::from_bits(third.wrapping_sub(12_582_912.0_f32.to_bits() << 8).wrapping_add(709_958_130));
    // Halley's method triples the number of correct digits.
    let halley = |r: f32| {
        let cube = r * r * r;
        r * (cube + t + t) / (cube + cube + t)
    };
    halley(halley(rough))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cube_roots_are_right_to_the_last_digits_wherever_they_are_asked_for() {
        for bits in (0.008_f32.to_bits()..2.0_f32.to_bits()).step_by(97) {
            let t = f32::from_bits(bits);
            let exact = f64::from(t).cbrt();
            let error = (f64::from(cube_root(t)) - exact).abs() / exact;
            assert!(error < 3e-7, "{t}: {error:e}");
        }
    }

    #[test]
    fn white_black_and_the_primaries_have_their_published_colours() {
        let mut view = View::black();
        for (at, pixel) in [[255, 255, 255], [0, 0, 0], [255, 0, 0], [0, 255, 0], [0, 0, 255]].into_iter().enumerate() {
            for (channel, value) in view.channels.iter_mut().zip(pixel) {
                channel[3][at] = value;
            }
        }
        let mut planes = [[[0.0; SIDE]; SIDE]; 3];
        lab(&view, planes.each_mut());
        let expected = [[100.0, 0.0, 0.0], [0.0, 0.0, 0.0], [53.24, 80.09, 67.20], [87.73, -86.18, 83.18], [32.30, 79.19, -107.86]];
        for (at, expected) in expected.into_iter().enumerate() {
            let found = [0, 1, 2].map(|plane: usize| planes[plane][3][at]);
            assert!(found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 0.05), "{found:?} {expected:?}");
        }
    }
}
