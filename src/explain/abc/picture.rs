//! The region that is measured at the size that everything is measured at, and its colours.
//!
//! Pixels and colours only; nothing here may know where the lesion is.

use fast_image_resize::{
    FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer,
    images::{CroppedImage, Image, ImageRef},
};
use multiversion::multiversion;

use super::{ColourConstancy, constancy::Values, raster::Place};
use crate::{
    colour::lab_of,
    explain::lesion::Point,
    frame::{Frame, Region},
};

/// Longer side of the working picture in pixels.
pub(super) const SIDE: u32 = 256;

/// L*, a*, b* (D65).
pub(super) type Lab = [f32; 3];

/// The region in the working size, freed from its light's colour.
pub(super) struct Picture {
    pub(super) width: usize,
    pub(super) height: usize,
    /// Rows from the top.
    pub(super) lab: Vec<Lab>,
    /// What each 8-bit value means without the light's colour.
    values: Values,
    pixels: Frame,
    region: Region,
}

impl Picture {
    /// Brings `region` of `frame` to the working size, with antialiasing; `None` for a region that is not inside.
    pub(super) fn of(frame: &Frame, region: Region, constancy: ColourConstancy) -> Option<Self> {
        let scale = f64::from(SIDE) / f64::from(region.width.max(region.height).max(1));
        let side = |length: u32| ((f64::from(length) * scale).round() as u32).max(1);
        let pixels = resized(frame, region, side(region.width), side(region.height))?;
        let values = Values::of(&pixels, constancy);
        let mut lab = vec![[0.0; 3]; pixels.pixels().len() / 3];
        colours(pixels.pixels().as_chunks().0, &values.light, &mut lab);
        let (width, height) = (pixels.width() as usize, pixels.height() as usize);
        Some(Self { width, height, lab, values, pixels, region })
    }

    /// Where a point of the frame lies, in pixels of the working picture.
    pub(super) fn place(&self, point: &Point) -> Place {
        let scale = self.scale();
        [(point.x - f64::from(self.region.x)) / scale, (point.y - f64::from(self.region.y)) / scale]
    }

    /// Where a place of the working picture lies in the frame.
    pub(super) fn point(&self, [x, y]: Place) -> Point {
        let scale = self.scale();
        Point { x: f64::from(self.region.x) + x * scale, y: f64::from(self.region.y) + y * scale }
    }

    /// Pixels of the frame a pixel of the working picture.
    pub(super) fn scale(&self) -> f64 {
        f64::from(self.region.width.max(self.region.height)) / f64::from(SIDE)
    }

    /// Whether a place lies in the picture.
    pub(super) fn holds(&self, [x, y]: Place) -> bool {
        (0.0..=self.width as f64).contains(&x) && (0.0..=self.height as f64).contains(&y)
    }

    /// The colour at a place, between the middles of pixels bilinearly.
    pub(super) fn lab_at(&self, place: Place) -> Lab {
        let (corners, shares) = self.around(place);
        let mut mixed = [0.0; 3];
        for (corner, share) in corners.into_iter().zip(shares) {
            for (mixed, value) in mixed.iter_mut().zip(self.lab[corner]) {
                *mixed += share * value;
            }
        }
        mixed
    }

    /// Brightness of every pixel, 0 to 1 (Rec. 601).
    pub(super) fn grey(&self) -> Vec<f32> {
        self.pixels.pixels().as_chunks().0.iter().map(|pixel| grey(self.coded(pixel))).collect()
    }

    /// The value between the middles of pixels of `plane`, which has the picture's size.
    pub(super) fn mixed(&self, plane: &[f32], place: Place) -> f32 {
        let (corners, shares) = self.around(place);
        corners.into_iter().zip(shares).map(|(corner, share)| share * plane[corner]).sum()
    }

    /// R, G and B of a pixel as sRGB, 0 to 1.
    pub(super) fn rgb(&self, at: usize) -> [f32; 3] {
        self.coded(&self.pixels.pixels().as_chunks().0[at])
    }

    fn coded(&self, pixel: &[u8; 3]) -> [f32; 3] {
        std::array::from_fn(|channel| self.values.coded[channel][usize::from(pixel[channel])])
    }

    /// The four pixels whose middles are around a place, and their shares.
    fn around(&self, [x, y]: Place) -> ([usize; 4], [f32; 4]) {
        let along = |at: f64, length: usize| {
            let at = (at - 0.5).clamp(0.0, (length - 1) as f64);
            (at as usize, (at as usize + 1).min(length - 1), at.fract() as f32)
        };
        let ((left, right, across), (top, bottom, down)) = (along(x, self.width), along(y, self.height));
        let at = |row: usize, column: usize| row * self.width + column;
        (
            [at(top, left), at(top, right), at(bottom, left), at(bottom, right)],
            [(1.0 - across) * (1.0 - down), across * (1.0 - down), (1.0 - across) * down, across * down],
        )
    }
}

/// Brightness of a colour by Rec. 601.
fn grey([red, green, blue]: [f32; 3]) -> f32 {
    0.299 * red + 0.587 * green + 0.114 * blue
}

/// Distance of two colours in CIELAB (CIE 1976).
pub(super) fn difference(one: Lab, other: Lab) -> f64 {
    let sum: f32 = one.into_iter().zip(other).map(|(one, other)| (one - other) * (one - other)).sum();
    f64::from(sum.sqrt())
}

#[multiversion(targets("x86_64+avx2"))]
fn colours(pixels: &[[u8; 3]], light: &[[f32; 256]; 3], lab: &mut [Lab]) {
    for (lab, pixel) in lab.iter_mut().zip(pixels) {
        *lab = lab_of([light[0][usize::from(pixel[0])], light[1][usize::from(pixel[1])], light[2][usize::from(pixel[2])]]);
    }
}

fn resized(frame: &Frame, region: Region, width: u32, height: u32) -> Option<Frame> {
    let part = frame.crop(region).ok()?;
    if (part.width(), part.height()) == (width, height) {
        return Some(part);
    }
    let source = ImageRef::new(frame.width(), frame.height(), frame.pixels(), PixelType::U8x3).ok()?;
    let part = CroppedImage::new(&source, region.x, region.y, region.width, region.height).ok()?;
    let mut small = Image::new(width, height, PixelType::U8x3);
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Bilinear));
    Resizer::new().resize(&part, &mut small, &options).ok()?;
    Frame::new(width, height, small.into_vec()).ok()
}
