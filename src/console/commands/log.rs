//! `log`: what the device told last.

use super::{Call, Command, Usage, nothing_more};
use crate::console::{
    desk::{Desk, Role},
    reply::{Complaint, Reply},
};

/// Lines that are asked for when nothing is said.
const USUAL: usize = 20;
/// The most that can be asked for.
const MOST: usize = 10_000;

pub(super) const LOG: Command = Command {
    name: "log",
    summary: "what the device told last",
    usages: &[Usage { words: "[COUNT]", role: Role::Operator, meaning: "the last lines of the log, 20 of them when no number is given" }],
    notes: "Lines are kept in memory since the start and hold nothing about a patient. `set log.level debug` makes them more.",
    example: "log 100",
    run,
    complete: nothing_more,
};

fn run(desk: &mut Desk, call: &Call<'_>) -> Result<Reply, Complaint> {
    let count = match call.words.as_slice() {
        [] => USUAL,
        [count] => count.parse().ok().filter(|count| (1..=MOST).contains(count)).ok_or_else(|| LOG.misused("COUNT is 1 to 10000"))?,
        _ => return Err(LOG.misused("takes one number")),
    };
    let lines = desk.logs.lines(count);
    let mut reply = Reply::default().with("lines", &lines);
    reply.lines = if lines.is_empty() { vec!["Nothing was logged yet.".to_owned()] } else { lines };
    Ok(reply)
}
