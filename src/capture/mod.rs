//! Where frames come from: the trait [`Camera`] and its three kinds.
//!
//! - [`V4l2Camera`]: a real camera; the only code that knows V4L2.
//! - [`Replay`]: picture files, folders and raw dumps, for tests, demonstrations and support.
//! - `phantom`: synthetic dermoscopic frames with known truth.
//!
//! [`format`](mod@format) knows how cameras lay out pixels, and [`read_picture`] is the one reader of picture files for the whole project.
//! [`burst`] takes a few frames and keeps the sharpest, [`reopen`] says when to try a camera again that failed.
//! A camera hands over the newest frame it can get and never one that it has handed over before.

use std::time::Duration;

use serde::Serialize;

use crate::frame::Frame;

pub mod burst;
mod error;
pub mod format;
pub mod phantom;
mod picture;
pub mod reopen;
mod replay;
mod v4l2;

pub use error::CaptureError;
pub use format::PixelFormat;
pub use picture::{PICTURE_EXTENSIONS, picture_from_bytes, pictures_in, read_picture};
pub use replay::{Replay, ReplayOptions};
pub use v4l2::{Adjustment, ControlSettings, PowerLine, V4l2Camera, V4l2Settings};

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

    /// Exposure, white balance, focus and gain stand still from now on, so that the frames of a burst differ by nothing but the hand.
    /// A camera that has no such controls does nothing.
    ///
    /// # Errors
    /// As [`Camera::capture`].
    fn hold_still(&mut self) -> Result<(), CaptureError> {
        Ok(())
    }

    /// Exposure, white balance, focus and gain go their own way again where the settings say so.
    ///
    /// # Errors
    /// As [`Camera::capture`].
    fn let_go(&mut self) -> Result<(), CaptureError> {
        Ok(())
    }

    /// Now, on the clock of [`Captured::taken_at`], so that a frame can be told from one that was taken before it was asked for;
    /// `None` for a source whose frames are made when they are asked for.
    fn now(&self) -> Option<Duration> {
        None
    }

    /// Every control that the settings ask for, as asked and as read back; empty for a camera without controls.
    fn controls(&self) -> Vec<ControlReading> {
        Vec::new()
    }

    /// What this camera is, for status screens and messages: `/dev/video0, 1280x720 MJPG`.
    fn describe(&self) -> String;
}

impl<C: Camera + ?Sized> Camera for Box<C> {
    fn capture(&mut self) -> Result<Captured, CaptureError> {
        (**self).capture()
    }

    fn hold_still(&mut self) -> Result<(), CaptureError> {
        (**self).hold_still()
    }

    fn let_go(&mut self) -> Result<(), CaptureError> {
        (**self).let_go()
    }

    fn now(&self) -> Option<Duration> {
        (**self).now()
    }

    fn controls(&self) -> Vec<ControlReading> {
        (**self).controls()
    }

    fn describe(&self) -> String {
        (**self).describe()
    }
}

/// One control of the camera.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ControlReading {
    /// Key of the board file: `exposure`.
    pub name: &'static str,
    /// What the board file asks for.
    pub asked: String,
    /// What the camera says it has; `None` when it has no such control.
    pub found: Option<String>,
}
