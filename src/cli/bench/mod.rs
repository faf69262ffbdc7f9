//! `lentigo bench`: how long things take on this machine: an assessment with a bundle, any ONNX graph, the processor's own arithmetic.
//!
//! CPU time of all threads, so that other programs on the machine do not count; medians over runs.

mod assessment;
mod ceiling;
mod graph;
mod npy;

use std::{fs, path::PathBuf, time::Duration};

use anyhow::{Context, Result, bail, ensure};

use super::{Outcome, bundle_choice::TrustChoice};
use crate::bundle::Bundle;

/// Arguments of `lentigo bench`.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "With --bundle the frame is a phantom of 1280x720 pixels as a camera sends it (MJPG, quality 90), the screen has 800x480 pixels.\n\
decode: JPEG to pixels; gate: quality; prepare: crop and resize; infer: the network; explain: reading its outputs;\n\
criteria: measuring the lesion's criteria, if the bundle does; render: drawing the verdict screen. total is the sum of one run, so its\n\
median need not be the sum of the medians. assess is gate to criteria of a picture in memory, again and again without decoding and drawing in\n\
between, as inference engines are timed.\n\n\
With --onnx the input is random unless --input names an .npy file of f32; a file with more pictures than the graph takes at once is run\n\
picture by picture. --output receives the graph's first output; others go beside it, to NAME.<output>.npy."
)]
pub(super) struct Args {
    /// Time an assessment with this model bundle, a folder with a manifest.toml
    #[arg(long, value_name = "DIR")]
    bundle: Option<PathBuf>,
    #[command(flatten)]
    trust: TrustChoice,
    #[command(flatten)]
    counts: Counts,
    /// Time the inference of this ONNX graph
    #[arg(long, value_name = "FILE", conflicts_with = "bundle")]
    onnx: Option<PathBuf>,
    #[command(flatten)]
    graph: graph::Choices,
    /// Print the multiply-adds a second that each family of kernels could reach at most on one core
    #[arg(long, conflicts_with_all = ["bundle", "onnx"])]
    ceiling: bool,
}

/// How often, on how many threads, and how to print it.
#[derive(Debug, clap::Args)]
struct Counts {
    /// Threads the network may use
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=64))]
    threads: u16,
    /// Runs that count, after some that warm up
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    runs: u32,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Result<Outcome> {
    if args.ceiling {
        return ceiling::run(args.counts.json);
    }
    match (&args.onnx, &args.bundle) {
        (Some(file), _) => graph::run(file, &args.graph, &args.counts),
        (None, Some(folder)) => assessment::run(Bundle::open(folder, &args.trust.trust()?)?, &args.counts),
        (None, None) => bail!("name what to time: --bundle DIR, --onnx FILE or --ceiling"),
    }
}

fn median_ms(mut samples: Vec<Duration>) -> f64 {
    samples.sort_unstable();
    samples.get(samples.len() / 2).map_or(0.0, |median| median.as_nanos() as f64 / 1e6)
}

/// The largest resident memory of this process so far, from the kernel's own count.
fn peak_rss_mb() -> Result<f64> {
    let status = fs::read_to_string("/proc/self/status").context("/proc/self/status")?;
    let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix("kB")?.trim().parse::<f64>().ok());
    ensure!(kilobytes.is_some(), "/proc/self/status has no VmHWM");
    Ok(kilobytes.unwrap_or_default() / 1024.0)
}
