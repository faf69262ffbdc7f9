//! The engine that every build has: [tract](https://github.com/sonos/tract), pure Rust.
//!
//! Loads an ONNX graph from memory, holds it to the manifest, and lets tract optimise it for this processor.
//! It never reads a file: the bytes it gets are the bytes whose digest was checked.

use std::sync::Arc;

use tract_linalg::multithread::{Executor, multithread_tract_scope};
use tract_onnx::prelude::{Framework, InferenceModelExt, IntoRunnable};
use tract_onnx::prelude as tract;

use super::{
    Element, Engine, EngineError, GraphSpec, Precision, Tensor, TensorSpec,
    declared::{check_declared, check_given, datum, graph_inputs, guarded, invert, match_names, whole_cause},
};

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
    /// What came out last, in the manifest's order.
    outputs: Vec<Tensor>,
}

impl TractEngine {
    /// Loads the ONNX `graph`, checks it against `spec` and optimises it.
    ///
    /// # Errors
    /// [`EngineError::Unreadable`] for bytes that are no graph or an operator that tract does not have,
    /// [`EngineError::Names`] and [`EngineError::Shape`] when graph and manifest disagree.
    pub fn load(graph: &[u8], spec: &GraphSpec) -> Result<Self, EngineError> {
        guarded(|| Self::load_unguarded(graph, spec.clone(), true))
            .unwrap_or_else(|detail| Err(EngineError::Unreadable { graph: spec.file.clone(), detail }))
    }

    /// Loads an ONNX graph about which there is no manifest, as [`Int8Engine::load_unannounced`](super::Int8Engine::load_unannounced) does.
    ///
    /// # Errors
    /// As [`TractEngine::load`].
    pub fn load_unannounced(graph: &[u8], file: &str) -> Result<Self, EngineError> {
        let inputs = super::int8::declared_inputs(graph, file)?;
        let spec = GraphSpec { file: file.to_owned(), precision: Precision::Float32, inputs, outputs: Vec::new() };
        guarded(|| Self::load_unguarded(graph, spec, false))
            .unwrap_or_else(|detail| Err(EngineError::Unreadable { graph: file.to_owned(), detail }))
    }

    fn load_unguarded(graph: &[u8], mut spec: GraphSpec, announced: bool) -> Result<Self, EngineError> {
        let file = spec.file.clone();
        let unreadable = |cause: tract::TractError| EngineError::Unreadable { graph: file.clone(), detail: whole_cause(&cause) };
        let onnx = tract_onnx::onnx();
        let proto = onnx.proto_model_for_read(&mut &*graph).map_err(unreadable)?;
        let declared = proto
            .graph
            .as_ref()
            .ok_or_else(|| EngineError::Unreadable { graph: file.clone(), detail: "there is no graph in it".to_owned() })?;
        let inputs = graph_inputs(declared);
        let manifest_inputs = match_names(&file, "input", &spec.inputs, inputs.iter().map(|value| &*value.name))?;

        let mut model = onnx.model_for_proto_model(&proto).map_err(unreadable)?;
        for (at, &of_manifest) in manifest_inputs.iter().enumerate() {
            let expected = &spec.inputs[of_manifest];
            check_declared(&file, expected, inputs[at])?;
            let fact = tract::InferenceFact::dt_shape(datum(expected.element), &expected.shape);
            model.set_input_fact(at, fact).map_err(unreadable)?;
        }
        let model = model.into_optimized().map_err(unreadable)?;
        if !announced {
            spec.outputs = found_outputs(&model, declared).map_err(unreadable)?;
        }
        let manifest_outputs = match_names(&file, "output", &spec.outputs, declared.output.iter().map(|value| &*value.name))?;
        let output_order = invert(&manifest_outputs);
        for (expected, &at) in spec.outputs.iter().zip(&output_order) {
            let fact = model.output_fact(at).map_err(unreadable)?;
            let shape = fact.shape.as_concrete();
            if shape != Some(&expected.shape) || fact.datum_type != datum(expected.element) {
                return Err(EngineError::Shape {
                    graph: file.clone(),
                    side: "output",
                    name: expected.name.clone(),
                    expected: super::declared::announced(expected),
                    found: format!("{:?} {:?}", fact.datum_type, fact.shape).to_lowercase(),
                });
            }
        }
        let plan = model.into_runnable().map_err(unreadable)?;
        Ok(Self { plan, spec, output_order, input_order: manifest_inputs, executor: Executor::SingleThread, outputs: Vec::new() })
    }

    /// What the graph takes and gives.
    #[must_use]
    pub fn spec(&self) -> &GraphSpec {
        &self.spec
    }

    /// Shares matrix products among `threads` threads from now on; 0 and 1 are the calling thread alone, as after loading.
    #[must_use]
    pub fn with_threads(self, threads: usize) -> Self {
        let executor = if threads > 1 { Executor::multithread(threads) } else { Executor::SingleThread };
        Self { executor, ..self }
    }
}

/// What the typed graph says of its outputs.
fn found_outputs(model: &tract::TypedModel, declared: &tract_onnx::pb::GraphProto) -> tract::TractResult<Vec<TensorSpec>> {
    let spec = |(at, value): (usize, &tract_onnx::pb::ValueInfoProto)| {
        let shape = model.output_fact(at)?.shape.as_concrete().map(<[usize]>::to_vec).unwrap_or_default();
        Ok(TensorSpec { name: value.name.clone(), shape, element: Element::F32 })
    };
    declared.output.iter().enumerate().map(spec).collect()
}

impl Engine for TractEngine {
    fn run(&mut self, inputs: &[Tensor]) -> Result<&[Tensor], EngineError> {
        check_given(&self.spec.inputs, inputs)?;
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
        self.outputs = self
            .output_order
            .iter()
            .map(|&at| {
                let value = &found[at];
                Ok(Tensor { shape: value.shape().to_vec(), values: value.to_plain_array_view::<f32>()?.iter().copied().collect() })
            })
            .collect::<tract::TractResult<_>>()
            .map_err(failed)?;
        Ok(&self.outputs)
    }

    fn describe(&self) -> String {
        format!("tract, {}", self.spec.precision)
    }
}
