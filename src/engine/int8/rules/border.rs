//! Quantisation and dequantisation that no pattern took up: the border between codes and f32.

use tract_onnx::tract_core::internal::*;

use super::{
    super::{
        graph::{Kept, Reader},
        operator::Operator,
    },
    replace,
};

pub(super) fn rule(model: &TypedModel, node: &TypedNode, name: &str, kept: &Kept) -> TractResult<Option<TypedModelPatch>> {
    let reader = Reader { model };
    let constant = reader.tensor(node.inputs[0]).is_some();
    let operator = match (kept.op_type(), reader.quant(node, kept)) {
        ("QuantizeLinear", Some(quant)) => Operator::Quantise(quant),
        ("DequantizeLinear", Some(quant)) if !constant => Operator::Dequantise(quant),
        _ => return Ok(None),
    };
    replace(model, node, name, operator, &node.inputs[..1]).map(Some)
}
