//! Nodes that stand between a pattern's operators without doing anything.

use tract_onnx::tract_core::internal::*;

use super::super::graph::{Kept, Reader};

/// Takes out `Identity`, and all but the first of several equal quantisations of one tensor (some exporters give each reader its own).
pub(super) fn rule(model: &TypedModel, node: &TypedNode, kept: &Kept) -> TractResult<Option<TypedModelPatch>> {
    let stand_in = match kept.op_type() {
        "Identity" => Some(node.inputs[0]),
        "QuantizeLinear" => first_equal(Reader { model }, node, kept),
        _ => None,
    };
    let Some(stand_in) = stand_in else { return Ok(None) };
    let mut patch = TypedModelPatch::default();
    let tap = patch.tap_model(model, stand_in)?;
    patch.shunt_outside(model, node.id.into(), tap)?;
    Ok(Some(patch))
}

fn first_equal(reader: Reader, node: &TypedNode, kept: &Kept) -> Option<OutletId> {
    let quant = reader.quant(node, kept)?;
    let source = node.inputs[0];
    let readers = &reader.model.node(source.node).outputs[source.slot].successors;
    let equal = |id: &usize| {
        let other = reader.model.node(*id);
        let same = other.op_as::<Kept>().filter(|other| other.op_type() == "QuantizeLinear").and_then(|kept| reader.quant(other, kept));
        same == Some(quant) && other.inputs[0] == source && other.outputs[0].fact.datum_type == node.outputs[0].fact.datum_type
    };
    let first = readers.iter().map(|inlet| inlet.node).filter(equal).min()?;
    (first < node.id).then(|| first.into())
}
