//! `restart`, `reboot`: begin anew.

use super::{Call, Command, Usage, nothing_more};
use crate::console::{
    desk::{Desk, Role},
    reply::{Complaint, Next, Reply},
};

pub(super) const RESTART: Command = Command {
    name: "restart",
    summary: "restart the program",
    usages: &[Usage { words: "", role: Role::Technician, meaning: "end this run cleanly and begin another, with the committed settings" }],
    notes: "Not while a verdict waits for acceptance. A person is asked first; a script is not.",
    example: "restart",
    run: restart,
    complete: nothing_more,
};

pub(super) const REBOOT: Command = Command {
    name: "reboot",
    summary: "boot the board anew",
    usages: &[Usage { words: "", role: Role::Technician, meaning: "end this run cleanly and boot the board anew" }],
    notes: "Not while a verdict waits for acceptance. A person is asked first; a script is not.",
    example: "reboot",
    run: reboot,
    complete: nothing_more,
};

fn restart(_: &mut Desk, call: &Call<'_>) -> Result<Reply, Complaint> {
    alone(call, &RESTART)?;
    Ok(Reply::default().then(Next::Restart))
}

fn reboot(_: &mut Desk, call: &Call<'_>) -> Result<Reply, Complaint> {
    alone(call, &REBOOT)?;
    Ok(Reply::default().then(Next::Reboot))
}

fn alone(call: &Call<'_>, command: &Command) -> Result<(), Complaint> {
    if call.words.is_empty() { Ok(()) } else { Err(command.misused("takes no more words")) }
}
