//! Power on to the live picture.

use std::time::Duration;

use anyhow::Result;

use super::ms;
use crate::{bench::Bench, expected, pictures::REGULAR, report::Findings};

pub fn run(bench: &mut Bench, findings: &mut Findings<'_>) -> Result<()> {
    bench.switch_off();
    let expected = expected::preview(bench.pictures.get(REGULAR)?)?;
    let machine = bench.boot()?;
    let on_at = machine.on_at;
    machine.hand.wait_until_ready(Duration::from_secs(120))?;
    findings.measured("power on to lentigo as init with its camera there", ms(on_at.elapsed()));
    machine.hand.give(&format!("show {REGULAR}"))?;
    let answers = machine.console.begin(Duration::from_secs(60))?;
    findings.measured("power on to an answer on the serial console", ms(answers - on_at));
    let (_, at) =
        machine.console.wait_for_status(Duration::from_secs(120), "at the live picture", |status| status["state"] == "preview")?;
    findings.measured("power on to the state preview", ms(at - on_at));
    let limit = Duration::from_secs(60);
    let (_, seen) = machine.wait_for_screen(limit, "the live picture", |screen| crate::screen::alike(screen, &expected))?;
    findings.must("power on to the live picture on the screen", seen - on_at < limit, ms(seen - on_at), "comes");
    findings.measured("of that by the guest's own clock, from the kernel's start", format!("{} s", machine.hand.give("uptime")?));
    machine.keep_screen("scene-preview")?;
    let status = machine.console.status()?;
    findings.measured("version, display, camera", format!("{}, {}, {}", status["version"], status["display"], status["camera"]["name"]));
    Ok(())
}
