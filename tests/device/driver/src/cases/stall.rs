//! The camera is there but gives no frames, then gives them again.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::ms;
use crate::{bench::Bench, expected, pictures::REGULAR, report::Findings, screen};

/// What a person must not wait longer for.
const WANTED: Duration = Duration::from_secs(2);
const NOTICED: Duration = Duration::from_secs(20);
const RECOVERED: Duration = Duration::from_secs(20);

pub fn run(bench: &mut Bench, findings: &mut Findings<'_>) -> Result<()> {
    bench.hold(REGULAR)?;
    let expected = expected::preview(bench.pictures.get(REGULAR)?)?;
    let machine = bench.machine()?;
    let stalled = Instant::now();
    machine.hand.give("stall")?;
    let (status, at) = machine.console.wait_for_status(NOTICED, "without frames", |status| status["camera"]["live"] == false)?;
    findings.measured("stalled to noticed", ms(at - stalled));
    let (_, told) = machine.wait_for_screen(NOTICED, "that there is no picture", |found| !screen::alike(found, &expected))?;
    findings.must("the screen says so", true, ms(told - stalled), "no live picture any more");
    machine.keep_screen("scene-camera-stalled")?;
    findings.measured("state, and what the device says", format!("{}: {}", status["state"], status["fault"]["cause"]));
    let refused = machine.console.ask_timed("capture")?.0;
    findings.must("capture without frames", refused.get("label").is_none(), &refused, "no verdict on an old frame");
    machine.hand.give("resume")?;
    let resumed = Instant::now();
    let (_, at) = machine
        .console
        .wait_for_status(RECOVERED, "at the live picture", |status| status["camera"]["live"] == true && status["state"] == "preview")?;
    let time = at.saturating_duration_since(resumed);
    findings.must("frames again to live again", time <= WANTED, ms(time), "within 2 s");
    Ok(())
}
