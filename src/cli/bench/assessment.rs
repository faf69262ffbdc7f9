//! `lentigo bench --bundle`: how long each stage of one assessment takes.

use std::{io::Cursor, time::Duration};

use anyhow::{Context, Result, bail};
use image::{ExtendedColorType, codecs::jpeg::JpegEncoder};
use serde::Serialize;

use super::{
    super::{Outcome, output::Printed, progress},
    Counts, median_ms, peak_rss_mb,
};
use crate::{
    bundle::Bundle,
    capture::{phantom::Phantom, picture_from_bytes},
    case::BundleId,
    display::scene::{self, Scene},
    engine::{self, Options},
    frame::Frame,
    patient,
    pipeline::{Analyser, CpuClock},
    verdict::Verdict,
};

/// Size of the frame that is assessed.
const FRAME: (u32, u32) = (1280, 720);
/// Size of the screen that is drawn.
const SCREEN: (u32, u32) = (800, 480);
/// Runs before any that count: caches fill, memory is taken.
const WARM_UP: u32 = 3;

const STAGES: [&str; 8] = ["decode", "gate", "prepare", "infer", "explain", "criteria", "render", "total"];

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
    criteria_cpu_ms: f64,
    render_cpu_ms: f64,
    total_cpu_ms: f64,
    assess_cpu_ms: f64,
    peak_rss_mb: f64,
}

pub(super) fn run(bundle: Bundle, counts: &Counts) -> Result<Outcome> {
    let options = Options { threads: counts.threads.into(), caches: engine::caches_beside(bundle.folder()), ..Options::default() };
    let mut analyser = Analyser::load_with(bundle, &options)?;
    let jpeg = camera_bytes()?;
    let bar = progress::bar(counts.runs as usize);
    let mut samples: [Vec<Duration>; STAGES.len()] = Default::default();
    for run in 0..WARM_UP + counts.runs {
        let stages = once(&mut analyser, &jpeg)?;
        if run >= WARM_UP {
            samples.iter_mut().zip(stages).for_each(|(samples, stage)| samples.push(stage));
            bar.inc(1);
        }
    }
    bar.finish_and_clear();
    let [decode, gate, prepare, infer, explain, criteria, render, total] = samples.map(median_ms);
    let assess = one_after_the_other(&mut analyser, &jpeg, counts.runs)?;
    let report = Report {
        bundle: analyser.bundle().clone(),
        engine: analyser.describe_engine(),
        threads: counts.threads,
        runs: counts.runs,
        decode_cpu_ms: decode,
        gate_cpu_ms: gate,
        prepare_cpu_ms: prepare,
        infer_cpu_ms: infer,
        explain_cpu_ms: explain,
        criteria_cpu_ms: criteria,
        render_cpu_ms: render,
        total_cpu_ms: total,
        assess_cpu_ms: assess,
        peak_rss_mb: peak_rss_mb()?,
    };
    if counts.json {
        Printed::json(&report)?;
        return Ok(Outcome::Done);
    }
    Printed::line(format_args!(
        "{} {}, {}, {} thread(s), median of {} runs, CPU time",
        report.bundle.name, report.bundle.version, report.engine, report.threads, report.runs
    ))?;
    for (stage, ms) in STAGES.iter().zip([decode, gate, prepare, infer, explain, criteria, render, total]) {
        Printed::line(format_args!("  {stage:<8} {ms:9.3} ms"))?;
    }
    Printed::line(format_args!("  assess   {assess:9.3} ms (gate to criteria, one after the other)"))?;
    Printed::line(format_args!("  peak resident memory {:.1} MB", report.peak_rss_mb))?;
    Ok(Outcome::Done)
}

/// One assessment from camera bytes to a drawn screen.
fn once(analyser: &mut Analyser, jpeg: &[u8]) -> Result<[Duration; STAGES.len()]> {
    let mut clock = CpuClock::start();
    let frame = picture_from_bytes(jpeg).context("the bench's own frame")?;
    let decode = clock.lap();
    let mut process = CpuClock::start_process();
    let case = analyser.assess(frame, &patient::Context::default())?;
    let all_threads = process.lap();
    if let Verdict::Retake { reasons } = &case.verdict {
        bail!("the bundle's gate refuses the bench's phantom ({reasons:?}): its limits do not fit dermoscopic frames");
    }
    clock.lap();
    scene::draw(&Scene::from(&case), SCREEN.0, SCREEN.1)?;
    let render = clock.lap();
    let steps = case.timings;
    // Other threads work only while the network runs, and the steps' own clocks see only this thread.
    let infer = all_threads.saturating_sub(steps.gate + steps.prepare + steps.explain + steps.criteria);
    Ok([decode, steps.gate, steps.prepare, infer, steps.explain, steps.criteria, render, decode + all_threads + render])
}

/// Median milliseconds of one assessment of a picture in memory when nothing is decoded or drawn in between: how other engines' inference is
/// timed, with warm caches.
fn one_after_the_other(analyser: &mut Analyser, jpeg: &[u8], runs: u32) -> Result<f64> {
    let mut frame = picture_from_bytes(jpeg).context("the bench's own frame")?;
    let mut samples = Vec::new();
    for run in 0..WARM_UP + runs {
        let mut clock = CpuClock::start_process();
        let case = analyser.assess(frame, &patient::Context::default())?;
        let time = clock.lap();
        if run >= WARM_UP {
            samples.push(time);
        }
        frame = case.frame;
    }
    Ok(median_ms(samples))
}

fn camera_bytes() -> Result<Vec<u8>> {
    let frame: Frame = Phantom::regular(1).render(FRAME.0, FRAME.1)?.frame;
    let mut bytes = Cursor::new(vec![]);
    JpegEncoder::new_with_quality(&mut bytes, 90).encode(frame.pixels(), frame.width(), frame.height(), ExtendedColorType::Rgb8)?;
    Ok(bytes.into_inner())
}
