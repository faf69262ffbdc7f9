//! `device-bench`: boots lentigo in an emulated board and goes through what can happen to it. `tests/device/README.md` says how.

mod bench;
mod cases;
mod console;
mod disk;
mod expected;
mod machine;
mod orders;
mod overlay;
mod pictures;
mod qmp;
mod report;
mod screen;
mod stream;

use std::{
    path::PathBuf,
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use anyhow::{Result, bail};
use clap::Parser;

/// Set by Ctrl-C.
static STOP: std::sync::OnceLock<Arc<AtomicBool>> = std::sync::OnceLock::new();

/// Goes through the cases and prints a table.
#[derive(Debug, Clone, Parser)]
pub struct Arguments {
    /// Folder of the image that `make image BOARD=qemu-virt` wrote
    #[arg(long)]
    image: PathBuf,
    /// Folder of the image with the kernel whose camera sends JPEG; without it that case is left out
    #[arg(long)]
    jpeg_image: Option<PathBuf>,
    /// The bench's program for inside the machine
    #[arg(long)]
    guest: PathBuf,
    /// The bundle that is in the image
    #[arg(long)]
    bundle: PathBuf,
    /// The board file that is in the image
    #[arg(long)]
    board: PathBuf,
    /// Where the table, pictures and logs go
    #[arg(long)]
    out: PathBuf,
    /// Only these cases, by name
    #[arg(long = "case", value_name = "NAME")]
    cases: Vec<String>,
    /// Boot, wait for the live picture, and leave the machine running until Ctrl-C
    #[arg(long)]
    keep: bool,
    /// With --keep: orders for the bench's hand inside, one after the other, such as "show blurred", "unplug", "plug", "stall"
    #[arg(long = "order", value_name = "ORDER", requires = "keep")]
    orders: Vec<String>,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("device-bench: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &Arguments) -> Result<bool> {
    let stop = STOP.get_or_init(Arc::default);
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        signal_hook::flag::register(signal, stop.clone())?;
    }
    std::fs::create_dir_all(&arguments.out)?;
    let mut bench = bench::Bench::new(arguments)?;
    if arguments.keep {
        bench.keep()?;
        return Ok(true);
    }
    let report = cases::run_all(&mut bench, &arguments.cases)?;
    report.write(&arguments.out)?;
    println!("\n{}", report.markdown());
    Ok(report.good())
}

/// An error once the person has pressed Ctrl-C: every wait asks here.
pub fn interrupted() -> Result<()> {
    if STOP.get().is_some_and(|stop| stop.load(Ordering::Relaxed)) {
        bail!("stopped by a signal");
    }
    Ok(())
}
