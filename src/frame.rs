//! The pixels that every other room passes on: [`Frame`], [`Luma`], [`Mask`], [`Heatmap`], [`Region`] and [`Flip`].
//!
//! Plain owned buffers with checked sizes. Nothing here knows where a picture came from or what it is for,
//! and nothing here may fail for a reason other than a size that does not add up.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The largest width or height, in pixels, that any picture may have.
///
/// Bounds the memory that a damaged or hostile header can ask for (see [`Frame::MAX_PIXELS`] for the area).
pub const MAX_SIDE: u32 = 16_384;

/// A buffer whose length does not fit the size that was claimed for it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FrameError {
    /// a picture cannot be {width}x{height} pixels: each side must be 1 to 16384 and the area at most 64 megapixels
    #[error("a picture cannot be {width}x{height} pixels: each side must be 1 to {MAX_SIDE} and the area at most {} megapixels", Frame::MAX_PIXELS / 1_000_000)]
    Size {
        /// Claimed width in pixels.
        width: u32,
        /// Claimed height in pixels.
        height: u32,
    },
    /// a {width}x{height} picture needs {expected} values, {found} were given
    #[error("a {width}x{height} picture needs {expected} values, {found} were given")]
    Length {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// Values that the size calls for.
        expected: usize,
        /// Values that were given.
        found: usize,
    },
    /// the region {region:?} does not lie inside a {width}x{height} picture
    #[error("the region {region:?} does not lie inside a {width}x{height} picture")]
    Outside {
        /// The region asked for.
        region: Region,
        /// Width of the picture in pixels.
        width: u32,
        /// Height of the picture in pixels.
        height: u32,
    },
}

/// An upright rectangle of pixels: `x`, `y` of its upper left corner, `width`, `height`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Region {
    /// Left edge, pixels from the left of the picture.
    pub x: u32,
    /// Upper edge, pixels from the top of the picture.
    pub y: u32,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

impl Region {
    /// The largest square in the middle of a `width` x `height` picture.
    ///
    /// An odd remainder puts the extra pixel to the right and below, as Pillow and torchvision do with integer division.
    #[must_use]
    pub fn centre_square(width: u32, height: u32) -> Self {
        let side = width.min(height);
        Self { x: (width - side) / 2, y: (height - side) / 2, width: side, height: side }
    }
}

/// A way to turn a picture over without changing any of its pixels. Each is its own inverse, and any two can be done in either order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Flip {
    /// As it is.
    None,
    /// Left becomes right.
    Horizontal,
    /// Top becomes bottom.
    Vertical,
    /// Both: half a turn.
    Both,
}

impl Flip {
    /// Its name in manifests: `horizontal`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Horizontal => "horizontal",
            Self::Vertical => "vertical",
            Self::Both => "both",
        }
    }

    /// Turns rows of `width` cells over in place. What lies behind the last whole row stays where it is.
    pub fn apply<T>(self, cells: &mut [T], width: usize) {
        let height = cells.len().checked_div(width).unwrap_or(0);
        let cells = &mut cells[..height * width];
        match self {
            Self::None => {}
            Self::Horizontal => cells.chunks_exact_mut(width.max(1)).for_each(<[T]>::reverse),
            Self::Vertical => {
                for above in 0..height / 2 {
                    let (upper, lower) = cells.split_at_mut((height - 1 - above) * width);
                    upper[above * width..][..width].swap_with_slice(&mut lower[..width]);
                }
            }
            Self::Both => cells.reverse(),
        }
    }
}

/// A colour picture: sRGB, 8 bits a channel, interleaved `RGBRGB...`, rows from the top, no padding between rows.
#[derive(Clone, PartialEq, Eq)]
pub struct Frame {
    width: u32,
    height: u32,
    pixels: Vec<u8>,
}

impl std::fmt::Debug for Frame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Frame({}x{})", self.width, self.height)
    }
}

impl Frame {
    /// The largest number of pixels in one picture.
    pub const MAX_PIXELS: u64 = 64_000_000;

    /// Wraps `pixels` (`width * height * 3` bytes, `RGB`).
    ///
    /// # Errors
    /// [`FrameError::Size`] for an empty or oversized picture, [`FrameError::Length`] when the buffer does not fit.
    pub fn new(width: u32, height: u32, pixels: Vec<u8>) -> Result<Self, FrameError> {
        let area = check_size(width, height)?;
        check_length(width, height, area * 3, pixels.len())?;
        Ok(Self { width, height, pixels })
    }

