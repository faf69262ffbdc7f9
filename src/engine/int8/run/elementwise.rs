//! Steps that are one element-wise kernel over parts of their output.

use super::{
    super::{
        kernels::{
            Code,
            driver::Panicked,
            elementwise::{self, Combine, PoolKind, Rounding},
        },
        program::{self, Affine, Binary, BinaryKind, Value},
    },
    bands::elements,
    step::Context,
};

/// Two tensors into one.
#[derive(Debug)]
pub(super) struct Combination {
    what: Combine,
    loops: Vec<[usize; 3]>,
    /// Elements of one iteration of the outermost loop, and iterations that are done at a time.
    inner: usize,
    part: usize,
}

impl Combination {
    pub(super) fn new(binary: &Binary, threads: usize) -> Self {
        let what = match binary.kind {
            BinaryKind::Add { a_zero, a_scale, b_zero, b_scale, output } => {
                Combine::Add { a_zero, a_scale, b_zero, b_scale, rounding: output.into() }
            }
            BinaryKind::Multiply { a_zero, b_zero, scale, output } => Combine::Multiply { a_zero, b_zero, scale, rounding: output.into() },
        };
        let count: usize = binary.loops.iter().map(|l| l[0]).product();
        let inner = count / binary.loops.first().map_or(1, |l| l[0]).max(1);
        let part = elements(count, threads).div_ceil(inner.max(1));
        Self { what, loops: binary.loops.clone(), inner, part }
    }

    pub(super) fn run(&self, context: &Context, a: &[Code], b: &[Code], output: &mut [Code]) -> Result<(), Panicked> {
        context.crew.parts(output, self.part * self.inner, &|number, _, output| {
            let first = number * self.part;
            let outer = first..first + output.len() / self.inner;
            elementwise::combine(context.processor, &self.what, &self.loops, outer, a, b, output);
        })
    }
}

/// Windows of a picture.
#[derive(Debug)]
pub(super) struct Pooling {
    task: elementwise::Pool,
    /// Codes of an output row, and rows that are done at a time.
    row: usize,
    part: usize,
}

impl Pooling {
    pub(super) fn new(pool: &program::Pool, threads: usize) -> Self {
        let kind = match pool.kind {
            program::PoolKind::Max => PoolKind::Max,
            program::PoolKind::Average { zero, scale, count_padding, output } => {
                PoolKind::Average { zero, scale, count_padding, rounding: output.into() }
            }
        };
        let program::Pool { input, output, kernel, stride, dilation, padding, batch, .. } = *pool;
        let row = output[1] * input[2];
        // A window costs as much as an element for each tap.
        let taps = kernel[0] * kernel[1];
        let part = elements(batch * output[0] * row * taps, threads).div_ceil((row * taps).max(1));
        Self { task: elementwise::Pool { kind, input, output, kernel, stride, dilation, padding }, row, part }
    }

    pub(super) fn run(&self, context: &Context, input: &[Code], output: &mut [Code]) -> Result<(), Panicked> {
        context.crew.parts(output, self.part * self.row, &|number, _, output| {
            let first = number * self.part;
            elementwise::pool(context.processor, &self.task, first..first + output.len() / self.row, input, output);
        })
    }
}

/// Another size of a picture.
#[derive(Debug)]
pub(super) struct Resizing {
    resize: program::Resize,
    row: usize,
    part: usize,
}

impl Resizing {
    pub(super) fn new(resize: &program::Resize, threads: usize) -> Self {
        let row = resize.columns.len() * resize.input[2];
        let part = elements(resize.batch * resize.rows.len() * row, threads).div_ceil(row.max(1));
        Self { resize: resize.clone(), row, part }
    }

    /// Reals that each worker needs for itself.
    pub(super) fn room(&self) -> usize {
        let program::Resize { input, columns, linear, .. } = &self.resize;
        if linear.is_some() { elementwise::resize_room(columns.len(), input[2]) } else { 0 }
    }

    pub(super) fn run(&self, context: &Context, input: &[Code], output: &mut [Code]) -> Result<(), Panicked> {
        let linear = self.resize.linear.map(|(zero, scale, output)| (zero, scale, Rounding::from(output)));
        let task = elementwise::Resize { input: self.resize.input, rows: &self.resize.rows, columns: &self.resize.columns, linear };
        context.crew.parts(output, self.part * self.row, &|number, worker, output| {
            let first = number * self.part;
            let room = &mut context.scratch(worker).reals;
            elementwise::resize(context.processor, &task, first..first + output.len() / self.row, input, room, output);
        })
    }
}

/// f32 to codes.
#[derive(Debug)]
pub(super) struct Quantisation {
    scale: f32,
    rounding: Rounding,
    /// Values that are done at a time.
    part: usize,
    /// If planes become channels last: how many, and pixels of each.
    planes: Option<[usize; 2]>,
}

impl Quantisation {
    pub(super) fn new(affine: &Affine, input: &Value, output: &Value, threads: usize) -> Self {
        let planes = match input.shape[..] {
            [_, channels, height, width] if input.layout != output.layout => Some([channels, height * width]),
            _ => None,
        };
        let part = match planes {
            // Not across pictures.
            Some([channels, pixels]) => pixels.div_ceil((channels * pixels).div_ceil(elements(output.count(), threads)).max(1)) * channels,
            None => elements(output.count(), threads),
        };
        Self { scale: affine.scale, rounding: Rounding::all(affine.zero_point), part, planes }
    }

    pub(super) fn run(&self, context: &Context, input: &[f32], output: &mut [Code]) -> Result<(), Panicked> {
        let Self { scale, rounding, part, planes } = *self;
        let Some([channels, pixels]) = planes else {
            return context.crew.parts(output, part, &|number, _, output| {
                elementwise::quantise(context.processor, scale, rounding, &input[number * part..][..output.len()], output);
            });
        };
        let picture = channels * pixels;
        for (input, output) in input.chunks_exact(picture).zip(output.chunks_exact_mut(picture)) {
            context.crew.parts(output, part, &|number, _, output| {
                elementwise::quantise_planes(context.processor, scale, rounding, input, pixels, number * part / channels, output);
            })?;
        }
        Ok(())
    }
}
