//! From a frame to what a network sees: geometry, colour constancy, resize, normalise.
//!
//! The same steps as `models/training/lentigo_training/prepare.py`, from the numbers in the bundle's manifest ([`Recipe`]).
//! Nothing here may depend on what is in the picture.

mod recipe;

use fast_image_resize::{
    FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer,
    images::{CroppedImage, Image, ImageRef},
};
use thiserror::Error;

use crate::{
    engine::Picture,
    frame::{Frame, FrameError, Region},
};

pub use recipe::{ColourConstancy, Filter, Geometry, Recipe};

/// The square that a network sees, with the place it came from.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// The square picture, `size` x `size`, still 8-bit sRGB.
    pub square: Frame,
    /// Which part of the source frame it shows, in the source's pixels.
    pub region: Region,
}

/// The frame could not be brought to the network's size.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum PrepareError {
    /// The resizer refused the picture.
    #[error("the picture cannot be resized to {size}x{size}: {cause}. Take another picture")]
    Resize {
        /// Side that was asked for.
        size: u32,
        /// What the resizer said.
        cause: String,
    },
    /// The square has an impossible size.
    #[error("the picture cannot be prepared: {0}. Take another picture")]
    Frame(#[from] FrameError),
}

/// Prepares frames by one recipe; keeps the resizer's buffers from frame to frame.
#[derive(Debug)]
pub struct Preparer {
    recipe: Recipe,
    resizer: Resizer,
    /// What the network sees for each value of a pixel.
    values: Box<[[f32; 256]; 3]>,
}

impl Preparer {
    /// A preparer for this recipe.
    #[must_use]
    pub fn new(recipe: Recipe) -> Self {
        let value = |channel: usize, value: usize| (value as f32 - recipe.mean[channel]) * recipe.scale[channel];
        let values = Box::new(std::array::from_fn(|channel| std::array::from_fn(|at| value(channel, at))));
        Self { recipe, resizer: Resizer::new(), values }
    }

    /// Cuts the recipe's part out of `frame` and brings it to the recipe's size, with antialiasing.
    ///
    /// A part that has that size already is copied bit for bit.
    ///
    /// # Errors
    /// [`PrepareError`], which no frame that exists and no recipe that was checked should cause.
    pub fn prepare(&mut self, frame: &Frame) -> Result<Prepared, PrepareError> {
        let size = self.recipe.size;
        let square = Frame::new(size, size, vec![0; size as usize * size as usize * 3])?;
        let mut prepared = Prepared { square, region: self.region(frame) };
        self.fill(frame, &mut prepared)?;
        Ok(prepared)
    }

