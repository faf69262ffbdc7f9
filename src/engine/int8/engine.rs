//! The engine for quantised graphs: compiles them, or takes what was compiled before, and runs them.

use std::sync::Arc;

use tract_onnx::{
    pb,
    prelude::{Framework, InferenceModelExt},
};

use super::{
    cache::{self, Saved},
    compile::{self, Island},
    graph,
    kernels::Family,
    plan::Plan,
    program::Program,
    rules,
    run::{Executor, Foreign, PictureTables, StepTime, Workers, big_cores},
};
use crate::engine::{
    Element, Engine, EngineError, GraphSpec, Options, Picture, Precision, Tensor, TensorSpec,
    declared::{announced, check_declared, check_given, graph_inputs, guarded, invert, match_names, whole_cause},
};

/// A quantised graph, ready to run.
pub struct Int8Engine {
    executor: Executor,
    family: Family,
    threads: usize,
    spec: GraphSpec,
    /// For each input of the graph, which input of the manifest it is.
    input_order: Vec<usize>,
    /// For each output of the manifest, which output of the graph it is.
    output_order: Vec<usize>,
    /// What came out last, in the manifest's order.
    outputs: Vec<Tensor>,
    /// Whether the picture with which the program can begin is the manifest's first input, and not another one.
    picture_first: bool,
    /// Tables for pictures, and the values that they were made from.
    picture: Option<(Box<[[f32; 256]; 3]>, PictureTables)>,
    plan: Plan,
}

/// A graph that is compiled or was read from a cache.
struct Loaded {
    saved: Saved,
    islands: Vec<Island>,
}

impl Int8Engine {
    /// Loads the ONNX `graph`, checks it against `spec` and compiles it for this processor, or takes the program that an earlier start left
    /// in one of the caches.
    ///
    /// # Errors
    /// [`EngineError::Unreadable`] for bytes that are no graph or an operator that nobody has, [`EngineError::Names`] and
    /// [`EngineError::Shape`] when graph and manifest disagree, [`EngineError::Kernels`] when `options` or the environment ask for kernels that
    /// this processor lacks, [`EngineError::Threads`] when the system refuses threads.
    pub fn load(graph: &[u8], spec: &GraphSpec, options: &Options) -> Result<Self, EngineError> {
        let family = Family::choose(options.kernels)?;
        let shapes: Vec<(String, Vec<usize>)> = spec.inputs.iter().map(|input| (input.name.clone(), input.shape.clone())).collect();
        let loaded = obtain(graph, &spec.file, &shapes, Some(&spec.inputs), family, &options.caches)?;
        Self::assemble(loaded, spec.clone(), family, options)
    }

    /// Loads an ONNX graph about which there is no manifest. Axes that it leaves free are 1 in front, and 224 for height and width.
    ///
    /// # Errors
    /// As [`Int8Engine::load`].
    pub fn load_unannounced(graph: &[u8], file: &str, options: &Options) -> Result<Self, EngineError> {
        let family = Family::choose(options.kernels)?;
        let inputs = declared_inputs(graph, file)?;
        let shapes: Vec<(String, Vec<usize>)> = inputs.iter().map(|input| (input.name.clone(), input.shape.clone())).collect();
        let loaded = obtain(graph, file, &shapes, None, family, &options.caches)?;
        let program = &loaded.saved.program;
        let outputs = loaded.saved.outputs.iter().zip(&program.outputs).map(|(name, id)| TensorSpec {
            name: name.clone(),
            shape: program.values[id.0].shape.clone(),
            element: Element::F32,
        });
        let spec = GraphSpec { file: file.to_owned(), precision: Precision::Int8, inputs, outputs: outputs.collect() };
        Self::assemble(loaded, spec, family, options)
    }

