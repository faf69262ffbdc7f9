//! The fixed picture that every measurement is taken on: [`View`].
//!
//! The centre square of the frame, brought to [`SIDE`] x [`SIDE`] with the antialiased bilinear filter that the
//! preparation of the networks uses. Measuring at one scale is what makes limits from one camera hold for another:
//! a blur measure, above all, means nothing without its scale. [`SIDE`] is below the shorter side of every picture
//! the limits were set on (150), so that no measurement sees invented pixels.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};

use super::field;
use crate::frame::{Frame, Region};

/// Side of the measured square in pixels.
pub(super) const SIDE: usize = 128;

/// Number of pixels of the measured square.
pub(super) const AREA: usize = SIDE * SIDE;

/// The measured square, with the part of it that the optics light.
pub(super) struct View {
    /// sRGB, rows from the top, [`AREA`] pixels.
    pub(super) rgb: Vec<[u8; 3]>,
    /// Rec. 601 brightness in [0, 1], [`AREA`] values.
    pub(super) luma: Vec<f32>,
    /// Whether a pixel lies inside the lit field of the dermatoscope; dark corners do not. [`AREA`] flags.
    pub(super) field: Vec<bool>,
    /// Number of pixels inside the field, at least half of [`AREA`].
    pub(super) field_area: usize,
}

impl View {
    /// Brings the centre square of `frame` to the fixed scale.
    pub(super) fn new(frame: &Frame) -> Self {
        let rgb = scaled(frame);
        let luma: Vec<f32> =
            rgb.iter().map(|&[r, g, b]| (0.299 * f32::from(r) + 0.587 * f32::from(g) + 0.114 * f32::from(b)) / 255.0).collect();
        let field = field::lit(&luma);
        let field_area = field.iter().filter(|lit| **lit).count();
        Self { rgb, luma, field, field_area }
    }

    /// Share of the field's pixels for which `counts` holds, in [0, 1].
    pub(super) fn share(&self, counts: impl Fn([u8; 3]) -> bool) -> f32 {
        let found = self.rgb.iter().zip(&self.field).filter(|(pixel, lit)| **lit && counts(**pixel)).count();
        found as f32 / self.field_area as f32
    }
}

fn scaled(frame: &Frame) -> Vec<[u8; 3]> {
    let square = Region::centre_square(frame.width(), frame.height());
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Bilinear)).crop(
        f64::from(square.x),
        f64::from(square.y),
        f64::from(square.width),
        f64::from(square.height),
    );
    let mut small = Image::new(SIDE as u32, SIDE as u32, PixelType::U8x3);
    let resized = ImageRef::new(frame.width(), frame.height(), frame.pixels(), PixelType::U8x3)
        .is_ok_and(|source| Resizer::new().resize(&source, &mut small, &options).is_ok());
    // The sizes were checked by `Frame` and the square lies inside it, so the resizer has nothing to refuse; were it
    // to refuse, the picture stays black and the gate refuses it as too dark: never a pass.
    debug_assert!(resized, "the resizer refused {frame:?}");
    small.buffer().chunks_exact(3).map(|p| [p[0], p[1], p[2]]).collect()
}
