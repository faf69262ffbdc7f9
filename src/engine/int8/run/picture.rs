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
}

impl Entrance {
    /// `None` if the program does not begin with such a step: before any other, the memory of its output could be in other use.
    pub(super) fn of(program: &Program) -> Option<Self> {
        let step = program.steps.first().filter(|_| program.picture == Some(0))?;
        let (Operation::Quantise(affine), &[output]) = (&step.operation, &step.outputs[..]) else { return None };
        let value = &program.values[output.0];
        let &[1, channels, _, _] = &value.shape[..] else { return None };
        (value.layout == Layout::ChannelsLast).then_some(Self { output, channels, affine: *affine })
    }

    /// Tables for pixels of which `real(channel, value)` is what the graph's input would be.
    pub(super) fn tables(&self, real: impl Fn(usize, u8) -> f32) -> PictureTables {
        let rounding = Rounding::all(self.affine.zero_point);
        let table = |channel| std::array::from_fn(|value| rounding.code(real(channel, value as u8) / self.affine.scale));
        PictureTables { channels: (0..self.channels).map(table).collect() }
    }
}
