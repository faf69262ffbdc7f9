//! The input devices that are plugged in, as [`Keys`](super::Keys) sees them.

use std::{
    io,
    os::fd::BorrowedFd,
    path::{Path, PathBuf},
};

use super::decode::Event;
use crate::input::tap::Axis;

/// Where input devices come and go.
pub(super) trait Shelf: Send {
    /// Every device that is there, by a path that changes when another device takes its place.
    fn list(&mut self) -> Vec<Place>;

    /// The place that `path` leads to, perhaps by links; `None` when it leads nowhere.
    fn find(&mut self, path: &Path) -> Option<Place>;

    /// Opens one.
    fn open(&mut self, place: &Place) -> io::Result<Box<dyn EventDevice>>;
}

/// Where a device is. Two devices that are at one path one after the other differ in their number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) path: PathBuf,
    pub(super) number: u64,
}

/// One open input device.
pub(super) trait EventDevice: Send {
    /// What it calls itself.
    fn name(&self) -> String;

    /// Whether it has the key with this code.
    fn has_key(&self, code: u16) -> bool;

    /// How it says where it is touched; `None` when it is no touch panel.
    fn touch(&self) -> Option<TouchAxes>;

    /// The events since the last call; does not wait.
    fn events(&mut self) -> io::Result<Vec<Event>>;

    /// Keeps its events from everybody else.
    fn grab(&mut self) -> io::Result<()>;

    /// What to wait on.
    fn descriptor(&self) -> Option<BorrowedFd<'_>>;
}

/// The axes of a touch panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TouchAxes {
    pub(super) x: Axis,
    pub(super) y: Axis,
    /// Where it was touched last.
    pub(super) at: (i32, i32),
    /// It has `BTN_TOUCH`, `ABS_X` and `ABS_Y`; else only multi-touch slots.
    pub(super) single: bool,
}

/// A system without evdev.
#[cfg(not(target_os = "linux"))]
pub(super) struct EmptyShelf;

#[cfg(not(target_os = "linux"))]
impl Shelf for EmptyShelf {
    fn list(&mut self) -> Vec<Place> {
        Vec::new()
    }

    fn find(&mut self, _: &Path) -> Option<Place> {
        None
    }

    fn open(&mut self, _: &Place) -> io::Result<Box<dyn EventDevice>> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
