//! Steps in f32.

use super::{
    super::program::{Element, Layout, Operation, Real, RealBinary, Reduction, ValueId},
    arithmetic,
    writer::Writer,
};

pub(super) fn reduce(
    writer: &mut Writer,
    input: ValueId,
    shape: Vec<usize>,
    kind: Reduction,
    (over, inner): (usize, usize),
    picture: bool,
) -> ValueId {
    let value = writer.value(input).clone();
    let channels_last = picture && value.layout == Layout::ChannelsLast;
    let input = if channels_last { input } else { writer.want(input, Layout::RowMajor) };
    let inner = if channels_last { value.shape[1] } else { inner };
    let output = writer.declare(shape, Layout::RowMajor, Element::F32);
    let outer = value.count() / (over * inner);
    writer.step(Operation::Real(Real::Reduce { kind, outer, over, inner }), &[input], &[output]);
    output
}

pub(super) fn dense(writer: &mut Writer, input: ValueId, shape: Vec<usize>, weights: &[f32], bias: &[f32]) -> ValueId {
    let input = writer.want(input, Layout::RowMajor);
    let (depth, columns) = (weights.len() / bias.len(), bias.len());
    let rows = shape.iter().product::<usize>() / columns;
    let weights = writer.constant(vec![depth, columns], Element::F32, bytemuck::cast_slice(weights));
    let bias = writer.constant(vec![columns], Element::F32, bytemuck::cast_slice(bias));
    let output = writer.declare(shape, Layout::RowMajor, Element::F32);
    let product = Real::Product { batch: 1, shared: true, rows, depth, columns };
    writer.step(Operation::Real(product), &[input, weights, bias], &[output]);
    output
}

pub(super) fn product(writer: &mut Writer, inputs: &[ValueId], shape: Vec<usize>) -> ValueId {
    let inputs: Vec<ValueId> = inputs.iter().map(|&id| writer.want(id, Layout::RowMajor)).collect();
    let (a, b) = (writer.value(inputs[0]).shape.clone(), writer.value(inputs[1]).shape.clone());
    let (depth, columns) = (a[a.len() - 1], b[b.len() - 1]);
    let shared = b[..b.len() - 2].iter().all(|&length| length == 1);
    let batch: usize = if shared { 1 } else { a[..a.len() - 2].iter().product() };
    let rows = a.iter().product::<usize>() / (batch * depth);
    let output = writer.declare(shape, Layout::RowMajor, Element::F32);
    writer.step(Operation::Real(Real::Product { batch, shared, rows, depth, columns }), &inputs, &[output]);
    output
}

pub(super) fn combine(writer: &mut Writer, inputs: &[ValueId], shape: Vec<usize>, kind: RealBinary) -> ValueId {
    let (inputs, layout, loops) = arithmetic::broadcast(writer, inputs, &shape);
    let output = writer.declare(shape, layout, Element::F32);
    writer.step(Operation::Real(Real::Combine { kind, loops }), &inputs, &[output]);
    output
}

/// A function of each element.
pub(super) fn map(writer: &mut Writer, input: ValueId, function: Real) -> ValueId {
    let output = writer.like(input, Element::F32);
    writer.step(Operation::Real(function), &[input], &[output]);
    output
}

pub(super) fn resize(
    writer: &mut Writer,
    input: ValueId,
    shape: Vec<usize>,
    rows: &[(usize, usize, f32)],
    columns: &[(usize, usize, f32)],
) -> ValueId {
    let input = writer.want(input, Layout::ChannelsLast);
    let from = writer.value(input).shape.clone();
    let output = writer.declare(shape, Layout::ChannelsLast, Element::F32);
    let resize = Real::Resize { batch: from[0], input: [from[2], from[3], from[1]], rows: rows.to_vec(), columns: columns.to_vec() };
    writer.step(Operation::Real(resize), &[input], &[output]);
    output
}
