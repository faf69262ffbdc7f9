//! Where frames come from: the trait [`Camera`] and its three kinds.
//!
//! - [`V4l2Camera`]: a real camera; the only code that knows V4L2.
//! - [`Replay`]: picture files, folders and raw dumps, for tests, demonstrations and support.
//! - `phantom`: synthetic dermoscopic frames with known truth.
//!
//! [`format`](mod@format) knows how cameras lay out pixels, and [`read_picture`] is the one reader of picture files for the whole project.
//! A camera hands over the newest frame it can get and never one that it has handed over before.

use std::time::Duration;

use crate::frame::Frame;

mod error;
pub mod format;
pub mod phantom;
mod picture;
mod replay;
mod v4l2;

pub use error::CaptureError;
pub use format::PixelFormat;
pub use picture::{PICTURE_EXTENSIONS, picture_from_bytes, pictures_in, read_picture};
pub use replay::{Replay, ReplayOptions};
pub use v4l2::{V4l2Camera, V4l2Settings};

/// A frame with what is needed to know that it is fresh.
#[derive(Debug, Clone)]
pub struct Captured {
    /// The picture.
    pub frame: Frame,
    /// The source's own frame counter; strictly increasing between two frames of one camera.
    pub sequence: u64,
    /// When the frame was taken, on the monotonic clock of the source (V4L2: `CLOCK_MONOTONIC`), for ordering only.
    pub taken_at: Duration,
}

/// Something that takes dermoscopic frames.
pub trait Camera: Send {
    /// Waits for the next frame and returns the newest one there is.
    ///
    /// # Errors
    /// [`CaptureError`] says what happened and what the person can do. After an error the camera may be called again:
    /// it re-opens the device if that is what it takes. [`CaptureError::Finished`] means that a replay has no more frames.
    fn capture(&mut self) -> Result<Captured, CaptureError>;

    /// What this camera is, for status screens and messages: `/dev/video0, 1280x720 MJPG`.
    fn describe(&self) -> String;
}
