//! A technician's session, typed as a person types it and kept word for word in `transcript.txt`.

use std::{fmt::Write as _, time::Duration};

use anyhow::Result;

use crate::{
    bench::Bench,
    pictures::{BLURRED, REGULAR},
    report::Findings,
};

/// Nothing for this long: the console waits for the next line.
const QUIET: Duration = Duration::from_millis(1500);
/// For commands that take a picture.
const PICTURE: Duration = Duration::from_secs(8);
const PIN: &str = "482915";

pub fn run(bench: &mut Bench, findings: &mut Findings<'_>) -> Result<()> {
    bench.hold(REGULAR)?;
    let path = bench.out.join("transcript.txt");
    let machine = bench.machine()?;
    machine.console.ask("machine off")?;
    let mut text = String::new();
    let mut type_line = |machine: &mut crate::machine::Machine, line: &str, quiet| -> Result<Vec<String>> {
        let said = machine.console.type_line(line, quiet)?;
        let _fits = writeln!(text, "{}", said.join("\n"));
        Ok(said)
    };
    type_line(machine, "paging off", QUIET)?;
    let help = type_line(machine, "help", QUIET)?;
    findings.must("help lists the commands", help.len() > 10, format!("{} lines", help.len()), "more than 10 lines");
    type_line(machine, "show version", QUIET)?;
    let refused = type_line(machine, "set capture.hold_ms 4000", QUIET)?;
    findings.measured("set without a PIN", refused.last().cloned().unwrap_or_default());
    // First boot: no PIN is set; it is asked for twice and never echoed.
    for line in ["pin", PIN, PIN, "login", PIN] {
        let said = type_line(machine, line, QUIET)?;
        findings.must("the PIN is not echoed", !said.concat().contains(PIN), said.len(), "never");
    }
    for line in ["show settings capture", "set capture.hold_ms 999999999", "set capture.hold_ms 4000", "diff", "commit", "diff", "log", "logout"] {
        type_line(machine, line, QUIET)?;
    }
    type_line(machine, "capture", PICTURE)?;
    type_line(machine, "accept", QUIET)?;
    machine.hand.give(&format!("show {BLURRED}"))?;
    std::thread::sleep(Duration::from_secs(3));
    type_line(machine, "capture", PICTURE)?;
    type_line(machine, "retake", QUIET)?;
    type_line(machine, "show health", QUIET)?;
    type_line(machine, "show threads", QUIET)?;
    std::fs::write(&path, &text)?;
    findings.measured("transcript", format!("{} lines in {}", text.lines().count(), path.display()));
    machine.console.begin(Duration::from_secs(30))?;
    Ok(())
}
