//! From an ONNX file to tract's typed graph, with the operators that rewrite rules look for still whole.

mod kept;
mod qoperator;
mod reader;
mod shapes;

pub use kept::{Kept, expand_all};
pub use qoperator::to_qdq;
pub use reader::{ConstantCodes, Reader, permutation};
pub use shapes::{declared_shape, fix_shapes};

/// tract's ONNX reader, with the operators that rules know kept whole. Shapes that a file notes of its inner tensors are ignored: they may be
/// of another batch size than the one that is run.
pub fn reader() -> tract_onnx::Onnx {
    let mut onnx = tract_onnx::onnx().with_ignore_value_info(true);
    kept::register(&mut onnx.op_register);
    onnx
}
