//! Two hundred captures: memory, descriptors and threads must be what they were after the first.

use anyhow::Result;

use crate::{
    bench::Bench,
    pictures::{IRREGULAR, REGULAR},
    report::Findings,
};

const CAPTURES: usize = 200;
/// An allocator may keep a few pages more than before; a frame of 1280x720 is 2.8 MB, so that not one may stay behind.
const MORE_KB: u64 = 2048;

pub fn run(bench: &mut Bench, findings: &mut Findings<'_>) -> Result<()> {
    bench.hold(REGULAR)?;
    let machine = bench.machine()?;
    let (mut after_one, mut health_after_one) = (None, None);
    let mut wrong = 0;
    for number in 1..=CAPTURES {
        // Another picture now and then, so that both verdicts are drawn.
        if number % 50 == 0 {
            let name = if number % 100 == 0 { REGULAR } else { IRREGULAR };
            machine.hand.give(&format!("show {name}"))?;
        }
        let answer = machine.console.ask("capture")?;
        wrong += usize::from(answer.get("label").is_none());
        machine.console.ask(if answer["state"] == "retake" { "retake" } else { "accept" })?;
        if number == 1 {
            after_one = Some(machine.hand.usage()?);
            health_after_one = Some(machine.console.ask("show health")?);
        }
        if number % 20 == 0 {
            let usage = machine.hand.usage()?;
            println!("  {number} captures: {} kB, {} descriptors, {} threads", usage.resident_kb, usage.descriptors, usage.threads);
        }
    }
    let (Some(first), Some(health_first)) = (after_one, health_after_one) else { return Ok(()) };
    let (last, health_last) = (machine.hand.usage()?, machine.console.ask("show health")?);
    findings.must(format!("{CAPTURES} captures"), wrong == 0, format!("{wrong} without a label"), "each with a label");
    findings.must(
        "resident memory, as the kernel counts it",
        last.resident_kb <= first.resident_kb + MORE_KB,
        format!("{} kB after 1, {} kB after {CAPTURES}", first.resident_kb, last.resident_kb),
        format!("at most {MORE_KB} kB more"),
    );
    findings.must(
        "descriptors",
        last.descriptors <= first.descriptors,
        format!("{} after 1, {} after {CAPTURES}", first.descriptors, last.descriptors),
        "no more",
    );
    findings.must(
        "threads",
        last.threads <= first.threads,
        format!("{} after 1, {} after {CAPTURES}", first.threads, last.threads),
        "no more",
    );
    for key in ["resident_bytes", "descriptors", "threads"] {
        findings
            .measured(format!("{key}, as lentigo says"), format!("{} after 1, {} after {CAPTURES}", health_first[key], health_last[key]));
    }
    Ok(())
}
