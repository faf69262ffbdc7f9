//! The cases, one file each, in the order in which they are gone through.
//!
//! Cases share a machine where nothing forbids it; each begins by bringing it to the live picture and leaves it running.

mod boot;
mod button;
mod corrupt;
mod endurance;
mod jpeg;
mod normal;
mod power_cut;
mod refused;
mod scenes;
mod serial;
mod stall;
mod transcript;
mod unplug;

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::{
    bench::Bench,
    report::{Findings, Report},
};

type Case = fn(&mut Bench, &mut Findings<'_>) -> Result<()>;

/// Every case by name.
const ALL: [(&str, Case); 13] = [
    ("boot", boot::run),
    ("normal", normal::run),
    ("button", button::run),
    ("refused", refused::run),
    ("scenes", scenes::run),
    ("unplug", unplug::run),
    ("stall", stall::run),
    ("corrupt", corrupt::run),
    ("serial", serial::run),
    ("transcript", transcript::run),
    ("endurance", endurance::run),
    ("power-cut", power_cut::run),
    ("jpeg", jpeg::run),
];

/// Goes through all cases, or those in `only`.
pub fn run_all(bench: &mut Bench, only: &[String]) -> Result<Report> {
    if let Some(unknown) = only.iter().find(|name| !ALL.iter().any(|(known, _)| known == name)) {
        let known: Vec<_> = ALL.iter().map(|(name, _)| *name).collect();
        bail!("there is no case {unknown}; there are: {}", known.join(", "));
    }
    let mut report = Report::default();
    for (name, run) in ALL {
        if !only.is_empty() && !only.iter().any(|wanted| wanted == name) {
            continue;
        }
        crate::interrupted()?;
        println!("\n== {name}");
        let began = Instant::now();
        let ended = run(bench, &mut report.of(name));
        if let Err(error) = ended {
            report.of(name).failed(&error);
            bench.keep_traces(name);
            // Whatever state it is in: the next case begins with a fresh machine.
            bench.switch_off();
        }
        report.took(name, began.elapsed());
        // A bench that is cut short leaves what it has found.
        report.write(&bench.out)?;
    }
    Ok(report)
}

/// `1234 ms`.
fn ms(time: Duration) -> String {
    format!("{} ms", time.as_millis())
}
