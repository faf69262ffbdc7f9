//! A surface on a Linux framebuffer, `/dev/fbN`: small panels on SPI, and DRM drivers through their framebuffer emulation.
//!
//! Pixels are written with `pwrite`, not through a memory map: the driver then knows what has changed (panels on SPI send
//! only that), a screen that was unplugged gives an error instead of a SIGBUS, and nothing unsafe is needed.
//!
//! A canvas of the screen's size is shown as it is. Any other is scaled to fit, keeps its proportions and stands in the middle
//! of a black border: a wrong size must never hide a part of a verdict.

mod geometry;
mod pixels;

use std::{
    fs::{File, OpenOptions},
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

use embedded_graphics::{pixelcolor::Rgb888, prelude::RgbColor};

pub use geometry::{Channel, Geometry};

use super::{Canvas, DisplayError, Surface, layout::Area};
use crate::frame::Region;

/// A framebuffer that is open for writing.
#[derive(Debug)]
pub struct Framebuffer {
    file: File,
    path: PathBuf,
    geometry: Geometry,
}

impl Framebuffer {
    /// Opens a framebuffer device and reads its geometry.
    ///
    /// # Errors
    /// [`DisplayError::Open`] when it is not there or may not be written, [`DisplayError::NoFramebuffer`] when it is another
    /// kind of file, [`DisplayError::Geometry`] when its pixels have a layout that is not written.
    pub fn open(path: &Path) -> Result<Self, DisplayError> {
        let refused = |cause| DisplayError::Open { path: path.to_owned(), cause };
        let file = OpenOptions::new().read(true).write(true).open(path).map_err(refused)?;
        let geometry = geometry::read(&file, path)?;
        Self::with_geometry(file, path, geometry)
    }

    /// Writes to `file` as if it were a framebuffer of this geometry: for tests, and for files that another program shows.
    ///
    /// # Errors
    /// [`DisplayError::Geometry`] when the numbers do not add up.
    pub fn with_geometry(file: File, path: &Path, geometry: Geometry) -> Result<Self, DisplayError> {
        geometry.check().map_err(|detail| DisplayError::Geometry { path: path.to_owned(), detail })?;
        Ok(Self { file, path: path.to_owned(), geometry })
    }

    fn write(&self, canvas: &Canvas) -> Result<(), DisplayError> {
        let mut line = Vec::with_capacity(self.geometry.line_bytes());
        for y in 0..self.geometry.height {
            line.clear();
            pixels::convert(canvas.frame().row(y), &self.geometry, &mut line);
            let failed = |cause| DisplayError::Glass { path: self.path.clone(), cause };
            self.file.write_all_at(&line, self.geometry.line_start(y)).map_err(failed)?;
        }
        Ok(())
    }
}

impl Surface for Framebuffer {
    fn size(&self) -> (u32, u32) {
        (self.geometry.width, self.geometry.height)
    }

    fn show(&mut self, canvas: &Canvas) -> Result<(), DisplayError> {
        let (width, height) = self.size();
        if (canvas.width(), canvas.height()) == (width, height) {
            return self.write(canvas);
        }
        let mut fitted = Canvas::new(width, height, Rgb888::BLACK)?;
        let into = Area { x: 0, y: 0, width, height }.fit(canvas.width(), canvas.height());
        let whole = Region { x: 0, y: 0, width: canvas.width(), height: canvas.height() };
        fitted.blit(canvas.frame(), whole, into.rectangle())?;
        self.write(&fitted)
    }

    fn describe(&self) -> String {
        let Geometry { width, height, bits_per_pixel, .. } = self.geometry;
        format!("{}, {width}x{height}, {bits_per_pixel} bits a pixel", self.path.display())
    }
}

#[cfg(test)]
mod tests {
    use embedded_graphics::{prelude::*, primitives::PrimitiveStyle, primitives::Rectangle};

    use super::*;

    /// A 6x4 screen at the second page of a 8x10 memory, with lines that are longer than their pixels.
    fn rgb565() -> Geometry {
        Geometry {
            width: 6,
            height: 4,
            x_offset: 1,
            y_offset: 5,
            bits_per_pixel: 16,
            line_length: 20,
            memory: 200,
            red: Channel { offset: 11, length: 5 },
            green: Channel { offset: 5, length: 6 },
            blue: Channel { offset: 0, length: 5 },
            opaque: Channel { offset: 0, length: 0 },
        }
    }

    fn xrgb8888() -> Geometry {
        Geometry {
            bits_per_pixel: 32,
            line_length: 40,
            memory: 400,
            red: Channel { offset: 16, length: 8 },
            green: Channel { offset: 8, length: 8 },
            blue: Channel { offset: 0, length: 8 },
            opaque: Channel { offset: 24, length: 8 },
            ..rgb565()
        }
    }

    fn shown(geometry: Geometry, canvas: &Canvas) -> Vec<u8> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), vec![0xEE; geometry.memory as usize]).unwrap();
        let writable = OpenOptions::new().write(true).open(file.path()).unwrap();
        Framebuffer::with_geometry(writable, file.path(), geometry).unwrap().show(canvas).unwrap();
        std::fs::read(file.path()).unwrap()
    }

    #[test]
    fn pixels_land_at_their_place_and_nothing_else_is_touched() {
        let mut canvas = Canvas::new(6, 4, Rgb888::BLACK).unwrap();
        let Ok(()) = Pixel(Point::new(2, 3), Rgb888::new(255, 0, 255)).draw(&mut canvas);
        for (geometry, bytes, magenta) in [(rgb565(), 2, vec![0x1F, 0xF8]), (xrgb8888(), 4, vec![0xFF, 0x00, 0xFF, 0xFF])] {
            let memory = shown(geometry, &canvas);
            let line = geometry.line_length as usize;
            let at = (5 + 3) * line + (1 + 2) * bytes;
            assert_eq!(memory[at..at + bytes], magenta);
            for (at, byte) in memory.iter().enumerate() {
                let (row, column) = (at / line, at % line);
                let visible = (5..9).contains(&row) && (bytes..7 * bytes).contains(&column);
                assert_eq!(*byte == 0xEE, !visible, "byte {at}");
            }
        }
    }

    #[test]
    fn a_canvas_of_another_size_is_scaled_whole_into_the_middle() {
        let mut canvas = Canvas::new(12, 12, Rgb888::BLACK).unwrap();
        let Ok(()) =
            Rectangle::new(Point::zero(), Size::new(12, 12)).into_styled(PrimitiveStyle::with_fill(Rgb888::WHITE)).draw(&mut canvas);
        let memory = shown(xrgb8888(), &canvas);
        let row: Vec<u8> = (0..6).map(|x| memory[5 * 40 + (1 + x) * 4]).collect();
        assert_eq!(row, [0, 255, 255, 255, 255, 0]);
    }

    #[test]
    fn a_screen_that_stops_taking_pixels_is_named() {
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut screen = Framebuffer::with_geometry(full, Path::new("/dev/full"), rgb565()).unwrap();
        let error = screen.show(&Canvas::new(6, 4, Rgb888::BLACK).unwrap()).unwrap_err();
        assert!(matches!(error, DisplayError::Glass { .. }) && error.to_string().contains("/dev/full"), "{error}");
    }

    #[test]
    fn a_file_that_is_no_framebuffer_is_refused() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(matches!(Framebuffer::open(file.path()), Err(DisplayError::NoFramebuffer { .. })));
        assert!(matches!(Framebuffer::open(Path::new("/dev/fb-none")), Err(DisplayError::Open { .. })));
        assert!(matches!(Framebuffer::open(Path::new("/dev/null")), Err(DisplayError::NoFramebuffer { .. })));
    }
}
