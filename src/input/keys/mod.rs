//! Keyboards, remote shutters and touch panels: followed as they are plugged in and pulled out.

use std::{os::fd::BorrowedFd, path::Path, time::Duration};

use super::{
    InputError, Press, Pressed, Source,
    holding::Holding,
    port::{LOOK_EVERY, Port},
    tap::Panel,
};
use crate::device::{
    Trouble,
    board::{DeviceChoice, HoldingBoard, KeysBoard, TouchBoard},
};

mod decode;
#[cfg(target_os = "linux")]
mod kernel;
mod shelf;
#[cfg(test)]
mod tests;

use decode::{Decoder, Meaning, TouchKind};
use shelf::{EventDevice, Place, Shelf};

/// The code of the key that the kernel calls `name` (`KEY_ENTER`); `None` when there is none.
#[must_use]
pub fn key_code(name: &str) -> Option<u16> {
    #[cfg(target_os = "linux")]
    return name.parse::<evdev::KeyCode>().ok().map(|key| key.0);
    // Elsewhere board files can be checked, but there is nothing to listen to.
    #[cfg(not(target_os = "linux"))]
    return (name.starts_with("KEY_") || name.starts_with("BTN_")).then_some(0);
}

/// Everything that gives keys or taps.
pub(super) struct Keys {
    keys: Option<KeysBoard>,
    touch: Option<TouchBoard>,
    holding: HoldingBoard,
    shelf: Box<dyn Shelf>,
    open: Vec<Open>,
    /// Looked at and not wanted, or not to be had for the reason given.
    passed_over: Vec<(Place, Option<InputError>)>,
    look_again: Duration,
    looked: bool,
}

/// A device that is listened to.
struct Open {
    place: Place,
    device: Box<dyn EventDevice>,
    decoder: Decoder,
    holding: Holding,
    gives_keys: bool,
    gives_taps: bool,
}

impl Keys {
    /// Opens nothing yet: that is the first [`Port::tend`]'s.
    pub(super) fn new(keys: Option<&KeysBoard>, touch: Option<&TouchBoard>, holding: &HoldingBoard) -> Self {
        #[cfg(target_os = "linux")]
        let shelf = kernel::Folder;
        #[cfg(not(target_os = "linux"))]
        let shelf = shelf::EmptyShelf;
        Self::from(Box::new(shelf), keys, touch, holding)
    }

    fn from(shelf: Box<dyn Shelf>, keys: Option<&KeysBoard>, touch: Option<&TouchBoard>, holding: &HoldingBoard) -> Self {
        let (keys, touch, holding) = (keys.cloned(), touch.cloned(), holding.clone());
        Self { keys, touch, holding, shelf, open: Vec::new(), passed_over: Vec::new(), look_again: Duration::ZERO, looked: false }
    }

    /// Opens what has come and forgets what has gone.
    fn look(&mut self, now: Duration) {
        self.look_again = now + LOOK_EVERY;
        self.looked = true;
        let keys_at = self.keys.as_ref().map(|keys| keys.device.clone());
        let touch_at = self.touch.as_ref().map(|touch| touch.device.clone());
        let all_wanted = [&keys_at, &touch_at].iter().any(|choice| **choice == Some(DeviceChoice::Auto));
        let keys_at = self.resolve(keys_at);
        let touch_at = self.resolve(touch_at);
        let mut places = if all_wanted { self.shelf.list() } else { Vec::new() };
        for named in [&keys_at, &touch_at] {
            if let Wanted::Only(place) = named
                && !places.contains(place)
            {
                places.push(place.clone());
            }
        }
        self.passed_over.retain(|(place, _)| places.contains(place));
        for place in places {
            if self.open.iter().any(|open| open.place == place)
                || self.passed_over.iter().any(|(passed, why)| *passed == place && why.is_none())
            {
                continue;
            }
            let before = self.passed_over.iter().position(|(passed, _)| *passed == place).map(|index| self.passed_over.swap_remove(index));
            match self.try_open(&place, keys_at.includes(&place), touch_at.includes(&place)) {
                Ok(Some(open)) => {
                    tracing::info!("listening to {}", open.describe());
                    self.open.push(open);
                }
                Ok(None) => self.passed_over.push((place, None)),
                Err(error) => {
                    if before.is_none() {
                        tracing::warn!("{error}; trying again every second");
                    }
                    self.passed_over.push((place, Some(error)));
                }
            }
        }
    }

    fn resolve(&mut self, choice: Option<DeviceChoice>) -> Wanted {
        match choice {
            None => Wanted::Nothing,
            Some(DeviceChoice::Auto) => Wanted::Everything,
            Some(DeviceChoice::Path(path)) => self.shelf.find(&path).map_or(Wanted::Nothing, Wanted::Only),
        }
    }