    /// Builds a picture by asking for every pixel, rows from the top.
    ///
    /// # Errors
    /// [`FrameError::Size`] for an empty or oversized picture.
    pub fn from_fn(width: u32, height: u32, mut pixel: impl FnMut(u32, u32) -> [u8; 3]) -> Result<Self, FrameError> {
        let mut pixels = Vec::with_capacity(check_size(width, height)? * 3);
        for y in 0..height {
            for x in 0..width {
                pixels.extend_from_slice(&pixel(x, y));
            }
        }
        Ok(Self { width, height, pixels })
    }

    /// Width in pixels, at least 1.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels, at least 1.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.height
    }

    /// All bytes, `RGBRGB...`, rows from the top.
    #[must_use]
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// All bytes, to be changed in place.
    pub fn pixels_mut(&mut self) -> &mut [u8] {
        &mut self.pixels
    }

    /// Turns the picture over in place.
    pub fn flip(&mut self, flip: Flip) {
        flip.apply(self.pixels.as_chunks_mut::<3>().0, self.width as usize);
    }

    /// Gives up the buffer.
    #[must_use]
    pub fn into_pixels(self) -> Vec<u8> {
        self.pixels
    }

    /// The colour at (`x`, `y`).
    ///
    /// # Panics
    /// When (`x`, `y`) lies outside the picture, as slice indexing does.
    #[must_use]
    pub fn pixel(&self, x: u32, y: u32) -> [u8; 3] {
        assert!(x < self.width && y < self.height, "pixel ({x}, {y}) outside {}x{}", self.width, self.height);
        let at = (y as usize * self.width as usize + x as usize) * 3;
        [self.pixels[at], self.pixels[at + 1], self.pixels[at + 2]]
    }

    /// One row of bytes, `RGBRGB...`.
    ///
    /// # Panics
    /// When `y` lies outside the picture, as slice indexing does.
    #[must_use]
    pub fn row(&self, y: u32) -> &[u8] {
        let stride = self.width as usize * 3;
        &self.pixels[y as usize * stride..][..stride]
    }

    /// Copies a rectangle out.
    ///
    /// # Errors
    /// [`FrameError::Outside`] when `region` is empty or sticks out.
    pub fn crop(&self, region: Region) -> Result<Self, FrameError> {
        let Region { x, y, width, height } = region;
        let fits = |from: u32, length: u32, whole: u32| length > 0 && from.checked_add(length).is_some_and(|end| end <= whole);
        if !(fits(x, width, self.width) && fits(y, height, self.height)) {
            return Err(FrameError::Outside { region, width: self.width, height: self.height });
        }
        let mut pixels = Vec::with_capacity(width as usize * height as usize * 3);
        for row in y..y + height {
            pixels.extend_from_slice(&self.row(row)[x as usize * 3..(x + width) as usize * 3]);
        }
        Ok(Self { width, height, pixels })
    }

    /// Brightness by Rec. 601 (`0.299 R + 0.587 G + 0.114 B`), the same weights as Pillow's `L`.
    #[must_use]
    pub fn luma(&self) -> Luma {
        let values = self
            .pixels
            .chunks_exact(3)
            .map(|p| ((u32::from(p[0]) * 19_595 + u32::from(p[1]) * 38_470 + u32::from(p[2]) * 7_471 + 0x8000) >> 16) as u8)
            .collect();
        Luma { width: self.width, height: self.height, values }
    }
}

/// A grey picture: 8 bits a pixel, rows from the top.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Luma {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Brightness of every pixel, rows from the top.
    pub values: Vec<u8>,
}

/// Which pixels belong to the lesion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mask {
    width: u32,
    height: u32,
    inside: Vec<bool>,
}

impl Mask {
    /// Wraps one flag a pixel, rows from the top; `true` is lesion.
    ///
    /// # Errors
    /// [`FrameError::Size`] or [`FrameError::Length`] as [`Frame::new`].
    pub fn new(width: u32, height: u32, inside: Vec<bool>) -> Result<Self, FrameError> {
        check_length(width, height, check_size(width, height)?, inside.len())?;
        Ok(Self { width, height, inside })
    }

    /// Width in pixels.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.height
    }

    /// One flag a pixel, rows from the top.
    #[must_use]
    pub fn inside(&self) -> &[bool] {
        &self.inside
    }

    /// Number of lesion pixels.
    #[must_use]
    pub fn area(&self) -> usize {
        self.inside.iter().filter(|inside| **inside).count()
    }
}

