//! Running a graph: the trait [`Engine`], what it takes and gives, and [`load`], which chooses one.
//!
//! Only this room knows tract. An engine checks a graph against what the manifest says of it ([`GraphSpec`])
//! before it runs anything, and must never answer with tensors of other names, shapes or order than announced there.

mod declared;
mod error;
pub mod int8;
mod picture;
mod spec;
mod tract;

use std::path::PathBuf;

pub use error::EngineError;
use int8::kernels::Family;
pub use int8::{Int8Engine, caches_beside};
pub use picture::Picture;
pub use spec::{Element, GraphSpec, Precision, TensorSpec};
pub use tract::TractEngine;

/// A dense tensor of 32-bit floats, row-major.
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    /// Length of each axis.
    pub shape: Vec<usize>,
    /// `shape.iter().product()` values.
    pub values: Vec<f32>,
}

/// A loaded graph that can be run again and again.
pub trait Engine: Send {
    /// Runs the graph once. `inputs` come and outputs leave in the order, number and shapes of the manifest.
    ///
    /// # Errors
    /// [`EngineError::Input`] when `inputs` are not what the manifest asks for, [`EngineError::Run`] when the graph fails.
    fn run(&mut self, inputs: &[Tensor]) -> Result<&[Tensor], EngineError>;

    /// Runs a graph whose first input, in the manifest's order, is a picture; `others` are the rest of its inputs.
    ///
    /// # Errors
    /// As [`Engine::run`].
    fn run_picture(&mut self, picture: &Picture<'_>, others: &[Tensor]) -> Result<&[Tensor], EngineError> {
        let inputs: Vec<Tensor> = std::iter::once(picture.to_tensor()).chain(others.iter().cloned()).collect();
        self.run(&inputs)
    }

    /// What runs the graph, for status screens and reports: `int8, avx512vnni`.
    fn describe(&self) -> String;
}

/// How a graph is to be run.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Threads that share the work; 0 is as many as the processor has fast cores.
    pub threads: usize,
    /// The family whose int8 kernels run; the fastest that this processor has when `None`. `LENTIGO_KERNELS` outweighs it.
    pub kernels: Option<Family>,
    /// Beginnings of the file names under which compiled programs are kept, the first that can be written to; none: every start compiles anew.
    pub caches: Vec<PathBuf>,
}

/// Loads the ONNX `graph` into the engine for its precision: [`Int8Engine`] or [`TractEngine`].
///
/// # Errors
/// [`EngineError`] as the engines' own `load`.
pub fn load(graph: &[u8], spec: &GraphSpec, options: &Options) -> Result<Box<dyn Engine>, EngineError> {
    Ok(match spec.precision {
        Precision::Int8 => Box::new(Int8Engine::load(graph, spec, options)?),
        Precision::Float32 => Box::new(TractEngine::load(graph, spec)?.with_threads(options.threads)),
    })
}
