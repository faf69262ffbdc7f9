//! Restart and reboot: a person is asked, since noise on the line must not do it.

use super::{Asking, Session};
use crate::{
    console::{
        commands,
        keys::Key,
        line::{Edited, Line},
    },
    device::Restart,
};

impl Session {
    pub(super) fn consent(&mut self, what: Restart, key: Key) {
        let question = question(what);
        match self.line.key(key, question) {
            Edited::Drawn(text) => {
                self.asking = Asking::Consent(what);
                self.echo(&text);
            }
            Edited::Finished(line) => {
                self.echo("\r\n");
                if line != Line::Text("yes".to_owned()) {
                    self.tell("Not now.");
                } else {
                    match self.desk.link.restart(what) {
                        Ok(()) => self.tell(begins(what)),
                        Err(refusal) => self.refuse(commands::refused(refusal)),
                    }
                }
            }
        }
    }
}

pub(super) fn question(what: Restart) -> &'static str {
    match what {
        Restart::Program => "Restart now? Type yes: ",
        Restart::Board => "Boot the board anew? Type yes: ",
    }
}

pub(super) fn begins(what: Restart) -> &'static str {
    match what {
        Restart::Program => "The program restarts.",
        Restart::Board => "The board boots anew.",
    }
}
