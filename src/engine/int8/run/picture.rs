//! Pixels of a camera instead of an f32 picture.

use super::super::{
    kernels::{Code, elementwise::Rounding},
    program::{Affine, Layout, Operation, Program, ValueId},
};

/// For each channel the code of each of the 256 values of a pixel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PictureTables {
    pub(super) channels: Vec<[Code; 256]>,
}

/// How a program's input picture becomes codes.
#[derive(Debug, Clone)]
pub(super) struct Entrance {
    /// Codes, channels last.
    pub(super) output: ValueId,
    pub(super) channels: usize,
    affine: Affine,
    /// For each step, whether it is only there to make these codes.
    pub(super) skipped: Vec<bool>,
}

impl Entrance {
    /// `None` if the program has no such picture, or something else must be done before it.
    pub(super) fn of(program: &Program) -> Option<Self> {
        let number = program.picture?;
        let step = program.steps.get(number)?;
        let &[output] = &step.outputs[..] else { return None };
        let &[1, channels, _, _] = &program.values[output.0].shape[..] else { return None };
        // The codes may have been arranged channels last after they were made.
        let mut maker = step;
        while matches!(maker.operation, Operation::Assemble { .. }) {
            maker = program.steps.iter().find(|other| other.outputs.first() == maker.inputs.first())?;
        }
        let Operation::Quantise(affine) = maker.operation else { return None };
        let mut wanted = vec![false; program.values.len()];
        program.outputs.iter().for_each(|id| wanted[id.0] = true);
        let mut skipped = vec![false; program.steps.len()];
        for (at, step) in program.steps.iter().enumerate().rev() {
            skipped[at] = at == number || !step.outputs.iter().any(|id| wanted[id.0]);
            if !skipped[at] {
                step.inputs.iter().for_each(|id| wanted[id.0] = true);
            }
        }
        // Memory of the picture may be in other use before its step.
        let alone = skipped[..=number].iter().all(|&skipped| skipped);
        let last = program.values[output.0].layout == Layout::ChannelsLast;
        (alone && last).then_some(Self { output, channels, affine, skipped })
    }

    /// Tables for pixels of which `real(channel, value)` is what the graph's input would be.
    pub(super) fn tables(&self, real: impl Fn(usize, u8) -> f32) -> PictureTables {
        let rounding = Rounding::all(self.affine.zero_point);
        let table = |channel| std::array::from_fn(|value| rounding.code(real(channel, value as u8) / self.affine.scale));
        PictureTables { channels: (0..self.channels).map(table).collect() }
    }
}