    /// `None` when it has nothing that is wanted.
    fn try_open(&mut self, place: &Place, keys_wanted: bool, touch_wanted: bool) -> Result<Option<Open>, InputError> {
        let failed = |cause: std::io::Error| InputError::Device { what: place.path.display().to_string(), cause: cause.to_string() };
        let mut device = self.shelf.open(place).map_err(failed)?;
        let keys = self.keys.as_ref().filter(|_| keys_wanted).filter(|keys| keys.map.iter().any(|(_, code)| device.has_key(*code)));
        let touch = self.touch.as_ref().filter(|_| touch_wanted).and_then(|touch| {
            let axes = device.touch()?;
            let panel = Panel { x: axes.x, y: axes.y, quarter_turns: touch.quarter_turns, mirrored: touch.mirrored };
            Some(TouchKind { panel, single: axes.single, at: axes.at })
        });
        if keys.is_none() && touch.is_none() {
            return Ok(None);
        }
        if keys.is_some_and(|keys| keys.grab) {
            device.grab().map_err(failed)?;
        }
        let (gives_keys, gives_taps) = (keys.is_some(), touch.is_some());
        let holding = Holding::new(&self.holding);
        Ok(Some(Open { place: place.clone(), device, decoder: Decoder::new(touch), holding, gives_keys, gives_taps }))
    }
}

/// Which places a board file means.
enum Wanted {
    Nothing,
    Everything,
    Only(Place),
}

impl Wanted {
    fn includes(&self, place: &Place) -> bool {
        match self {
            Self::Nothing => false,
            Self::Everything => true,
            Self::Only(only) => only == place,
        }
    }
}

impl Open {
    /// What it says since the last time.
    fn listen(&mut self, keys: Option<&KeysBoard>, now: Duration, heard: &mut Vec<Press>) -> std::io::Result<()> {
        let press = |command| Press { what: Pressed::Command(command), source: Source::Key, at: now };
        for event in self.device.events()? {
            match self.decoder.decode(event) {
                Some(Meaning::Key { code, down }) if self.gives_keys => {
                    let mapped = keys.and_then(|keys| keys.map.iter().find(|(_, wanted)| *wanted == code));
                    if let Some((command, _)) = mapped {
                        let id = u32::from(code);
                        let meant = if down { self.holding.press(id, *command, now) } else { self.holding.release(id, now) };
                        heard.extend(meant.map(press));
                    }
                }
                Some(Meaning::Tap(tap)) => heard.push(Press { what: Pressed::Tap(tap), source: Source::Touch, at: now }),
                Some(Meaning::Lost) => self.holding.forget(),
                Some(Meaning::Key { .. }) | None => {}
            }
        }
        heard.extend(self.holding.tick(now).into_iter().map(press));
        Ok(())
    }

    fn describe(&self) -> String {
        let what = match (self.gives_keys, self.gives_taps) {
            (true, true) => "keys and touch",
            (true, false) => "keys",
            _ => "touch",
        };
        format!("{what} of {} ({})", self.device.name(), self.place.path.display())
    }
}

impl Port for Keys {
    fn tend(&mut self, now: Duration, heard: &mut Vec<Press>) {
        if now >= self.look_again {
            self.look(now);
        }
        let keys = self.keys.as_ref();
        self.open.retain_mut(|open| match open.listen(keys, now, heard) {
            Ok(()) => true,
            Err(error) => {
                tracing::warn!("{} is gone ({error}); waiting for it", open.describe());
                false
            }
        });
    }

    fn due(&self) -> Option<Duration> {
        self.open.iter().filter_map(|open| open.holding.due()).chain([self.look_again]).min()
    }

    fn descriptors(&self) -> Vec<BorrowedFd<'_>> {
        self.open.iter().filter_map(|open| open.device.descriptor()).collect()
    }

    fn troubles(&self) -> Vec<Trouble> {
        let mut troubles = Vec::new();
        if !self.looked {
            return troubles;
        }
        // Remote shutters sleep and are gone then, so that only a device that the board file names can be missed.
        if let Some(DeviceChoice::Path(path)) = self.keys.as_ref().map(|keys| &keys.device)
            && !self.open.iter().any(|open| open.gives_keys)
        {
            troubles.push(missing("keyboard or remote shutter", path));
        }
        if let Some(touch) = &self.touch
            && !self.open.iter().any(|open| open.gives_taps)
        {
            let path = match &touch.device {
                DeviceChoice::Auto => Path::new("/dev/input"),
                DeviceChoice::Path(path) => path,
            };
            troubles.push(missing("touch panel", path));
        }
        troubles.extend(self.passed_over.iter().filter_map(|(_, why)| why.as_ref()).map(|error| Trouble {
            cause: "A keyboard, remote shutter or touch panel cannot be used.".to_owned(),
            next_step: "Plug it in again. If that does not help, have the rights to /dev/input checked.".to_owned(),
            detail: error.to_string(),
        }));
        troubles
    }

    fn describe(&self) -> Vec<String> {
        self.open.iter().map(Open::describe).collect()
    }
}

fn missing(what: &str, path: &Path) -> Trouble {
    Trouble {
        cause: format!("There is no {what}."),
        next_step: "Plug it in or wake it up; it is used as soon as it is there.".to_owned(),
        detail: format!("no {what} at {}", path.display()),
    }
}
