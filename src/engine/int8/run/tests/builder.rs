//! Puts programs together.

use super::super::super::{
    kernels::{CHANNEL_PADDING, Code},
    program::{Constants, Element, Layout, Operation, Output, Place, Program, Requant, Step, Table, Value, ValueId, place},
};

/// A program whose tensors are placed when it is finished.
#[derive(Debug, Default)]
pub(super) struct Builder {
    values: Vec<Value>,
    steps: Vec<Step>,
    inputs: Vec<ValueId>,
    pub(super) constants: Constants,
}

impl Builder {
    pub(super) fn value(&mut self, shape: &[usize], layout: Layout, element: Element) -> ValueId {
        self.values.push(Value { shape: shape.to_vec(), layout, element, place: Place::Arena(0) });
        ValueId(self.values.len() - 1)
    }

    /// A row-major tensor of codes.
    pub(super) fn codes(&mut self, shape: &[usize]) -> ValueId {
        self.value(shape, Layout::RowMajor, Element::Code)
    }

    pub(super) fn input(&mut self, id: ValueId) -> ValueId {
        self.inputs.push(id);
        id
    }

    /// A constant tensor of f32.
    pub(super) fn constant_f32(&mut self, values: &[f32]) -> ValueId {
        let table = self.constants.push(bytemuck::cast_slice(values));
        self.values.push(Value {
            shape: vec![values.len()],
            layout: Layout::RowMajor,
            element: Element::F32,
            place: Place::Constant(table.start),
        });
        ValueId(self.values.len() - 1)
    }

    pub(super) fn table(&mut self, codes: &[Code]) -> Table {
        self.constants.push(bytemuck::cast_slice(codes))
    }

    /// Tables of a layer, padded.
    pub(super) fn requant(&mut self, bias: &[i32], scale: &[f32], output: Output) -> Requant {
        let padded = bias.len().next_multiple_of(CHANNEL_PADDING);
        let (mut bias, mut scale) = (bias.to_vec(), scale.to_vec());
        bias.resize(padded, 0);
        scale.resize(padded, 0.0);
        let Output { zero_point, lowest, highest } = output;
        let bias = self.constants.push(bytemuck::cast_slice(&bias));
        Requant { bias, scale: self.constants.push(bytemuck::cast_slice(&scale)), zero_point, lowest, highest }
    }

    pub(super) fn step(&mut self, operation: Operation, inputs: &[ValueId], output: ValueId) -> ValueId {
        let name = format!("step {}", self.steps.len());
        self.steps.push(Step { name, operation, inputs: inputs.to_vec(), outputs: vec![output] });
        output
    }

    /// Places every tensor for the steps during which it is used.
    pub(super) fn finish(mut self, outputs: &[ValueId]) -> Program {
        let end = self.steps.len();
        let life = |id: ValueId| {
            let made = self.steps.iter().position(|step| step.outputs.contains(&id)).unwrap_or(0);
            let read = self.steps.iter().rposition(|step| step.inputs.contains(&id)).unwrap_or(made);
            made..(if outputs.contains(&id) { end } else { read + 1 })
        };
        let blocks: Vec<_> = self.values.iter().enumerate().map(|(id, value)| (value.len(), life(ValueId(id)))).collect();
        let (starts, arena_len) = place(&blocks);
        for (value, start) in self.values.iter_mut().zip(starts) {
            if value.place == Place::Arena(0) {
                value.place = Place::Arena(start);
            }
        }
        let Self { values, steps, inputs, constants } = self;
        Program { values, steps, inputs, outputs: outputs.to_vec(), arena_len, constants, picture: None }
    }
}
