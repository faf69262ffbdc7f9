//! How a fault is put to the person holding the device.
//!
//! The full cause, with device names and numbers, goes to the log and the console; the screen gets a sentence that a health
//! worker can act on.

use std::{error::Error, fmt::Display};

use thiserror::Error;

use super::{link::Trouble, start::StartError};
use crate::{capture::CaptureError, display::DisplayError, log, pipeline::LoadError, record::RecordError};

/// Why a run ended before its time: something broke in a run that nobody watches.
#[derive(Debug, Error)]
pub enum RunError {
    /// The board names things that are not there.
    #[error(transparent)]
    Start(#[from] StartError),
    /// Something broke.
    #[error("{} {} ({})", .0.cause, .0.next_step, .0.detail)]
    Fault(Trouble),
    /// The system gives no thread or no signal.
    #[error("the device cannot start its threads: {0}")]
    System(#[from] std::io::Error),
}

/// What stands on the screen.
pub(super) struct Words(&'static str, &'static str);

/// The trouble that `error` means.
pub(super) fn trouble<E: Display>(error: &E) -> Trouble
where
    for<'a> Words: From<&'a E>,
{
    let Words(cause, next_step) = Words::from(error);
    said(cause, next_step, error.to_string())
}

/// A picture could not be taken through the chain.
pub(super) fn analysis(cause: &(dyn Error + 'static)) -> Trouble {
    said("The picture could not be analysed.", "Take it again. If this stays, send the device to service.", log::chain(cause).to_string())
}

/// The display failed while it was used.
pub(super) fn display(cause: &(dyn Error + 'static)) -> Trouble {
    said("The screen does not work.", "Check its cable. It is tried again by itself.", log::chain(cause).to_string())
}

/// There is no model at work.
pub(super) fn absent_model() -> Trouble {
    said("The model is not loaded.", "Try again.", "no bundle is open".to_owned())
}

/// There are no records to write to.
pub(super) fn absent_records() -> Trouble {
    said("The case could not be recorded.", "Check the storage, then try again.", "no record log is open".to_owned())
}

/// The storage hangs in the middle of a record.
pub(super) fn stuck_records() -> Trouble {
    said(
        "The storage does not answer.",
        "Wait a moment, then try again. If it stays, start the device anew.",
        "a record is being written without end".to_owned(),
    )
}

/// The camera has no frame to give that could be assessed.
pub(super) fn busy_camera() -> Trouble {
    said("The camera gave no fresh picture.", "Take it again.", "no frame of this patient was shown within the last moments".to_owned())
}

fn said(cause: &str, next_step: &str, detail: String) -> Trouble {
    Trouble { cause: cause.to_owned(), next_step: next_step.to_owned(), detail }
}

impl From<&CaptureError> for Words {
    fn from(error: &CaptureError) -> Self {
        match error {
            CaptureError::TimedOut { .. } => Self("The camera gives no picture.", "Check the camera's cable. It is tried again by itself."),
            CaptureError::Gone { .. } => Self("The camera was unplugged.", "Plug it in again. It is found by itself."),
            CaptureError::Open { .. } => Self("The camera cannot be opened.", "Check that it is plugged in. It is tried again by itself."),
            CaptureError::Format { .. } => Self("The camera cannot give the pictures that were asked for.", "Have the board file checked."),
            CaptureError::Damaged { .. } | CaptureError::Frame { .. } => {
                Self("The camera sends damaged pictures.", "Check the camera's cable. It is tried again by itself.")
            }
            CaptureError::File { .. } => Self("A picture file cannot be read.", "Check the files that are played."),
            CaptureError::Finished { .. } => Self("There are no more pictures to play.", "Start again."),
        }
    }
}

impl From<&RecordError> for Words {
    fn from(error: &RecordError) -> Self {
        match error {
            RecordError::Full { .. } => Self("The storage is full: the case was not recorded.", "Free some space, then try again."),
            RecordError::Busy { .. } => Self("The records are in use by another program.", "Stop that program, then try again."),
            _ => Self("The case could not be recorded.", "Check the storage, then try again."),
        }
    }
}

impl From<&DisplayError> for Words {
    fn from(_: &DisplayError) -> Self {
        Self("The screen does not work.", "Check its cable. It is tried again by itself.")
    }
}

impl From<&StartError> for Words {
    fn from(error: &StartError) -> Self {
        match error {
            StartError::Camera(error) => error.into(),
            StartError::Display(error) => error.into(),
            StartError::Record(error) => error.into(),
            StartError::Board(_) => {
                Self("Something is not there that the board file names.", "Check camera and cables, then switch the device off and on.")
            }
            StartError::Load(LoadError::OperatingPoint { .. }) => {
                Self("The model lacks the operating point that is set for it.", "Have the board file or the settings checked.")
            }
            StartError::Bundle(_) | StartError::Load(_) => {
                Self("The model is missing or damaged.", "Try again. If this stays, the model must be installed again.")
            }
        }
    }
}
