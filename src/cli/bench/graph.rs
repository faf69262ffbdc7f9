//! `lentigo bench --onnx`: how long one inference of any quantised ONNX graph takes, and what it gives.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use super::{
    super::{Outcome, output::Printed},
    Counts, median_ms, npy, peak_rss_mb,
};
use crate::{
    engine::{Engine, GraphSpec, Int8Engine, Options, Tensor, TractEngine},
    pipeline::CpuClock,
};

/// What to run, and what to do with the result.
#[derive(Debug, clap::Args)]
pub(super) struct Choices {
    /// Run it in tract alone, without the int8 engine, to compare
    #[arg(long, requires = "onnx")]
    stock: bool,
    /// Input tensor, an .npy file of f32; random when left out
    #[arg(long, value_name = "FILE", requires = "onnx")]
    input: Option<PathBuf>,
    /// Where to write what comes out
    #[arg(long, value_name = "FILE", requires = "onnx")]
    output: Option<PathBuf>,
    /// Also print the time of each step of the int8 engine
    #[arg(long, requires = "onnx", conflicts_with = "stock")]
    profile: bool,
}

/// Inferences are timed in batches about this long: the kernel accounts the CPU time of other threads only now and then.
const BATCH: Duration = Duration::from_millis(25);
/// Time spent before any batch counts: caches fill, the processor's clock rises.
const WARM_UP: Duration = Duration::from_millis(150);

/// What `--json` prints. Times in milliseconds.
#[derive(Debug, Serialize)]
struct Report {
    onnx: String,
    engine: String,
    kernels: String,
    threads: u16,
    runs: u32,
    load_ms: f64,
    infer_cpu_ms: f64,
    infer_wall_ms: f64,
    peak_rss_mb: f64,
    tract_operators: Option<usize>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    steps: Vec<StepReport>,
}

#[derive(Debug, Serialize)]
struct StepReport {
    name: String,
    operator: &'static str,
    shape: Vec<usize>,
    ms: f64,
    multiply_adds: u64,
}

/// The graph in one of the two engines.
enum Network {
    Int8(Box<Int8Engine>),
    Stock(Box<TractEngine>),
}

impl Network {
    fn load(file: &Path, stock: bool, threads: u16) -> Result<Self> {
        let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if stock {
            let engine = TractEngine::load_unannounced(&bytes, &name)?.with_threads(threads.into());
            return Ok(Self::Stock(Box::new(engine)));
        }
        let options = Options { threads: threads.into(), ..Options::default() };
        Ok(Self::Int8(Box::new(Int8Engine::load_unannounced(&bytes, &name, &options)?)))
    }

    fn engine(&mut self) -> &mut dyn Engine {
        match self {
            Self::Int8(engine) => engine.as_mut(),
            Self::Stock(engine) => engine.as_mut(),
        }
    }

    fn spec(&self) -> &GraphSpec {
        match self {
            Self::Int8(engine) => engine.spec(),
            Self::Stock(engine) => engine.spec(),
        }
    }
}

pub(super) fn run(file: &Path, choices: &Choices, counts: &Counts) -> Result<Outcome> {
    let start = Instant::now();
    let mut network = Network::load(file, choices.stock, counts.threads)?;
    let load = start.elapsed();
    let spec = network.spec().clone();
    let inputs = match &choices.input {
        Some(path) => pictures(npy::read(path)?, &spec)?,
        None => vec![random(&spec)],
    };
    if let Some(path) = &choices.output {
        write_outputs(network.engine(), &spec, &inputs, path)?;
    }
    let first = &inputs[0];
    let (cpu, wall) = time(network.engine(), first, counts.runs)?;
    let steps = match &mut network {
        Network::Int8(engine) if choices.profile => profile(engine, first, counts.runs)?,
        _ => Vec::new(),
    };
    let (kernels, tract_operators) = match &network {
        Network::Int8(engine) => (engine.family().to_string(), Some(engine.plan().steps.iter().map(|step| step.tract.len()).sum())),
        Network::Stock(_) => ("tract".to_owned(), None),
    };
    let report = Report {
        onnx: file.display().to_string(),
        engine: network.engine().describe(),
        kernels,
        threads: counts.threads,
        runs: counts.runs,
        load_ms: load.as_secs_f64() * 1e3,
        infer_cpu_ms: cpu,
        infer_wall_ms: wall,
        peak_rss_mb: peak_rss_mb()?,
        tract_operators,
        steps,
    };
    print(&report, counts.json)
}

