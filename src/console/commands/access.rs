//! `login`, `logout`, `pin`: who is sitting there. The PIN itself is asked for by the session, which does not echo it.

use super::{Call, Command, Usage, nothing_more};
use crate::console::{
    desk::{Desk, Role},
    reply::{Complaint, Next, Reply},
};

pub(super) const LOGIN: Command = Command {
    name: "login",
    summary: "become a technician",
    usages: &[Usage { words: "", role: Role::Operator, meaning: "ask for the PIN, which is not shown while it is typed" }],
    notes: "In machine mode the PIN stands on the same line: `login 271828`. After a wrong PIN the next try has to wait: 1 s, 2 s, 4 s and so on up \
            to 5 min, which switching off does not shorten. A technician who types nothing for `console.idle_s`, or whose line is \
            lost, is an operator again. A forgotten PIN: switch off, put the storage medium into a computer, delete the file `pins` in the \
            state folder (`show settings state.folder`); the console then asks for a new one.",
    example: "login",
    run: log_in,
    complete: nothing_more,
};

pub(super) const LOGOUT: Command = Command {
    name: "logout",
    summary: "be an operator again",
    usages: &[Usage { words: "", role: Role::Operator, meaning: "be an operator again; Ctrl-D on an empty line does the same" }],
    notes: "What is staged stays staged until it is committed, rolled back, or the device restarts.",
    example: "logout",
    run: log_out,
    complete: nothing_more,
};

pub(super) const PIN: Command = Command {
    name: "pin",
    summary: "set the technician's PIN",
    usages: &[Usage { words: "", role: Role::Operator, meaning: "ask for the PIN in force, when there is one, and twice for the new one" }],
    notes: "There is no PIN to begin with, and nothing that needs a technician works until one is set. A PIN has 6 to 12 digits, not all the same \
            and not in a row. In machine mode: `pin NEW` for the first one, then `pin OLD NEW`.",
    example: "pin",
    run: set_pin,
    complete: nothing_more,
};

fn log_in(_: &mut Desk, call: &Call<'_>) -> Result<Reply, Complaint> {
    unseen(call, "login")?;
    Ok(Reply::default().then(Next::LogIn))
}

fn log_out(_: &mut Desk, call: &Call<'_>) -> Result<Reply, Complaint> {
    if !call.words.is_empty() {
        return Err(LOGOUT.misused("takes no more words"));
    }
    Ok(Reply::say("You are an operator.").with("role", Role::Operator).then(Next::LogOut))
}

fn set_pin(_: &mut Desk, call: &Call<'_>) -> Result<Reply, Complaint> {
    unseen(call, "pin")?;
    Ok(Reply::default().then(Next::SetPin))
}

/// A PIN that is typed after the command stands on the screen for everybody to see.
fn unseen(call: &Call<'_>, name: &str) -> Result<(), Complaint> {
    if call.words.is_empty() || call.machine {
        return Ok(());
    }
    Err(Complaint::new(
        "a PIN must not be typed where it can be seen",
        format!("Type `{name}` alone; you are asked for it. If this was your PIN, change it with `pin`."),
    ))
}