/// A number for each cell of a square or rectangle, rows from the top: non-negative evidence for one class (no unit, larger is more),
/// or how much of a lesion there is. Whoever hands one on says which, and in what range.
#[derive(Debug, Clone, PartialEq)]
pub struct Heatmap {
    width: u32,
    height: u32,
    values: Vec<f32>,
}

impl Heatmap {
    /// Wraps `width * height` values, rows from the top.
    ///
    /// # Errors
    /// [`FrameError::Size`] or [`FrameError::Length`] as [`Frame::new`].
    pub fn new(width: u32, height: u32, values: Vec<f32>) -> Result<Self, FrameError> {
        check_length(width, height, check_size(width, height)?, values.len())?;
        Ok(Self { width, height, values })
    }

    /// Width in cells.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in cells.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.height
    }

    /// All values, rows from the top.
    #[must_use]
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// All values, to be changed in place.
    pub fn values_mut(&mut self) -> &mut [f32] {
        &mut self.values
    }

    /// Turns the map over in place.
    pub fn flip(&mut self, flip: Flip) {
        flip.apply(&mut self.values, self.width as usize);
    }
}

fn check_size(width: u32, height: u32) -> Result<usize, FrameError> {
    let area = u64::from(width) * u64::from(height);
    let side = 1..=MAX_SIDE;
    match usize::try_from(area) {
        Ok(pixels) if side.contains(&width) && side.contains(&height) && area <= Frame::MAX_PIXELS => Ok(pixels),
        _ => Err(FrameError::Size { width, height }),
    }
}

fn check_length(width: u32, height: u32, expected: usize, found: usize) -> Result<(), FrameError> {
    if expected == found { Ok(()) } else { Err(FrameError::Length { width, height, expected, found }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn centre_square_takes_the_middle_and_rounds_towards_the_origin() {
        assert_eq!(Region::centre_square(640, 480), Region { x: 80, y: 0, width: 480, height: 480 });
        assert_eq!(Region::centre_square(3, 8), Region { x: 0, y: 2, width: 3, height: 3 });
    }

    #[test]
    fn a_picture_refuses_sizes_that_do_not_add_up() {
        assert!(matches!(Frame::new(0, 4, vec![]), Err(FrameError::Size { .. })));
        assert!(matches!(Frame::new(MAX_SIDE + 1, 1, vec![]), Err(FrameError::Size { .. })));
        assert!(matches!(Frame::new(2, 2, vec![0; 11]), Err(FrameError::Length { expected: 12, found: 11, .. })));
    }

    #[test]
    fn crop_copies_the_rectangle_and_refuses_what_sticks_out() -> Result<(), FrameError> {
        let frame = Frame::from_fn(4, 3, |x, y| [x as u8, y as u8, 7])?;
        let cut = frame.crop(Region { x: 1, y: 1, width: 2, height: 2 })?;
        assert_eq!(cut.pixels(), [1, 1, 7, 2, 1, 7, 1, 2, 7, 2, 2, 7]);
        for region in [
            Region { x: 3, y: 0, width: 2, height: 1 },
            Region { x: 0, y: 0, width: 0, height: 1 },
            Region { x: u32::MAX, y: 0, width: 2, height: 1 },
        ] {
            assert!(matches!(frame.crop(region), Err(FrameError::Outside { .. })));
        }
        Ok(())
    }

    #[test]
    fn luma_keeps_black_white_and_the_order_of_the_primaries() -> Result<(), FrameError> {
        let frame = Frame::new(5, 1, vec![0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 255, 0, 0, 0, 255])?;
        assert_eq!(frame.luma().values, [0, 255, 76, 150, 29]);
        Ok(())
    }

    #[test]
    fn a_flip_moves_whole_pixels_and_twice_is_never() -> Result<(), FrameError> {
        let frame = Frame::from_fn(3, 2, |x, y| [x as u8, y as u8, 9])?;
        for (flip, corner) in [(Flip::None, [0, 0, 9]), (Flip::Horizontal, [2, 0, 9]), (Flip::Vertical, [0, 1, 9]), (Flip::Both, [2, 1, 9])]
        {
            let mut turned = frame.clone();
            turned.flip(flip);
            assert_eq!(turned.pixel(0, 0), corner, "{flip:?}");
            turned.flip(flip);
            assert_eq!(turned, frame, "{flip:?}");
        }
        let mut map = Heatmap::new(2, 3, vec![0.0, 1.0, 2.0, 3.0, 4.0, 5.0])?;
        map.flip(Flip::Vertical);
        assert_eq!(map.values(), [4.0, 5.0, 2.0, 3.0, 0.0, 1.0]);
        Flip::Both.apply::<u8>(&mut [], 0);
        Ok(())
    }
}
