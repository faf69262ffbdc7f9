//! A picture of every scene that the other cases do not come by: start, captured, analysing, closed, details, form, scanning, sleep,
//! test pattern, "cannot assess", and a fault.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::Result;

use super::ms;
use crate::{
    bench::Bench,
    expected,
    machine::Machine,
    pictures::{BLURRED, REGULAR},
    report::Findings,
    screen,
};

/// The longest from capture to the verdict.
const PICTURE: Duration = Duration::from_secs(30);
/// The longest until the screen follows.
const SEEN: Duration = Duration::from_secs(10);
/// Until a scene that was asked for has been flipped to.
const FLIP: Duration = Duration::from_millis(800);

pub fn run(bench: &mut Bench, findings: &mut Findings<'_>) -> Result<()> {
    start(bench, findings)?;
    bench.hold(REGULAR)?;
    on_the_way(bench, findings)?;
    let machine = bench.machine()?;
    machine.console.ask("details")?;
    keep(machine, "details-1")?;
    machine.console.ask("down")?;
    keep(machine, "details-2")?;
    machine.console.ask("details")?;
    machine.console.ask("accept")?;
    keep(machine, "closed")?;
    for (name, there, back) in [("form", "details", "accept"), ("scanning", "scan", "details")] {
        machine.console.ask(there)?;
        let state = machine.console.status()?["state"].clone();
        findings.must(format!("{name}: reached by `{there}`"), state == name, &state, name);
        keep(machine, name)?;
        machine.console.ask(back)?;
    }
    after_scanning(bench, findings)?;
    let machine = bench.machine()?;
    machine.console.ask("test pattern 2")?;
    keep(machine, "pattern")?;
    sleeps(bench, findings)?;
    cannot_assess(bench, findings)?;
    fault(bench, findings)
}

fn keep(machine: &mut Machine, name: &str) -> Result<()> {
    sleep(FLIP);
    machine.keep_screen(&format!("scene-{name}")).map(drop)
}

/// The first thing that lentigo shows.
fn start(bench: &mut Bench, findings: &mut Findings<'_>) -> Result<()> {
    bench.switch_off();
    let machine = bench.boot()?;
    let on_at = machine.on_at;
    // Before it there is the kernel's console: dark, with a cursor.
    let (shown, at) = machine.wait_for_screen(Duration::from_secs(120), "anything", |screen| screen::lit(screen) > 0.02)?;
    screen::save(&shown, &machine.out().join("scene-start.png"))?;
    findings.measured("power on to the first picture by lentigo", ms(at - on_at));
    bench.switch_off();
    Ok(())
}

/// What is to be seen between capture and verdict.
fn on_the_way(bench: &mut Bench, findings: &mut Findings<'_>) -> Result<()> {
    let pictures = bench.pictures.clone();
    let picture = pictures.get(REGULAR)?;
    let machine = bench.machine()?;
    let case = machine.console.status()?["cases"].as_u64().unwrap_or_default() + 1;
    let mut wanted = vec![
        ("captured", expected::captured(picture, case)?),
        ("analysing", expected::analysing(picture, case)?),
        ("verdict", expected::outcome(picture, case)?),
    ];
    let pressed = Instant::now();
    machine.console.send_only("capture")?;
    let mut seen = Vec::new();
    while !seen.contains(&"verdict") && pressed.elapsed() < PICTURE {
        let shown = machine.screen()?;
        if let Some(at) = wanted.iter().position(|(_, expected)| screen::compare(&shown, expected, screen::whole(expected)).share < 0.02) {
            let (name, _) = wanted.remove(at);
            findings.measured(format!("capture to {name} on the screen"), ms(pressed.elapsed()));
            screen::save(&shown, &machine.out().join(format!("scene-{name}.png")))?;
            seen.push(name);
        }
    }
    findings.must("from capture to verdict the screen tells", seen.contains(&"verdict"), format!("{seen:?}"), "the verdict in the end");
    Ok(())
}

/// Nothing of looking for a code may stay on the live picture.
fn after_scanning(bench: &mut Bench, findings: &mut Findings<'_>) -> Result<()> {
    let expected = expected::preview(bench.pictures.get(REGULAR)?)?;
    let machine = bench.machine()?;
    sleep(Duration::from_secs(2));
    let shown = machine.keep_screen("scene-after-scanning")?;
    let found = if screen::alike(&shown, &expected) { "the live picture alone" } else { "something else: scene-after-scanning.png" };
    findings.must("after looking for a code", screen::alike(&shown, &expected), found, "the live picture alone");
    // Whatever stayed there is gone with the next state.
    machine.console.ask("details")?;
    machine.console.ask("accept")?;
    Ok(())
}

/// Sleep is dark, and a press wakes.
fn sleeps(bench: &mut Bench, findings: &mut Findings<'_>) -> Result<()> {
    bench.hold(REGULAR)?;
    let expected = expected::preview(bench.pictures.get(REGULAR)?)?;
    let machine = bench.machine()?;
    machine.console.ask("sleep")?;
    keep(machine, "sleep")?;
    let woken = Instant::now();
    machine.console.ask("sleep")?;
    let (_, seen) = machine.wait_for_screen(SEEN, "the live picture", |found| screen::alike(found, &expected))?;
    findings.measured("woken to the live picture", ms(seen - woken));
    Ok(())
}

/// A lesion of which no picture is good enough.
fn cannot_assess(bench: &mut Bench, findings: &mut Findings<'_>) -> Result<()> {
    bench.hold(BLURRED)?;
    let machine = bench.machine()?;
    let mut answer = machine.console.ask("capture")?;
    for _ in 0..5 {
        if answer["state"] != "retake" {
            break;
        }
        machine.console.ask_timed("retake")?;
        answer = machine.console.ask("capture")?;
    }
    findings.must("no good picture in all attempts", answer["label"] == "cannot assess", &answer["label"], "cannot assess");
    findings.must("no number in the answer", answer.get("probability").is_none(), &answer["probability"], "none");
    keep(machine, "cannot-assess")?;
    machine.console.ask("accept")?;
    Ok(())
}

/// A device whose model is missing shows a fault, and its console works.
fn fault(bench: &mut Bench, findings: &mut Findings<'_>) -> Result<()> {
    bench.switch_off();
    let machine = bench.boot_with("lentigo.board=/bench/without-bundle.toml")?;
    machine.console.begin(Duration::from_secs(120))?;
    let (status, _) = machine.console.wait_for_status(Duration::from_secs(60), "in a fault", |status| status["state"] == "fault")?;
    findings.must(
        "without its model: state, and what to do",
        true,
        format!("{} {}", status["fault"]["cause"], status["fault"]["next_step"]),
        "a fault",
    );
    keep(machine, "fault")?;
    let refused = machine.console.ask_timed("capture")?.0;
    findings.must("capture in a fault tries again", refused.get("label").is_none(), &refused, "no verdict");
    bench.switch_off();
    Ok(())
}
