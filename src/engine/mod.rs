//! Running a graph: the trait [`Engine`] and the tensors it takes and gives.
//!
//! Only this room knows tract. An engine checks a graph against what the manifest says of it before it runs anything.

/// A dense tensor of 32-bit floats, row-major.
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    /// Length of each axis.
    pub shape: Vec<usize>,
    /// `shape.iter().product()` values.
    pub values: Vec<f32>,
}
