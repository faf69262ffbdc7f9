//! `machine`, `paging`: how the console answers.

use super::{Call, Command, Usage, nothing_more};
use crate::console::{
    desk::{Desk, Role},
    reply::{Complaint, Next, Reply},
};

pub(super) const MACHINE: Command = Command {
    name: "machine",
    summary: "answers for scripts",
    usages: &[
        Usage { words: "on", role: Role::Operator, meaning: "answer every line with one line of JSON; no prompt, no echo, no pages" },
        Usage { words: "off", role: Role::Operator, meaning: "answer people again" },
    ],
    notes: "A good answer is `{\"ok\":true,...}`, a bad one `{\"ok\":false,\"error\":\"...\",\"hint\":\"...\"}`. A script begins with \
            Ctrl-C, which drops whatever was typed before, and `machine on`; it ends with a carriage return, a line feed or both. \
            An empty line is not answered. A lost line ends the mode.",
    example: "machine on",
    run: machine,
    complete: nothing_more,
};

pub(super) const PAGING: Command = Command {
    name: "paging",
    summary: "stop after each page",
    usages: &[
        Usage { words: "on", role: Role::Operator, meaning: "stop after each 23 rows" },
        Usage { words: "off", role: Role::Operator, meaning: "never stop" },
    ],
    notes: "At the end of a page: space for the next page, Enter for one more row, q to end.",
    example: "paging off",
    run: paging,
    complete: nothing_more,
};

fn machine(_: &mut Desk, call: &Call<'_>) -> Result<Reply, Complaint> {
    let on = switch(call, &MACHINE)?;
    let text = if on { "Machine mode is on." } else { "Machine mode is off." };
    Ok(Reply::say(text).with("machine", on).then(Next::Machine(on)))
}

fn paging(_: &mut Desk, call: &Call<'_>) -> Result<Reply, Complaint> {
    let on = switch(call, &PAGING)?;
    let text = if on { "Stops after each page." } else { "Never stops." };
    Ok(Reply::say(text).with("paging", on).then(Next::Paging(on)))
}

fn switch(call: &Call<'_>, command: &Command) -> Result<bool, Complaint> {
    match call.words.as_slice() {
        ["on"] => Ok(true),
        ["off"] => Ok(false),
        _ => Err(command.misused("takes on or off")),
    }
}
