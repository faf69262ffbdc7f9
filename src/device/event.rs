//! What the loop tells the one who started it. It prints nothing itself.

use std::{path::PathBuf, time::Duration};

use crate::{capture::CaptureError, quality::Reason, verdict::Verdict};

/// Something that happened.
#[derive(Debug)]
pub enum Event<'a> {
    /// The gate refused a picture; another one is going to be taken.
    Retake {
        /// Which patient of this run, from 1.
        patient: u32,
        /// Which case of the records.
        case: u64,
        /// Which picture of this case, from 1.
        attempt: u32,
        /// Why.
        reasons: &'a [Reason],
        /// Where the screen can be looked at, when the display is files.
        picture: Option<PathBuf>,
    },
    /// A case is closed.
    Closed {
        /// Which patient of this run, from 1.
        patient: u32,
        /// Which case of the records.
        case: u64,
        /// What was said.
        verdict: &'a Verdict,
        /// Where the screen can be looked at, when the display is files.
        picture: Option<PathBuf>,
    },
    /// The camera gave no picture and is going to be tried again.
    CameraTrouble {
        /// What happened.
        cause: &'a CaptureError,
        /// How often in a row.
        failures: u32,
        /// How long until it is tried again.
        wait: Duration,
    },
}

/// How a run ended that nothing went wrong in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    /// Cases that were closed.
    pub cases: u32,
    /// Why it ended.
    pub end: End,
}

/// Why a run ended that nothing went wrong in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// As many patients as the board file asks for.
    Patients,
    /// A replay has shown all its frames.
    CameraFinished,
    /// It was told to stop.
    Stopped,
}
