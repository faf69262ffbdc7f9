//! A picture in memory that scenes draw on: a target for embedded-graphics with blending and scaled pictures on top.
//!
//! Drawing clips at the edges and never fails for it. A canvas knows nothing of screens, devices or files.

use std::convert::Infallible;

use embedded_graphics::{
    pixelcolor::{BinaryColor, Rgb888},
    prelude::*,
    primitives::Rectangle,
};
use fast_image_resize::{
    FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer,
    images::{CroppedImageMut, Image, ImageRef},
};

use super::DisplayError;
use crate::frame::{Frame, Region};

/// A finished or half-finished picture for a screen: sRGB, 8 bits a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Canvas {
    frame: Frame,
}

impl Canvas {
    /// A canvas filled with `background`.
    ///
    /// # Errors
    /// [`DisplayError::Size`] for an empty or oversized canvas.
    pub fn new(width: u32, height: u32, background: Rgb888) -> Result<Self, DisplayError> {
        let frame = Frame::from_fn(width, height, |_, _| bytes(background))?;
        Ok(Self { frame })
    }

    /// Width in pixels.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.frame.width()
    }

    /// Height in pixels.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.frame.height()
    }

    /// What has been drawn.
    #[must_use]
    pub fn frame(&self) -> &Frame {
        &self.frame
    }

    /// What has been drawn, without a copy.
    #[must_use]
    pub fn into_frame(self) -> Frame {
        self.frame
    }

    /// Mixes `colour` into the pixel at (`x`, `y`): 0 leaves it, 255 replaces it. Outside the canvas nothing happens.
    pub fn blend(&mut self, x: i32, y: i32, colour: Rgb888, alpha: u8) {
        let (Ok(x), Ok(y)) = (u32::try_from(x), u32::try_from(y)) else { return };
        if x >= self.width() || y >= self.height() {
            return;
        }
        let at = (y as usize * self.width() as usize + x as usize) * 3;
        for (old, new) in self.frame.pixels_mut()[at..at + 3].iter_mut().zip(bytes(colour)) {
            *old = mix(*old, new, alpha);
        }
    }

    /// Mixes `colour` into a rectangle: 0 leaves it, 255 fills it.
    pub fn wash(&mut self, area: Rectangle, colour: Rgb888, alpha: u8) {
        let seen = area.intersection(&self.bounding_box());
        let (stride, new) = (self.width() as usize * 3, bytes(colour));
        for y in seen.rows() {
            let at = y as usize * stride + seen.top_left.x as usize * 3;
            for pixel in self.frame.pixels_mut()[at..at + seen.size.width as usize * 3].chunks_exact_mut(3) {
                if alpha == 255 {
                    pixel.copy_from_slice(&new);
                } else {
                    pixel.iter_mut().zip(new).for_each(|(old, new)| *old = mix(*old, new, alpha));
                }
            }
        }
    }

    /// Shows the `part` of `picture` over the whole of `into`, scaled with an area-aware cubic filter.
    ///
    /// The proportions are those of `into`: choose it to match. What sticks out of the canvas is clipped.
    ///
    /// # Errors
    /// [`DisplayError::Scale`] when `part` does not lie inside the picture.
    pub fn blit(&mut self, picture: &Frame, part: Region, into: Rectangle) -> Result<(), DisplayError> {
        if into.size.width == 0 || into.size.height == 0 {
            return Ok(());
        }
        let scaled = scale(picture, part, into.size.width, into.size.height)?;
        let seen = into.intersection(&self.bounding_box());
        let stride = self.width() as usize * 3;
        for y in seen.rows() {
            let row = scaled.row((y - into.top_left.y) as u32);
            let skip = (seen.top_left.x - into.top_left.x) as usize * 3;
            let length = seen.size.width as usize * 3;
            let at = y as usize * stride + seen.top_left.x as usize * 3;
            self.frame.pixels_mut()[at..at + length].copy_from_slice(&row[skip..skip + length]);
        }
        Ok(())
    }

    /// As [`blit`](Self::blit), for a picture that is there for a moment: straight into the canvas with a filter of half the width.
    ///
    /// # Errors
    /// [`DisplayError::Scale`] when `part` does not lie inside the picture or `into` not inside the canvas.
    pub(super) fn blit_quickly(
        &mut self,
        resizer: &mut Resizer,
        picture: &Frame,
        part: Region,
        into: Rectangle,
    ) -> Result<(), DisplayError> {
        let failed = |cause: &dyn std::fmt::Display| DisplayError::Scale(cause.to_string());
        let Rectangle { top_left: Point { x, y }, size: Size { width, height } } = into;
        let (Ok(x), Ok(y)) = (u32::try_from(x), u32::try_from(y)) else { return Err(failed(&"it would begin off the canvas")) };
        let source = ImageRef::new(picture.width(), picture.height(), picture.pixels(), PixelType::U8x3).map_err(|cause| failed(&cause))?;
        let (across, down) = (self.width(), self.height());
        let mut canvas = Image::from_slice_u8(across, down, self.frame.pixels_mut(), PixelType::U8x3).map_err(|cause| failed(&cause))?;
        let mut target = CroppedImageMut::new(&mut canvas, x, y, width, height).map_err(|cause| failed(&cause))?;
        // Hamming looks sharper than bilinear where it shrinks and costs as much; it was not made to enlarge.
        let filter = if part.width > width { FilterType::Hamming } else { FilterType::Bilinear };
        resizer.resize(&source, &mut target, &scaling(filter, part)).map_err(|cause| failed(&cause))
    }

    /// Draws a shape with smooth edges: `draw` fills it on a grid [`Stencil::FINENESS`] times as fine, and the share of
    /// every pixel that is covered becomes the strength of `colour` there.
    pub fn stencil(&mut self, area: Rectangle, colour: Rgb888, draw: impl FnOnce(&mut Stencil)) {
        let mut stencil = Stencil::new(area.size);
        draw(&mut stencil);
        for y in 0..area.size.height {
            for x in 0..area.size.width {
                let alpha = stencil.coverage(x, y);
                if alpha > 0 {
                    self.blend(area.top_left.x + x as i32, area.top_left.y + y as i32, colour, alpha);
                }
            }
        }
    }
}

