//! What can go wrong between a scene and glass, in words for the person holding the device.

use std::{io, path::PathBuf};

use thiserror::Error;

use crate::frame::FrameError;

/// Why a picture could not be drawn or shown.
#[derive(Debug, Error)]
pub enum DisplayError {
    /// The screen is too small, or upright, for legible text.
    #[error(
        "a {width}x{height} screen cannot show this: it must be at least 320x240 and not higher than wide. Choose another size, or turn it with display.rotation"
    )]
    Unsuitable {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// The screen is larger than any picture may be.
    #[error("the screen: {0}")]
    Size(#[from] FrameError),
    /// A picture could not be brought to the size that the screen has for it.
    #[error("a picture could not be scaled for the screen: {0}")]
    Scale(String),
    /// The folder for pictures is not there and cannot be made, or is no folder.
    #[error("{}: cannot be used as a folder for pictures: {cause}. Choose a folder that you may write to", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// A picture could not be written; nothing is left of it and an older one of that name is untouched.
    #[error("{}: the picture cannot be written: {cause}. {}", path.display(), write_advice(cause))]
    Write {
        /// The picture.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// A name that would leave the folder or is empty.
    #[error("{name:?} cannot be the name of a picture: use letters, digits, '-', '_' and '.'")]
    Name {
        /// The name asked for.
        name: String,
    },
    /// The encoder refused the picture.
    #[error("the picture cannot be encoded as PNG: {0}")]
    Encode(String),
    /// A framebuffer device that is not there or may not be opened.
    #[error("{}: the screen cannot be opened: {cause}. Check the cable, the device tree overlay and that the user is in the group \"video\"", path.display())]
    Open {
        /// Device node.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// A file that does not answer as a framebuffer does.
    #[error("{}: this is no framebuffer device: {cause}. Give the board file a device such as /dev/fb0", path.display())]
    NoFramebuffer {
        /// Device node.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// A framebuffer with a pixel layout that is not written, or numbers that do not add up.
    #[error("{}: {detail}", path.display())]
    Geometry {
        /// Device node.
        path: PathBuf,
        /// What is wrong, and what would be right.
        detail: String,
    },
    /// A backlight that cannot be used.
    #[error("{}: {detail}", path.display())]
    Backlight {
        /// The file in `/sys/class/backlight`.
        path: PathBuf,
        /// What happened and what the person can do.
        detail: String,
    },
    /// A screen on a KMS driver.
    #[cfg(target_os = "linux")]
    #[error(transparent)]
    Kms(#[from] super::kms::KmsError),
    /// A panel on SPI.
    #[cfg(target_os = "linux")]
    #[error(transparent)]
    Panel(#[from] super::spi::PanelError),
    /// The framebuffer did not take the picture.
    #[error("{}: the screen does not take the picture: {cause}. Check that it is still connected", path.display())]
    Glass {
        /// Device node.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
}

fn write_advice(cause: &io::Error) -> &'static str {
    match cause.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge | io::ErrorKind::WriteZero => {
            "Make room or choose another folder"
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => "Choose a folder that you may write to",
        _ => "Check the folder and try again",
    }
}
