//! Convolution of dequantised codes with constant weights.

use std::sync::Arc;

use tract_onnx::tract_core::internal::TypedNode;

use super::{
    super::{
        graph::{ConstantCodes, Kept, Reader},
        operator::{Operator, Output, Quant, Weights, Window},
    },
    Found, Target, window,
};

pub(super) fn find(target: &Target) -> Found {
    let (node, kept) = target.operator().filter(|(_, kept)| kept.op_type() == "Conv")?;
    let reader = target.reader;
    let (codes, input) = reader.dequantised(kept.input(node, 0)?)?;
    let &[_, _, height, width] = reader.shape(codes)?.as_slice() else { return None };
    let &[_, _, out_height, out_width] = target.shape.as_slice() else { return None };
    let constant = reader.constant_codes(kept.input(node, 1)?)?;
    let &[_, _, kernel_height, kernel_width] = constant.shape.as_slice() else { return None };
    let window = window::read(kept, Some([kernel_height, kernel_width]), [height, width], [out_height, out_width])?;
    let groups = usize::try_from(kept.attribute::<i64>("group").ok()?.unwrap_or(1)).ok()?;
    let bias = bias(reader, node, kept, 2)?;
    let weights = Arc::new(weights(constant, bias.as_deref(), input, target.output)?);
    Some((Operator::Convolution { window, groups, weights, zero: input.zero, output: target.output }, vec![codes]))
}

/// A batch normalisation that was not folded into its convolution: each channel times a factor plus an offset.
pub(super) fn find_batch_norm(target: &Target) -> Found {
    /// Weight of every channel: large, so that the bias, in steps of input scale x factor / weight, is exact enough.
    const WEIGHT: f32 = 64.0;
    let (node, kept) = target.operator().filter(|(_, kept)| kept.op_type() == "BatchNormalization")?;
    let reader = target.reader;
    let (codes, input) = reader.dequantised(kept.input(node, 0)?)?;
    let parameter = |at: usize| Some(reader.constant_reals(kept.input(node, at)?)?.1);
    let (gamma, beta, mean, variance) = (parameter(1)?, parameter(2)?, parameter(3)?, parameter(4)?);
    let epsilon = kept.attribute::<f32>("epsilon").ok()?.unwrap_or(1e-5);
    let channels = gamma.len();
    if reader.shape(codes)?.len() != 4 || [&beta, &mean, &variance].iter().any(|values| values.len() != channels) {
        return None;
    }
    let factors: Vec<f32> = gamma.iter().zip(&variance).map(|(gamma, variance)| gamma / (variance + epsilon).sqrt()).collect();
    let offsets: Vec<f32> = (0..channels).map(|c| beta[c] - mean[c] * factors[c]).collect();
    let constant = ConstantCodes {
        shape: vec![channels, 1, 1, 1],
        values: factors.iter().map(|factor| if *factor == 0.0 { 0 } else { (WEIGHT * factor.signum()) as i16 }).collect(),
        scales: factors.iter().map(|factor| factor.abs() / WEIGHT).collect(),
        axis: 0,
    };
    let weights = Arc::new(weights(constant, Some(&offsets), input, target.output)?);
    let window = Window { kernel: [1, 1], stride: [1, 1], dilation: [1, 1], padding: [0, 0] };
    Some((Operator::Convolution { window, groups: channels, weights, zero: input.zero, output: target.output }, vec![codes]))
}

/// The bias at input `at` of `kept`: `Some(None)` when there is none, `None` when it is not constant.
pub(super) fn bias(reader: Reader, node: &TypedNode, kept: &Kept, at: usize) -> Option<Option<Vec<f32>>> {
    match kept.input(node, at) {
        Some(outlet) => Some(Some(reader.constant_reals(outlet)?.1)),
        None => Some(None),
    }
}

/// Weights whose first axis is the output channels. `None` when sums or scales could leave the range in which kernels are exact.
pub(super) fn weights(constant: ConstantCodes, bias: Option<&[f32]>, input: Quant, output: Output) -> Option<Weights> {
    let ConstantCodes { shape, values, scales, axis } = constant;
    let channels = *shape.first()?;
    if scales.len() > 1 && axis != 0 {
        return None;
    }
    let per_channel = values.len() / channels.max(1);
    let mut result = Weights { values, bias: Vec::with_capacity(channels), scale: Vec::with_capacity(channels) };
    for channel in 0..channels {
        let real = f64::from(bias.map_or(0.0, |bias| bias.get(channel).or(bias.first()).copied().unwrap_or(0.0)));
        let row = &result.values[channel * per_channel..][..per_channel];
        let magnitude = row.iter().map(|weight| i64::from(weight.unsigned_abs()) * 255).sum::<i64>() as f64;
        // A channel without weights is its bias alone, whatever scale the file gives it: often one too small for the bias to fit.
        let product = match f64::from(input.scale) * f64::from(scales[channel % scales.len()]) {
            _ if magnitude == 0.0 => f64::from(output.quant.scale) / 65_536.0,
            product => product,
        };
        // Past the ends of i32 the output is saturated, or its scale so small that the cut is less than rounding.
        let room = f64::from(i32::MAX) - magnitude - 1.0;
        let bias = (real / product).round_ties_even().clamp(-room, room);
        let scale = (product / f64::from(output.quant.scale)) as f32;
        if room < 0.0 || (bias.abs() + magnitude) * f64::from(scale) >= f64::from(i32::MAX) || !scale.is_normal() {
            return None;
        }
        result.bias.push(bias as i32);
        result.scale.push(scale);
    }
    Some(result)
}