impl OriginDimensions for Canvas {
    fn size(&self) -> Size {
        Size::new(self.width(), self.height())
    }
}

impl DrawTarget for Canvas {
    type Color = Rgb888;
    type Error = Infallible;

    fn draw_iter<I>(&mut self, pixels: I) -> Result<(), Self::Error>
    where
        I: IntoIterator<Item = Pixel<Self::Color>>,
    {
        for Pixel(at, colour) in pixels {
            self.blend(at.x, at.y, colour, 255);
        }
        Ok(())
    }

    fn fill_solid(&mut self, area: &Rectangle, colour: Self::Color) -> Result<(), Self::Error> {
        self.wash(*area, colour, 255);
        Ok(())
    }
}

/// A black-and-white drawing on a finer grid, for smooth edges (see [`Canvas::stencil`]).
#[derive(Debug)]
pub struct Stencil {
    size: Size,
    inked: Vec<bool>,
}

impl Stencil {
    /// Cells along each side of a pixel.
    pub const FINENESS: u32 = 4;

    fn new(pixels: Size) -> Self {
        let size = pixels * Self::FINENESS;
        Self { size, inked: vec![false; size.width as usize * size.height as usize] }
    }

    /// Inks, or clears, every cell whose middle lies inside a convex polygon; `corners` in cells, in order round it.
    ///
    /// The triangles and thick lines of embedded-graphics multiply squares of lengths in 32 bits, which icons of large screens exceed.
    pub(super) fn polygon(&mut self, corners: &[(f32, f32)], inked: bool) {
        let (width, height) = (self.size.width as f32, self.size.height as f32);
        let first = corners.iter().fold(height, |first, corner| first.min(corner.1)).max(0.0) as u32;
        let last = corners.iter().fold(0.0_f32, |last, corner| last.max(corner.1)).min(height).ceil() as u32;
        for row in first..last {
            let middle = row as f32 + 0.5;
            let (mut left, mut right) = (f32::INFINITY, f32::NEG_INFINITY);
            for (from, to) in corners.iter().zip(corners.iter().cycle().skip(1)) {
                if (from.1 <= middle) != (to.1 <= middle) {
                    let x = from.0 + (middle - from.1) / (to.1 - from.1) * (to.0 - from.0);
                    (left, right) = (left.min(x), right.max(x));
                }
            }
            let cell = |x: f32| (x - 0.5).ceil().clamp(0.0, width) as usize;
            if left < right {
                let start = row as usize * self.size.width as usize;
                self.inked[start + cell(left)..start + cell(right)].fill(inked);
            }
        }
    }

    fn coverage(&self, x: u32, y: u32) -> u8 {
        let (left, top) = (x * Self::FINENESS, y * Self::FINENESS);
        let row = |dy: u32| (top + dy) as usize * self.size.width as usize + left as usize;
        let cells =
            (0..Self::FINENESS).flat_map(|dy| &self.inked[row(dy)..row(dy) + Self::FINENESS as usize]).filter(|inked| **inked).count()
                as u32;
        (cells * 255 / (Self::FINENESS * Self::FINENESS)) as u8
    }
}

impl OriginDimensions for Stencil {
    fn size(&self) -> Size {
        self.size
    }
}

impl DrawTarget for Stencil {
    type Color = BinaryColor;
    type Error = Infallible;

    fn draw_iter<I>(&mut self, pixels: I) -> Result<(), Self::Error>
    where
        I: IntoIterator<Item = Pixel<Self::Color>>,
    {
        let width = self.size.width;
        for Pixel(Point { x, y }, colour) in pixels {
            if (0..width as i32).contains(&x) && (0..self.size.height as i32).contains(&y) {
                self.inked[y as usize * width as usize + x as usize] = colour.is_on();
            }
        }
        Ok(())
    }
}

