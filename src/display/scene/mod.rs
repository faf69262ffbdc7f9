//! What each state of the device looks like, at every supported size.

use crate::{case::Case, frame::Frame, quality::Reason};

/// One picture for the person holding the device.
#[derive(Debug, Clone, Copy)]
pub enum Scene<'a> {
    /// Live picture with the gate's hints.
    Preview {
        /// The newest frame.
        frame: &'a Frame,
        /// What the gate would refuse it for; empty when it is ready.
        hints: &'a [Reason],
    },
    /// The frame is being assessed.
    Analysing {
        /// The captured frame.
        frame: &'a Frame,
    },
    /// A case with its verdict: assessed, or cannot be.
    Verdict {
        /// The case.
        case: &'a Case,
    },
    /// The gate refused the frame.
    Retake {
        /// The refused frame.
        frame: &'a Frame,
        /// Why; never empty.
        reasons: &'a [Reason],
    },
    /// Something is broken.
    Fault {
        /// What happened.
        cause: &'a str,
        /// What the person can do.
        next_step: &'a str,
    },
}
