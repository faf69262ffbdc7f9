//! What the device does next: a pure function of its state, what happened, and the time.
//!
//! [`Machine::step`] touches nothing. It is told what happened ([`Event`]), and says what is to be done ([`Action`]); the conductor in
//! `device/run` does it and tells what came of it. What is on the screen follows from the state alone.
//!
//! ```text
//! Boot -> SelfTest -> Preview -> Captured -> Analysing -> Verdict <-> Details
//!                       ^  ^ \-> Form, Scanning, Sleep      |  (or Retake, when the gate refuses)
//!                       |   `--------- Retake <-------------|
//!                       `------------- Closing <------------'  accept, retake, or the lens is lifted
//! ```
//!
//! and `Fault` from anywhere. What it must never do, which `tests` prove over arbitrary events: come to a verdict other than by a
//! picture that was taken, passed the gate and was recorded; lose an acceptance; reach a state that nothing leads out of.

mod event;
mod hint;
mod step;
#[cfg(test)]
mod tests;

use std::time::Duration;

use super::{
    board::{CapturePolicy, PowerBoard},
    link::Trouble,
};
use crate::case::Ending;

pub use event::{Action, End, Event, Found, Part, Thread};

/// How long a code is looked for.
pub const SCAN_TIME: Duration = Duration::from_secs(30);
/// How long an acceptance that is being recorded may hold up the end of the run.
pub const LAST_WRITE: Duration = Duration::from_millis(700);
/// How long a fault that only a new start can mend stays on the screen before the program starts anew by itself.
pub const START_ANEW: Duration = Duration::from_secs(60);

/// The device as far as decisions go.
#[derive(Debug, Clone, PartialEq)]
pub struct Machine {
    policy: CapturePolicy,
    sleep_after: Option<Duration>,
    state: State,
    /// Why there are no frames, while there are none.
    blind: Option<Trouble>,
    /// Parts that have not yet been found to work.
    untested: Vec<Part>,
    /// The camera has no more frames, ever.
    finished: bool,
    /// The run is to end as soon as nothing is being recorded; since when, and how.
    stopping: Option<(Duration, End)>,
    /// The program is to start anew between two cases.
    overgrown: bool,
    /// What went wrong while a closing was being recorded, which comes first.
    postponed: Option<(Trouble, WayBack)>,
    /// Where the device was when something broke.
    resume: Resume,
    /// Cases closed in this run.
    closed: u32,
    /// When a person or a good picture was last noticed.
    active: Duration,
}

/// Where the device is.
#[derive(Debug, Clone, PartialEq)]
pub enum State {
    /// Threads are being started.
    Boot,
    /// Every part is being tried.
    SelfTest,
    /// Live picture.
    Preview(Lesion),
    /// The case form, over a live picture that goes on.
    Form(Lesion),
    /// A code is looked for in the live picture.
    Scanning {
        /// The lesion to go back to.
        lesion: Lesion,
        /// When to stop looking.
        until: Duration,
    },
    /// A burst is being taken.
    Captured(Lesion),
    /// The picture is being assessed and recorded.
    Analysing(Lesion),
    /// The gate refused the picture; what to do better stands on the screen.
    Retake {
        /// The lesion, whose next picture is taken.
        lesion: Lesion,
        /// When the live picture comes back by itself.
        until: Duration,
    },
    /// An answer, or "cannot assess", stands on the screen.
    Verdict(Shown),
    /// The verdict's second page.
    Details(Shown),
    /// How the case was closed is being recorded.
    Closing {
        /// The case.
        shown: Shown,
        /// How it was closed.
        how: Ending,
    },
    /// Something is broken.
    Fault {
        /// What, and what to do.
        trouble: Trouble,
        /// What the way back is.
        way: WayBack,
    },
    /// Camera and screen rest.
    Sleep(Lesion),
    /// The run is over.
    Ended(End),
}

/// The lesion before the lens, until its case is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lesion {
    /// Pictures taken of it so far.
    pub pictures: u32,
    /// Those that the gate refused.
    pub refused: u32,
    /// Good preview frames in a row.
    pub steady: u32,
    /// Preview frames since the live picture came up.
    pub seen: u32,
    /// Refused frames in a row that must still come before a picture is taken by itself: the lens is still on the last lesion.
    pub covered: u32,
}

/// A case whose verdict is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    /// The lesion.
    pub lesion: Lesion,
    /// Since when.
    pub since: Duration,
    /// Refused preview frames in a row: the lens was lifted.
    pub lifted: u32,
}

/// Where the device goes on once nothing is broken any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Resume {
    /// With another case.
    NextCase,
    /// With another picture of this lesion.
    Lesion(Lesion),
    /// With this verdict.
    Shown(Shown),
}

/// How a fault is left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WayBack {
    /// What does not work is opened anew and tested again.
    TryAgain,
    /// The closing of this case is recorded again: it must not be lost.
    RecordClosing(Shown, Ending),
    /// By itself, once the board is fit again.
    ByItself,
    /// Only by starting the program anew, which it does by itself at this time.
    StartAnew(Duration),
}

impl Machine {
    /// A device that is just starting.
    #[must_use]
    pub fn new(policy: CapturePolicy, power: &PowerBoard) -> Self {
        Self {
            policy,
            sleep_after: power.sleep_after,
            state: State::Boot,
            blind: None,
            untested: Part::ALL.to_vec(),
            finished: false,
            stopping: None,
            overgrown: false,
            postponed: None,
            resume: Resume::NextCase,
            closed: 0,
            active: Duration::ZERO,
        }
    }

    /// Where the device is.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Why there are no frames, while there are none.
    #[must_use]
    pub fn blind(&self) -> Option<&Trouble> {
        self.blind.as_ref()
    }

    /// Parts that have not yet been found to work.
    #[must_use]
    pub fn untested(&self) -> &[Part] {
        &self.untested
    }

    /// Cases closed in this run.
    #[must_use]
    pub fn closed(&self) -> u32 {
        self.closed
    }
}

impl State {
    /// The state in a word, for status and answers.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Boot => "boot",
            Self::SelfTest => "self-test",
            Self::Preview(_) => "preview",
            Self::Form(_) => "form",
            Self::Scanning { .. } => "scanning",
            Self::Captured(_) => "captured",
            Self::Analysing(_) => "analysing",
            Self::Retake { .. } => "retake",
            Self::Verdict(_) => "verdict",
            Self::Details(_) => "details",
            Self::Closing { .. } => "closing",
            Self::Fault { .. } => "fault",
            Self::Sleep(_) => "sleep",
            Self::Ended(_) => "ended",
        }
    }
}
