//! What happens to the device, and what it wants done.

use crate::{
    case::Ending,
    device::{command::Command, link::Trouble},
};

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// Every thread has been started.
    Started,
    /// A part was tried and works.
    Works(Part),
    /// A part does not work.
    Broken(Part, Trouble),
    /// A frame came, and the gate has looked at it.
    Frame {
        /// It would pass.
        good: bool,
    },
    /// There are no frames for now; the camera is opened again by itself.
    Blind(Trouble),
    /// The camera has no more frames, ever: a replay is over.
    Finished,
    /// The burst is taken.
    Taken,
    /// No usable frame came of the burst.
    NotTaken(Trouble),
    /// The picture was assessed, and is recorded.
    Assessed(Found),
    /// The picture could not be assessed or not be recorded.
    NotAssessed(Part, Trouble),
    /// How the case was closed is recorded.
    Closed,
    /// How the case was closed could not be recorded.
    NotClosed(Trouble),
    /// A person wants something.
    Press(Command),
    /// The case form was left.
    FormLeft,
    /// A code was read.
    Code,
    /// A thread was stuck or died and is started anew.
    Restarted(Thread),
    /// A thread was started anew too often.
    GaveUp(Thread, Trouble),
    /// The board cannot go on like this: it is too hot, or its storage is full.
    Unfit(Trouble),
    /// The board is fit again.
    Fit,
    /// This program uses more memory than it may: it is to start anew between two cases.
    Overgrown,
    /// Time has passed.
    Tick,
    /// The run is to end, and how.
    Stop(End),
}

/// What came of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// It passed the gate, and there is an answer, or a reason why there is none.
    Answer,
    /// The gate refused it.
    Refused,
    /// The gate refused it, and it was the last try: "cannot assess".
    GivenUp,
}

/// What must work before a picture can be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// The screen.
    Display,
    /// The records.
    Records,
    /// The bundle, with its golden case met.
    Model,
    /// The camera, with a whole frame.
    Camera,
}

impl Part {
    /// All of them, in the order in which they are listed on the screen.
    pub const ALL: [Self; 4] = [Self::Display, Self::Records, Self::Camera, Self::Model];

    /// Its name on screen and console.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Display => "display",
            Self::Records => "records",
            Self::Model => "model",
            Self::Camera => "camera",
        }
    }
}

/// A thread that is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Thread {
    /// Takes frames.
    Camera,
    /// Judges and assesses them.
    Analysis,
    /// Draws.
    Screen,
    /// Speaks with a technician.
    Console,
    /// Listens to buttons.
    Inputs,
}

impl Thread {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Camera, Self::Analysis, Self::Screen, Self::Console, Self::Inputs];

    /// Its name in status and logs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Camera => "camera",
            Self::Analysis => "analysis",
            Self::Screen => "screen",
            Self::Console => "console",
            Self::Inputs => "inputs",
        }
    }
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
    /// The program is to be started anew, with the settings as they are then.
    Restart,
    /// The board is to boot anew.
    Reboot,
}

/// Something to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// A case begins: give it a number, forget the last patient.
    BeginCase,
    /// Take a burst; [`Event::Taken`] or [`Event::NotTaken`] follows.
    TakeBurst,
    /// Assess the picture and record it; [`Event::Assessed`] or [`Event::NotAssessed`] follows.
    Assess {
        /// Which picture of this case, from 1.
        attempt: u32,
        /// A refusal is "cannot assess": there will be no further try.
        last: bool,
    },
    /// Record how the case was closed; [`Event::Closed`] or [`Event::NotClosed`] follows.
    RecordClosing(Ending),
    /// Open the part anew; [`Event::Works`] or [`Event::Broken`] follows.
    Open(Part),
    /// Open the case form.
    OpenForm,
    /// Give the command to the form; [`Event::FormLeft`] may follow.
    ToForm(Command),
    /// Show the next page of the details, or the one before.
    TurnPage {
        /// The next one.
        on: bool,
    },
    /// The wish came to nothing, for this reason.
    Refuse(&'static str),
    /// The run ends.
    End(End),
}
