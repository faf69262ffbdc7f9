//! A surface of picture files: for development, tests and support, and for the files that the command line writes.
//!
//! A file appears whole or not at all: it is written under another name beside its place and then renamed. An older
//! picture of the same name is replaced only by a finished one.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use image::{
    ExtendedColorType, ImageEncoder,
    codecs::png::{CompressionType, FilterType, PngEncoder},
};

use super::{Canvas, DisplayError, Shown, Surface};
use crate::frame::Frame;

/// Writes every picture as a PNG file into one folder.
#[derive(Debug)]
pub struct PngSurface {
    folder: PathBuf,
    size: (u32, u32),
    number: u32,
    next_name: Option<String>,
    last: Option<PathBuf>,
}

impl PngSurface {
    /// A surface of `width` x `height` pixels that writes into `folder`, which is made when it is not there.
    ///
    /// Pictures are called `screen-0001.png`, `screen-0002.png` and so on, counting on from what the folder holds already.
    ///
    /// # Errors
    /// [`DisplayError::Folder`] when the folder cannot be made or read.
    pub fn new(folder: &Path, width: u32, height: u32) -> Result<Self, DisplayError> {
        let refused = |cause| DisplayError::Folder { path: folder.to_owned(), cause };
        fs::create_dir_all(folder).map_err(refused)?;
        let mut number = 0;
        for entry in fs::read_dir(folder).map_err(refused)? {
            let name = entry.map_err(refused)?.file_name();
            let found = name.to_str().and_then(|name| name.strip_prefix("screen-")?.strip_suffix(".png")?.parse().ok());
            number = number.max(found.unwrap_or(0));
        }
        Ok(Self { folder: folder.to_owned(), size: (width, height), number, next_name: None, last: None })
    }

    /// Calls the next picture `name.png` instead of giving it a number.
    ///
    /// # Errors
    /// [`DisplayError::Name`] for a name that is empty, hidden or would leave the folder.
    pub fn name_next(&mut self, name: &str) -> Result<(), DisplayError> {
        if name.is_empty() || name.starts_with('.') || name.contains(['/', '\\', '\0']) {
            return Err(DisplayError::Name { name: name.to_owned() });
        }
        self.next_name = Some(name.to_owned());
        Ok(())
    }

    /// Where the last picture is; `None` before the first.
    #[must_use]
    pub fn last(&self) -> Option<&Path> {
        self.last.as_deref()
    }
}

impl Surface for PngSurface {
    fn size(&self) -> (u32, u32) {
        self.size
    }

    fn show(&mut self, canvas: &Canvas) -> Result<Shown, DisplayError> {
        let numbered = self.number.saturating_add(1);
        let name = self.next_name.as_ref().map_or_else(|| format!("screen-{numbered:04}.png"), |name| format!("{name}.png"));
        let path = self.folder.join(name);
        save(canvas.frame(), &path)?;
        if self.next_name.take().is_none() {
            self.number = numbered;
        }
        self.last = Some(path);
        Ok(Shown::now(u64::from(canvas.width()) * u64::from(canvas.height())))
    }

    fn blank(&mut self) -> Result<(), DisplayError> {
        // Files do not light up: a sleeping device leaves the last picture as it is.
        Ok(())
    }

    fn describe(&self) -> String {
        format!("pictures in {}, {}x{}", self.folder.display(), self.size.0, self.size.1)
    }
}

/// Writes `frame` as a PNG file, whole or not at all.
///
/// # Errors
/// [`DisplayError::Write`] when the folder or disk does not take it; nothing is left behind then.
pub fn save(frame: &Frame, path: &Path) -> Result<(), DisplayError> {
    let bytes = encode(frame)?;
    let failed = |cause| DisplayError::Write { path: path.to_owned(), cause };
    let name = path.file_name().ok_or_else(|| failed(io::ErrorKind::InvalidInput.into()))?;
    // The process id keeps two programs that write into one folder apart.
    let draft = path.with_file_name(format!(".{}.{}.part", name.to_string_lossy(), std::process::id()));
    let written = fs::File::create(&draft).and_then(|mut file| file.write_all(&bytes).and_then(|()| file.sync_all()));
    written.and_then(|()| fs::rename(&draft, path)).map_err(|cause| {
        // The first error is the one to report; a draft that cannot be removed either is on the same broken disk.
        let _ = fs::remove_file(&draft);
        failed(cause)
    })
}

