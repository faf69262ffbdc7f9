//! The fixed picture that every measurement is taken on: [`View`].
//!
//! The centre square of the frame, brought to [`SIDE`] x [`SIDE`] with the antialiased bilinear filter that the
//! preparation of the networks uses. Measuring at one scale is what makes limits from one camera hold for another:
//! a blur measure, above all, means nothing without its scale. [`SIDE`] is below the shorter side of every picture
//! the limits were set on (150), so that no measurement sees invented pixels.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};

use super::field;
use super::flags::{Flags, packed, unpacked};
use super::planes::Plane;
use crate::frame::{Frame, Region};

/// Side of the measured square in pixels.
pub(super) const SIDE: usize = 128;

/// Number of pixels of the measured square.
pub(super) const AREA: usize = SIDE * SIDE;

/// One channel of the measured square: sRGB, rows from the top.
pub(super) type Channel = [[u8; SIDE]; SIDE];

/// The measured square, with the part of it that the optics light.
pub(super) struct View {
    /// Red, green and blue.
    pub(super) channels: [Channel; 3],
    /// Rec. 601 brightness in [0, 1].
    pub(super) luma: Plane,
    /// Whether a pixel lies inside the lit field of the dermatoscope; dark corners do not.
    pub(super) field: Flags,
    /// The field again, a byte a pixel.
    pub(super) lit: [[bool; SIDE]; SIDE],
    /// Number of pixels inside the field, at least half of [`AREA`].
    pub(super) field_area: usize,
}

impl View {
    /// A black view.
    pub(super) fn black() -> Self {
        Self { channels: [[[0; SIDE]; SIDE]; 3], luma: [[0.0; SIDE]; SIDE], field: Flags::ALL, lit: [[true; SIDE]; SIDE], field_area: AREA }
    }

    /// Shows the picture with these pixels (`RGBRGB...`, rows from the top, [`AREA`] pixels) from now on.
    pub(super) fn show(&mut self, rgb: &[u8], scratch: [&mut Plane; 2]) {
        let [red, green, blue] = &mut self.channels;
        for (y, pixels) in rgb.as_chunks::<3>().0.as_chunks::<SIDE>().0.iter().enumerate().take(SIDE) {
            for (x, &[r, g, b]) in pixels.iter().enumerate() {
                (red[y][x], green[y][x], blue[y][x]) = (r, g, b);
            }
            for (x, luma) in self.luma[y].iter_mut().enumerate() {
                let [r, g, b] = [red[y][x], green[y][x], blue[y][x]].map(f32::from);
                *luma = (0.299 * r + 0.587 * g + 0.114 * b) / 255.0;
            }
        }
        self.field = field::lit(&self.luma, scratch);
        self.lit.iter_mut().zip(&self.field.rows).for_each(|(lit, row)| *lit = unpacked(*row));
        self.field_area = self.field.area();
    }

    /// Flags the pixels of the field for which `counts` holds, given red, green and blue.
    pub(super) fn flag(&self, counts: impl Fn(u8, u8, u8) -> bool) -> Flags {
        let [red, green, blue] = &self.channels;
        Flags::from_rows(|y| self.field.rows[y] & packed(|x| counts(red[y][x], green[y][x], blue[y][x])))
    }

    /// A number of pixels as a share of the field, in [0, 1].
    pub(super) fn share(&self, found: usize) -> f32 {
        found as f32 / self.field_area as f32
    }
}

/// Brings centre squares to the fixed scale; keeps its buffers from frame to frame.
pub(super) struct Scaler {
    resizer: Resizer,
    small: Image<'static>,
}

impl Scaler {
    /// A scaler for frames of any size.
    pub(super) fn new() -> Self {
        Self { resizer: Resizer::new(), small: Image::new(SIDE as u32, SIDE as u32, PixelType::U8x3) }
    }

    /// The centre square of `frame`, `RGBRGB...`, rows from the top, [`AREA`] pixels.
    pub(super) fn scale(&mut self, frame: &Frame) -> &[u8] {
        let square = Region::centre_square(frame.width(), frame.height());
        let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Bilinear)).crop(
            f64::from(square.x),
            f64::from(square.y),
            f64::from(square.width),
            f64::from(square.height),
        );
        let resized = ImageRef::new(frame.width(), frame.height(), frame.pixels(), PixelType::U8x3)
            .is_ok_and(|source| self.resizer.resize(&source, &mut self.small, &options).is_ok());
        // The sizes were checked by `Frame` and the square lies inside it, so the resizer has nothing to refuse; were it
        // to refuse, the picture is black and the gate refuses it as too dark: never a pass.
        debug_assert!(resized, "the resizer refused {frame:?}");
        if !resized {
            self.small.buffer_mut().fill(0);
        }
        self.small.buffer()
    }
}