    fn assemble(loaded: Loaded, spec: GraphSpec, family: Family, options: &Options) -> Result<Self, EngineError> {
        let Loaded { saved, islands } = loaded;
        let input_order = match_names(&spec.file, "input", &spec.inputs, saved.inputs.iter().map(String::as_str))?;
        let output_order = invert(&match_names(&spec.file, "output", &spec.outputs, saved.outputs.iter().map(String::as_str))?);
        let sides = [
            ("input", &spec.inputs, &saved.program.inputs, invert(&input_order)),
            ("output", &spec.outputs, &saved.program.outputs, output_order.clone()),
        ];
        for (side, specs, ids, order) in sides {
            for (expected, at) in specs.iter().zip(order) {
                check_value(&spec.file, side, expected, &saved.program, ids[at])?;
            }
        }
        let first = input_order.iter().position(|&of_manifest| of_manifest == 0).map(|at| saved.program.inputs[at]);
        let begins_with = saved.program.steps.first().and_then(|step| step.inputs.first()).copied();
        let picture_first = first.is_some() && first == begins_with;
        let plan = Plan::of(&saved.program, family, &islands);
        let threads = if options.threads == 0 { big_cores() } else { options.threads };
        let refused = |cause: std::io::Error| EngineError::Threads { count: threads, detail: cause.to_string() };
        let workers = Arc::new(Workers::new(threads).map_err(refused)?);
        let foreign = islands.into_iter().map(|island| Box::new(island) as Box<dyn Foreign>).collect();
        let executor = Executor::new(Arc::new(saved.program), family, workers, foreign)
            .map_err(|cause| EngineError::Unreadable { graph: spec.file.clone(), detail: cause.to_string() })?;
        let outputs = spec
            .outputs
            .iter()
            .map(|output| Tensor { shape: output.shape.clone(), values: vec![0.0; output.shape.iter().product()] })
            .collect();
        Ok(Self { executor, family, threads, spec, input_order, output_order, outputs, picture_first, picture: None, plan })
    }

    /// What the program does, step by step.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// What the graph takes and gives.
    #[must_use]
    pub fn spec(&self) -> &GraphSpec {
        &self.spec
    }

    /// The kernels that it runs on.
    #[must_use]
    pub fn family(&self) -> Family {
        self.family
    }

    /// Starts or stops the measuring of each step's time.
    pub fn measure_steps(&mut self, on: bool) {
        self.executor.measure_steps(on);
    }

    /// Median time of each step since measuring was started.
    #[must_use]
    pub fn step_times(&self) -> Vec<StepTime> {
        self.executor.step_times()
    }

    fn finish(&mut self) -> Result<&[Tensor], EngineError> {
        self.executor.run().map_err(|cause| EngineError::Run { detail: cause.to_string() })?;
        for (output, &at) in self.outputs.iter_mut().zip(&self.output_order) {
            output.values.copy_from_slice(self.executor.output_f32(at));
        }
        Ok(&self.outputs)
    }
}

impl Engine for Int8Engine {
    fn run(&mut self, inputs: &[Tensor]) -> Result<&[Tensor], EngineError> {
        check_given(&self.spec.inputs, inputs)?;
        for (at, &of_manifest) in self.input_order.iter().enumerate() {
            self.executor.input_f32_mut(at).copy_from_slice(&inputs[of_manifest].values);
        }
        self.finish()
    }

    fn run_picture(&mut self, picture: &Picture<'_>, others: &[Tensor]) -> Result<&[Tensor], EngineError> {
        let tensors = |others: &[Tensor]| std::iter::once(picture.to_tensor()).chain(others.iter().cloned()).collect::<Vec<_>>();
        let expected = self.spec.inputs.first().map(|spec| spec.shape.as_slice());
        let fits =
            self.spec.inputs.len() == others.len() + 1 && self.spec.inputs[1..].iter().zip(others).all(|(spec, tensor)| spec.fits(tensor));
        if !fits || expected != Some(&[1, 3, picture.height, picture.width]) {
            check_given(&self.spec.inputs, &tensors(others))?;
        }
        if !self.picture_first {
            return self.run(&tensors(others));
        }
        if self.picture.as_ref().is_none_or(|(values, _)| **values != *picture.values) {
            let Some(tables) = self.executor.picture_tables(|channel, value| picture.values[channel][usize::from(value)]) else {
                return self.run(&tensors(others));
            };
            self.picture = Some((Box::new(*picture.values), tables));
        }
        // The picture last: whoever asks for the memory of an input takes back a picture that was set.
        for (at, &of_manifest) in self.input_order.iter().enumerate().filter(|(_, of_manifest)| **of_manifest > 0) {
            self.executor.input_f32_mut(at).copy_from_slice(&others[of_manifest - 1].values);
        }
        if let Some((_, tables)) = &self.picture {
            self.executor.set_picture(picture.pixels, tables).map_err(|cause| EngineError::Run { detail: cause.to_string() })?;
        }
        self.finish()
    }

    fn describe(&self) -> String {
        let foreign = if self.plan.is_whole() { "" } else { ", partly tract" };
        format!("int8, {}, {} thread(s){foreign}", self.family, self.threads)
    }
}

