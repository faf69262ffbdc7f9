//! What can go wrong between a picture and a screen on a KMS driver, in words for the person holding the device.

use std::{io, path::PathBuf};

use thiserror::Error;

/// Why a KMS screen cannot be used.
#[derive(Debug, Error)]
pub enum KmsError {
    /// No card has a screen.
    #[error(
        "no screen is connected to any card in /dev/dri. Check the screen's cable and power, and that the board's display driver is loaded; \
         display.device names a card"
    )]
    NoCard,
    /// The card is not there or may not be opened.
    #[error("{}: the display card cannot be opened: {cause}. {}", path.display(), open_advice(cause))]
    Open {
        /// Device node.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// A file that is no card, or a card that only renders.
    #[error("{}: this is no card with screens: {cause}. Give display.device a card such as /dev/dri/card0 (not a render node)", path.display())]
    NotKms {
        /// Device node.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// Another program has the screens of the card.
    #[error(
        "{}: another program has the screen ({cause}). Stop the desktop or boot splash that shows pictures on it; only one program can",
        path.display()
    )]
    Taken {
        /// Device node.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// The connector of the board file is not one of the card's.
    #[error("{}: there is no connector {wanted}. The card has {there}", path.display())]
    NoConnector {
        /// Device node.
        path: PathBuf,
        /// The connector asked for.
        wanted: String,
        /// Those that there are, in words.
        there: String,
    },
    /// No screen is plugged in.
    #[error("{connector}: no screen is connected. Plug it in and switch it on; it is found again by itself")]
    Unplugged {
        /// The connector, or all that were looked at.
        connector: String,
    },
    /// The screen does not have the mode of the board file.
    #[error("{connector}: the screen has no mode {wanted}. It has {there}; leave display.mode out for the screen's own choice")]
    NoMode {
        /// The connector.
        connector: String,
        /// The mode asked for.
        wanted: String,
        /// Those that there are, in words.
        there: String,
    },
    /// Every picture generator that the connector could use serves another screen.
    #[error("{connector}: the card has nothing left to feed this screen with. Unplug another screen, or choose another connector")]
    NoCrtc {
        /// The connector.
        connector: String,
    },
    /// The last trouble has not been looked into again yet; that happens twice a second.
    #[error("{cause}")]
    Waiting {
        /// The last trouble, in words.
        cause: String,
    },
    /// The driver did not do what every driver does.
    #[error("{}: the screen's driver did not {action}: {cause}. It is tried again with the next picture; if it stays, restart the device", path.display())]
    Refused {
        /// Device node.
        path: PathBuf,
        /// What was asked of it.
        action: &'static str,
        /// What the system said.
        cause: io::Error,
    },
}

fn open_advice(cause: &io::Error) -> &'static str {
    match cause.kind() {
        io::ErrorKind::NotFound => "Check that the board's display driver is loaded; `ls /dev/dri` shows what there is",
        io::ErrorKind::PermissionDenied => "The user must be in the group \"video\"",
        _ => "Check the screen's driver in the kernel log",
    }
}
