//! What graph and manifest say of inputs and outputs, held against each other.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tract_onnx::{pb, prelude as tract};

use super::{Element, EngineError, Tensor, TensorSpec};

/// Runs `work`; a panic inside becomes its first line.
///
/// tract panics on some damaged graphs (an axis that is not there, an index that is too large) instead of giving an error.
/// Nothing of ours is left half changed by it: a plan keeps no state between runs, and a graph that does not load is dropped.
pub(super) fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|payload| {
        let message = payload.downcast_ref::<String>().map(String::as_str).or_else(|| payload.downcast_ref::<&str>().copied());
        message.and_then(|message| message.lines().next()).unwrap_or("it makes the loader stop").to_owned()
    })
}

/// The inputs of `graph`, without the weights that old exporters list among them.
pub(super) fn graph_inputs(graph: &pb::GraphProto) -> Vec<&pb::ValueInfoProto> {
    graph.input.iter().filter(|value| !graph.initializer.iter().any(|weight| weight.name == value.name)).collect()
}

/// Holds what an engine was given against what the manifest announces.
pub(super) fn check_given(specs: &[TensorSpec], inputs: &[Tensor]) -> Result<(), EngineError> {
    if inputs.len() == specs.len() && specs.iter().zip(inputs).all(|(spec, tensor)| spec.fits(tensor)) {
        return Ok(());
    }
    Err(EngineError::Input {
        expected: join(specs.iter().map(announced)),
        found: join(inputs.iter().map(|tensor| format!("f32 {:?} with {} values", tensor.shape, tensor.values.len()))),
    })
}

/// For each value of the graph, which entry of the manifest it is; an error unless both have the same names.
pub(super) fn match_names<'a>(
    graph: &str,
    side: &'static str,
    manifest: &[TensorSpec],
    values: impl Iterator<Item = &'a str> + Clone,
) -> Result<Vec<usize>, EngineError> {
    let places: Option<Vec<usize>> = values.clone().map(|name| manifest.iter().position(|spec| spec.name == name)).collect();
    let one_each = |places: &Vec<usize>| (0..manifest.len()).all(|place| places.contains(&place)) && places.len() == manifest.len();
    places.filter(one_each).ok_or_else(|| EngineError::Names {
        graph: graph.to_owned(),
        side,
        expected: join(manifest.iter().map(|spec| spec.name.clone())),
        found: join(values.map(str::to_owned)),
    })
}

/// Holds what the graph itself declares of an input against the manifest; a free axis (a batch size by name) fits any length.
pub(super) fn check_declared(graph: &str, expected: &TensorSpec, value: &pb::ValueInfoProto) -> Result<(), EngineError> {
    let Some(pb::TypeProto { value: Some(pb::type_proto::Value::TensorType(declared)), .. }) = &value.r#type else {
        return Ok(());
    };
    let f32_code = pb::tensor_proto::DataType::Float as i32;
    let type_fits = match expected.element {
        Element::F32 => declared.elem_type == f32_code,
    };
    let axes: Option<Vec<Option<i64>>> = declared.shape.as_ref().map(|shape| shape.dim.iter().map(fixed_length).collect());
    let shape_fits = axes.as_ref().is_none_or(|axes| {
        axes.len() == expected.shape.len()
            && axes.iter().zip(&expected.shape).all(|(axis, &length)| axis.is_none_or(|axis| usize::try_from(axis) == Ok(length)))
    });
    if type_fits && shape_fits {
        return Ok(());
    }
    let kind = pb::tensor_proto::DataType::try_from(declared.elem_type).map_or_else(
        |_| format!("type {}", declared.elem_type),
        |kind| if kind as i32 == f32_code { "f32".to_owned() } else { format!("{kind:?}").to_lowercase() },
    );
    let axes = axes.unwrap_or_default();
    let shape = join(axes.iter().map(|axis| axis.map_or_else(|| "?".to_owned(), |length| length.to_string())));
    Err(EngineError::Shape {
        graph: graph.to_owned(),
        side: "input",
        name: expected.name.clone(),
        expected: announced(expected),
        found: format!("{kind} [{shape}]"),
    })
}

fn fixed_length(axis: &pb::tensor_shape_proto::Dimension) -> Option<i64> {
    match axis.value {
        Some(pb::tensor_shape_proto::dimension::Value::DimValue(length)) => Some(length),
        _ => None,
    }
}

/// `order[i]` is the position of `i` in `places`, which must be a permutation.
pub(super) fn invert(places: &[usize]) -> Vec<usize> {
    let mut order = vec![0; places.len()];
    for (at, &place) in places.iter().enumerate() {
        order[place] = at;
    }
    order
}

pub(super) fn datum(element: Element) -> tract::DatumType {
    match element {
        Element::F32 => tract::DatumType::F32,
    }
}

pub(super) fn announced(spec: &TensorSpec) -> String {
    match spec.element {
        Element::F32 => format!("f32 {:?}", spec.shape),
    }
}

pub(super) fn join(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(", ")
}

/// The whole chain of causes in one line: tract's outermost message alone rarely names the operator.
pub(super) fn whole_cause(cause: &tract::TractError) -> String {
    format!("{cause:#}").replace('\n', " ")
}
