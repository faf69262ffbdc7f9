//! Running a graph: the trait [`Engine`] and the tensors it takes and gives.
//!
//! Only this room knows tract. An engine checks a graph against what the manifest says of it ([`GraphSpec`])
//! before it runs anything, and must never answer with tensors of other names, shapes or order than announced there.

mod error;
pub mod int8;
mod spec;
mod tract;

pub use error::EngineError;
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
    fn run(&mut self, inputs: &[Tensor]) -> Result<Vec<Tensor>, EngineError>;

    /// What runs the graph, for status screens and reports: `tract, int8`.
    fn describe(&self) -> String;
}
