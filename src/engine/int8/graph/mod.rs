//! From an ONNX file to tract's typed graph, with the operators that rewrite rules look for still whole.

mod kept;
mod qoperator;
mod reader;

pub use kept::{Kept, expand_all, register};
pub use qoperator::to_qdq;
pub use reader::{ConstantCodes, Reader, permutation};