    /// Fills `prepared`, whose square has the recipe's size.
    fn fill(&mut self, frame: &Frame, prepared: &mut Prepared) -> Result<(), PrepareError> {
        let region = self.region(frame);
        let size = self.recipe.size;
        let filter = match self.recipe.filter {
            Filter::Bilinear => FilterType::Bilinear,
        };
        let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(filter));
        let failed = |cause: &dyn std::fmt::Display| PrepareError::Resize { size, cause: cause.to_string() };
        let source = ImageRef::new(frame.width(), frame.height(), frame.pixels(), PixelType::U8x3).map_err(|cause| failed(&cause))?;
        // A picture of its own for the resizer: the crop of `options` would let pixels from outside the region into its edges.
        let part = CroppedImage::new(&source, region.x, region.y, region.width, region.height).map_err(|cause| failed(&cause))?;
        let mut square = Image::from_slice_u8(size, size, prepared.square.pixels_mut(), PixelType::U8x3).map_err(|cause| failed(&cause))?;
        self.resizer.resize(&part, &mut square, &options).map_err(|cause| failed(&cause))?;
        prepared.region = region;
        Ok(())
    }

    fn region(&self, frame: &Frame) -> Region {
        match self.recipe.geometry {
            Geometry::CentreSquare => Region::centre_square(frame.width(), frame.height()),
        }
    }

    /// The prepared square as a network takes it: its pixels, and what each value of R, G and B means to the network, `(value - mean) * scale`.
    #[must_use]
    pub fn picture<'a>(&'a self, prepared: &'a Prepared) -> Picture<'a> {
        let square = &prepared.square;
        Picture { pixels: square.pixels(), width: square.width() as usize, height: square.height() as usize, values: &self.values }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipe(size: u32) -> Recipe {
        Recipe {
            geometry: Geometry::CentreSquare,
            size,
            filter: Filter::Bilinear,
            mean: [127.0, 100.0, 0.0],
            scale: [1.0 / 128.0, 0.5, 1.0],
            colour_constancy: ColourConstancy::None,
        }
    }

    /// The pattern of `tests/data/resize/make.py`: ramps, a fine chequer and a hard disc, so that every phase of the filter shows.
    fn pattern(width: u32, height: u32) -> Frame {
        Frame::from_fn(width, height, |x, y| {
            let chequer = if (x / 3 + y / 5) % 2 == 0 { 200 } else { 30 };
            let (dx, dy) = (i64::from(x) * 2 - i64::from(width), i64::from(y) * 2 - i64::from(height));
            let disc = if dx * dx + dy * dy < i64::from(height) * i64::from(height) / 4 { 15 } else { 240 };
            [((x * 255) / width) as u8, chequer, disc]
        })
        .unwrap()
    }

    fn png(bytes: &[u8]) -> Vec<u8> {
        image::load_from_memory(bytes).unwrap().to_rgb8().into_raw()
    }

    #[test]
    fn resizing_equals_pillow_within_one_grey_level() {
        for (width, height, size, pillow) in [
            (601, 450, 64, png(include_bytes!("../../tests/data/resize/601x450-to-64.png"))),
            (97, 131, 64, png(include_bytes!("../../tests/data/resize/97x131-to-64.png"))),
            (40, 50, 64, png(include_bytes!("../../tests/data/resize/40x50-to-64.png"))),
        ] {
            let ours = Preparer::new(recipe(size)).prepare(&pattern(width, height)).unwrap().square.into_pixels();
            let worst = ours.iter().zip(&pillow).map(|(a, b)| a.abs_diff(*b)).max().unwrap();
            assert_eq!(ours.len(), pillow.len());
            assert!(worst <= 1, "{width}x{height} to {size}: {worst} grey levels apart");
        }
    }

    #[test]
    fn a_square_of_the_right_size_is_left_alone() {
        let frame = pattern(80, 64);
        let prepared = Preparer::new(recipe(64)).prepare(&frame).unwrap();
        assert_eq!(prepared.region, Region { x: 8, y: 0, width: 64, height: 64 });
        assert_eq!(prepared.square, frame.crop(prepared.region).unwrap());
    }

    #[test]
    fn a_single_pixel_fills_the_square() {
        let frame = Frame::new(1, 1, vec![9, 8, 7]).unwrap();
        let prepared = Preparer::new(recipe(32)).prepare(&frame).unwrap();
        assert!(prepared.square.pixels().chunks_exact(3).all(|pixel| pixel == [9, 8, 7]));
    }

    #[test]
    fn normalising_gives_planes_with_each_channels_own_mean_and_scale() {
        let frame = Frame::from_fn(32, 32, |x, _| if x == 0 { [127, 102, 3] } else { [255, 100, 0] }).unwrap();
        let preparer = Preparer::new(recipe(32));
        let prepared = Prepared { square: frame, region: Region { x: 0, y: 0, width: 32, height: 32 } };
        let tensor = preparer.picture(&prepared).to_tensor();
        assert_eq!(tensor.shape, [1, 3, 32, 32]);
        assert_eq!(tensor.values[..2], [0.0, 1.0]);
        assert_eq!(tensor.values[1024..1026], [1.0, 0.0]);
        assert_eq!(tensor.values[2048..2050], [3.0, 0.0]);
    }
}
