//! A compiled graph: plain data that an executor runs without allocating, and that can be written to a file.
//!
//! A [`Program`] is made for one kernel family, because its weights are packed for it. It knows nothing of tract or ONNX: shapes are concrete,
//! quantisation is folded into tables, every tensor has its place in one arena.

mod arena;
mod check;
mod constants;
mod convolution;
mod operation;
mod real;
mod value;

pub use arena::place;
pub use check::{Fault, ProgramError};
pub(crate) use constants::Block;
pub use constants::Constants;
pub use convolution::{Convolution, Method};
pub use operation::{Affine, Binary, BinaryKind, Matrix, Norm, Operation, Output, Part, Pool, PoolKind, Requant, Resize, Table};
pub use real::{Real, RealBinary, RealFunction, Reduction};
pub use value::{Element, Layout, Place, Value, ValueId, strides};

use serde::{Deserialize, Serialize};

/// A compiled graph.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Program {
    /// Every tensor, constants included.
    pub values: Vec<Value>,
    /// What to do, in order.
    pub steps: Vec<Step>,
    /// The graph's inputs, in its order.
    pub inputs: Vec<ValueId>,
    /// The graph's outputs, in its order.
    pub outputs: Vec<ValueId>,
    /// Bytes of the arena, slack included.
    pub arena_len: usize,
    /// Packed weights and tables.
    pub constants: Constants,
    /// The step, if there is one, that quantises an f32 picture (an input that no other step reads, of some channels) into codes, channels last:
    /// an executor that is given u8 pixels fills that step's output straight from them.
    pub picture: Option<usize>,
}

/// One step of a program.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Name of the node of the graph whose result it makes.
    pub name: String,
    /// What it does.
    pub operation: Operation,
    /// What it reads.
    pub inputs: Vec<ValueId>,
    /// What it writes.
    pub outputs: Vec<ValueId>,
}