fn print(report: &Report, json: bool) -> Result<Outcome> {
    if json {
        Printed::json(report)?;
        return Ok(Outcome::Done);
    }
    Printed::line(format_args!("{}: {}, median of {} runs", report.onnx, report.engine, report.runs))?;
    Printed::line(format_args!("  infer     {:9.3} ms of CPU, {:.3} ms on the clock", report.infer_cpu_ms, report.infer_wall_ms))?;
    Printed::line(format_args!("  load      {:9.3} ms", report.load_ms))?;
    Printed::line(format_args!("  peak resident memory {:.1} MB", report.peak_rss_mb))?;
    if let Some(count) = report.tract_operators.filter(|count| *count > 0) {
        Printed::line(format_args!("  {count} operators are tract's own: `lentigo bundle show --plan` names those of a bundle"))?;
    }
    for step in &report.steps {
        let rate = step.multiply_adds as f64 / step.ms / 1e6;
        Printed::line(format_args!("  {:8.4} ms {rate:7.1} GMAC/s  {:<18} {:?} {}", step.ms, step.operator, step.shape, step.name))?;
    }
    Ok(Outcome::Done)
}

/// `tensor` as the inputs of one run after the other.
fn pictures(tensor: Tensor, spec: &GraphSpec) -> Result<Vec<Vec<Tensor>>> {
    let [input] = spec.inputs.as_slice() else { anyhow::bail!("the graph has {} inputs, --input gives one", spec.inputs.len()) };
    let count: usize = input.shape.iter().product();
    let whole = tensor.values.len() / count.max(1);
    let fits = tensor.shape.len() == input.shape.len() && tensor.shape[1..] == input.shape[1..] && whole * count == tensor.values.len();
    ensure!(fits && whole > 0, "the graph takes {:?}, --input holds {:?}", input.shape, tensor.shape);
    let one = |values: &[f32]| vec![Tensor { shape: input.shape.clone(), values: values.to_vec() }];
    Ok(tensor.values.chunks(count).map(one).collect())
}

fn random(spec: &GraphSpec) -> Vec<Tensor> {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let tensor = |shape: &Vec<usize>| {
        let values = (0..shape.iter().product()).map(|_| random.random_range(-2.0..2.0)).collect();
        Tensor { shape: shape.clone(), values }
    };
    spec.inputs.iter().map(|input| &input.shape).map(tensor).collect()
}

/// Runs every picture and writes each output, the pictures' stacked along its first axis.
fn write_outputs(engine: &mut dyn Engine, spec: &GraphSpec, inputs: &[Vec<Tensor>], path: &Path) -> Result<()> {
    let mut stacked: Vec<Tensor> = Vec::new();
    for input in inputs {
        let outputs = engine.run(input)?;
        if stacked.is_empty() {
            stacked = outputs.to_vec();
            continue;
        }
        for (all, output) in stacked.iter_mut().zip(outputs) {
            all.values.extend_from_slice(&output.values);
            if let Some(axis) = all.shape.first_mut() {
                *axis += output.shape[0];
            }
        }
    }
    for (at, (tensor, output)) in stacked.iter().zip(&spec.outputs).enumerate() {
        let path = if at == 0 { path.to_owned() } else { path.with_extension(format!("{}.npy", output.name.replace('/', "_"))) };
        npy::write(&path, tensor)?;
    }
    Ok(())
}

/// Median milliseconds of CPU and of wall clock of one inference.
fn time(engine: &mut dyn Engine, inputs: &[Tensor], runs: u32) -> Result<(f64, f64)> {
    let start = Instant::now();
    let mut warm = 0_u32;
    while warm < 3 || start.elapsed() < WARM_UP {
        engine.run(inputs)?;
        warm += 1;
    }
    let each = start.elapsed() / warm;
    let batch = (BATCH.as_nanos() / each.as_nanos().max(1)).clamp(1, 1000) as u32;
    let mut cpu = Vec::new();
    let mut wall = Vec::new();
    for _ in 0..runs.div_ceil(batch).max(5) {
        let mut clock = CpuClock::start_process();
        let start = Instant::now();
        for _ in 0..batch {
            engine.run(inputs)?;
        }
        wall.push(start.elapsed() / batch);
        cpu.push(clock.lap() / batch);
    }
    Ok((median_ms(cpu), median_ms(wall)))
}

fn profile(engine: &mut Int8Engine, inputs: &[Tensor], runs: u32) -> Result<Vec<StepReport>> {
    engine.measure_steps(true);
    for _ in 0..runs.max(30) {
        engine.run(inputs)?;
    }
    let times = engine.step_times();
    let step = |(time, step): (&crate::engine::int8::run::StepTime, &crate::engine::int8::PlanStep)| StepReport {
        name: step.name.clone(),
        operator: step.operator,
        shape: step.shape.clone(),
        ms: time.median.as_nanos() as f64 / 1e6,
        multiply_adds: step.multiply_adds,
    };
    Ok(times.iter().zip(&engine.plan().steps).map(step).collect())
}
