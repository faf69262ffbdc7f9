//! The arena that all tensors of a program lie in, and its lending to one step at a time.

use super::super::{
    kernels::{Code, READ_SLACK},
    program::{Block, Constants, Place, Program, ValueId},
};

/// Zeroed bytes at a 64-byte boundary.
#[derive(Debug, Clone)]
pub(super) struct Aligned(Vec<Block>);

impl Aligned {
    pub(super) fn new(len: usize) -> Self {
        Self(Block::zeroed(len))
    }

    pub(super) fn bytes(&self) -> &[u8] {
        bytemuck::cast_slice(&self.0)
    }

    pub(super) fn bytes_mut(&mut self) -> &mut [u8] {
        bytemuck::cast_slice_mut(&mut self.0)
    }

    pub(super) fn codes_mut(&mut self) -> &mut [Code] {
        bytemuck::cast_slice_mut(&mut self.0)
    }
}

/// Where the bytes of a tensor are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Operand {
    pub(super) place: Place,
    pub(super) len: usize,
}

impl Operand {
    pub(super) fn of(program: &Program, id: ValueId) -> Self {
        let value = &program.values[id.0];
        Self { place: value.place, len: value.len() }
    }
}

/// All that a step may read while it writes its output.
#[derive(Debug, Clone, Copy)]
pub(super) struct Inputs<'a> {
    operands: &'a [Operand],
    constants: &'a [u8],
    /// The arena in front of the output, and behind it from byte `behind` on.
    front: &'a [u8],
    back: &'a [u8],
    behind: usize,
}

impl<'a> Inputs<'a> {
    /// Lends the arena: `output` to be written, everything else to be read. A checked program's inputs never overlap an output.
    pub(super) fn lend(arena: &'a mut [u8], constants: &'a Constants, operands: &'a [Operand], output: Operand) -> (Self, &'a mut [u8]) {
        let start = match output.place {
            Place::Arena(start) => start,
            Place::Constant(_) => 0, // a checked program writes no constants
        };
        let (front, rest) = arena.split_at_mut(start);
        let (output, back) = rest.split_at_mut(output.len);
        (Self { operands, constants: constants.as_bytes(), front, back, behind: start + output.len() }, output)
    }

    /// Input `number` with `slack` more bytes; none if it overlaps the output.
    fn bytes_and(&self, number: usize, slack: usize) -> &'a [u8] {
        let Operand { place, len } = self.operands[number];
        let (region, start) = match place {
            Place::Constant(start) => (self.constants, start),
            Place::Arena(start) if start < self.front.len() => (self.front, start),
            Place::Arena(start) => (self.back, start.wrapping_sub(self.behind)),
        };
        start.checked_add(len + slack).and_then(|end| region.get(start..end)).unwrap_or_default()
    }

    pub(super) fn bytes(&self, number: usize) -> &'a [u8] {
        self.bytes_and(number, 0)
    }

    pub(super) fn codes(&self, number: usize) -> &'a [Code] {
        bytemuck::cast_slice(self.bytes(number))
    }

    /// With [`READ_SLACK`] more.
    pub(super) fn codes_and_slack(&self, number: usize) -> &'a [Code] {
        bytemuck::cast_slice(self.bytes_and(number, READ_SLACK))
    }

    pub(super) fn f32(&self, number: usize) -> &'a [f32] {
        bytemuck::cast_slice(self.bytes(number))
    }
}
