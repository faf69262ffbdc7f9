//! A technician's session, typed as a person types it and kept word for word in `transcript.txt`.

use std::{fmt::Write as _, time::Duration};

use anyhow::Result;

use crate::{
    bench::Bench,
    machine::Machine,
    pictures::{BLURRED, REGULAR},
    report::Findings,
};

const PIN: &str = "482915";
/// Every answer ends with a line of its own, but for a question, whose line is only ended by what is typed.
const ANY: &str = "";

pub fn run(bench: &mut Bench, findings: &mut Findings<'_>) -> Result<()> {
    // A device that nobody has set up yet.
    bench.fresh_disk()?;
    bench.hold(REGULAR)?;
    let path = bench.out.join("transcript.txt");
    let machine = bench.machine()?;
    machine.console.ask("machine off")?;
    let mut text = String::new();
    let mut type_line = |machine: &mut Machine, line: &str, until: &str| -> Result<String> {
        let said = machine.console.type_line(line, until)?.join("\n");
        let _fits = writeln!(text, "{said}");
        Ok(said)
    };
    type_line(machine, "paging off", ANY)?;
    let help = type_line(machine, "help", "Ctrl-C")?;
    findings.must("help lists the commands", help.lines().count() > 10, format!("{} lines", help.lines().count()), "more than 10 lines");
    type_line(machine, "show version", "running")?;
    let refused = type_line(machine, "set capture.hold_ms 4000", "technicians")?;
    findings.must("settings without a PIN", refused.contains("error"), refused.lines().last().unwrap_or_default(), "refused");
    let mut echoed = String::new();
    for line in ["pin", PIN, PIN, "logout", "login", PIN] {
        echoed += &type_line(machine, line, ANY)?;
    }
    findings.must("first boot: a PIN is set, and logs in", echoed.matches("You are a technician").count() == 2, "", "technician twice");
    findings.must("the PIN is not echoed", !echoed.contains(PIN), "", "never");
    let wrong = type_line(machine, "set capture.hold_ms 999999999", "staged")?;
    findings.must("a setting out of range", wrong.contains("600000"), "named with its range", "the legal range in the error");
    for line in ["show settings capture", "set capture.hold_ms 4000", "diff", "commit"] {
        type_line(machine, line, "capture.hold_ms")?;
    }
    // The question waits for an answer; then the program starts anew and greets.
    type_line(machine, "yes", "Type `help`")?;
    type_line(machine, "paging off", ANY)?;
    let committed = type_line(machine, "show settings capture.hold_ms", "default is")?;
    findings.must(
        "committed and in force after a restart",
        committed.contains("4000"),
        committed.lines().nth(1).unwrap_or_default(),
        "4000",
    );
    type_line(machine, "capture", "state ")?;
    type_line(machine, "accept", "state ")?;
    machine.hand.give(&format!("show {BLURRED}"))?;
    std::thread::sleep(Duration::from_secs(3));
    type_line(machine, "capture", "state ")?;
    type_line(machine, "retake", "state ")?;
    type_line(machine, "show records", "cases")?;
    type_line(machine, "show health", "threads")?;
    type_line(machine, "log", "recorded")?;
    findings.measured("transcript", format!("{} lines in transcript.txt", text.lines().count()));
    std::fs::write(&path, text)?;
    machine.console.begin(Duration::from_secs(30))?;
    Ok(())
}
