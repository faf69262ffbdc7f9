//! Noise on the serial line, and a terminal that hangs up and calls again.
//!
//! A BREAK cannot be sent: QEMU's sockets carry bytes only. Nor does the guest's UART see the caller go, as over three wires.

use std::time::Duration;

use anyhow::Result;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::{bench::Bench, pictures::REGULAR, report::Findings};

const NOISE: usize = 16 * 1024;
const CALLS: usize = 5;

pub fn run(bench: &mut Bench, findings: &mut Findings<'_>) -> Result<()> {
    bench.hold(REGULAR)?;
    let machine = bench.machine()?;
    let before = machine.console.status()?;
    let mut dice = ChaCha8Rng::seed_from_u64(4);
    for _ in 0..NOISE / 256 {
        let noise: Vec<u8> = (0..256).map(|_| dice.random()).collect();
        machine.console.send_raw(&noise)?;
    }
    machine.console.begin(Duration::from_secs(60))?;
    let after = machine.console.status()?;
    findings.must(format!("answers after {NOISE} bytes of noise"), after["state"] == before["state"], &after["state"], &before["state"]);
    findings.must("noise records nothing", after["cases"] == before["cases"], &after["cases"], &before["cases"]);
    for _ in 0..CALLS {
        // In the middle of a line.
        machine.console.send_raw(b"show sta")?;
        machine.console.hang_up_and_call()?;
        machine.console.begin(Duration::from_secs(30))?;
    }
    let last = machine.console.status()?;
    findings.must(format!("answers after {CALLS} hang-ups in the middle of a line"), last["ok"] == true, &last["state"], "as before");
    let thread = |status: &serde_json::Value| {
        let threads = status["threads"].as_array().cloned().unwrap_or_default();
        threads.iter().find(|thread| thread["name"] == "console").map(|thread| thread["restarts"].clone())
    };
    findings.must(
        "the console's thread was not started anew",
        thread(&last) == thread(&before),
        format!("{:?}", thread(&last)),
        "as before",
    );
    Ok(())
}
