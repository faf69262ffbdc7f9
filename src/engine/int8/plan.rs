//! What a program does, step by step, for people.

use serde::Serialize;

use super::{
    compile::Island,
    kernels::Family,
    program::{Method, Operation, Program, Real, Step},
};

/// A program in words and figures.
#[derive(Debug, Clone, Serialize)]
pub struct Plan {
    /// Kernels that it is packed for.
    pub kernels: &'static str,
    /// Bytes in which all tensors between steps lie.
    pub arena_bytes: usize,
    /// Bytes of packed weights and tables.
    pub constant_bytes: usize,
    /// Multiply-adds of one inference, in int8.
    pub multiply_adds: u64,
    /// In order.
    pub steps: Vec<PlanStep>,
}

/// One step.
#[derive(Debug, Clone, Serialize)]
pub struct PlanStep {
    /// Node of the graph whose result it makes.
    pub name: String,
    /// What it does.
    pub operator: &'static str,
    /// What runs it: a kernel of ours, or tract.
    pub kernel: String,
    /// Shape of its result.
    pub shape: Vec<usize>,
    /// Bytes that it reads and writes, weights included.
    pub bytes: usize,
    /// Multiply-adds in int8.
    pub multiply_adds: u64,
    /// Operators that tract runs here.
    pub tract: Vec<String>,
}

impl Plan {
    pub(super) fn of(program: &Program, family: Family, islands: &[Island]) -> Self {
        let steps: Vec<PlanStep> = program.steps.iter().map(|step| describe(step, program, family, islands)).collect();
        Self {
            kernels: family.name(),
            arena_bytes: program.arena_len,
            constant_bytes: program.constants.as_bytes().len(),
            multiply_adds: steps.iter().map(|step| step.multiply_adds).sum(),
            steps,
        }
    }

    /// Steps of ours that compute in f32.
    #[must_use]
    pub fn in_f32(&self) -> usize {
        self.steps.iter().filter(|step| step.operator.ends_with("in f32")).count()
    }

    /// Whether nothing of the graph is left to tract.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.steps.iter().all(|step| step.tract.is_empty())
    }
}

fn describe(step: &Step, program: &Program, family: Family, islands: &[Island]) -> PlanStep {
    let (operator, kernel) = name(&step.operation, family);
    let values = step.inputs.iter().chain(&step.outputs).map(|id| program.values[id.0].len()).sum::<usize>();
    let (weights, multiply_adds) = match &step.operation {
        Operation::Convolve(convolution) => {
            let tables = match &convolution.method {
                Method::Product { weights, .. } => weights.iter().map(|table| table.len).sum(),
                Method::Depthwise { weights } | Method::DepthwisePortable { weights } => weights.len,
            };
            (tables + convolution.requant.bias.len + convolution.requant.scale.len, convolution.multiply_adds())
        }
        Operation::Multiply(matrix) => (0, (matrix.batch * matrix.rows * matrix.depth * matrix.columns) as u64),
        _ => (0, 0),
    };
    let tract = match &step.operation {
        Operation::Foreign(index) => {
            let nodes = islands.get(*index).map(|island| island.nodes.as_slice()).unwrap_or_default();
            nodes.iter().map(|node| format!("{} {}", node.operator, node.name)).collect()
        }
        _ => Vec::new(),
    };
    let shape = step.outputs.first().map(|id| program.values[id.0].shape.clone()).unwrap_or_default();
    PlanStep { name: step.name.clone(), operator, kernel, shape, bytes: values + weights, multiply_adds, tract }
}

fn name(operation: &Operation, family: Family) -> (&'static str, String) {
    let portable = |operator: &'static str| (operator, format!("portable, {family}"));
    match operation {
        Operation::Convolve(convolution) => match &convolution.method {
            Method::Product { groups: 1, .. } if convolution.kernel == [1, 1] => ("convolution 1x1", format!("product, {family}")),
            Method::Product { .. } => ("convolution", format!("product, {family}")),
            Method::Depthwise { .. } => ("depthwise", format!("depthwise, {family}")),
            Method::DepthwisePortable { .. } => portable("depthwise"),
        },
        Operation::Multiply(_) => ("matrix product", format!("product, {family}")),
        Operation::Combine(_) => portable("element by element"),
        Operation::Lookup(_) => portable("table"),
        Operation::Pool(_) => portable("pool"),
        Operation::Assemble { .. } => portable("copy"),
        Operation::Resize(_) => portable("resize"),
        Operation::Softmax(_) => portable("softmax in f32"),
        Operation::LayerNorm { .. } => portable("layer norm in f32"),
        Operation::Real(Real::Reduce { .. }) => portable("reduce in f32"),
        Operation::Real(Real::Product { .. }) => portable("product in f32"),
        Operation::Real(Real::Combine { .. }) => portable("elements in f32"),
        Operation::Real(Real::Clamp { .. }) => portable("limits in f32"),
        Operation::Real(Real::Function(_)) => portable("function in f32"),
        Operation::Real(Real::Resize { .. }) => portable("resize in f32"),
        Operation::Quantise(_) => portable("quantise"),
        Operation::Dequantise(_) => portable("dequantise"),
        Operation::Foreign(_) => ("tract's own", "tract".to_owned()),
    }
}
