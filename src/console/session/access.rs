//! PINs: asked for without an echo, and what comes of them.

use std::time::Duration;

use super::{Asking, Session};
use crate::console::{
    desk::Role,
    keys::Key,
    pins::{self, PinError},
    reply::{Complaint, Reply},
};

/// Longest PIN that is looked at; more digits are no PIN.
const LONGEST_PIN: usize = 64;

/// What an unseen line is for.
pub(super) enum Secret {
    LogIn,
    OldPin,
    NewPin,
    Again(String),
}

impl Secret {
    /// Asked before it is typed.
    pub(super) fn question(&self) -> &'static str {
        match self {
            Self::LogIn | Self::OldPin => "PIN: ",
            Self::NewPin => "New PIN, 6 to 12 digits: ",
            Self::Again(_) => "The same again: ",
        }
    }
}

impl Session {
    pub(super) fn ask_for_pin(&mut self, secret: Secret, now: Duration) {
        let wait = self.desk.pins.wait(now);
        if matches!(secret, Secret::LogIn | Secret::OldPin) && self.desk.pins.is_set() && !wait.is_zero() {
            self.pin_refused(&PinError::Wait { wait: wait.max(Duration::from_secs(1)) });
            return;
        }
        if matches!(secret, Secret::LogIn) && !self.desk.pins.is_set() {
            self.pin_refused(&PinError::Unset);
            return;
        }
        self.asking = Asking::Secret(secret, String::new());
        self.prompt();
    }

    /// A key that is not echoed.
    pub(super) fn unseen(&mut self, secret: Secret, mut typed: String, key: Key, now: Duration) {
        match key {
            Key::Char(character) if typed.len() < LONGEST_PIN => typed.push(character),
            Key::Backspace => {
                typed.pop();
            }
            Key::KillToStart => typed.clear(),
            Key::Enter => {
                self.write("\r\n");
                self.secret(secret, typed, now);
                return;
            }
            _ => {}
        }
        self.asking = Asking::Secret(secret, typed);
    }

    fn secret(&mut self, secret: Secret, typed: String, now: Duration) {
        match secret {
            Secret::LogIn => match self.desk.pins.check(&typed, now) {
                Ok(()) => self.become_technician("You are a technician."),
                Err(error) => self.pin_refused(&error),
            },
            Secret::OldPin => match self.desk.pins.check(&typed, now) {
                Ok(()) => self.ask_for_pin(Secret::NewPin, now),
                Err(error) => self.pin_refused(&error),
            },
            Secret::NewPin => match pins::fit(&typed) {
                Ok(()) => self.ask_for_pin(Secret::Again(typed), now),
                Err(error) => self.pin_refused(&error),
            },
            Secret::Again(first) if first == typed => match self.desk.pins.set(&typed) {
                Ok(()) => self.become_technician("The PIN is set. You are a technician."),
                Err(error) => self.pin_refused(&error),
            },
            Secret::Again(_) => {
                self.refuse(Complaint::new("the two were not the same", "Nothing was changed. Type `pin` to try again."));
            }
        }
    }

    /// `login PIN`, `pin NEW`, `pin OLD NEW` of a script.
    pub(super) fn pin_from(&mut self, line: &str, log_in: bool, now: Duration) {
        let words: Vec<&str> = line.split_whitespace().skip(1).collect();
        let done = match (log_in, words.as_slice()) {
            (true, [pin]) => self.desk.pins.check(pin, now),
            (false, [new]) if !self.desk.pins.is_set() => self.desk.pins.set(new),
            (false, [old, new]) => self.desk.pins.check(old, now).and_then(|()| self.desk.pins.set(new)),
            (true, _) => return self.refuse(Complaint::new("login: there is no PIN on the line", "Type `login PIN`.")),
            (false, _) => {
                return self
                    .refuse(Complaint::new("pin: that is not a way to use it", "Type `pin NEW` for the first one, then `pin OLD NEW`."));
            }
        };
        match done {
            Ok(()) => self.become_technician(if log_in { "You are a technician." } else { "The PIN is set. You are a technician." }),
            Err(error) => self.pin_refused(&error),
        }
    }

    fn become_technician(&mut self, text: &str) {
        self.role = Role::Technician;
        tracing::info!("a technician is at the console");
        let mut reply = Reply::say(text).with("role", Role::Technician);
        let staged = self.desk.settings.diff().len();
        if staged > 0 {
            reply = reply.line("Settings are staged from before: see `diff`.").with("staged", staged);
        }
        self.answer(reply, "", Duration::ZERO);
    }

    fn pin_refused(&mut self, error: &PinError) {
        let hint = match error {
            PinError::Wrong { .. } | PinError::Wait { .. } => "`help login` tells what to do when it is forgotten.",
            PinError::Unset => "Type `pin` to set one.",
            PinError::Unfit(_) => "Nothing was changed. Type `pin` to try again.",
            PinError::Damaged { .. } => "Switch off, delete that file on a computer, and set a PIN anew.",
            PinError::Unkept { .. } => "Look at `show health` for room on the storage.",
        };
        self.refuse(Complaint::new(error, hint));
    }
}
