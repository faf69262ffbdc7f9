//! Steps in f32.

use super::{
    super::{
        kernels::{
            Processor,
            elementwise::{self, RealCombine},
        },
        program::{Real, RealBinary},
    },
    memory::Inputs,
};

/// Computes `output` from `inputs`. These steps are small: one thread does them.
pub(super) fn run(real: &Real, processor: Processor, inputs: &Inputs, output: &mut [f32]) {
    match real {
        Real::Mean { over, inner, .. } => elementwise::mean(processor, *over, *inner, inputs.f32(0), output),
        Real::Product { batch, shared, rows, depth, columns } => {
            let bias = if inputs.len() > 2 { inputs.f32(2) } else { &[] };
            let (a, b) = (inputs.f32(0), inputs.f32(1));
            for (number, output) in output.chunks_exact_mut(rows * columns).enumerate().take(*batch) {
                let a = &a[number * rows * depth..][..rows * depth];
                let b = &b[if *shared { 0 } else { number * depth * columns }..][..depth * columns];
                elementwise::product(processor, *depth, *columns, a, b, bias, output);
            }
        }
        Real::Combine { kind, loops } => {
            let kind = match kind {
                RealBinary::Add => RealCombine::Add,
                RealBinary::Subtract => RealCombine::Subtract,
                RealBinary::Multiply => RealCombine::Multiply,
                RealBinary::Greater => RealCombine::Greater,
            };
            elementwise::combine_reals(processor, kind, loops, inputs.f32(0), inputs.f32(1), output);
        }
        Real::Clamp { lowest, highest } => elementwise::clamp_reals(processor, *lowest, *highest, inputs.f32(0), output),
        Real::Sigmoid => elementwise::sigmoid(processor, inputs.f32(0), output),
        Real::Resize { batch, input, rows, columns } => {
            let (from, to) = (input.iter().product::<usize>(), rows.len() * columns.len() * input[2]);
            for (number, output) in output.chunks_exact_mut(to).enumerate().take(*batch) {
                elementwise::resize_reals(processor, *input, rows, columns, &inputs.f32(0)[number * from..][..from], output);
            }
        }
    }
}
