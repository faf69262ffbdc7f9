//! The engine that every build has: [tract](https://github.com/sonos/tract), pure Rust.
//!
//! Loads an ONNX graph from memory, holds it to the manifest, and lets tract optimise it for this processor.
//! It never reads a file: the bytes it gets are the bytes whose digest was checked.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use tract_linalg::multithread::{Executor, multithread_tract_scope};
use tract_onnx::prelude::{Framework, InferenceModelExt, IntoRunnable};
use tract_onnx::{pb, prelude as tract};

use super::{Element, Engine, EngineError, GraphSpec, Tensor, TensorSpec};

/// A graph in tract.
pub struct TractEngine {
    plan: Arc<tract::TypedRunnableModel>,
    spec: GraphSpec,
    /// For each output of the manifest, which output of the graph it is.
    output_order: Vec<usize>,
    /// For each input of the graph, which input of the manifest it is.
    input_order: Vec<usize>,
    /// Who does the work of matrix products.
    executor: Executor,
}

impl TractEngine {
    /// Loads the ONNX `graph`, checks it against `spec` and optimises it.
    ///
    /// # Errors
    /// [`EngineError::Unreadable`] for bytes that are no graph or an operator that tract does not have,
    /// [`EngineError::Names`] and [`EngineError::Shape`] when graph and manifest disagree.
    pub fn load(graph: &[u8], spec: &GraphSpec) -> Result<Self, EngineError> {
        guarded(|| Self::load_unguarded(graph, spec))
            .unwrap_or_else(|detail| Err(EngineError::Unreadable { graph: spec.file.clone(), detail }))
    }

    fn load_unguarded(graph: &[u8], spec: &GraphSpec) -> Result<Self, EngineError> {
        let unreadable = |cause: tract::TractError| EngineError::Unreadable { graph: spec.file.clone(), detail: whole_cause(&cause) };
        let onnx = tract_onnx::onnx();
        let proto = onnx.proto_model_for_read(&mut &*graph).map_err(unreadable)?;
        let declared = proto
            .graph
            .as_ref()
            .ok_or_else(|| EngineError::Unreadable { graph: spec.file.clone(), detail: "there is no graph in it".to_owned() })?;
        // Old exporters list weights among the inputs too.
        let is_weight = |value: &&pb::ValueInfoProto| !declared.initializer.iter().any(|weight| weight.name == value.name);
        let inputs: Vec<&pb::ValueInfoProto> = declared.input.iter().filter(is_weight).collect();
        let outputs: Vec<&pb::ValueInfoProto> = declared.output.iter().collect();
        let manifest_inputs = match_names(&spec.file, "input", &spec.inputs, &inputs)?;
        let manifest_outputs = match_names(&spec.file, "output", &spec.outputs, &outputs)?;
        let output_order = invert(&manifest_outputs);

        let mut model = onnx.model_for_proto_model(&proto).map_err(unreadable)?;
        for (at, &of_manifest) in manifest_inputs.iter().enumerate() {
            let expected = &spec.inputs[of_manifest];
            check_declared(&spec.file, expected, inputs[at])?;
            let fact = tract::InferenceFact::dt_shape(datum(expected.element), &expected.shape);
            model.set_input_fact(at, fact).map_err(unreadable)?;
        }
        let model = model.into_optimized().map_err(unreadable)?;
        for (expected, &at) in spec.outputs.iter().zip(&output_order) {
            let fact = model.output_fact(at).map_err(unreadable)?;
            let shape = fact.shape.as_concrete();
            if shape != Some(&expected.shape) || fact.datum_type != datum(expected.element) {
                return Err(EngineError::Shape {
                    graph: spec.file.clone(),
                    side: "output",
                    name: expected.name.clone(),
                    expected: announced(expected),
                    found: format!("{:?} {:?}", fact.datum_type, fact.shape).to_lowercase(),
                });
            }
        }
        let plan = model.into_runnable().map_err(unreadable)?;
        Ok(Self { plan, spec: spec.clone(), output_order, input_order: manifest_inputs, executor: Executor::SingleThread })
    }

    /// Shares matrix products among `threads` threads from now on; 0 and 1 are the calling thread alone, as after loading.
    #[must_use]
    pub fn with_threads(self, threads: usize) -> Self {
        let executor = if threads > 1 { Executor::multithread(threads) } else { Executor::SingleThread };
        Self { executor, ..self }
    }
}

