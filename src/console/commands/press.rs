//! `capture`, `accept`, `retake`, `details`, `up`, `down`, `scan`, `sleep`: what the buttons do.

use super::{Call, Command, Usage, nothing_more};
use crate::{
    console::{
        desk::{Desk, Role},
        reply::{Complaint, Reply},
    },
    device::{Answer, Command as Wish, Refusal},
    explain::severity::Level,
    record::Criteria,
};

pub(super) const CAPTURE: Command = command(
    "capture",
    "take the picture",
    &[usage("take the picture and wait for the verdict; in a form, go on to the next field")],
    run_capture,
);
pub(super) const ACCEPT: Command =
    command("accept", "accept the verdict", &[usage("accept the verdict and close the case; in a form, keep what it says")], run_accept);
pub(super) const RETAKE: Command = command(
    "retake",
    "take the picture again",
    &[usage("take another picture of the same lesion; in a form, this field is unknown")],
    run_retake,
);
pub(super) const DETAILS: Command = command(
    "details",
    "more or less on the screen",
    &[usage("show the details of a verdict or hide them; from the live picture, open the case form")],
    run_details,
);
pub(super) const UP: Command = command("up", "previous value or page", &[usage("the previous value or page")], run_up);
pub(super) const DOWN: Command = command("down", "next value or page", &[usage("the next value or page")], run_down);
pub(super) const SCAN: Command =
    command("scan", "read a patient's code", &[usage("look for a code with the patient's data before the lens")], run_scan);
pub(super) const SLEEP: Command = command("sleep", "sleep, or wake up", &[usage("put the device to sleep, or wake it up")], run_sleep);

type Run = fn(&mut Desk, &Call<'_>) -> Result<Reply, Complaint>;

const fn command(name: &'static str, summary: &'static str, usages: &'static [Usage], run: Run) -> Command {
    Command { name, summary, usages, notes: "", example: name, run, complete: nothing_more }
}

const fn usage(meaning: &'static str) -> Usage {
    Usage { words: "", role: Role::Operator, meaning }
}

fn run_capture(desk: &mut Desk, call: &Call<'_>) -> Result<Reply, Complaint> {
    press(desk, call, &CAPTURE, Wish::Capture)
}

fn run_accept(desk: &mut Desk, call: &Call<'_>) -> Result<Reply, Complaint> {
    press(desk, call, &ACCEPT, Wish::Accept)
}

fn run_retake(desk: &mut Desk, call: &Call<'_>) -> Result<Reply, Complaint> {
    press(desk, call, &RETAKE, Wish::Retake)
}

fn run_details(desk: &mut Desk, call: &Call<'_>) -> Result<Reply, Complaint> {
    press(desk, call, &DETAILS, Wish::Details)
}

fn run_up(desk: &mut Desk, call: &Call<'_>) -> Result<Reply, Complaint> {
    press(desk, call, &UP, Wish::Up)
}

fn run_down(desk: &mut Desk, call: &Call<'_>) -> Result<Reply, Complaint> {
    press(desk, call, &DOWN, Wish::Down)
}

fn run_scan(desk: &mut Desk, call: &Call<'_>) -> Result<Reply, Complaint> {
    press(desk, call, &SCAN, Wish::Scan)
}

fn run_sleep(desk: &mut Desk, call: &Call<'_>) -> Result<Reply, Complaint> {
    press(desk, call, &SLEEP, Wish::Sleep)
}

fn press(desk: &mut Desk, call: &Call<'_>, command: &Command, wish: Wish) -> Result<Reply, Complaint> {
    if !call.words.is_empty() {
        return Err(command.misused("takes no more words"));
    }
    desk.link.press(wish).map(answered).map_err(refused)
}

fn answered(answer: Answer) -> Reply {
    let mut reply = Reply::default().line(answer.message.clone());
    if let Some(label) = answer.label {
        reply = reply.row("verdict", label);
    }
    if let Some(probability) = answer.probability {
        reply = reply.row("probability", format_args!("{probability:.3}"));
    }
    if let Some(criteria) = &answer.criteria {
        reply = reply.row("criteria", in_words(criteria));
    }
    if let Some(report) = &answer.report {
        reply = reply.row("report", report);
    }
    if !answer.reasons.is_empty() {
        reply = reply.row("reasons", answer.reasons.join(", "));
    }
    if let Some(case) = answer.case {
        reply = reply.row("case", case);
    }
    reply.row("state", answer.state).with_all(&answer)
}

/// The criteria in one line.
pub(super) fn in_words(criteria: &Criteria) -> String {
    let Criteria { asymmetry_points, border_points, colour_points, score, levels, cut_off, .. } = criteria;
    let level = |level: Level| level.number();
    let seen = if *cut_off { "; of the part that is seen" } else { "" };
    format!(
        "asymmetry {asymmetry_points} of 2 (level {}), border {border_points} of 8 (level {}), colours {colour_points} of 6 (level {}); \
         score {score:.1}, overall level {} of 5{seen}",
        level(levels.asymmetry),
        level(levels.border),
        level(levels.colour),
        level(levels.overall),
    )
}

/// A refusal of the device, told apart into what is wrong and what to do.
pub(in crate::console) fn refused(refusal: Refusal) -> Complaint {
    match refusal {
        Refusal::NotNow { command, state, hint } => Complaint::new(format!("{command} does nothing in the state {state}"), hint),
        Refusal::Failed { cause, next_step } => Complaint::new(cause, next_step),
        Refusal::Silent { waited } => {
            Complaint::new(format!("the device did not answer within {} s", waited.as_secs()), "Look at `show status`.")
        }
    }
}
