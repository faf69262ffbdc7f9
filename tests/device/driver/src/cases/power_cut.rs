//! The power goes in every state; after the next boot every accepted case is there and nothing was shown that was not recorded.
//!
//! QEMU is killed with its disk's write cache in the host's memory: what the guest had written but not flushed survives here, as it
//! would not on every disk. The order of writes and the torn lines of the guest itself are real.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{bench::Bench, disk::Contents, machine::Machine, pictures::REGULAR, report::Findings};

/// What the bench has been told, and so must find again.
#[derive(Default)]
struct Told {
    /// Cases whose verdict was shown.
    shown: Vec<u64>,
    /// Cases whose acceptance was confirmed.
    accepted: Vec<u64>,
}

/// Where the power goes.
enum Cut {
    /// So long after power on.
    AfterPowerOn(Duration),
    /// As soon as the device says that it is in this state after power on.
    InState(&'static str),
    /// At the live picture.
    Preview,
    /// So long after capture was asked for, without waiting for what comes of it.
    AfterCapture(Duration),
    /// With the verdict on the screen.
    Verdict,
    /// So long after accept was asked for.
    AfterAccept(Duration),
    /// Once acceptance was confirmed.
    Accepted,
}

pub fn run(bench: &mut Bench, findings: &mut Findings<'_>) -> Result<()> {
    bench.fresh_disk()?;
    let ms = Duration::from_millis;
    let cuts = [
        ("accepted", Cut::Accepted),
        ("boot: the kernel starts", Cut::AfterPowerOn(ms(1500))),
        ("self-test", Cut::InState("self-test")),
        ("preview", Cut::Preview),
        ("captured", Cut::AfterCapture(ms(100))),
        ("analysing", Cut::AfterCapture(ms(600))),
        ("verdict", Cut::Verdict),
        ("while accepting", Cut::AfterAccept(ms(20))),
        ("accepted again", Cut::Accepted),
    ];
    let mut told = Told::default();
    for (name, cut) in cuts {
        let state = cut_power(bench, &cut, &mut told).with_context(|| format!("cut in {name}"))?;
        let contents = bench.disk.look_into()?;
        check(name, &state, &contents, &told, findings);
    }
    // The last boot mends what the last cut left.
    let machine = bench.machine()?;
    let (status, _) =
        machine.console.wait_for_status(Duration::from_secs(120), "at the live picture", |status| status["state"] == "preview")?;
    findings.must(
        "boots after all of them",
        status["cases"].as_u64() >= told.accepted.iter().copied().max(),
        format!("{} cases in the records, {} accepted", status["cases"], told.accepted.len()),
        "no fewer",
    );
    Ok(())
}

/// Boots, goes to where the power is to be cut, and cuts it; returns the state that the device said it was in last.
fn cut_power(bench: &mut Bench, cut: &Cut, told: &mut Told) -> Result<String> {
    bench.switch_off();
    match cut {
        Cut::AfterPowerOn(time) => {
            bench.boot()?;
            sleep(*time);
            bench.switch_off();
            return Ok(format!("{} ms after power on", time.as_millis()));
        }
        Cut::InState(state) => {
            let machine = bench.boot()?;
            machine.hand.wait_until_ready(Duration::from_secs(120))?;
            machine.console.begin(Duration::from_secs(60))?;
            // It may be over before the console answers: then the power goes at the first state after it.
            let began = Instant::now();
            let mut last = machine.console.status()?;
            while last["state"] == "boot" && last["state"] != *state && began.elapsed() < Duration::from_secs(20) {
                last = machine.console.status()?;
            }
            bench.switch_off();
            return Ok(last["state"].to_string());
        }
        _ => {}
    }
    bench.hold(REGULAR)?;
    let machine = bench.machine()?;
    let state = go_to(machine, cut, told)?;
    bench.switch_off();
    Ok(state)
}

fn go_to(machine: &mut Machine, cut: &Cut, told: &mut Told) -> Result<String> {
    match cut {
        Cut::Preview | Cut::AfterPowerOn(_) | Cut::InState(_) => Ok(machine.console.status()?["state"].to_string()),
        Cut::AfterCapture(time) => {
            machine.console.send_only("capture")?;
            sleep(*time);
            Ok(format!("{} ms after capture", time.as_millis()))
        }
        Cut::Verdict => {
            let answer = machine.console.ask("capture")?;
            told.shown.extend(answer["case"].as_u64());
            Ok(answer["state"].to_string())
        }
        Cut::AfterAccept(time) => {
            let answer = machine.console.ask("capture")?;
            told.shown.extend(answer["case"].as_u64());
            machine.console.send_only("accept")?;
            sleep(*time);
            Ok(format!("{} ms after accept", time.as_millis()))
        }
        Cut::Accepted => {
            let answer = machine.console.ask("capture")?;
            told.shown.extend(answer["case"].as_u64());
            let answer = machine.console.ask("accept")?;
            told.accepted.extend(answer["case"].as_u64().or(told.shown.last().copied()));
            Ok(answer["state"].to_string())
        }
    }
}

/// Everything that was told is on the disk.
fn check(name: &str, state: &str, contents: &Contents, told: &Told, findings: &mut Findings<'_>) {
    let of = |case: u64| contents.lines.iter().filter(move |line| line["case"].as_u64() == Some(case));
    let lost_shown = told.shown.iter().filter(|case| of(**case).next().is_none()).count();
    let closed = |line: &Value| line["closed"] == "accepted";
    let lost_accepted = told.accepted.iter().filter(|case| !of(**case).any(closed)).count();
    findings.must(
        format!("cut in {name}"),
        lost_shown + lost_accepted == 0,
        format!(
            "{state}; {} lines, {} torn, {} set apart; of {} shown {lost_shown} and of {} accepted {lost_accepted} are missing",
            contents.lines.len(),
            contents.torn,
            contents.set_apart,
            told.shown.len(),
            told.accepted.len()
        ),
        "none missing",
    );
}
