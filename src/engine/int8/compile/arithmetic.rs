//! Sums, products and norms.

use super::{
    super::{
        operator::{Output, Quant},
        program::{Binary, BinaryKind, Element, Layout, Matrix, Norm, Operation, ValueId, strides},
    },
    writer::{Writer, affine, memory_order, output as stored_output, stored},
};

pub(super) fn add(
    writer: &mut Writer,
    inputs: &[ValueId],
    shape: Vec<usize>,
    (a, b): (&Quant, &Quant),
    sign: f32,
    output: &Output,
) -> ValueId {
    let kind = BinaryKind::Add {
        a_zero: stored(a.zero),
        a_scale: a.scale / output.quant.scale,
        b_zero: stored(b.zero),
        b_scale: sign * (b.scale / output.quant.scale),
        output: stored_output(output),
    };
    combine(writer, inputs, shape, kind)
}

pub(super) fn multiply(writer: &mut Writer, inputs: &[ValueId], shape: Vec<usize>, (a, b): (&Quant, &Quant), output: &Output) -> ValueId {
    let scale = (f64::from(a.scale) * f64::from(b.scale) / f64::from(output.quant.scale)) as f32;
    let kind = BinaryKind::Multiply { a_zero: stored(a.zero), b_zero: stored(b.zero), scale, output: stored_output(output) };
    combine(writer, inputs, shape, kind)
}

fn combine(writer: &mut Writer, inputs: &[ValueId], shape: Vec<usize>, kind: BinaryKind) -> ValueId {
    let (inputs, layout, loops) = broadcast(writer, inputs, &shape);
    let output = writer.declare(shape, layout, Element::Code);
    writer.step(Operation::Combine(Binary { kind, loops }), &inputs, &[output]);
    output
}

/// Two operands in one layout where both are whole, that layout, and the loops over a dense output of `shape` with each operand's strides.
pub(super) fn broadcast(writer: &mut Writer, inputs: &[ValueId], shape: &[usize]) -> (Vec<ValueId>, Layout, Vec<[usize; 3]>) {
    let count: usize = shape.iter().product();
    let whole: Vec<ValueId> = inputs.iter().copied().filter(|&id| writer.value(id).count() == count).collect();
    let channels_last = shape.len() == 4 && whole.iter().any(|&id| writer.value(id).layout == Layout::ChannelsLast);
    let layout = if channels_last { Layout::ChannelsLast } else { Layout::RowMajor };
    let inputs: Vec<ValueId> = inputs.iter().map(|id| if whole.contains(id) { writer.want(*id, layout) } else { *id }).collect();
    let steps: Vec<Vec<usize>> = inputs.iter().map(|&id| broadcast_strides(writer, id, shape)).collect();
    let mut loops: Vec<[usize; 3]> = Vec::new();
    for axis in memory_order(shape.len(), layout) {
        let next = [shape[axis], steps[0][axis], steps[1][axis]];
        match loops.last_mut() {
            _ if next[0] == 1 => {}
            Some(last) if last[1] == next[1] * next[0] && last[2] == next[2] * next[0] => *last = [last[0] * next[0], next[1], next[2]],
            _ => loops.push(next),
        }
    }
    if loops.is_empty() {
        loops.push([1, 1, 1]);
    }
    (inputs, layout, loops)
}

/// Distance between neighbours of `id` along each axis of `shape`, 0 where `id` is broadcast.
fn broadcast_strides(writer: &Writer, id: ValueId, shape: &[usize]) -> Vec<usize> {
    let value = writer.value(id);
    let missing = shape.len() - value.shape.len();
    let own = strides(&value.shape, value.layout);
    (0..shape.len()).map(|axis| if axis < missing || value.shape[axis - missing] == 1 { 0 } else { own[axis - missing] }).collect()
}

pub(super) fn product(writer: &mut Writer, inputs: &[ValueId], shape: Vec<usize>, (a, b): (&Quant, &Quant), output: &Output) -> ValueId {
    let inputs: Vec<ValueId> = inputs.iter().map(|&id| writer.want(id, Layout::RowMajor)).collect();
    let (a_shape, b_shape) = (writer.value(inputs[0]).shape.clone(), writer.value(inputs[1]).shape.clone());
    let (depth, columns) = (a_shape[a_shape.len() - 1], b_shape[b_shape.len() - 1]);
    let shared = b_shape.len() == 2;
    let batch: usize = if shared { 1 } else { a_shape[..a_shape.len() - 2].iter().product() };
    let rows = a_shape.iter().product::<usize>() / (batch * depth);
    let scale = (f64::from(a.scale) * f64::from(b.scale) / f64::from(output.quant.scale)) as f32;
    let matrix = Matrix {
        batch,
        shared,
        rows,
        depth,
        columns,
        a_zero: stored(a.zero),
        b_zero: stored(b.zero),
        scale,
        output: stored_output(output),
    };
    let result = writer.declare(shape, Layout::RowMajor, Element::Code);
    writer.step(Operation::Multiply(matrix), &inputs, &[result]);
    result
}

/// Rows and columns of a norm over the axis of `input` that is densest in `layout`, and its result.
fn norm(writer: &mut Writer, input: ValueId, layout: Layout, from: Option<Quant>, to: Option<Quant>) -> (ValueId, Norm, ValueId) {
    let input = writer.want(input, layout);
    let shape = writer.value(input).shape.clone();
    let columns = memory_order(shape.len(), layout).last().map_or(1, |&axis| shape[axis]);
    let rows = shape.iter().product::<usize>() / columns;
    let norm = Norm { rows, columns, input: from.as_ref().map(affine), output: to.as_ref().map(affine) };
    let output = writer.declare(shape, layout, if to.is_some() { Element::Code } else { Element::F32 });
    (input, norm, output)
}

pub(super) fn softmax(writer: &mut Writer, input: ValueId, over_channels: bool, from: Option<Quant>, to: Option<Quant>) -> ValueId {
    let layout = if over_channels { Layout::ChannelsLast } else { Layout::RowMajor };
    let (input, norm, output) = norm(writer, input, layout, from, to);
    writer.step(Operation::Softmax(norm), &[input], &[output]);
    output
}

pub(super) fn layer_norm(
    writer: &mut Writer,
    input: ValueId,
    (from, to): (Option<Quant>, Option<Quant>),
    (factor, offset): (&[f32], &[f32]),
    epsilon: f32,
) -> ValueId {
    let (input, norm, output) = norm(writer, input, Layout::RowMajor, from, to);
    let factor = writer.constant(vec![factor.len()], Element::F32, bytemuck::cast_slice(factor));
    let offset = writer.constant(vec![offset.len()], Element::F32, bytemuck::cast_slice(offset));
    writer.step(Operation::LayerNorm { norm, epsilon }, &[input, factor, offset], &[output]);
    output
}

/// Pictures of a few channels become channels last on the way: what reads their codes is a convolution.
pub(super) fn quantise(writer: &mut Writer, input: ValueId, quant: &Quant) -> ValueId {
    let value = writer.value(input).clone();
    let picture = matches!(value.shape.as_slice(), &[_, channels, _, _] if channels <= 4);
    let layout = if picture { Layout::ChannelsLast } else { value.layout };
    let output = writer.declare(value.shape, layout, Element::Code);
    writer.step(Operation::Quantise(affine(quant)), &[input], &[output]);
    output
}

pub(super) fn dequantise(writer: &mut Writer, input: ValueId, quant: &Quant) -> ValueId {
    let output = writer.like(input, Element::F32);
    writer.step(Operation::Dequantise(affine(quant)), &[input], &[output]);
    output
}
