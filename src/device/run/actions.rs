//! What the buttons do in each state: the words of the action bar, and the command behind each.

use crate::{
    device::{
        command::Command,
        state::{State, WayBack},
    },
    display::scene::Action,
};

/// A row of the action bar and the commands behind it, from left to right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) words: &'static [Action<'static>],
    pub(super) commands: &'static [Command],
}

const NONE: Row = Row { words: &[], commands: &[] };

const PREVIEW: Row = Row {
    words: &[
        Action { button: "Capture", what: "" },
        Action { button: "Details", what: "Patient" },
        Action { button: "Scan", what: "Code" },
    ],
    commands: &[Command::Capture, Command::Details, Command::Scan],
};

/// While there are no frames nothing can be taken or read.
const BLIND: Row = Row { words: &[Action { button: "Details", what: "Patient" }], commands: &[Command::Details] };

const FORM: Row = Row {
    words: &[
        Action { button: "Up", what: "" },
        Action { button: "Down", what: "" },
        Action { button: "Capture", what: "Next" },
        Action { button: "Accept", what: "Keep" },
    ],
    commands: &[Command::Up, Command::Down, Command::Capture, Command::Accept],
};

const SCANNING: Row = Row { words: &[Action { button: "Details", what: "Back" }], commands: &[Command::Details] };

const RETAKE: Row = Row { words: &[Action { button: "Retake", what: "" }], commands: &[Command::Retake] };

const VERDICT: Row = Row {
    words: &[Action { button: "Accept", what: "" }, Action { button: "Retake", what: "" }, Action { button: "Details", what: "" }],
    commands: &[Command::Accept, Command::Retake, Command::Details],
};

/// Behind which the criteria stand first.
const EXPLAINED: Row = Row {
    words: &[Action { button: "Accept", what: "" }, Action { button: "Retake", what: "" }, Action { button: "Details", what: "Why" }],
    commands: VERDICT.commands,
};

const DETAILS: Row = Row {
    words: &[
        Action { button: "Accept", what: "" },
        Action { button: "Up", what: "" },
        Action { button: "Down", what: "" },
        Action { button: "Details", what: "Back" },
    ],
    commands: &[Command::Accept, Command::Up, Command::Down, Command::Details],
};

const FAULT: Row = Row { words: &[Action { button: "Accept", what: "Try again" }], commands: &[Command::Accept] };

/// What the buttons do in `state`, with or without frames; and with a case before it whose verdict can be explained, or not.
pub(super) fn row(state: &State, blind: bool, explained: bool) -> Row {
    match state {
        State::Preview(_) if blind => BLIND,
        State::Preview(_) => PREVIEW,
        State::Form(_) => FORM,
        State::Scanning { .. } => SCANNING,
        State::Retake { .. } => RETAKE,
        State::Verdict(_) if explained => EXPLAINED,
        State::Verdict(_) => VERDICT,
        State::Details(_) => DETAILS,
        State::Fault { way: WayBack::ByItself, .. } => NONE,
        State::Fault { .. } => FAULT,
        State::Boot
        | State::SelfTest
        | State::Captured(_)
        | State::Analysing(_)
        | State::Closing { .. }
        | State::Sleep(_)
        | State::Ended(_) => NONE,
    }
}

/// How a fault is left, in words.
pub(super) fn way_back(way: &WayBack) -> &'static str {
    match way {
        WayBack::TryAgain => "Press Accept to try again.",
        WayBack::RecordClosing(..) => "Press Accept to record the case again.",
        WayBack::ByItself => "It goes on by itself.",
        WayBack::StartAnew(_) => "It starts anew within a minute, or at once when you press Accept.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_button_that_is_written_on_the_screen_has_a_command() {
        for row in [NONE, PREVIEW, BLIND, FORM, SCANNING, RETAKE, VERDICT, EXPLAINED, DETAILS, FAULT] {
            assert_eq!(row.words.len(), row.commands.len());
            for (action, command) in row.words.iter().zip(row.commands) {
                assert_eq!(action.button.to_lowercase(), command.name(), "a person finds the button by its word");
            }
        }
    }
}