/// The `part` of `picture` at `width` x `height` pixels.
///
/// # Errors
/// [`DisplayError::Scale`] when `part` does not lie inside the picture or the size is empty.
pub(crate) fn scale(picture: &Frame, part: Region, width: u32, height: u32) -> Result<Frame, DisplayError> {
    let failed = |cause: &dyn std::fmt::Display| DisplayError::Scale(cause.to_string());
    let source = ImageRef::new(picture.width(), picture.height(), picture.pixels(), PixelType::U8x3).map_err(|cause| failed(&cause))?;
    let mut scaled = Image::new(width, height, PixelType::U8x3);
    // Catmull-Rom widens its kernel when it shrinks a picture, so fine hair does not turn into dots.
    let options = scaling(FilterType::CatmullRom, part);
    Resizer::new().resize(&source, &mut scaled, &options).map_err(|cause| failed(&cause))?;
    Ok(Frame::new(width, height, scaled.into_vec())?)
}

fn scaling(filter: FilterType, part: Region) -> ResizeOptions {
    ResizeOptions::new().resize_alg(ResizeAlg::Convolution(filter)).crop(
        part.x.into(),
        part.y.into(),
        part.width.into(),
        part.height.into(),
    )
}

fn bytes(colour: Rgb888) -> [u8; 3] {
    [colour.r(), colour.g(), colour.b()]
}

fn mix(old: u8, new: u8, alpha: u8) -> u8 {
    let alpha = u32::from(alpha);
    ((u32::from(new) * alpha + u32::from(old) * (255 - alpha) + 127) / 255) as u8
}

#[cfg(test)]
mod tests {
    use embedded_graphics::primitives::{Circle, PrimitiveStyle};

    use super::*;

    fn black(width: u32, height: u32) -> Canvas {
        Canvas::new(width, height, Rgb888::BLACK).unwrap()
    }

    #[test]
    fn shapes_are_clipped_at_the_edges() {
        let mut canvas = black(4, 4);
        let shape = Rectangle::new(Point::new(-2, -2), Size::new(4, 4)).into_styled(PrimitiveStyle::with_fill(Rgb888::WHITE));
        let Ok(()) = shape.draw(&mut canvas);
        let lit = canvas.frame().pixels().chunks_exact(3).filter(|p| p == &[255, 255, 255]).count();
        assert_eq!(lit, 4);
    }

    #[test]
    fn blending_goes_from_nothing_to_full_replacement() {
        let mut canvas = black(3, 1);
        for (x, alpha) in [(0, 0), (1, 128), (2, 255)] {
            canvas.blend(x, 0, Rgb888::new(200, 100, 50), alpha);
        }
        assert_eq!(canvas.frame().pixels(), [0, 0, 0, 100, 50, 25, 200, 100, 50]);
    }

    #[test]
    fn a_picture_is_scaled_into_its_rectangle_and_clipped() {
        let picture = Frame::from_fn(64, 64, |x, _| if x < 32 { [255, 0, 0] } else { [0, 0, 255] }).unwrap();
        let mut canvas = black(8, 8);
        canvas.blit(&picture, Region::centre_square(64, 64), Rectangle::new(Point::new(2, 2), Size::new(16, 4))).unwrap();
        assert_eq!(canvas.frame().pixel(1, 3), [0, 0, 0]);
        assert_eq!(canvas.frame().pixel(3, 3), [255, 0, 0]);
        assert_eq!(canvas.frame().pixel(7, 6), [0, 0, 0]);
        let outside = Region { x: 60, y: 0, width: 10, height: 10 };
        assert!(matches!(canvas.blit(&picture, outside, canvas.bounding_box()), Err(DisplayError::Scale(_))));
    }

    #[test]
    fn a_polygon_has_its_area_on_a_stencil_of_any_size_and_is_clipped() {
        for side in [8, 300, 2000] {
            let mut stencil = Stencil::new(Size::new_equal(side));
            let cells = (side * Stencil::FINENESS) as f32;
            stencil.polygon(&[(0.25 * cells, 0.0), (0.75 * cells, 0.5 * cells), (0.25 * cells, cells)], true);
            let share = stencil.inked.iter().filter(|inked| **inked).count() as f32 / (cells * cells);
            assert!((share - 0.25).abs() < 0.02, "{side}: {share}");
            stencil.polygon(&[(-cells, -cells), (3.0 * cells, -cells), (3.0 * cells, 3.0 * cells), (-cells, 3.0 * cells)], false);
            assert!(stencil.inked.iter().all(|inked| !inked));
        }
    }

    #[test]
    fn a_stencilled_disc_has_its_area_and_smooth_edges() {
        let mut canvas = black(20, 20);
        let area = canvas.bounding_box();
        canvas.stencil(area, Rgb888::WHITE, |stencil| {
            let Ok(()) =
                Circle::new(Point::zero(), 20 * Stencil::FINENESS).into_styled(PrimitiveStyle::with_fill(BinaryColor::On)).draw(stencil);
        });
        let values: Vec<u32> = canvas.frame().pixels().chunks_exact(3).map(|p| u32::from(p[0])).collect();
        let area = f64::from(values.iter().sum::<u32>()) / 255.0;
        assert!((area - 100.0 * std::f64::consts::PI).abs() < 5.0, "{area}");
        assert!(values.iter().any(|v| (1..255).contains(v)));
    }
}
