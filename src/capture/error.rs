//! What can go wrong between a camera and a [`Frame`](crate::frame::Frame).

use std::{io::ErrorKind, path::PathBuf, time::Duration};

use thiserror::Error;

use crate::frame::FrameError;

/// Why no frame could be had. Each message names the source and the next step.
#[derive(Debug, Error)]
pub enum CaptureError {
    /// The device node or file cannot be opened.
    #[error("cannot open {source_name}: {cause}. {}", advice(cause))]
    Open {
        /// Device node or file.
        source_name: String,
        /// What the system said.
        cause: std::io::Error,
    },
    /// The device answered with a format other than the one asked for, or one that cannot be read.
    #[error("{device} gives {given} where {wanted} was asked for. Choose one of its formats in the board file: {offered}")]
    Format {
        /// Device node.
        device: String,
        /// What the board file asks for.
        wanted: String,
        /// What the device would give.
        given: String,
        /// What the device offers of the formats that are read.
        offered: String,
    },
    /// No frame came in time. The next call opens the device again.
    #[error("{device} gave no frame for {waited:?}. Check the cable; the camera is opened again at the next try")]
    TimedOut {
        /// Device node.
        device: String,
        /// How long was waited.
        waited: Duration,
    },
    /// The device went away. The next call opens it again.
    #[error("{device} went away: {cause}. Plug it in again")]
    Gone {
        /// Device node.
        device: String,
        /// What the system said.
        cause: std::io::Error,
    },
    /// Bytes that are not a frame of the announced format. The next call takes another frame.
    #[error("{source_name}: a {format} frame cannot be decoded: {detail}")]
    Damaged {
        /// Device node or file.
        source_name: String,
        /// Pixel format or file type.
        format: String,
        /// What is wrong with it.
        detail: String,
    },
    /// A file that is no picture, or of a kind that is not read.
    #[error("{}: {detail}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, and what would be right.
        detail: String,
    },
    /// The decoded picture has a size that no frame can have.
    #[error("{source_name}: {cause}")]
    Frame {
        /// Device node or file.
        source_name: String,
        /// What is wrong with the size.
        cause: FrameError,
    },
    /// A replay has shown all its frames.
    #[error("{source_name} has no more frames")]
    Finished {
        /// The file or folder.
        source_name: String,
    },
}

/// What the person can do about a device node that does not open.
fn advice(cause: &std::io::Error) -> &'static str {
    match cause.kind() {
        ErrorKind::PermissionDenied => "Run as a user of the group `video`",
        ErrorKind::ResourceBusy => "Another program is using it: close that one",
        ErrorKind::Unsupported => "Name a video capture device in the board file: `v4l2-ctl --list-devices` lists them",
        _ => "Check that it is plugged in and that the board file names it",
    }
}
