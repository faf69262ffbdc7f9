//! Input devices of the kernel, `/dev/input/event*`. The only code that knows `evdev`.
//!
//! Devices are found by looking at the folder again and again: no udev daemon runs on a small board.

use std::{
    io,
    os::{
        fd::{AsFd, BorrowedFd},
        unix::fs::MetadataExt,
    },
    path::{Path, PathBuf},
};

use evdev::{AbsoluteAxisCode, KeyCode, PropType, raw_stream::RawDevice};
use rustix::fs::{Mode, OFlags};

use super::{
    decode::Event,
    shelf::{EventDevice, Place, Shelf, TouchAxes},
};
use crate::input::tap::Axis;

const FOLDER: &str = "/dev/input";

/// The kernel's folder of input devices.
pub(super) struct Folder;

impl Shelf for Folder {
    fn list(&mut self) -> Vec<Place> {
        let Ok(entries) = std::fs::read_dir(FOLDER) else { return Vec::new() };
        let named = |path: &PathBuf| path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with("event"));
        let mut places: Vec<Place> =
            entries.flatten().map(|entry| entry.path()).filter(named).filter_map(|path| self.find(&path)).collect();
        places.sort_by(|a, b| a.path.cmp(&b.path));
        places
    }

    fn find(&mut self, path: &Path) -> Option<Place> {
        let path = std::fs::canonicalize(path).ok()?;
        let found = std::fs::metadata(&path).ok()?;
        // The device file of another device has another inode or, where inodes are used again, another time of change.
        let number = found.ino() ^ (found.ctime() as u64).rotate_left(32) ^ found.ctime_nsec() as u64;
        Some(Place { path, number })
    }

    fn open(&mut self, place: &Place) -> io::Result<Box<dyn EventDevice>> {
        // Not by the crate's own open: that one blocks, and its `Device` writes to the standard error when a grabbed device is pulled out.
        let descriptor = rustix::fs::open(&place.path, OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC, Mode::empty())?;
        Ok(Box::new(Opened(RawDevice::from_fd(descriptor)?)))
    }
}

struct Opened(RawDevice);

impl EventDevice for Opened {
    fn name(&self) -> String {
        self.0.name().unwrap_or("without a name").to_owned()
    }

    fn has_key(&self, code: u16) -> bool {
        self.0.supported_keys().is_some_and(|keys| keys.contains(KeyCode(code)))
    }

    fn touch(&self) -> Option<TouchAxes> {
        // A touchpad moves a pointer, and there is none.
        if self.0.properties().contains(PropType::POINTER) {
            return None;
        }
        let infos: Vec<_> = self.0.get_absinfo().ok()?.collect();
        let axis = |code: AbsoluteAxisCode| infos.iter().find(|(found, _)| *found == code).map(|(_, info)| *info);
        let single =
            self.has_key(KeyCode::BTN_TOUCH.0) && axis(AbsoluteAxisCode::ABS_X).is_some() && axis(AbsoluteAxisCode::ABS_Y).is_some();
        let (x, y) = if single {
            (axis(AbsoluteAxisCode::ABS_X)?, axis(AbsoluteAxisCode::ABS_Y)?)
        } else {
            (axis(AbsoluteAxisCode::ABS_MT_POSITION_X)?, axis(AbsoluteAxisCode::ABS_MT_POSITION_Y)?)
        };
        let range = |info: evdev::AbsInfo| Axis { least: info.minimum(), greatest: info.maximum() };
        Some(TouchAxes { x: range(x), y: range(y), at: (x.value(), y.value()), single })
    }

    fn events(&mut self) -> io::Result<Vec<Event>> {
        match self.0.fetch_events() {
            Ok(events) => Ok(events.map(|event| Event { kind: event.event_type().0, code: event.code(), value: event.value() }).collect()),
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    fn grab(&mut self) -> io::Result<()> {
        self.0.grab()
    }

    fn descriptor(&self) -> Option<BorrowedFd<'_>> {
        Some(self.0.as_fd())
    }
}
