//! Operators that move codes about, and tables.

use std::sync::Arc;

use super::{
    super::program::{Element, Layout, Operation, Part, ValueId, strides},
    writer::{Writer, box_loops, stored},
};

pub(super) fn lookup(writer: &mut Writer, input: ValueId, table: &[u8; 256]) -> ValueId {
    let output = writer.like(input, Element::Code);
    let table = writer.code_table(table);
    writer.step(Operation::Lookup(table), &[input], &[output]);
    output
}

pub(super) fn reshape(writer: &mut Writer, input: ValueId, shape: Vec<usize>) -> ValueId {
    if writer.value(input).shape == shape {
        return input;
    }
    let input = writer.want(input, Layout::RowMajor);
    writer.view(input, shape, Layout::RowMajor)
}

pub(super) fn concat(
    writer: &mut Writer,
    inputs: &[ValueId],
    shape: Vec<usize>,
    axis: usize,
    tables: &[Option<Arc<[u8; 256]>>],
) -> ValueId {
    let layout = writer.value(inputs[0]).layout;
    let output = writer.declare(shape.clone(), layout, Element::Code);
    let writes = strides(&shape, layout);
    let mut parts = Vec::with_capacity(inputs.len());
    let mut start = 0;
    for (at, (&input, table)) in inputs.iter().zip(tables).enumerate() {
        let value = writer.value(input).clone();
        let reads: Vec<isize> = value.strides().iter().map(|&stride| stride as isize).collect();
        let loops = box_loops(&value.shape, &reads, &writes, layout);
        let table = table.as_ref().map(|table| writer.code_table(table));
        parts.push(Part { input: at, from: 0, to: start * writes[axis], loops, table });
        start += value.shape[axis];
    }
    writer.step(Operation::Assemble { fill: None, parts }, inputs, &[output]);
    output
}

pub(super) fn pad(writer: &mut Writer, input: ValueId, shape: Vec<usize>, before: &[usize], code: u8) -> ValueId {
    let value = writer.value(input).clone();
    let output = writer.declare(shape.clone(), value.layout, Element::Code);
    let writes = strides(&shape, value.layout);
    let reads: Vec<isize> = value.strides().iter().map(|&stride| stride as isize).collect();
    let to = before.iter().zip(&writes).map(|(count, stride)| count * stride).sum();
    let part = Part { input: 0, from: 0, to, loops: box_loops(&value.shape, &reads, &writes, value.layout), table: None };
    writer.step(Operation::Assemble { fill: Some(stored(code.into())), parts: vec![part] }, &[input], &[output]);
    output
}

pub(super) fn strided(
    writer: &mut Writer,
    input: ValueId,
    shape: Vec<usize>,
    axes: &[(usize, usize, isize)],
    fixed: &[(usize, usize)],
) -> ValueId {
    let value = writer.value(input).clone();
    let steps = value.strides();
    let reads: Vec<isize> = axes.iter().map(|&(axis, _, step)| steps[axis] as isize * step).collect();
    let walked = axes.iter().map(|&(axis, start, _)| start * steps[axis]);
    let from = walked.chain(fixed.iter().map(|&(axis, index)| index * steps[axis])).sum();
    let loops = |layout: Layout| box_loops(&shape, &reads, &strides(&shape, layout), layout);
    let count = shape.iter().product::<usize>() as isize;
    // Where the elements lie in the right order for one of the layouts already, nothing needs to move.
    let layouts = if shape.len() == 4 { &[Layout::ChannelsLast, Layout::RowMajor][..] } else { &[Layout::RowMajor] };
    let in_order = |layout: &&Layout| loops(**layout) == [[count, 1, 1]] && from == 0 && value.count() as isize == count;
    if let Some(&layout) = layouts.iter().find(in_order) {
        return writer.view(input, shape, layout);
    }
    let same_axes = axes.iter().enumerate().all(|(at, &(axis, ..))| at == axis);
    let layout = if same_axes && shape.len() == 4 { value.layout } else { Layout::RowMajor };
    let part = Part { input: 0, from, to: 0, loops: loops(layout), table: None };
    let output = writer.declare(shape, layout, Element::Code);
    writer.step(Operation::Assemble { fill: None, parts: vec![part] }, &[input], &[output]);
    output
}
