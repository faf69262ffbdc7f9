//! What the device tells the one who started it. It prints nothing itself.

use std::path::PathBuf;

use super::{link::Trouble, state::End};
use crate::{quality::Reason, verdict::Verdict};

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub enum News {
    /// The gate refused a picture; another one is going to be taken.
    Retake {
        /// Which patient of this run, from 1.
        patient: u32,
        /// Which case of the records.
        case: u64,
        /// Which picture of this case, from 1.
        attempt: u32,
        /// Why.
        reasons: Vec<Reason>,
        /// Where the screen can be looked at, when the display is files.
        picture: Option<PathBuf>,
    },
    /// A verdict is on the screen.
    Verdict {
        /// Which patient of this run, from 1.
        patient: u32,
        /// Which case of the records.
        case: u64,
        /// What was said.
        verdict: Verdict,
        /// Where the screen can be looked at, when the display is files.
        picture: Option<PathBuf>,
    },
    /// The camera gives no picture and is tried again.
    CameraTrouble(Trouble),
    /// A line of the records was cut short by a power cut, and was set apart here.
    TornRecord(PathBuf),
}

impl News {
    /// Where the screen can be looked at, for news that have one.
    pub(super) fn seen_at(&mut self, place: Option<PathBuf>) {
        if let Self::Retake { picture, .. } | Self::Verdict { picture, .. } = self {
            *picture = place;
        }
    }
}

/// How a run ended that nothing went wrong in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    /// Cases that were closed.
    pub cases: u32,
    /// Why it ended.
    pub end: End,
}