/// `frame` as the bytes of a PNG file.
///
/// # Errors
/// [`DisplayError::Encode`] when the encoder refuses it.
pub fn encode(frame: &Frame) -> Result<Vec<u8>, DisplayError> {
    let mut bytes = Vec::new();
    // Screens are flat areas and text: without a filter they come out smaller and in half the time of the adaptive one.
    PngEncoder::new_with_quality(&mut bytes, CompressionType::Default, FilterType::NoFilter)
        .write_image(frame.pixels(), frame.width(), frame.height(), ExtendedColorType::Rgb8)
        .map_err(|cause| DisplayError::Encode(cause.to_string()))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use embedded_graphics::{pixelcolor::Rgb888, prelude::*};

    use super::*;

    fn canvas() -> Canvas {
        Canvas::new(32, 24, Rgb888::new(10, 20, 30)).unwrap()
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn pictures_are_numbered_on_from_those_already_there() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("screen-0041.png"), b"older").unwrap();
        let mut surface = PngSurface::new(folder.path(), 32, 24).unwrap();
        assert_eq!(surface.last(), None);
        surface.show(&canvas()).unwrap();
        surface.name_next("patient-1").unwrap();
        surface.show(&canvas()).unwrap();
        surface.show(&canvas()).unwrap();
        assert_eq!(names(folder.path()), ["patient-1.png", "screen-0041.png", "screen-0042.png", "screen-0043.png"]);
        assert_eq!(surface.last().unwrap(), folder.path().join("screen-0043.png"));
    }

    #[test]
    fn what_is_written_can_be_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let mut surface = PngSurface::new(&folder.path().join("new/deep"), 32, 24).unwrap();
        let mut shown = canvas();
        let Ok(()) = Pixel(Point::new(3, 4), Rgb888::RED).draw(&mut shown);
        surface.show(&shown).unwrap();
        let read = image::open(surface.last().unwrap()).unwrap().into_rgb8();
        assert_eq!(read.as_raw(), shown.frame().pixels());
    }

    #[test]
    fn a_folder_that_cannot_be_used_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, b"").unwrap();
        let error = PngSurface::new(&file, 32, 24).unwrap_err();
        assert!(matches!(error, DisplayError::Folder { .. }) && error.to_string().contains("file"), "{error}");
    }

    #[test]
    fn a_picture_that_cannot_be_put_in_its_place_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let mut surface = PngSurface::new(folder.path(), 32, 24).unwrap();
        // A folder of that name stands in for every reason not to be able to rename; it works for root too.
        fs::create_dir_all(folder.path().join("taken.png/inside")).unwrap();
        surface.name_next("taken").unwrap();
        let error = surface.show(&canvas()).unwrap_err();
        assert!(error.to_string().contains("taken.png"), "{error}");
        assert_eq!(names(folder.path()), ["taken.png"]);
        fs::remove_dir_all(folder.path()).unwrap();
        assert!(matches!(surface.show(&canvas()), Err(DisplayError::Write { .. })));
    }

    #[test]
    fn a_full_disk_is_said_and_leaves_nothing() {
        // Every write to /dev/full fails with ENOSPC; as a folder entry it cannot be had, so the message is checked by itself.
        let cause = fs::OpenOptions::new().write(true).open("/dev/full").and_then(|mut full| full.write_all(b"x")).unwrap_err();
        let error = DisplayError::Write { path: "a.png".into(), cause };
        assert!(error.to_string().contains("Make room"), "{error}");
    }

    #[test]
    fn names_that_leave_the_folder_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let mut surface = PngSurface::new(folder.path(), 32, 24).unwrap();
        for name in ["", "../up", ".hidden", "a/b", "a\\b"] {
            assert!(matches!(surface.name_next(name), Err(DisplayError::Name { .. })), "{name}");
        }
    }
}
