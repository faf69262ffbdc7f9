//! What the conductor hears from its threads, and what it asks of them.

use std::{path::PathBuf, sync::Arc, time::Duration};

use crossbeam_channel::Sender;

use crate::{
    capture::{Captured, ControlReading},
    case::{Case, Ending},
    device::{
        command::Command,
        link::{Answer, Check, Refusal, Restart, ThreadStatus, Trouble},
        seams::ModelFacts,
        state::{Found, Part},
        supervise::{Report, Stamped},
    },
    explain::{lesion::Scale, report},
    health::{Level, Reading},
    input::code::Sight,
    patient::Context,
    quality::Reason,
    record::ClosingLine,
};

/// A frame on its way through the device.
#[derive(Debug, Clone)]
pub(super) struct Live {
    /// The frame.
    pub(super) captured: Arc<Captured>,
    /// Which patient of this run it shows, from 1; `None` when the camera cannot know.
    pub(super) patient: Option<u32>,
    /// When its light fell, on `CLOCK_MONOTONIC`; when it arrived, for a camera that does not date its frames.
    pub(super) light: Duration,
}

impl Live {
    /// It may show `patient`.
    pub(super) fn may_show(&self, patient: u32) -> bool {
        self.patient.is_none_or(|shown| shown == patient)
    }
}

/// What the camera thread puts where the newest frame is.
#[derive(Debug)]
pub(super) enum Delivery {
    /// A frame.
    Frame(Live),
    /// There are no more, ever.
    Finished,
}

/// What the camera thread tells.
#[derive(Debug)]
pub(super) enum CameraNews {
    /// It is open and gives frames.
    Works {
        /// What it is.
        name: String,
        /// Its controls, as asked and as found.
        controls: Vec<ControlReading>,
        /// Its frames come at its own rate.
        live: bool,
    },
    /// It gives none; it is tried again by itself.
    Blind(Trouble),
    /// The sharpest frame of a burst.
    Burst {
        /// Number of the burst that this answers.
        number: u64,
        /// The frame, or why there is none.
        sharpest: Result<Live, Trouble>,
    },
}

/// What the analysis thread tells.
#[derive(Debug)]
pub(super) enum AnalysisNews {
    /// A part was opened.
    Opened(Opened),
    /// A part could not be opened.
    Broken(Part, Trouble),
    /// What came of looking at the live picture.
    Looked(Look),
    /// A picture was assessed and recorded.
    Assessed {
        /// Which picture.
        id: PictureId,
        /// The whole case.
        case: Arc<Case>,
        /// What was written of it.
        report: Arc<report::Report>,
        /// In short.
        found: Found,
    },
    /// A picture was not assessed or not recorded.
    NotAssessed(PictureId, Part, Trouble),
    /// A closing was recorded, or was not.
    Closed(ClosingLine, Result<(), Trouble>),
    /// Bundle and records were tested.
    Tested(Vec<Check>),
}

/// A part that works now.
#[derive(Debug)]
pub(super) enum Opened {
    /// The bundle.
    Model(ModelFacts),
    /// The records.
    Records {
        /// The highest case number in them.
        last_case: u64,
        /// Where a torn last line was put.
        set_apart: Option<PathBuf>,
    },
}

/// What came of looking at the live picture.
#[derive(Debug)]
pub(super) enum Look {
    /// A frame, what the gate would refuse it for, and what was seen of a code, if one was looked for.
    Frame { live: Live, hints: Vec<Reason>, code: Option<Sight> },
    /// None came in the time given.
    Nothing,
    /// There are no more, ever.
    Finished,
}

/// What the analysis thread is asked for.
#[derive(Debug)]
pub(super) enum AnalysisJob {
    /// Look at the newest frame, or at the one that comes within this time.
    Look { wait: Duration, for_code: bool },
    /// Assess and record this picture.
    Assess(Box<Picture>),
    /// Record how a case was closed.
    Close(ClosingLine),
    /// Open a part anew.
    Open(Part),
    /// Test what this thread has: bundle and records.
    Test,
}

/// A burst that is asked for. An answer to an earlier one, given up since, must not pass for an answer to this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Burst {
    /// Counts up over the run.
    pub(super) number: u64,
    /// Frames to choose from.
    pub(super) frames: u32,
}

/// Which picture is meant: one that was given up, by a fault in the middle, may still be answered for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PictureId {
    pub(super) case: u64,
    /// Which picture of the case, from 1.
    pub(super) attempt: u32,
}

/// A picture to be assessed.
#[derive(Debug)]
pub(super) struct Picture {
    pub(super) live: Live,
    pub(super) id: PictureId,
    /// A refusal is "cannot assess": how many pictures were refused with this one.
    pub(super) last_of: Option<u32>,
    pub(super) context: Context,
    pub(super) scale: Option<Scale>,
    pub(super) source: String,
}

/// What the screen thread tells.
#[derive(Debug)]
pub(super) enum ScreenNews {
    /// The display is open.
    Works {
        /// What it is.
        name: String,
        /// Its width and height in pixels.
        size: (u32, u32),
    },
    /// It does not work.
    Broken(Trouble),
    /// A scene is on the glass.
    Shown {
        /// Its number, when it was kept.
        kept: Option<u64>,
        /// Where it can be looked at, when the display is files.
        picture: Option<PathBuf>,
        /// Time from the light of its frame to the glass, when it was a live picture.
        latency: Option<Duration>,
    },
}

/// What somebody outside wants, with where the answer goes.
#[derive(Debug)]
pub(super) enum Request {
    Press(Command, Sender<Result<Answer, Refusal>>),
    Describe(Context, Sender<Result<(), Refusal>>),
    SelfTest(Sender<Result<Vec<Check>, Refusal>>),
    Pattern(Duration, Sender<Result<(), Refusal>>),
    Restart(Restart, Sender<Result<(), Refusal>>),
}

/// Everything that the conductor hears.
#[derive(Debug)]
pub(super) enum Message {
    Camera(Stamped<CameraNews>),
    Analysis(Stamped<AnalysisNews>),
    Screen(Stamped<ScreenNews>),
    /// A button or a key.
    Press(Command),
    /// A finger on the glass: how far from the left and from the top, in [0, 1].
    Tap(f32, f32),
    Request(Request),
    /// What the supervisor has seen.
    Watched(Watched),
}

/// What the supervisor has seen in one of its turns.
#[derive(Debug)]
pub(super) struct Watched {
    pub(super) threads: Vec<ThreadStatus>,
    pub(super) reports: Vec<Report>,
    /// The board's health with what it means, when it was time to look.
    pub(super) health: Option<(Reading, Level)>,
}

/// How a closing is told.
pub(super) fn ending_message(ending: Ending) -> &'static str {
    match ending {
        Ending::Accepted => "accepted and recorded",
        Ending::Retaken => "recorded; take the picture again",
        Ending::Left => "recorded",
    }
}
