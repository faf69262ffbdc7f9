//! What a manifest says of a graph (`[graph]`): the names, shapes and types that an engine holds it to.

use serde::{Deserialize, Serialize};

use super::Tensor;

/// A graph as the manifest announces it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GraphSpec {
    /// ONNX file, relative to the bundle's folder.
    pub file: String,
    /// Arithmetic that the weights were made for.
    pub precision: Precision,
    /// Inputs, in the order in which an [`Engine`](super::Engine) takes them: the picture first.
    pub inputs: Vec<TensorSpec>,
    /// Outputs, in the order in which an [`Engine`](super::Engine) gives them.
    pub outputs: Vec<TensorSpec>,
}

impl GraphSpec {
    /// The largest number of values in one tensor: bounds what a damaged manifest can make an engine allocate.
    pub const MAX_VALUES: usize = 1 << 26;

    /// Shape of the input called `name`.
    #[must_use]
    pub fn input(&self, name: &str) -> Option<&TensorSpec> {
        self.inputs.iter().find(|spec| spec.name == name)
    }

    /// Position and shape of the output called `name`.
    #[must_use]
    pub fn output(&self, name: &str) -> Option<(usize, &TensorSpec)> {
        self.outputs.iter().enumerate().find(|(_, spec)| spec.name == name)
    }
}

/// One input or output of a graph.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TensorSpec {
    /// Name in the graph.
    pub name: String,
    /// Length of each axis, each at least 1.
    pub shape: Vec<usize>,
    /// Type of the values at the graph's border.
    #[serde(rename = "type")]
    pub element: Element,
}

impl TensorSpec {
    /// Whether `tensor` has this shape and as many values as that calls for.
    #[must_use]
    pub fn fits(&self, tensor: &Tensor) -> bool {
        self.shape == tensor.shape && tensor.values.len() == tensor.shape.iter().product::<usize>()
    }
}

/// Type of the values at a graph's border; inside, a graph may use any.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Element {
    /// IEEE 754 single precision.
    F32,
}

/// Arithmetic that the weights of a graph were made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// 8-bit integers: u8 activations, s8 weights with one scale a channel.
    Int8,
    /// IEEE 754 single precision.
    Float32,
}

impl std::fmt::Display for Precision {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Int8 => "int8",
            Self::Float32 => "float32",
        })
    }
}
