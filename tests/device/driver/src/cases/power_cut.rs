//! The power goes in every state; after the next boot every accepted case is there and nothing was shown that was not recorded.
//!
//! The disk loses its write cache with the power: of everything that was written since it was switched on, only what the guest
//! flushed is there afterwards (see `disk.rs`). That is the worst that a disk which keeps its word may do.

use std::{thread::sleep, time::Duration};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{
    bench::Bench,
    disk::Contents,
    expected,
    machine::Machine,
    pictures::{Pictures, REGULAR},
    report::Findings,
    screen,
};

/// The longest from capture to the verdict.
const SEEN: Duration = Duration::from_secs(30);

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
    /// As soon as the console answers after power on, which it does before the self-test is over.
    FirstAnswer,
    /// At the live picture.
    Preview,
    /// So long after capture was asked for, without waiting for what comes of it.
    AfterCapture(Duration),
    /// As soon as the verdict is seen on the glass.
    Glass,
    /// With the verdict answered on the console.
    Verdict,
    /// So long after accept was asked for.
    AfterAccept(Duration),
    /// Once acceptance was confirmed.
    Accepted,
}

pub fn run(bench: &mut Bench, findings: &mut Findings<'_>) -> Result<()> {
    bench.fresh_disk()?;
    bench.disk.log_writes();
    let ms = Duration::from_millis;
    let cuts = [
        ("accepted", Cut::Accepted),
        ("boot: the kernel starts", Cut::AfterPowerOn(ms(1500))),
        ("self-test", Cut::FirstAnswer),
        ("preview", Cut::Preview),
        ("captured", Cut::AfterCapture(ms(100))),
        ("analysing", Cut::AfterCapture(ms(600))),
        ("verdict, first seen on the glass", Cut::Glass),
        ("verdict, answered on the console", Cut::Verdict),
        ("while accepting", Cut::AfterAccept(ms(20))),
        ("accepted again", Cut::Accepted),
    ];
    let mut told = Told::default();
    for (name, cut) in cuts {
        let state = cut_power(bench, &cut, &mut told).with_context(|| format!("cut in {name}"))?;
        let lost = bench.disk.lose_cache()?;
        let contents = bench.disk.look_into()?;
        check(name, &format!("{state}; {lost} writes lost with the disk's cache"), &contents, &told, findings);
    }
    // Half a line, as a disk may leave it that writes a file's length before its bytes.
    bench.disk.append_to_records(br#"{"time":"2026-01-01T00:00:00Z","case":99,"att"#)?;
    bench.hold(REGULAR)?;
    let machine = bench.machine()?;
    let status = machine.console.status()?;
    findings.must(
        "boots after all of them",
        status["cases"].as_u64() >= told.accepted.iter().copied().max(),
        format!("last case {}, {} accepted", status["cases"], told.accepted.len()),
        "none missing",
    );
    bench.switch_off();
    let contents = bench.disk.look_into()?;
    findings.must(
        "half a line is set apart",
        contents.set_apart == 1 && contents.torn == 0,
        format!("{} set apart, {} left in the records", contents.set_apart, contents.torn),
        "1, 0",
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
        Cut::FirstAnswer => {
            let state = bench.boot()?.console.first_state(Duration::from_secs(120))?;
            bench.switch_off();
            return Ok(state);
        }
        _ => {}
    }
    bench.hold(REGULAR)?;
    let pictures = bench.pictures.clone();
    let machine = bench.machine()?;
    let state = go_to(machine, cut, &pictures, told)?;
    bench.switch_off();
    Ok(state)
}

fn go_to(machine: &mut Machine, cut: &Cut, pictures: &Pictures, told: &mut Told) -> Result<String> {
    match cut {
        Cut::Preview | Cut::AfterPowerOn(_) | Cut::FirstAnswer => Ok(machine.console.status()?["state"].to_string()),
        Cut::AfterCapture(time) => {
            machine.console.send_only("capture")?;
            sleep(*time);
            Ok(format!("{} ms after capture", time.as_millis()))
        }
        Cut::Glass => {
            let case = machine.console.status()?["cases"].as_u64().unwrap_or_default() + 1;
            let expected = expected::outcome(pictures.get(REGULAR)?, case)?;
            machine.console.send_only("capture")?;
            machine.wait_for_screen(SEEN, "the verdict", |found| screen::alike(found, &expected))?;
            told.shown.push(case);
            Ok("verdict on the glass".to_owned())
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