impl Engine for TractEngine {
    fn run(&mut self, inputs: &[Tensor]) -> Result<Vec<Tensor>, EngineError> {
        let specs = &self.spec.inputs;
        if inputs.len() != specs.len() || !specs.iter().zip(inputs).all(|(spec, tensor)| spec.fits(tensor)) {
            return Err(EngineError::Input {
                expected: join(specs.iter().map(announced)),
                found: join(inputs.iter().map(|tensor| format!("f32 {:?} with {} values", tensor.shape, tensor.values.len()))),
            });
        }
        let failed = |cause: tract::TractError| EngineError::Run { detail: whole_cause(&cause) };
        let given = self
            .input_order
            .iter()
            .map(|&at| Ok(tract::Tensor::from_shape(&inputs[at].shape, &inputs[at].values)?.into()))
            .collect::<tract::TractResult<_>>()
            .map_err(failed)?;
        let found = guarded(|| multithread_tract_scope(self.executor.clone(), || self.plan.run(given)))
            .map_err(|detail| EngineError::Run { detail })?
            .map_err(failed)?;
        self.output_order
            .iter()
            .map(|&at| {
                let value = &found[at];
                Ok(Tensor { shape: value.shape().to_vec(), values: value.to_plain_array_view::<f32>()?.iter().copied().collect() })
            })
            .collect::<tract::TractResult<_>>()
            .map_err(failed)
    }

    fn describe(&self) -> String {
        format!("tract, {}", self.spec.precision)
    }
}

/// Runs `work`; a panic inside becomes its first line.
///
/// tract panics on some damaged graphs (an axis that is not there, an index that is too large) instead of giving an error.
/// Nothing of ours is left half changed by it: a plan keeps no state between runs, and a graph that does not load is dropped.
fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|payload| {
        let message = payload.downcast_ref::<String>().map(String::as_str).or_else(|| payload.downcast_ref::<&str>().copied());
        message.and_then(|message| message.lines().next()).unwrap_or("it makes the loader stop").to_owned()
    })
}

/// For each value of the graph, which entry of the manifest it is; an error unless both have the same names.
fn match_names(
    graph: &str,
    side: &'static str,
    manifest: &[TensorSpec],
    values: &[&pb::ValueInfoProto],
) -> Result<Vec<usize>, EngineError> {
    let places: Option<Vec<usize>> = values.iter().map(|value| manifest.iter().position(|spec| spec.name == value.name)).collect();
    let one_each = |places: &Vec<usize>| (0..manifest.len()).all(|place| places.contains(&place)) && places.len() == manifest.len();
    places.filter(one_each).ok_or_else(|| EngineError::Names {
        graph: graph.to_owned(),
        side,
        expected: join(manifest.iter().map(|spec| spec.name.clone())),
        found: join(values.iter().map(|value| value.name.clone())),
    })
}

/// Holds what the graph itself declares of an input against the manifest; a free axis (a batch size by name) fits any length.
fn check_declared(graph: &str, expected: &TensorSpec, value: &pb::ValueInfoProto) -> Result<(), EngineError> {
    let Some(pb::TypeProto { value: Some(pb::type_proto::Value::TensorType(declared)), .. }) = &value.r#type else {
        return Ok(());
    };
    let f32_code = pb::tensor_proto::DataType::Float as i32;
    let type_fits = match expected.element {
        Element::F32 => declared.elem_type == f32_code,
    };
    let axes: Option<Vec<Option<i64>>> = declared.shape.as_ref().map(|shape| shape.dim.iter().map(fixed_length).collect());
    let shape_fits = axes.as_ref().is_none_or(|axes| {
        axes.len() == expected.shape.len()
            && axes.iter().zip(&expected.shape).all(|(axis, &length)| axis.is_none_or(|axis| usize::try_from(axis) == Ok(length)))
    });
    if type_fits && shape_fits {
        return Ok(());
    }
    let kind = pb::tensor_proto::DataType::try_from(declared.elem_type).map_or_else(
        |_| format!("type {}", declared.elem_type),
        |kind| if kind as i32 == f32_code { "f32".to_owned() } else { format!("{kind:?}").to_lowercase() },
    );
    let axes = axes.unwrap_or_default();
    let shape = join(axes.iter().map(|axis| axis.map_or_else(|| "?".to_owned(), |length| length.to_string())));
    Err(EngineError::Shape {
        graph: graph.to_owned(),
        side: "input",
        name: expected.name.clone(),
        expected: announced(expected),
        found: format!("{kind} [{shape}]"),
    })
}

fn fixed_length(axis: &pb::tensor_shape_proto::Dimension) -> Option<i64> {
    match axis.value {
        Some(pb::tensor_shape_proto::dimension::Value::DimValue(length)) => Some(length),
        _ => None,
    }
}

/// `order[i]` is the position of `i` in `places`, which must be a permutation.
fn invert(places: &[usize]) -> Vec<usize> {
    let mut order = vec![0; places.len()];
    for (at, &place) in places.iter().enumerate() {
        order[place] = at;
    }
    order
}

fn datum(element: Element) -> tract::DatumType {
    match element {
        Element::F32 => tract::DatumType::F32,
    }
}

fn announced(spec: &TensorSpec) -> String {
    match spec.element {
        Element::F32 => format!("f32 {:?}", spec.shape),
    }
}

fn join(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(", ")
}

/// The whole chain of causes in one line: tract's outermost message alone rarely names the operator.
fn whole_cause(cause: &tract::TractError) -> String {
    format!("{cause:#}").replace('\n', " ")
}
