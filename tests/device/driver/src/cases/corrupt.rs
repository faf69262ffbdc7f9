//! Frames that the driver marks as damaged are left out, and the next good one counts.

use anyhow::Result;

use crate::{bench::Bench, pictures::REGULAR, report::Findings};

const DAMAGED: usize = 10;

pub fn run(bench: &mut Bench, findings: &mut Findings<'_>) -> Result<()> {
    bench.hold(REGULAR)?;
    let pictures = bench.pictures.clone();
    let wanted = pictures.get(REGULAR)?.case.verdict.label().text();
    let machine = bench.machine()?;
    for _ in 0..DAMAGED {
        machine.hand.give("corrupt")?;
    }
    let (answer, _) = machine.console.ask_timed("capture")?;
    findings.must(format!("verdict after {DAMAGED} damaged frames"), answer["label"] == wanted, &answer["label"], wanted);
    let status = machine.console.status()?;
    findings.must("no fault", status.get("fault").is_none(), &status["state"], "none");
    Ok(())
}
