//! Int8 inference: quantised graphs as programs of fused operators.

mod compile;
mod graph;
pub mod kernels;
mod operator;
pub mod program;
mod rules;

use kernels::Family;
use tract_onnx::{pb::ModelProto, prelude::InferenceModelExt, tract_core::internal::TractResult};

pub use compile::{Compiled, ForeignNode, Island};

/// tract's ONNX reader, with the operators that rewrite rules look for kept whole.
pub fn reader() -> tract_onnx::Onnx {
    let mut onnx = tract_onnx::onnx().with_ignore_value_info(true);
    graph::register(&mut onnx.op_register);
    onnx
}

/// Compiles the quantised graph of `proto` for `family`. The graph's inputs have the shapes that `proto` declares.
///
/// # Errors
/// When tract cannot read the graph, shapes stay unknown, or an operator is known to nobody.
pub fn compile_graph(proto: &mut ModelProto, family: Family) -> TractResult<Compiled> {
    if let Some(graph) = &mut proto.graph {
        graph::to_qdq(graph);
    }
    use tract_onnx::prelude::Framework;
    let model = reader().model_for_proto_model(proto)?;
    let mut model = model.into_typed()?;
    rules::apply(&mut model)?;
    compile::compile(&model, family)
}
