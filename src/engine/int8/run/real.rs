//! Steps in f32.

use super::{
    super::{
        kernels::{
            Processor,
            elementwise::{self, RealCombine, RealReduction},
        },
        program::{self, Real, RealBinary, Reduction},
    },
    memory::Inputs,
};

/// Reals that a step needs for itself.
pub(super) fn room(real: &Real) -> usize {
    match real {
        Real::Resize { input, columns, .. } => elementwise::resize_room(columns.len(), input[2]),
        _ => 0,
    }
}

/// Computes `output` from `inputs`, with [`room`]. These steps are small: one thread does them.
pub(super) fn run(real: &Real, processor: Processor, inputs: &Inputs, room: &mut [f32], output: &mut [f32]) {
    match real {
        Real::Reduce { kind, over, inner, .. } => {
            let kind = match kind {
                Reduction::Mean => RealReduction::Mean,
                Reduction::Sum => RealReduction::Sum,
                Reduction::Highest => RealReduction::Highest,
                Reduction::Lowest => RealReduction::Lowest,
            };
            elementwise::reduce_reals(processor, kind, *over, *inner, inputs.f32(0), output);
        }
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
                RealBinary::Divide => RealCombine::Divide,
                RealBinary::Highest => RealCombine::Highest,
                RealBinary::Lowest => RealCombine::Lowest,
                RealBinary::Greater => RealCombine::Greater,
            };
            elementwise::combine_reals(processor, kind, loops, inputs.f32(0), inputs.f32(1), output);
        }
        Real::Clamp { lowest, highest } => elementwise::clamp_reals(processor, *lowest, *highest, inputs.f32(0), output),
        Real::Function(function) => elementwise::apply(processor, function_of(*function), inputs.f32(0), output),
        Real::Resize { batch, input, rows, columns } => {
            let (from, to) = (input.iter().product::<usize>(), rows.len() * columns.len() * input[2]);
            for (number, output) in output.chunks_exact_mut(to).enumerate().take(*batch) {
                elementwise::resize_reals(processor, *input, rows, columns, &inputs.f32(0)[number * from..][..from], room, output);
            }
        }
    }
}

fn function_of(function: program::RealFunction) -> elementwise::RealFunction {
    use elementwise::RealFunction as To;
    use program::RealFunction as From;
    match function {
        From::Sigmoid => To::Sigmoid,
        From::Tanh => To::Tanh,
        From::Erf => To::Erf,
        From::Gelu => To::Gelu,
        From::Sqrt => To::Sqrt,
        From::Reciprocal => To::Reciprocal,
        From::Abs => To::Abs,
        From::Negate => To::Negate,
    }
}
