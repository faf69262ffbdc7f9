//! Convolutions and products.

use super::{
    super::{
        super::kernels::{CHANNEL_PADDING, DepthwiseShape, Processor, driver::DepthwisePlan},
        Convolution, Element, Matrix, Method, Output, Program, Requant, Value,
    },
    Checked, Fault, equal, has_type, is_code, is_factor, is_output, size, true_or,
};

/// Largest kernel, stride, dilation and padding.
const MOST_STEPS: usize = 1 << 12;
/// Largest absolute product of a code and a weight of 8 bits.
const LARGEST_TERM: usize = 255 * 127;

impl Program {
    pub(super) fn check_convolution(&self, convolution: &Convolution, input: &Value, output: &Value, processor: Processor) -> Checked {
        let Convolution { batch, input: size_in, output: size_out, kernel, stride, dilation, padding, outside, .. } = *convolution;
        has_type("the input", input, Element::Code)?;
        has_type("the output", output, Element::Code)?;
        equal("codes of the input", input.count(), size("the input", &[batch, size_in[0], size_in[1], size_in[2]])?)?;
        equal("codes of the output", output.count(), size("the output", &[batch, size_out[0], size_out[1], size_out[2]])?)?;
        let steps = [kernel, stride, dilation].into_iter().flatten();
        true_or(steps.into_iter().all(|steps| (1..=MOST_STEPS).contains(&steps)), Fault::Range { what: "kernel, stride or dilation" })?;
        true_or(padding.iter().all(|&padding| padding <= MOST_STEPS), Fault::Range { what: "the padding" })?;
        size("the padded input", &[convolution.input_rows(&(0..size_out[0])).len(), convolution.padded_width(), size_in[2]])?;
        is_code("the code outside of the picture", outside)?;
        let [in_channels, out_channels] = [size_in[2], size_out[2]];
        match &convolution.method {
            Method::Product { groups, segments, depth, weights } => {
                let groups = *groups;
                let divides = groups > 0 && in_channels.is_multiple_of(groups) && out_channels.is_multiple_of(groups);
                true_or(divides, Fault::Range { what: "the number of groups" })?;
                let terms = size("the depth", &[segments.len(), *depth])?;
                let whole_rows = groups == 1 && dilation[1] == 1;
                let reach = if whole_rows { kernel[1] * in_channels } else { in_channels / groups };
                for &[y, x] in segments {
                    let fits = y < kernel[0] && x < kernel[1] && depth + if whole_rows { x * in_channels } else { 0 } <= reach;
                    true_or(fits, Fault::Range { what: "a segment" })?;
                }
                equal("tables of weights", weights.len(), groups)?;
                let packed = processor.kernels().layout.packed_len(out_channels / groups, segments.len(), *depth);
                weights.iter().try_for_each(|&table| self.check_table(table, packed, "weights"))?;
                self.check_requant(&convolution.requant, out_channels, terms.saturating_mul(LARGEST_TERM))
            }
            Method::Depthwise { weights } | Method::DepthwisePortable { weights } => {
                equal("channels of the output", out_channels, in_channels)?;
                let portable = matches!(convolution.method, Method::DepthwisePortable { .. });
                let taps = kernel[0] * kernel[1];
                size("the kernel", &[taps, in_channels])?;
                let shape = DepthwiseShape { channels: in_channels, kernel, stride, dilation };
                let plan = DepthwisePlan::new(processor, shape, portable).ok_or(Fault::Missing { what: "a kernel for this geometry" })?;
                self.check_table(*weights, plan.packed_len(), "weights")?;
                // Weights of the portable kernel have 9 bits.
                self.check_requant(&convolution.requant, out_channels, taps * LARGEST_TERM * if portable { 3 } else { 1 })
            }
        }
    }

    /// `largest` is the largest absolute sum without the bias.
    fn check_requant(&self, requant: &Requant, channels: usize, largest: usize) -> Checked {
        let padded = channels.next_multiple_of(CHANNEL_PADDING);
        self.check_table(requant.bias, padded * 4, "the bias")?;
        self.check_table(requant.scale, padded * 4, "the scales")?;
        true_or(requant.bias.len.is_multiple_of(4) && requant.scale.len.is_multiple_of(4), Fault::Type { what: "a table of a layer" })?;
        let Requant { zero_point, lowest, highest, .. } = *requant;
        is_output(&Output { zero_point, lowest, highest })?;
        let bias: &[i32] = self.constants.values(requant.bias);
        let scale: &[f32] = self.constants.values(requant.scale);
        for (&bias, &scale) in bias.iter().zip(scale).take(channels) {
            let sum = largest as u64 + u64::from(bias.unsigned_abs());
            true_or(sum < 1 << 31, Fault::Range { what: "a sum of products" })?;
            true_or(
                scale.is_finite() && scale >= 0.0 && sum as f64 * f64::from(scale) < f64::from(1u32 << 31),
                Fault::Range { what: "a scale" },
            )?;
        }
        Ok(())
    }

    pub(super) fn check_matrix(matrix: &Matrix, a: &Value, b: &Value, output: &Value) -> Checked {
        let Matrix { batch, shared, rows, depth, columns, a_zero, b_zero, scale, output: out } = *matrix;
        has_type("the first factor", a, Element::Code)?;
        has_type("the second factor", b, Element::Code)?;
        has_type("the output", output, Element::Code)?;
        equal("codes of the first factor", a.count(), size("the first factor", &[batch, rows, depth])?)?;
        equal("codes of the second factor", b.count(), size("the second factor", &[if shared { 1 } else { batch }, depth, columns])?)?;
        equal("codes of the output", output.count(), size("the output", &[batch, rows, columns])?)?;
        is_code("zero point of the first factor", a_zero)?;
        is_code("zero point of the second factor", b_zero)?;
        is_factor("the scale", scale)?;
        is_output(&out)?;
        // Once for the sum, once for what the zero point takes off.
        let largest = depth.saturating_mul(2 * 255 * 255) as f64;
        true_or(largest < f64::from(1u32 << 31), Fault::Range { what: "the depth" })?;
        true_or(largest * f64::from(scale) < f64::from(1u32 << 31), Fault::Range { what: "the scale" })
    }
}