impl Foreign for Island {
    fn run(&mut self, inputs: &[&[u8]], outputs: &mut [&mut [u8]]) -> Result<(), String> {
        Island::run(self, inputs, outputs).map_err(|cause| whole_cause(&cause))
    }
}

/// The program of `graph` from a cache, or compiled and kept there.
fn obtain(
    graph: &[u8],
    file: &str,
    shapes: &[(String, Vec<usize>)],
    announced: Option<&[TensorSpec]>,
    family: Family,
    caches: &[std::path::PathBuf],
) -> Result<Loaded, EngineError> {
    let key = if caches.is_empty() { String::new() } else { cache::key(graph, shapes, family) };
    if let Some(saved) = cache::read(caches, &key) {
        return Ok(Loaded { saved, islands: Vec::new() });
    }
    let unreadable = |detail| EngineError::Unreadable { graph: file.to_owned(), detail };
    let loaded = guarded(|| compile_onnx(graph, file, shapes, announced, family)).unwrap_or_else(|detail| Err(unreadable(detail)))?;
    // Operators of tract cannot be kept in a file.
    if loaded.islands.is_empty() && !caches.is_empty() {
        cache::write(caches, &key, &loaded.saved);
    }
    Ok(loaded)
}

fn compile_onnx(
    graph: &[u8],
    file: &str,
    shapes: &[(String, Vec<usize>)],
    announced: Option<&[TensorSpec]>,
    family: Family,
) -> Result<Loaded, EngineError> {
    let unreadable =
        |cause: tract_onnx::prelude::TractError| EngineError::Unreadable { graph: file.to_owned(), detail: whole_cause(&cause) };
    let onnx = graph::reader();
    let mut proto = onnx.proto_model_for_read(&mut &*graph).map_err(unreadable)?;
    let Some(body) = &mut proto.graph else { return Err(no_graph(file)) };
    for spec in announced.unwrap_or_default() {
        if let Some(value) = graph_inputs(body).into_iter().find(|value| value.name == spec.name) {
            check_declared(file, spec, value)?;
        }
    }
    let inputs: Vec<String> = graph_inputs(body).into_iter().map(|value| value.name.clone()).collect();
    let outputs = body.output.iter().map(|value| value.name.clone()).collect();
    graph::fix_shapes(body, shapes);
    graph::to_qdq(body);
    let model = onnx.model_for_proto_model(&proto).map_err(unreadable)?;
    // The weights are in the model now; a second copy would only weigh on the device's memory.
    drop(proto);
    let mut model = model.into_typed().map_err(unreadable)?;
    rules::apply(&mut model).map_err(unreadable)?;
    let compiled = compile::compile(&model, family).map_err(unreadable)?;
    Ok(Loaded { saved: Saved { inputs, outputs, program: compiled.program }, islands: compiled.islands })
}

fn no_graph(file: &str) -> EngineError {
    EngineError::Unreadable { graph: file.to_owned(), detail: "there is no graph in it".to_owned() }
}

/// What the graph says of its inputs, with lengths for the axes that it leaves free.
pub(in crate::engine) fn declared_inputs(graph: &[u8], file: &str) -> Result<Vec<TensorSpec>, EngineError> {
    let unreadable =
        |cause: tract_onnx::prelude::TractError| EngineError::Unreadable { graph: file.to_owned(), detail: whole_cause(&cause) };
    let proto = graph::reader().proto_model_for_read(&mut &*graph).map_err(unreadable)?;
    let body = proto.graph.as_ref().ok_or_else(|| no_graph(file))?;
    let spec = |value: &pb::ValueInfoProto| {
        let shape = graph::declared_shape(value).ok_or_else(|| EngineError::Unreadable {
            graph: file.to_owned(),
            detail: format!("its input {} is no tensor of f32, u8 or i8 with a known number of axes", value.name),
        })?;
        Ok(TensorSpec { name: value.name.clone(), shape, element: Element::F32 })
    };
    graph_inputs(body).into_iter().map(spec).collect()
}

fn check_value(
    file: &str,
    side: &'static str,
    expected: &TensorSpec,
    program: &Program,
    id: super::program::ValueId,
) -> Result<(), EngineError> {
    let value = &program.values[id.0];
    if value.shape == expected.shape && value.element == super::program::Element::F32 {
        return Ok(());
    }
    Err(EngineError::Shape {
        graph: file.to_owned(),
        side,
        name: expected.name.clone(),
        expected: announced(expected),
        found: format!("{:?} {:?}", value.element, value.shape).to_lowercase(),
    })
}
