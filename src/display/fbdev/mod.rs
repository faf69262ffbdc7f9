//! A surface on a Linux framebuffer, `/dev/fbN`: small panels on SPI, and DRM drivers through their framebuffer emulation.
//!
//! Pixels are written with `pwrite`, not through a memory map: the driver then knows what has changed (panels on SPI send
//! only that), a screen that was unplugged gives an error instead of a SIGBUS, and nothing unsafe is needed.
//!
//! Only what has changed since the last picture is written. A canvas of another size than the screen's is scaled to fit, keeps
//! its proportions and stands in the middle of a black border.

mod console;
mod geometry;

use std::{
    fs::{File, OpenOptions},
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

pub use geometry::Geometry;

use super::{
    Canvas, DisplayError, Rotation, Shown, Surface,
    damage::Held,
    surface::{area, black, fitted},
};
use crate::frame::{Frame, Region};
use console::SilentConsole;

/// A framebuffer that is open for writing.
#[derive(Debug)]
pub struct Framebuffer {
    file: File,
    path: PathBuf,
    geometry: Geometry,
    rotation: Rotation,
    held: Held,
    dark: bool,
    /// The text console that shares the screen; files have none.
    _console: Option<SilentConsole>,
}

impl Framebuffer {
    /// Opens a framebuffer device and reads its geometry. Pictures are turned by `rotation` before they are written.
    ///
    /// # Errors
    /// [`DisplayError::Open`] when it is not there or may not be written, [`DisplayError::NoFramebuffer`] when it is another
    /// kind of file, [`DisplayError::Geometry`] when its pixels have a layout that is not written.
    pub fn open(path: &Path, rotation: Rotation) -> Result<Self, DisplayError> {
        let (file, geometry) = open(path)?;
        let screen = Self::with_geometry(file, path, geometry, rotation)?;
        Ok(Self { _console: SilentConsole::take(), ..screen })
    }

    /// Writes to `file` as if it were a framebuffer of this geometry: for tests, and for files that another program shows.
    ///
    /// # Errors
    /// [`DisplayError::Geometry`] when the numbers do not add up.
    pub fn with_geometry(file: File, path: &Path, geometry: Geometry, rotation: Rotation) -> Result<Self, DisplayError> {
        geometry.check().map_err(|detail| DisplayError::Geometry { path: path.to_owned(), detail })?;
        Ok(Self { file, path: path.to_owned(), geometry, rotation, held: Held::default(), dark: false, _console: None })
    }

    /// Writes the `region` of `picture`, given as the picture has it.
    fn write(&self, picture: &Frame, region: Region) -> Result<(), std::io::Error> {
        let layout = self.geometry.layout();
        let on_glass = self.rotation.region(region, (picture.width(), picture.height()));
        let columns = on_glass.x..on_glass.x + on_glass.width;
        let line_bytes = on_glass.width as usize * layout.bytes_per_pixel();
        // Lines without a gap between them are written in one go.
        let together = if self.geometry.is_seamless(on_glass) { on_glass.height } else { 1 };
        let mut bytes = vec![0; together as usize * line_bytes];
        let mut turned = Vec::new();
        for top in (on_glass.y..on_glass.y + on_glass.height).step_by(together as usize) {
            for (y, line) in (top..top + together).zip(bytes.chunks_exact_mut(line_bytes)) {
                layout.convert(self.rotation.line(picture, y, columns.clone(), &mut turned), line);
            }
            self.file.write_all_at(&bytes, self.geometry.place(on_glass.x, top))?;
        }
        Ok(())
    }

    /// After a failure the device may be another one, or be gone; it is opened anew before the next picture.
    fn failed(&mut self, cause: std::io::Error) -> DisplayError {
        self.held.forget();
        if let Ok((file, geometry)) = open(&self.path)
            && geometry.check().is_ok()
        {
            (self.file, self.geometry) = (file, geometry);
        }
        DisplayError::Glass { path: self.path.clone(), cause }
    }
}

fn open(path: &Path) -> Result<(File, Geometry), DisplayError> {
    let refused = |cause| DisplayError::Open { path: path.to_owned(), cause };
    let file = OpenOptions::new().read(true).write(true).open(path).map_err(refused)?;
    let geometry = geometry::read(&file, path)?;
    Ok((file, geometry))
}

impl Surface for Framebuffer {
    fn size(&self) -> (u32, u32) {
        self.rotation.size((self.geometry.width, self.geometry.height))
    }

    fn show(&mut self, canvas: &Canvas) -> Result<Shown, DisplayError> {
        let (width, height) = self.size();
        let canvas = fitted(canvas, width, height)?;
        let picture = canvas.frame();
        let regions = self.held.changes(picture);
        if let Err(cause) = regions.iter().try_for_each(|region| self.write(picture, *region)) {
            return Err(self.failed(cause));
        }
        self.held.keep(picture, &regions);
        if std::mem::take(&mut self.dark) {
            self.unblank()?;
        }
        Ok(Shown::now(area(&regions)))
    }

    fn describe(&self) -> String {
        let Geometry { width, height, bits_per_pixel, .. } = self.geometry;
        let turned = if self.rotation == Rotation::None { String::new() } else { format!(", turned by {}", self.rotation.degrees()) };
        format!("{}, {width}x{height}, {bits_per_pixel} bits a pixel{turned}", self.path.display())
    }

    fn blank(&mut self) -> Result<(), DisplayError> {
        // Black first: not every driver can switch its screen off, and none must show a patient's lesion when it wakes.
        let (width, height) = self.size();
        self.show(&black(width, height)?)?;
        self.dark = geometry::blank(&self.file, true).is_ok();
        Ok(())
    }

    fn unblank(&mut self) -> Result<(), DisplayError> {
        self.dark = false;
        // A driver that cannot switch off need not be switched on.
        let _ = geometry::blank(&self.file, false);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use embedded_graphics::{pixelcolor::Rgb888, prelude::*, primitives::PrimitiveStyle, primitives::Rectangle};
    use proptest::prelude::*;

    use super::*;
    use crate::display::Channel;

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
        Framebuffer::with_geometry(writable, file.path(), geometry, Rotation::None).unwrap().show(canvas).unwrap();
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
        let mut screen = Framebuffer::with_geometry(full, Path::new("/dev/full"), rgb565(), Rotation::None).unwrap();
        let error = screen.show(&Canvas::new(6, 4, Rgb888::BLACK).unwrap()).unwrap_err();
        assert!(matches!(error, DisplayError::Glass { .. }) && error.to_string().contains("/dev/full"), "{error}");
    }

    #[test]
    fn a_file_that_is_no_framebuffer_is_refused() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(matches!(Framebuffer::open(file.path(), Rotation::None), Err(DisplayError::NoFramebuffer { .. })));
        assert!(matches!(Framebuffer::open(Path::new("/dev/fb-none"), Rotation::None), Err(DisplayError::Open { .. })));
        assert!(matches!(Framebuffer::open(Path::new("/dev/null"), Rotation::None), Err(DisplayError::NoFramebuffer { .. })));
    }

    /// The visible pixels of a screen's memory as 8 bits of red.
    fn reds(memory: &[u8], geometry: &Geometry) -> Vec<u8> {
        let bytes = geometry.layout().bytes_per_pixel();
        let red = |x, y| {
            let at = geometry.place(x, y) as usize;
            let word = memory[at..at + bytes].iter().rev().fold(0_u32, |word, byte| word << 8 | u32::from(*byte));
            ((word >> geometry.red.offset & ((1 << geometry.red.length) - 1)) * 255 / ((1 << geometry.red.length) - 1)) as u8
        };
        (0..geometry.height).flat_map(|y| (0..geometry.width).map(move |x| red(x, y))).collect()
    }

    #[test]
    fn only_lines_and_columns_that_changed_are_written() {
        let geometry = Geometry { width: 64, height: 48, x_offset: 0, y_offset: 0, line_length: 256, memory: 256 * 48, ..xrgb8888() };
        let file = tempfile::NamedTempFile::new().unwrap();
        let writable = OpenOptions::new().write(true).open(file.path()).unwrap();
        let mut screen = Framebuffer::with_geometry(writable, file.path(), geometry, Rotation::None).unwrap();
        let mut canvas = Canvas::new(64, 48, Rgb888::BLACK).unwrap();
        assert_eq!(screen.show(&canvas).unwrap().pixels, 64 * 48);
        assert_eq!(screen.show(&canvas).unwrap().pixels, 0);
        std::fs::write(file.path(), vec![0xEE; 256 * 48]).unwrap();
        canvas.blend(20, 20, Rgb888::WHITE, 255);
        assert_eq!(screen.show(&canvas).unwrap().pixels, 16 * 16);
        let memory = std::fs::read(file.path()).unwrap();
        for (at, byte) in memory.iter().enumerate() {
            let (y, x) = (at / 256, at % 256 / 4);
            let written = (16..32).contains(&y) && (16..32).contains(&x);
            assert_eq!(*byte != 0xEE, written, "({x}, {y})");
        }
    }

    #[test]
    fn a_failed_picture_is_written_whole_the_next_time() {
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut screen = Framebuffer::with_geometry(full, Path::new("/dev/full"), rgb565(), Rotation::None).unwrap();
        let canvas = Canvas::new(6, 4, Rgb888::BLACK).unwrap();
        screen.show(&canvas).unwrap_err();
        let file = tempfile::NamedTempFile::new().unwrap();
        screen.file = OpenOptions::new().write(true).open(file.path()).unwrap();
        assert_eq!(screen.show(&canvas).unwrap().pixels, 24);
    }

    proptest! {
        #[test]
        fn any_run_of_pictures_ends_with_the_last_one_on_the_glass(
            dots in proptest::collection::vec((0_i32..64, 0_i32..64), 1..20),
            turn in 0_usize..4,
            deep: bool,
        ) {
            let rotation = [Rotation::None, Rotation::Quarter, Rotation::Half, Rotation::ThreeQuarters][turn];
            let base = if deep { xrgb8888() } else { rgb565() };
            let geometry = Geometry { width: 40, height: 36, line_length: 200, memory: 200 * 50, ..base };
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(file.path(), vec![0xEE; 200 * 50]).unwrap();
            let writable = OpenOptions::new().write(true).open(file.path()).unwrap();
            let mut screen = Framebuffer::with_geometry(writable, file.path(), geometry, rotation).unwrap();
            let (width, height) = screen.size();
            let mut canvas = Canvas::new(width, height, Rgb888::BLACK).unwrap();
            for (x, y) in dots {
                canvas.blend(x, y, Rgb888::WHITE, 255);
                screen.show(&canvas).unwrap();
            }
            let turned = rotation.turn(canvas.frame());
            let expected: Vec<u8> = turned.pixels().chunks_exact(3).map(|pixel| pixel[0]).collect();
            prop_assert_eq!(reds(&std::fs::read(file.path()).unwrap(), &geometry), expected);
        }
    }
}
