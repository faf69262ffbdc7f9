//! Softmax and layer normalisation, which stay in f32 inside whatever their neighbours are.

use std::sync::Arc;

use tract_onnx::tract_core::internal::*;

use super::{
    super::{
        graph::{Kept, Reader},
        operator::{Operator, Quant},
    },
    Found, Target, replace,
};

/// Between quantised neighbours, or behind a dequantisation.
pub(super) fn find(target: &Target) -> Found {
    if target.source != target.last {
        return None;
    }
    let (node, kept) = target.operator()?;
    norm(target.reader, node, kept, Some(target.output.quant))
}

/// With an f32 neighbour below.
pub(super) fn rule(model: &TypedModel, node: &TypedNode, name: &str, kept: &Kept) -> TractResult<Option<TypedModelPatch>> {
    match norm(Reader { model }, node, kept, None) {
        Some((operator, inputs)) => replace(model, node, name, operator, &inputs).map(Some),
        None => Ok(None),
    }
}

fn norm(reader: Reader, node: &TypedNode, kept: &Kept, output: Option<Quant>) -> Found {
    let real = kept.input(node, 0)?;
    let shape = reader.shape(real)?;
    let rank = shape.len() as i64;
    let last_axis = |otherwise: i64| Some(matches!(kept.attribute::<i64>("axis").ok()?.unwrap_or(otherwise), axis if axis == -1 || axis == rank - 1));
    let (source, input) = match reader.dequantised(real) {
        Some((codes, quant)) => (codes, Some(quant)),
        None => (real, None),
    };
    let operator = match kept.op_type() {
        "Softmax" if last_axis(if kept.opset() < 13 { 1 } else { -1 })? => Operator::Softmax { input, output },
        "LayerNormalization" if last_axis(-1)? && node.outputs.len() == 1 => {
            let columns = *shape.last()?;
            let factor = reader.constant_reals(kept.input(node, 1)?)?.1;
            let offset = match kept.input(node, 2) {
                Some(outlet) => reader.constant_reals(outlet)?.1,
                None => vec![0.0; columns],
            };
            if factor.len() != columns || offset.len() != columns {
                return None;
            }
            let epsilon = kept.attribute::<f32>("epsilon").ok()?.unwrap_or(1e-5);
            Operator::LayerNorm { input, output, factor: Arc::new(factor), offset: Arc::new(offset), epsilon }
        }
        _ => return None,
    };
    Some((operator, vec![source]))
}
