//! `lentigo bench`: how long each stage of one assessment takes, and how much memory the whole takes.
//!
//! CPU time of all threads, so that other programs on the machine do not count; medians over runs.

use std::{fs, io::Cursor, time::Duration};

use anyhow::{Context, Result, bail, ensure};
use image::{ExtendedColorType, codecs::jpeg::JpegEncoder};
use serde::Serialize;

use super::{Outcome, bundle_choice::BundleChoice, output::Printed, progress};
use crate::{
    capture::{phantom::Phantom, picture_from_bytes},
    case::BundleId,
    display::scene::{self, Scene},
    frame::Frame,
    pipeline::{Analyser, CpuClock},
    verdict::Verdict,
};

/// Arguments of `lentigo bench`.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "The frame is a phantom of 1280x720 pixels as a camera sends it (MJPG, quality 90), the screen has 800x480 pixels.\n\
decode: JPEG to pixels; gate: quality; prepare: crop, resize, normalise; infer: the network; explain: reading its outputs;\n\
render: drawing the verdict screen. total is the sum of one run, so its median need not be the sum of the medians."
)]
pub(super) struct Args {
    #[command(flatten)]
    bundle: BundleChoice,
    /// Threads the network may use
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=64))]
    threads: u16,
    /// Runs that count, after three that warm up
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    runs: u32,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Size of the frame that is assessed.
const FRAME: (u32, u32) = (1280, 720);
/// Size of the screen that is drawn.
const SCREEN: (u32, u32) = (800, 480);
/// Runs before any that count: caches fill, memory is taken.
const WARM_UP: u32 = 3;

const STAGES: [&str; 7] = ["decode", "gate", "prepare", "infer", "explain", "render", "total"];

/// What `--json` prints. Times in milliseconds of CPU time.
#[derive(Debug, Serialize)]
struct Report {
    bundle: BundleId,
    engine: String,
    threads: u16,
    runs: u32,
    decode_cpu_ms: f64,
    gate_cpu_ms: f64,
    prepare_cpu_ms: f64,
    infer_cpu_ms: f64,
    explain_cpu_ms: f64,
    render_cpu_ms: f64,
    total_cpu_ms: f64,
    peak_rss_mb: f64,
}

pub(super) fn run(args: &Args) -> Result<Outcome> {
    let mut analyser = Analyser::load_on(args.bundle.open()?, args.threads.into())?;
    let jpeg = camera_bytes()?;
    let bar = progress::bar(args.runs as usize);
    let mut samples: [Vec<Duration>; STAGES.len()] = Default::default();
    for run in 0..WARM_UP + args.runs {
        let stages = once(&mut analyser, &jpeg)?;
        if run >= WARM_UP {
            samples.iter_mut().zip(stages).for_each(|(samples, stage)| samples.push(stage));
            bar.inc(1);
        }
    }
    bar.finish_and_clear();
    let [decode, gate, prepare, infer, explain, render, total] = samples.map(median_ms);
    let report = Report {
        bundle: analyser.bundle().clone(),
        engine: analyser.describe_engine(),
        threads: args.threads,
        runs: args.runs,
        decode_cpu_ms: decode,
        gate_cpu_ms: gate,
        prepare_cpu_ms: prepare,
        infer_cpu_ms: infer,
        explain_cpu_ms: explain,
        render_cpu_ms: render,
        total_cpu_ms: total,
        peak_rss_mb: peak_rss_mb()?,
    };
    if args.json {
        Printed::json(&report)?;
        return Ok(Outcome::Done);
    }
    Printed::line(format_args!(
        "{} {}, {}, {} thread(s), median of {} runs, CPU time",
        report.bundle.name, report.bundle.version, report.engine, report.threads, report.runs
    ))?;
    for (stage, ms) in STAGES.iter().zip([decode, gate, prepare, infer, explain, render, total]) {
        Printed::line(format_args!("  {stage:<8} {ms:9.3} ms"))?;
    }
    Printed::line(format_args!("  peak resident memory {:.1} MB", report.peak_rss_mb))?;
    Ok(Outcome::Done)
}

/// One assessment from camera bytes to a drawn screen.
fn once(analyser: &mut Analyser, jpeg: &[u8]) -> Result<[Duration; STAGES.len()]> {
    let mut clock = CpuClock::start();
    let frame = picture_from_bytes(jpeg).context("the bench's own frame")?;
    let decode = clock.lap();
    let mut process = CpuClock::start_process();
    let case = analyser.analyse(frame)?;
    let all_threads = process.lap();
    if let Verdict::Retake { reasons } = &case.verdict {
        bail!("the bundle's gate refuses the bench's phantom ({reasons:?}): its limits do not fit dermoscopic frames");
    }
    clock.lap();
    scene::draw(&Scene::from(&case), SCREEN.0, SCREEN.1)?;
    let render = clock.lap();
    let steps = case.timings;
    // Other threads work only while the network runs, and the steps' own clocks see only this thread.
    let infer = all_threads.saturating_sub(steps.gate + steps.prepare + steps.explain);
    Ok([decode, steps.gate, steps.prepare, infer, steps.explain, render, decode + all_threads + render])
}

fn camera_bytes() -> Result<Vec<u8>> {
    let frame: Frame = Phantom::regular(1).render(FRAME.0, FRAME.1)?.frame;
    let mut bytes = Cursor::new(vec![]);
    JpegEncoder::new_with_quality(&mut bytes, 90).encode(frame.pixels(), frame.width(), frame.height(), ExtendedColorType::Rgb8)?;
    Ok(bytes.into_inner())
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
