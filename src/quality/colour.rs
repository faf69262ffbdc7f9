//! The view in CIE 1976 L*a*b* (D65).

use std::sync::LazyLock;

use multiversion::multiversion;

use super::planes::Plane;
use super::view::{SIDE, View};
use crate::colour::{lab_of, linear};

/// [`linear`] of every 8-bit value.
static LIGHT: LazyLock<[f32; 256]> = LazyLock::new(|| std::array::from_fn(|value| linear(value as u8)));

/// Fills `planes` with L*, a* and b* of the view.
#[multiversion(targets("x86_64+avx2"))]
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
            [lightness[x], a[x], b[x]] = lab_of([red[x], green[x], blue[x]]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
