//! Freeing a picture from the colour of its light.
//!
//! Only how each channel is stretched; nothing here may know where the lesion is.

use super::ColourConstancy;
use crate::{colour::linear, frame::Frame};

/// Order of the norm that Finlayson and Trezzi (2004) found best.
const ORDER: i32 = 6;

/// Brightest light that is kept, in shares of white: what the stretching lifts beyond is as good as white.
const BRIGHTEST: f32 = 1.5;

/// What each 8-bit value of R, G and B means once the light is grey.
pub(super) struct Values {
    /// As light, 0 to [`BRIGHTEST`] where 1 is white.
    pub(super) light: [[f32; 256]; 3],
    /// As sRGB again, 0 to 1.
    pub(super) coded: [[f32; 256]; 3],
}

impl Values {
    /// Shades of grey: the light's colour is e_c = (mean over the pixels of I_c^p)^(1/p) with p = 6 on linear light, and channel c is
    /// multiplied by e / e_c, where e is the luminance (Rec. 709) of the e_c: the norm becomes grey and no brighter.
    pub(super) fn of(picture: &Frame, constancy: ColourConstancy) -> Self {
        let gains = match constancy {
            ColourConstancy::None => [1.0; 3],
            ColourConstancy::ShadesOfGrey => gains(norms(picture)),
        };
        let light = gains.map(|gain| std::array::from_fn(|value| (gain * linear(value as u8)).min(BRIGHTEST)));
        Self { coded: light.map(|channel: [f32; 256]| channel.map(coded)), light }
    }
}

/// The Minkowski norm of each channel's light, from how often each value occurs.
fn norms(picture: &Frame) -> [f64; 3] {
    let mut counts = [[0_u32; 256]; 3];
    for pixel in picture.pixels().as_chunks::<3>().0 {
        for (counts, value) in counts.iter_mut().zip(pixel) {
            counts[usize::from(*value)] += 1;
        }
    }
    let pixels = f64::from(picture.width()) * f64::from(picture.height());
    counts.map(|counts| {
        let sum: f64 = counts.iter().zip(0..=255).map(|(count, value)| f64::from(*count) * f64::from(linear(value)).powi(ORDER)).sum();
        (sum / pixels).powf(1.0 / f64::from(ORDER))
    })
}

/// What each channel is multiplied by.
fn gains([red, green, blue]: [f64; 3]) -> [f32; 3] {
    let luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    // A channel without any light tells nothing of the lamp.
    [red, green, blue].map(|norm| if norm > 0.0 { ((luminance / norm) as f32).clamp(0.25, 4.0) } else { 1.0 })
}

/// sRGB of light (IEC 61966-2-1), both in shares of white.
fn coded(light: f32) -> f32 {
    let coded = if light <= 0.003_130_8 { 12.92 * light } else { 1.055 * light.powf(1.0 / 2.4) - 0.055 };
    coded.clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grey_scene_under_a_coloured_light_becomes_grey_and_no_brighter() {
        // Greys under a lamp that is 0.8, 0.6 and 0.4 of white.
        let lamp = [0.8_f32, 0.6, 0.4];
        let shade = |x: u32| lamp.map(|share| (coded(share * (0.1 + 0.02 * x as f32)) * 255.0).round() as u8);
        let picture = Frame::from_fn(40, 1, |x, _| shade(x)).unwrap();
        let values = Values::of(&picture, ColourConstancy::ShadesOfGrey);
        for x in 0..40 {
            let pixel = shade(x);
            let [red, green, blue] = [0, 1, 2].map(|channel: usize| values.light[channel][usize::from(pixel[channel])]);
            // 8-bit rounding of the darkest shade is 2 % of it.
            assert!((red / green - 1.0).abs() < 0.03 && (blue / green - 1.0).abs() < 0.03, "{red} {green} {blue}");
        }
        let brightest = values.light[1][usize::from(shade(39)[1])];
        let luminance = (0.2126 * 0.8 + 0.7152 * 0.6 + 0.0722 * 0.4) * 0.88;
        assert!((brightest - luminance).abs() < 0.01, "{brightest} {luminance}");
    }

    #[test]
    fn without_constancy_values_are_those_of_the_picture() {
        let picture = Frame::new(1, 1, vec![200, 10, 0]).unwrap();
        let values = Values::of(&picture, ColourConstancy::None);
        for value in 0..=255_u8 {
            let at = usize::from(value);
            assert!((values.coded[0][at] - f32::from(value) / 255.0).abs() < 1e-5 && values.light[2][at] == linear(value));
        }
    }

    #[test]
    fn a_picture_without_light_stays_black() {
        let picture = Frame::new(2, 1, vec![0; 6]).unwrap();
        let values = Values::of(&picture, ColourConstancy::ShadesOfGrey);
        assert!(values.light.iter().all(|channel| channel[0] == 0.0 && channel[255] == 1.0));
    }
}
