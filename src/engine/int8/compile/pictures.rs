//! Pools, means and changes of size.

use super::{
    super::{
        operator::{Output, Quant, Window},
        program::{Element, Layout, Operation, Pool, PoolKind, Resize, ValueId},
    },
    writer::{Writer, output as stored_output, stored},
};

pub(super) fn max_pool(writer: &mut Writer, input: ValueId, shape: Vec<usize>, window: &Window) -> ValueId {
    pool(writer, input, shape, window, PoolKind::Max)
}

pub(super) fn average_pool(
    writer: &mut Writer,
    input: ValueId,
    shape: Vec<usize>,
    window: &Window,
    count_padding: bool,
    (from, to): (&Quant, &Output),
) -> ValueId {
    pool(writer, input, shape, window, average(from, to, count_padding))
}

fn average(from: &Quant, to: &Output, count_padding: bool) -> PoolKind {
    PoolKind::Average { zero: stored(from.zero), scale: from.scale / to.quant.scale, count_padding, output: stored_output(to) }
}

fn pool(writer: &mut Writer, input: ValueId, shape: Vec<usize>, window: &Window, kind: PoolKind) -> ValueId {
    let input = writer.want(input, Layout::ChannelsLast);
    let from = writer.value(input).shape.clone();
    let output = writer.declare_picture(shape.clone());
    let pool = Pool {
        kind,
        batch: from[0],
        input: [from[2], from[3], from[1]],
        output: [shape[2], shape[3]],
        kernel: window.kernel,
        stride: window.stride,
        dilation: window.dilation,
        padding: window.padding,
    };
    writer.step(Operation::Pool(pool), &[input], &[output]);
    output
}

/// A mean (or the highest) over neighbouring axes is a pool whose window is all of them.
pub(super) fn reduce(
    writer: &mut Writer,
    input: ValueId,
    shape: Vec<usize>,
    (over, inner): (usize, usize),
    picture: bool,
    mean: Option<&(Quant, Output)>,
) -> ValueId {
    let value = writer.value(input).clone();
    let channels_last = picture && value.layout == Layout::ChannelsLast;
    let input = if channels_last { input } else { writer.want(input, Layout::RowMajor) };
    let channels = if channels_last { value.shape[1] } else { inner };
    let output = writer.declare(shape, Layout::RowMajor, Element::Code);
    let pool = Pool {
        kind: mean.map_or(PoolKind::Max, |(from, to)| average(from, to, false)),
        batch: value.count() / (over * channels),
        input: [1, over, channels],
        output: [1, 1],
        kernel: [1, over],
        stride: [1, 1],
        dilation: [1, 1],
        padding: [0, 0],
    };
    writer.step(Operation::Pool(pool), &[input], &[output]);
    output
}

pub(super) fn resize(
    writer: &mut Writer,
    input: ValueId,
    shape: Vec<usize>,
    rows: &[(usize, usize, f32)],
    columns: &[(usize, usize, f32)],
    linear: Option<&(Quant, Output)>,
) -> ValueId {
    let input = writer.want(input, Layout::ChannelsLast);
    let from = writer.value(input).shape.clone();
    let output = writer.declare_picture(shape);
    let linear = linear.map(|(from, to)| (stored(from.zero), from.scale / to.quant.scale, stored_output(to)));
    let resize = Resize { batch: from[0], input: [from[2], from[3], from[1]], rows: rows.to_vec(), columns: columns.to_vec(), linear };
    writer.step(Operation::Resize(resize), &[input], &[output]);
    output
}
