//! The same by a key, as a person does it: from the press to the verdict on the glass.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::ms;
use crate::{bench::Bench, expected, pictures::REGULAR, report::Findings, screen};

/// Keys that mean capture and accept on boards that do not say otherwise (`[inputs]`), by QEMU's names.
const CAPTURE: &str = "spc";
const ACCEPT: &str = "ret";

pub fn run(bench: &mut Bench, findings: &mut Findings<'_>) -> Result<()> {
    bench.hold(REGULAR)?;
    let pictures = bench.pictures.clone();
    let machine = bench.machine()?;
    let before = machine.console.status()?["cases"].as_u64();
    let expected = expected::outcome(pictures.get(REGULAR)?, before.unwrap_or_default() + 1)?;
    let pressed = Instant::now();
    machine.press_key(CAPTURE)?;
    let (_, seen) = machine.wait_for_screen(Duration::from_secs(30), "the verdict", |found| screen::alike(found, &expected))?;
    findings.measured("key pressed to verdict on the screen (looked at every 100 ms)", ms(seen - pressed));
    machine.press_key(ACCEPT)?;
    let (status, _) =
        machine.console.wait_for_status(Duration::from_secs(20), "at the live picture", |status| status["state"] == "preview")?;
    let after = status["cases"].as_u64();
    findings.must("accepted by a key", after == before.map(|cases| cases + 1), format!("{before:?}, then {after:?} cases"), "one more");
    Ok(())
}
