//! Why a wish comes to nothing in a state, and what would be right.

use super::State;
use crate::device::command::Command;

/// What to do instead of `command`.
pub(super) fn instead(state: &State, command: Command) -> &'static str {
    match state {
        State::Boot | State::SelfTest => "the device is starting; wait for the live picture",
        State::Captured(_) | State::Analysing(_) => "a picture is being assessed; wait for the verdict",
        State::Closing { .. } => "the last case is being recorded; try again in a moment",
        State::Ended(_) => "the device is ending its run",
        State::Verdict(_) | State::Details(_) => "close the case first: accept the verdict, or take the picture again",
        State::Retake { .. } => "take the picture again first",
        State::Fault { .. } => "see what is broken; accept tries again",
        State::Scanning { .. } => "a code is being looked for; details goes back",
        State::Form(_) | State::Sleep(_) => "this wish has no meaning here",
        State::Preview(_) => match command {
            Command::Accept | Command::Retake => "there is no verdict; capture takes a picture",
            _ => "this wish has no meaning here",
        },
    }
}
