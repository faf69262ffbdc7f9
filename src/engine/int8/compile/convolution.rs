//! Convolutions and products with constant weights.

use super::{
    super::{
        kernels::{DepthwiseShape, pack_portable},
        operator::{Output, Weights, Window},
        program::{Convolution, Element, Layout, Method, Operation, Requant, Table, ValueId},
    },
    taps,
    writer::{Writer, output as stored_output, stored},
};

/// Largest weight that packed kernels take.
const LARGEST: i16 = 127;

#[allow(clippy::too_many_arguments)] // the fields of one operator
pub(super) fn convolution(
    writer: &mut Writer,
    input: ValueId,
    shape: Vec<usize>,
    window: &Window,
    groups: usize,
    weights: &Weights,
    zero: i32,
    output: &Output,
) -> ValueId {
    let input = writer.want(input, Layout::ChannelsLast);
    let from = writer.value(input).shape.clone();
    let result = writer.declare_picture(shape.clone());
    let (channels, out_channels) = (from[1], shape[1]);
    let (window, weights) = taps::trimmed(window, weights, [from[2], from[3]], [shape[2], shape[3]]);
    let (window, weights) = (&window, &*weights);
    let depthwise = groups == channels && channels == out_channels && channels > 1;
    let method =
        if depthwise { depthwise_method(writer, channels, window, weights) } else { product(writer, channels, window, groups, weights) };
    let convolution = Convolution {
        batch: from[0],
        input: [from[2], from[3], channels],
        output: [shape[2], shape[3], out_channels],
        kernel: window.kernel,
        stride: window.stride,
        dilation: window.dilation,
        padding: window.padding,
        outside: stored(zero),
        method,
        requant: requant(writer, weights, zero, output),
    };
    writer.step(Operation::Convolve(convolution), &[input], &[result]);
    result
}

/// A fully connected layer over the last axis.
pub(super) fn dense(writer: &mut Writer, input: ValueId, shape: Vec<usize>, weights: &Weights, zero: i32, output: &Output) -> ValueId {
    let input = writer.want(input, Layout::RowMajor);
    let channels = weights.bias.len();
    let depth = weights.values.len() / channels;
    let rows = shape.iter().product::<usize>() / channels;
    let window = Window { kernel: [1, 1], stride: [1, 1], dilation: [1, 1], padding: [0, 0] };
    let result = writer.declare(shape, Layout::RowMajor, Element::Code);
    let convolution = Convolution {
        batch: 1,
        input: [1, rows, depth],
        output: [1, rows, channels],
        kernel: window.kernel,
        stride: window.stride,
        dilation: window.dilation,
        padding: window.padding,
        outside: stored(zero),
        method: product(writer, depth, &window, 1, weights),
        requant: requant(writer, weights, zero, output),
    };
    writer.step(Operation::Convolve(convolution), &[input], &[result]);
    result
}

fn requant(writer: &mut Writer, weights: &Weights, zero: i32, output: &Output) -> Requant {
    let per_channel = weights.values.len() / weights.bias.len();
    let sum = |channel: usize| weights.values[channel * per_channel..][..per_channel].iter().map(|&weight| i32::from(weight)).sum::<i32>();
    let bias: Vec<i32> = weights.bias.iter().enumerate().map(|(channel, bias)| bias - stored(zero) * sum(channel)).collect();
    let output = stored_output(output);
    Requant {
        bias: writer.channel_table(&bias),
        scale: writer.channel_table(&weights.scale),
        zero_point: output.zero_point,
        lowest: output.lowest,
        highest: output.highest,
    }
}

fn depthwise_method(writer: &mut Writer, channels: usize, window: &Window, weights: &Weights) -> Method {
    let shape = DepthwiseShape { channels, kernel: window.kernel, stride: window.stride, dilation: window.dilation };
    let narrow: Option<Vec<i8>> = weights.values.iter().map(|&w| i8::try_from(w).ok().filter(|_| w >= -LARGEST)).collect();
    match narrow.and_then(|weights| (writer.kernels().pack_depthwise)(&shape, &weights)) {
        Some(packed) => Method::Depthwise { weights: writer.table(bytemuck::cast_slice(&packed)) },
        None => Method::DepthwisePortable { weights: writer.table(bytemuck::cast_slice(&pack_portable(&shape, &weights.values))) },
    }
}

fn product(writer: &mut Writer, channels: usize, window: &Window, groups: usize, weights: &Weights) -> Method {
    let [height, width] = window.kernel;
    let (in_group, out_group) = (channels / groups, weights.bias.len() / groups);
    // Without gaps between a kernel row's taps, its codes lie side by side.
    let joined = groups == 1 && window.dilation[1] == 1;
    let (taps, depth): (Vec<[usize; 2]>, usize) = if joined {
        ((0..height).map(|y| [y, 0]).collect(), width * in_group)
    } else {
        ((0..height).flat_map(|y| (0..width).map(move |x| [y, x])).collect(), in_group)
    };
    // Weights beyond 8 bits are sums of several that are not, each multiplied with the same codes.
    let largest = weights.values.iter().map(|weight| weight.abs()).max().unwrap_or(0);
    let parts = usize::from(largest.unsigned_abs()).div_ceil(usize::from(LARGEST.unsigned_abs())).max(1);
    let segments: Vec<[usize; 2]> = (0..parts).flat_map(|_| taps.iter().copied()).collect();
    let layout = writer.kernels().layout;
    let mut tables: Vec<Table> = Vec::with_capacity(groups);
    let mut rows = vec![0i8; out_group * segments.len() * depth];
    let mut packed = vec![0i8; layout.packed_len(out_group, segments.len(), depth)];
    for group in 0..groups {
        for channel in 0..out_group {
            let values = &weights.values[(group * out_group + channel) * in_group * height * width..][..in_group * height * width];
            for (segment, &[y, x]) in segments.iter().enumerate() {
                let part = (segment / taps.len()) as i16;
                let row = &mut rows[(channel * segments.len() + segment) * depth..][..depth];
                for (k, weight) in row.iter_mut().enumerate() {
                    let (column, from) = (x + k / in_group, k % in_group);
                    *weight = share(values[(from * height + y) * width + column], part);
                }
            }
        }
        layout.pack(&rows, out_group, segments.len(), depth, &mut packed);
        tables.push(writer.table(bytemuck::cast_slice(&packed)));
    }
    Method::Product { groups, segments, depth, weights: tables }
}

/// What part number `part` takes of `weight`, each part at most [`LARGEST`] in size.
fn share(weight: i16, part: i16) -> i8 {
    let taken = (part * LARGEST).min(weight.abs()) * weight.signum();
    (weight - taken).clamp(-LARGEST, LARGEST) as i8
}
