//! Why a run ends badly, and how a fault is put to the person holding the device.
//!
//! The full cause, with device names and numbers, goes to the log and to the one who started the run; the screen gets
//! a sentence that a health worker can act on.

use thiserror::Error;

use super::seams::Cause;
use crate::{capture::CaptureError, record::RecordError};

/// Why a run ended before its time.
#[derive(Debug, Error)]
pub enum RunError {
    /// The camera failed too often in a row.
    #[error("{camera}: no picture in {tries} tries in a row. {cause}")]
    Camera {
        /// The camera.
        camera: String,
        /// How often it was tried.
        tries: u32,
        /// What happened the last time.
        cause: Box<CaptureError>,
    },
    /// A frame could not be taken through the chain.
    #[error("the analysis failed: {0}")]
    Analysis(Cause),
    /// The screen does not work.
    #[error("the display failed: {0}")]
    Display(Cause),
    /// A case could not be recorded, and is not shown for that reason.
    #[error(transparent)]
    Record(#[from] RecordError),
}

/// A fault as it stands on the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What happened.
    pub cause: String,
    /// What the person can do.
    pub next_step: &'static str,
}

impl From<&CaptureError> for Fault {
    fn from(error: &CaptureError) -> Self {
        let (cause, next_step) = match error {
            CaptureError::TimedOut { .. } => ("The camera gives no picture.", "Check the camera's cable. It is tried again by itself."),
            CaptureError::Gone { .. } => ("The camera was unplugged.", "Plug it in again. It is found by itself."),
            CaptureError::Open { .. } => ("The camera cannot be opened.", "Check that it is plugged in. It is tried again by itself."),
            CaptureError::Format { .. } => ("The camera cannot give the pictures that were asked for.", "Have the board file checked."),
            CaptureError::Damaged { .. } | CaptureError::Frame { .. } => {
                ("The camera sends damaged pictures.", "Check the camera's cable. It is tried again by itself.")
            }
            CaptureError::File { .. } => ("A picture file cannot be read.", "Check the files that are played."),
            CaptureError::Finished { .. } => ("There are no more pictures to play.", "Start again."),
        };
        Self { cause: cause.to_owned(), next_step }
    }
}

impl From<&RunError> for Fault {
    fn from(error: &RunError) -> Self {
        let (cause, next_step) = match error {
            RunError::Camera { cause, .. } => {
                return Self { next_step: "Check the camera, then switch the device off and on.", ..Self::from(cause.as_ref()) };
            }
            RunError::Analysis(_) => {
                ("The picture could not be analysed.", "Switch the device off and on. If it stays, send it to service.")
            }
            RunError::Display(_) => ("The screen does not work.", "Switch the device off and on. If it stays, send it to service."),
            RunError::Record(RecordError::Full { .. }) => {
                ("The storage is full: the case was not recorded.", "Free some space, then take the picture again.")
            }
            RunError::Record(_) => ("The case could not be recorded.", "Check the storage, then take the picture again."),
        };
        Self { cause: cause.to_owned(), next_step }
    }
}
