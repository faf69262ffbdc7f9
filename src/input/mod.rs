//! How a person presses something: buttons by the GPIO character device, keys and touch by evdev, codes before the lens.
//!
//! [`open`] gives one source of [`Press`]es for everything that a board file names. A device that is missing, busy or pulled out is
//! no error but a [`Trouble`](crate::device::Trouble) for the status, and is tried again until it comes.
//! What a press does is not decided here: it depends on the state of the device.
//! [`code`](mod@code) finds a QR code in a camera's frame; it is no source of presses.
//!
//! Layers, each tested by itself:
//! - `buttons::debounce`, `holding`, `keys::decode`, `tap`: pure, with time as a value;
//! - `buttons::Buttons`, `keys::Keys`: one kind of device each, behind traits that tests have fakes for;
//! - `buttons::gpio`, `keys::kernel`: the kernel's devices, the only code here that opens anything.

use std::time::Duration;

use thiserror::Error;

use crate::device::Command;

mod buttons;
pub mod code;
mod holding;
mod keys;
mod port;
mod sources;
mod tap;

pub use keys::key_code;
pub use sources::{Inputs, open};
pub use tap::Tap;

/// Something that a person presses.
pub trait Presses: Send {
    /// Waits for the next press, `wait` at the longest; `None` when there was none.
    ///
    /// # Errors
    /// [`InputError`] when waiting itself does not work. A missing device is none.
    fn next(&mut self, wait: Duration) -> Result<Option<Press>, InputError>;
}

/// One press.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Press {
    /// What was pressed.
    pub what: Pressed,
    /// On what.
    pub source: Source,
    /// When, on the monotonic clock (`CLOCK_MONOTONIC`).
    pub at: Duration,
}

/// What was pressed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pressed {
    /// A button or key that means a command.
    Command(Command),
    /// A place on the screen. What is drawn there depends on the state.
    Tap(Tap),
}

/// On what something was pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// A button on a GPIO line.
    Button,
    /// A key of a keyboard or remote shutter.
    Key,
    /// A touch panel.
    Touch,
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Button => "button",
            Self::Key => "key",
            Self::Touch => "touch",
        })
    }
}

/// Why presses cannot be waited for, or a device not be used.
#[derive(Debug, Error)]
pub enum InputError {
    /// The kernel refused to wait.
    #[error("waiting for buttons and keys failed ({0}); restart the device")]
    Wait(std::io::Error),
    /// There is no such device.
    #[error("{what} {name} is not there")]
    Absent {
        /// What it would be: `GPIO chip`.
        what: &'static str,
        /// As the board file names it.
        name: String,
    },
    /// Somebody else has it.
    #[error("{what} is in use by {user}")]
    Busy {
        /// `line 17 of /dev/gpiochip0`.
        what: String,
        /// Who has it, as the kernel says.
        user: String,
    },
    /// The kernel refused it for another reason.
    #[error("{what} does not work: {cause}")]
    Device {
        /// `/dev/input/event3`.
        what: String,
        /// What the kernel says.
        cause: String,
    },
}
