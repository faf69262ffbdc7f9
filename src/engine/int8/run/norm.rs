//! Softmax and layer normalisation, some rows at a time.

use super::{
    super::{
        kernels::{
            driver::Panicked,
            elementwise::{self, LayerNorm, Rounding, RowsIn, RowsOut},
        },
        program::{Affine, Norm},
    },
    bands::elements,
    memory::Inputs,
    step::Context,
};

/// Softmax over rows.
#[derive(Debug)]
pub(super) struct Softmax {
    norm: Norm,
    part: usize,
}

/// Layer normalisation over rows.
#[derive(Debug)]
pub(super) struct Normalisation {
    norm: Norm,
    epsilon: f32,
    part: usize,
}

/// Rows that are done at a time.
fn rows_at_a_time(norm: &Norm, threads: usize) -> usize {
    // An element costs as much as several of a sum.
    elements(norm.rows * norm.columns * 4, threads).div_ceil((norm.columns * 4).max(1))
}

fn read<'a>(inputs: &Inputs<'a>, affine: Option<Affine>, from: usize, len: usize) -> RowsIn<'a> {
    match affine {
        None => RowsIn::F32(&inputs.f32(0)[from..from + len]),
        Some(Affine { scale, zero_point }) => RowsIn::Codes { codes: &inputs.codes(0)[from..from + len], scale, zero_point },
    }
}

/// Calls `job` for parts of `part` values of the output: number of the first value, how many, worker, the part.
fn write(
    context: &Context,
    affine: Option<Affine>,
    output: &mut [u8],
    part: usize,
    job: &(dyn Fn(usize, usize, usize, RowsOut) + Sync),
) -> Result<(), Panicked> {
    match affine {
        None => context.crew.parts(bytemuck::cast_slice_mut(output), part, &|number, worker, values| {
            job(number * part, values.len(), worker, RowsOut::F32(values));
        }),
        Some(Affine { scale, zero_point }) => context.crew.parts(bytemuck::cast_slice_mut(output), part, &|number, worker, codes| {
            job(number * part, codes.len(), worker, RowsOut::Codes { codes, scale, rounding: Rounding::all(zero_point) });
        }),
    }
}

impl Softmax {
    pub(super) fn new(norm: &Norm, threads: usize) -> Self {
        Self { norm: *norm, part: rows_at_a_time(norm, threads) }
    }

    pub(super) fn run(&self, context: &Context, inputs: &Inputs, output: &mut [u8]) -> Result<(), Panicked> {
        let Norm { columns, input, output: out, .. } = self.norm;
        write(context, out, output, self.part * columns, &|from, len, worker, output| {
            let row = &mut context.scratch(worker).reals;
            elementwise::softmax(context.processor, columns, read(inputs, input, from, len), output, row);
        })
    }
}

impl Normalisation {
    pub(super) fn new(norm: &Norm, epsilon: f32, threads: usize) -> Self {
        Self { norm: *norm, epsilon, part: rows_at_a_time(norm, threads) }
    }

    pub(super) fn run(&self, context: &Context, inputs: &Inputs, output: &mut [u8]) -> Result<(), Panicked> {
        let Norm { columns, input, output: out, .. } = self.norm;
        let task = LayerNorm { epsilon: self.epsilon, factor: &inputs.f32(1)[..columns], offset: &inputs.f32(2)[..columns] };
        write(context, out, output, self.part * columns, &|from, len, worker, output| {
            let row = &mut context.scratch(worker).reals;
            elementwise::layer_norm(context.processor, task, read(inputs, input, from, len), output, row);
        })
    }
}
