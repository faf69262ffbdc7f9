//! Is everything attached that a board file names? Asked by a person who sets up a board, before it has to work.

use std::path::Path;

use super::{Board, BoardError, DeviceChoice, error::Problem, presence::no_device};

impl Board {
    /// As [`Board::check_present`], and also what the device can start without and waits for: console, buttons, keys and touch.
    /// Opens GPIO chips to read their labels.
    ///
    /// # Errors
    /// [`BoardError::Absent`] with everything that is not there and what to do about each.
    pub fn check_attached(&self) -> Result<(), BoardError> {
        let mut problems = match self.check_present() {
            Ok(()) => Vec::new(),
            Err(BoardError::Absent { problems, .. }) => problems,
            Err(other) => return Err(other),
        };
        let mut absent = |message: Option<String>| problems.extend(message.map(|message| Problem { place: None, message }));
        if let Some(device) = &self.console.device {
            absent(no_device("console.device", device, "the serial port", "ls -l /dev/serial/by-id /dev/lentigo"));
        }
        if let Some(buttons) = &self.inputs.buttons {
            absent(no_chip(&buttons.chip));
        }
        if let Some(DeviceChoice::Path(device)) = self.inputs.keys.as_ref().map(|keys| &keys.device) {
            absent(no_device("inputs.keys.device", device, "the keyboard", "ls -l /dev/input/by-id"));
        }
        if let Some(DeviceChoice::Path(device)) = self.inputs.touch.as_ref().map(|touch| &touch.device) {
            absent(no_device("inputs.touch.device", device, "the touch panel", "ls -l /dev/input/by-path"));
        }
        if problems.is_empty() { Ok(()) } else { Err(BoardError::Absent { path: self.file.clone(), problems }) }
    }
}

/// A chip by path, name or label, as the buttons look for it.
fn no_chip(named: &str) -> Option<String> {
    if named.starts_with('/') {
        return no_device("inputs.buttons.chip", Path::new(named), "the board's GPIO", "gpiodetect");
    }
    let found: Vec<(String, String)> = gpiocdev::chip::chips()
        .unwrap_or_default()
        .into_iter()
        .filter_map(|path| gpiocdev::chip::Chip::from_path(path).ok()?.info().ok())
        .map(|info| (info.name, info.label))
        .collect();
    if found.iter().any(|(name, label)| name == named || label == named) {
        return None;
    }
    let there = match found.as_slice() {
        [] => "none can be read".to_owned(),
        chips => chips.iter().map(|(name, label)| format!("{name} [{label}]")).collect::<Vec<_>>().join(", "),
    };
    Some(format!(
        "inputs.buttons.chip: there is no GPIO chip with the name or label \"{named}\"; {there}. Is this the right board, and may you read /dev/gpiochip*?"
    ))
}
