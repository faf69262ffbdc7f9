//! The camera's cable is pulled, its kernel module unloaded, and both come back.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::ms;
use crate::{bench::Bench, expected, pictures::REGULAR, report::Findings, screen};

/// What a person must not wait longer for.
const WANTED: Duration = Duration::from_secs(2);
const NOTICED: Duration = Duration::from_secs(10);
const RECOVERED: Duration = Duration::from_secs(20);

pub fn run(bench: &mut Bench, findings: &mut Findings<'_>) -> Result<()> {
    bench.hold(REGULAR)?;
    let expected = expected::preview(bench.pictures.get(REGULAR)?)?;
    let machine = bench.machine()?;
    let reopened = machine.console.status()?["camera"]["reopened"].as_u64();
    let pulled = Instant::now();
    machine.hand.give("unplug")?;
    findings.measured("unbound and module unloaded after", ms(pulled.elapsed()));
    let (status, at) = machine.console.wait_for_status(NOTICED, "without a camera", |status| status["camera"]["live"] == false)?;
    findings.measured("pulled to noticed", ms(at - pulled));
    let (_, told) = machine.wait_for_screen(NOTICED, "that the camera is gone", |found| !screen::alike(found, &expected))?;
    findings.must("the screen says so", true, ms(told - pulled), "no live picture any more");
    machine.keep_screen("scene-camera-gone")?;
    findings.measured("state, and what the device says", format!("{}: {}", status["state"], status["fault"]["cause"]));
    let refused = machine.console.ask_timed("capture")?.0;
    findings.must("capture without a camera", refused["ok"] == false || refused.get("label").is_none(), &refused, "no verdict");
    // The picture is back before the camera when this returns.
    machine.hand.give("plug")?;
    let plugged = Instant::now();
    let (status, at) = machine
        .console
        .wait_for_status(RECOVERED, "at the live picture", |status| status["camera"]["live"] == true && status["state"] == "preview")?;
    let time = at.saturating_duration_since(plugged);
    findings.must("plugged to live again", time <= WANTED, ms(time), "within 2 s");
    let (_, seen) = machine.wait_for_screen(RECOVERED, "the live picture", |found| screen::alike(found, &expected))?;
    findings.measured("plugged to the live picture on the screen", ms(seen - plugged));
    findings.measured(
        "times that the camera was opened anew",
        format!("{} before, {} after", reopened.unwrap_or_default(), status["camera"]["reopened"]),
    );
    Ok(())
}
