//! What an executor does for each step: operations with everything worked out that does not depend on the input.

use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};

use super::{
    super::{
        kernels::{
            Code, Processor,
            driver::{Crew, Panicked},
            elementwise::{self, Rounding},
        },
        program::{Constants, Operation, Output, Program, Real, Step, Table},
    },
    assembly::Assembly,
    bands::elements,
    convolution::Convolve,
    elementwise::{Combination, Pooling, Quantisation, Resizing},
    memory::{Aligned, Inputs},
    multiply::{Multiplication, Packed},
    norm::{Normalisation, Softmax},
    real,
};

/// Everything that steps share.
#[derive(Debug)]
pub(super) struct Context<'a> {
    pub(super) processor: Processor,
    pub(super) crew: &'a Crew,
    pub(super) threads: usize,
    pub(super) constants: &'a Constants,
    /// One for each worker.
    pub(super) scratch: &'a [Mutex<Scratch>],
    /// One for each matrix of the largest batch.
    pub(super) packed: &'a [RwLock<Packed>],
}

/// Room that a worker needs for itself.
#[derive(Debug)]
pub(super) struct Scratch {
    pub(super) codes: Aligned,
    pub(super) reals: Vec<f32>,
}

/// How much room steps need beside the arena.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Room {
    /// Codes of each worker, slack included.
    pub(super) codes: usize,
    /// Reals of each worker.
    pub(super) reals: usize,
    /// Matrices that are packed at a time, bytes of each, columns of each.
    pub(super) matrices: [usize; 3],
}

impl Room {
    pub(super) fn max(self, other: Self) -> Self {
        let [a, b] = [self.matrices, other.matrices];
        Self { codes: self.codes.max(other.codes), reals: self.reals.max(other.reals), matrices: std::array::from_fn(|i| a[i].max(b[i])) }
    }
}

impl Context<'_> {
    /// Room of worker `worker`. Nobody else uses it, so that there is never a wait.
    pub(super) fn scratch(&self, worker: usize) -> MutexGuard<'_, Scratch> {
        self.scratch[worker].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A table of 256 codes.
    pub(super) fn lookup_table(&self, table: Table) -> &[Code; 256] {
        const BLANK: [Code; 256] = [0; 256];
        bytemuck::cast_slice(self.constants.bytes(table)).first_chunk().unwrap_or(&BLANK) // a checked program's tables are long enough
    }
}

impl From<Output> for Rounding {
    fn from(output: Output) -> Self {
        Self { zero_point: output.zero_point, lowest: output.lowest, highest: output.highest }
    }
}

/// What to do.
#[derive(Debug)]
pub(super) enum Action {
    Convolve(Box<Convolve>),
    Multiply(Multiplication),
    Combine(Combination),
    Lookup(Table),
    Pool(Pooling),
    Assemble(Assembly),
    Resize(Resizing),
    Softmax(Softmax),
    LayerNorm(Normalisation),
    Real(Real, Processor),
    Quantise(Quantisation),
    Dequantise { scale: f32, zero_point: i32 },
    Foreign(usize),
}

impl Action {
    /// Of a step of a checked program.
    pub(super) fn new(program: &Program, step: &Step, processor: Processor, threads: usize) -> (Self, Room) {
        let none = Room::default();
        match &step.operation {
            Operation::Convolve(convolution) => {
                let (convolve, room) = Convolve::new(convolution, processor, threads);
                (Self::Convolve(Box::new(convolve)), room)
            }
            Operation::Multiply(matrix) => {
                let (multiplication, room) = Multiplication::new(matrix, processor);
                (Self::Multiply(multiplication), room)
            }
            Operation::Combine(binary) => (Self::Combine(Combination::new(binary, threads)), none),
            Operation::Lookup(table) => (Self::Lookup(*table), none),
            Operation::Pool(pool) => (Self::Pool(Pooling::new(pool, threads)), none),
            Operation::Assemble { fill, parts } => {
                let size = program.values[step.outputs[0].0].element.size();
                (Self::Assemble(Assembly::new(*fill, parts, size, threads)), none)
            }
            Operation::Resize(resize) => {
                let resizing = Resizing::new(resize, threads);
                let reals = resizing.room();
                (Self::Resize(resizing), Room { reals, ..none })
            }
            Operation::Softmax(norm) => {
                (Self::Softmax(Softmax::new(norm, threads)), Room { reals: elementwise::row_room(norm.columns), ..none })
            }
            Operation::LayerNorm { norm, epsilon } => {
                (Self::LayerNorm(Normalisation::new(norm, *epsilon, threads)), Room { reals: elementwise::row_room(norm.columns), ..none })
            }
            Operation::Quantise(affine) => {
                let [input, output] = [step.inputs[0], step.outputs[0]].map(|id| &program.values[id.0]);
                (Self::Quantise(Quantisation::new(affine, input, output, threads)), none)
            }
            Operation::Dequantise(affine) => (Self::Dequantise { scale: affine.scale, zero_point: affine.zero_point }, none),
            Operation::Real(real) => (Self::Real(real.clone(), processor), Room { reals: real::room(real), ..none }),
            Operation::Foreign(index) => (Self::Foreign(*index), none),
        }
    }

    /// Computes `output` from `inputs`. Foreign operators are not run here.
    pub(super) fn run(&self, context: &Context, inputs: &Inputs, output: &mut [u8]) -> Result<(), Panicked> {
        let Context { processor, crew, threads, .. } = *context;
        match self {
            Self::Convolve(convolve) => convolve.run(context, inputs.codes_and_slack(0), bytemuck::cast_slice_mut(output)),
            Self::Multiply(multiplication) => {
                multiplication.run(context, inputs.codes_and_slack(0), inputs.codes(1), bytemuck::cast_slice_mut(output))
            }
            Self::Combine(combination) => combination.run(context, inputs.codes(0), inputs.codes(1), bytemuck::cast_slice_mut(output)),
            Self::Lookup(table) => {
                let (table, input, part) = (context.lookup_table(*table), inputs.codes(0), elements(output.len(), threads));
                crew.parts(bytemuck::cast_slice_mut(output), part, &|number, _, output: &mut [Code]| {
                    elementwise::lookup(processor, table, &input[number * part..][..output.len()], output);
                })
            }
            Self::Pool(pooling) => pooling.run(context, inputs.codes(0), bytemuck::cast_slice_mut(output)),
            Self::Assemble(assembly) => assembly.run(context, inputs, output),
            Self::Resize(resizing) => resizing.run(context, inputs.codes(0), bytemuck::cast_slice_mut(output)),
            Self::Softmax(softmax) => softmax.run(context, inputs, output),
            Self::LayerNorm(normalisation) => normalisation.run(context, inputs, output),
            Self::Quantise(quantisation) => quantisation.run(context, inputs.f32(0), bytemuck::cast_slice_mut(output)),
            Self::Dequantise { scale, zero_point } => {
                let input = inputs.codes(0);
                let part = elements(input.len(), threads);
                crew.parts(bytemuck::cast_slice_mut(output), part, &|number, _, output: &mut [f32]| {
                    elementwise::dequantise(processor, *scale, *zero_point, &input[number * part..][..output.len()], output);
                })
            }
            Self::Real(real, processor) => {
                real::run(real, *processor, inputs, &mut context.scratch(0).reals, bytemuck::cast_slice_mut(output));
                Ok(())
            }
            Self::Foreign(_) => Ok(()),
        }
    }
}
