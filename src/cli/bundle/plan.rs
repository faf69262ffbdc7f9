//! `lentigo bundle show --plan`: how a graph is computed, step by step. Nothing runs in floating point without standing here.

use anyhow::{Result, bail};

use super::super::{Outcome, output::Printed};
use crate::{
    bundle::Bundle,
    engine::{
        GraphSpec, Int8Engine, Options, Precision,
        int8::{Plan, PlanStep},
    },
};

pub(super) fn show(bundle: &Bundle) -> Result<Outcome> {
    let spec = &bundle.manifest().graph;
    if spec.precision != Precision::Int8 {
        bail!("{} is a {} graph, which tract runs as a whole: there is no int8 plan of it", spec.file, spec.precision);
    }
    // Compiled anew: a program from the cache would do, but this is also how one looks for what the cache hides.
    let engine = Int8Engine::load(bundle.graph(), spec, &Options { threads: 1, ..Options::default() })?;
    print(engine.plan())?;
    if let Some(clinical) = &bundle.manifest().clinical {
        let GraphSpec { file, precision, .. } = clinical.graph_spec();
        Printed::line(format_args!("{file}: {precision}, run by tract as a whole"))?;
    }
    Ok(Outcome::Done)
}

fn print(plan: &Plan) -> Result<()> {
    Printed::line(format_args!(
        "{:>5} {:<20} {:<22} {:>16} {:>12} {:>14}  node",
        "step", "operator", "kernel", "result", "bytes", "multiply-adds"
    ))?;
    for (at, step) in plan.steps.iter().enumerate() {
        let shape = step.shape.iter().map(usize::to_string).collect::<Vec<_>>().join("x");
        let PlanStep { name, operator, kernel, bytes, multiply_adds, .. } = step;
        Printed::line(format_args!("{at:>5} {operator:<20} {kernel:<22} {shape:>16} {bytes:>12} {multiply_adds:>14}  {name}"))?;
        for operator in &step.tract {
            Printed::line(format_args!("{:>5} {operator}", ""))?;
        }
    }
    let foreign: usize = plan.steps.iter().map(|step| step.tract.len()).sum();
    Printed::line(format_args!(
        "{} steps on {}; {:.1} million multiply-adds in int8; {} kB for tensors, {} kB for packed weights",
        plan.steps.len(),
        plan.kernels,
        plan.multiply_adds as f64 / 1e6,
        plan.arena_bytes / 1024,
        plan.constant_bytes / 1024
    ))?;
    Printed::line(format_args!("in f32: {} steps of ours, {foreign} operators of tract", plan.in_f32()))
}
