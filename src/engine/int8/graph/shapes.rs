//! Shapes of a graph's inputs, which a program must know before it runs.

use tract_onnx::pb::{
    GraphProto, TensorShapeProto, TypeProto, ValueInfoProto,
    tensor_shape_proto::{Dimension, dimension::Value},
    type_proto,
};

/// Height and width where a graph leaves them free: the size that classifiers are trained for.
const PICTURE_SIDE: usize = 224;

/// The shape of `input`, a tensor of elements with the code `element`; 1 for a first axis that is left free and [`PICTURE_SIDE`] for others.
pub fn declared_shape(input: &ValueInfoProto, element: i32) -> Option<Vec<usize>> {
    let Some(TypeProto { value: Some(type_proto::Value::TensorType(tensor)), .. }) = &input.r#type else { return None };
    let axes = &tensor.shape.as_ref()?.dim;
    let length = |(at, axis): (usize, &Dimension)| match axis.value {
        Some(Value::DimValue(length)) if length > 0 => usize::try_from(length).ok(),
        _ => Some(if at == 0 { 1 } else { PICTURE_SIDE }),
    };
    (tensor.elem_type == element).then(|| axes.iter().enumerate().map(length).collect())?
}

/// Writes `shapes`, by name, into the inputs of `graph`.
pub fn fix_shapes(graph: &mut GraphProto, shapes: &[(String, Vec<usize>)]) {
    for input in &mut graph.input {
        let Some((_, shape)) = shapes.iter().find(|(name, _)| *name == input.name) else { continue };
        if let Some(TypeProto { value: Some(type_proto::Value::TensorType(tensor)), .. }) = &mut input.r#type {
            let axis = |&length: &usize| Dimension { value: Some(Value::DimValue(length as i64)), ..Dimension::default() };
            tensor.shape = Some(TensorShapeProto { dim: shape.iter().map(axis).collect() });
        }
    }
}
