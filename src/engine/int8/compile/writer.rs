//! Writing a program: values, steps, tables, and in the end the arena.

use std::ops::Range;

use super::super::{
    kernels::{CHANNEL_PADDING, CODE_OFFSET, Family, Kernels, READ_SLACK},
    operator::{Output, Quant},
    program::{self, Affine, Constants, Element, Layout, Operation, Part, Place, Program, Step, Table, Value, ValueId, strides},
};

/// Where a value lies, before the arena is planned.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Home {
    /// A block of the arena, by index; views share one.
    Block(usize),
    Constant(Table),
}

/// A program in the making.
pub(super) struct Writer {
    kernels: &'static Kernels,
    values: Vec<(Value, Home)>,
    blocks: usize,
    steps: Vec<Step>,
    inputs: Vec<ValueId>,
    constants: Constants,
    /// What the steps that follow are called.
    pub(super) name: String,
}

impl Writer {
    pub(super) fn new(family: Family) -> Self {
        Self {
            kernels: family.kernels(),
            values: Vec::new(),
            blocks: 0,
            steps: Vec::new(),
            inputs: Vec::new(),
            constants: Constants::default(),
            name: String::new(),
        }
    }

    pub(super) fn kernels(&self) -> &'static Kernels {
        self.kernels
    }

    pub(super) fn value(&self, id: ValueId) -> &Value {
        &self.values[id.0].0
    }

    /// A tensor with a place of its own.
    pub(super) fn declare(&mut self, shape: Vec<usize>, layout: Layout, element: Element) -> ValueId {
        self.blocks += 1;
        self.push(Value { shape, layout, element, place: Place::Arena(0) }, Home::Block(self.blocks - 1))
    }

    /// A tensor of codes, channels last when it is a picture.
    pub(super) fn declare_picture(&mut self, shape: Vec<usize>) -> ValueId {
        self.declare(shape, Layout::ChannelsLast, Element::Code)
    }

    /// A tensor of `element`s with the shape and layout of `id`.
    pub(super) fn like(&mut self, id: ValueId, element: Element) -> ValueId {
        let value = self.value(id).clone();
        self.declare(value.shape, value.layout, element)
    }

    /// Another shape and layout for the elements of `id`, in the order in which they lie.
    pub(super) fn view(&mut self, id: ValueId, shape: Vec<usize>, layout: Layout) -> ValueId {
        let (value, home) = self.values[id.0].clone();
        self.push(Value { shape, layout, ..value }, home)
    }

    pub(super) fn input(&mut self, shape: Vec<usize>, element: Element) -> ValueId {
        let id = self.declare(shape, Layout::RowMajor, element);
        self.inputs.push(id);
        id
    }

    pub(super) fn constant(&mut self, shape: Vec<usize>, element: Element, bytes: &[u8]) -> ValueId {
        let table = self.constants.push(bytes);
        self.push(Value { shape, layout: Layout::RowMajor, element, place: Place::Constant(table.start) }, Home::Constant(table))
    }

    fn push(&mut self, value: Value, home: Home) -> ValueId {
        self.values.push((value, home));
        ValueId(self.values.len() - 1)
    }

    pub(super) fn step(&mut self, operation: Operation, inputs: &[ValueId], outputs: &[ValueId]) {
        self.steps.push(Step { name: self.name.clone(), operation, inputs: inputs.to_vec(), outputs: outputs.to_vec() });
    }

    /// Bytes among the constants.
    pub(super) fn table(&mut self, bytes: &[u8]) -> Table {
        self.constants.push(bytes)
    }

    /// A table of numbers, one for each channel, padded as kernels want it; `CHANNEL_PADDING` more behind, for groups that begin anywhere.
    pub(super) fn channel_table<T: bytemuck::NoUninit + Default>(&mut self, values: &[T]) -> Table {
        let mut padded = values.to_vec();
        padded.resize(values.len().next_multiple_of(CHANNEL_PADDING) + CHANNEL_PADDING, T::default());
        self.constants.push(bytemuck::cast_slice(&padded))
    }

    /// A table of u8 codes to u8 codes, as kernels index it.
    pub(super) fn code_table(&mut self, table: &[u8; 256]) -> Table {
        // Stored codes run from Code::MIN upwards as the u8 codes do from 0, so that only the entries change.
        let stored: Vec<u8> = table.iter().map(|&code| stored_code(code)).collect();
        self.constants.push(&stored)
    }

    /// The elements of `id` in `layout`.
    pub(super) fn want(&mut self, id: ValueId, layout: Layout) -> ValueId {
        let value = self.value(id).clone();
        let &[_, channels, height, width] = value.shape.as_slice() else { return id };
        if value.layout == layout {
            return id;
        }
        if channels == 1 || height * width == 1 {
            return self.view(id, value.shape, layout);
        }
        let output = self.declare(value.shape.clone(), layout, value.element);
        let reads = strides(&value.shape, value.layout);
        let part = Part { input: 0, from: 0, to: 0, loops: copy_loops(&value.shape, layout, &reads), table: None };
        self.step(Operation::Assemble { fill: None, parts: vec![part] }, &[id], &[output]);
        output
    }

    /// Plans the arena.
    pub(super) fn finish(mut self, outputs: Vec<ValueId>) -> Program {
        self.begin_with_picture();
        let lives = self.lives(&outputs);
        let blocks: Vec<(usize, Range<usize>)> = lives;
        let (starts, end) = program::place(&blocks);
        let place = |home: Home| match home {
            Home::Block(block) => Place::Arena(starts[block]),
            Home::Constant(table) => Place::Constant(table.start),
        };
        let values: Vec<Value> = self.values.into_iter().map(|(value, home)| Value { place: place(home), ..value }).collect();
        let picture = picture(&values, &self.steps, &self.inputs);
        Program { values, steps: self.steps, inputs: self.inputs, outputs, arena_len: end + READ_SLACK, constants: self.constants, picture }
    }

    /// Puts the step that quantises a picture before those of the graph's other inputs: it reads nothing that they make.
    fn begin_with_picture(&mut self) {
        let values: Vec<Value> = self.values.iter().map(|(value, _)| value.clone()).collect();
        if let Some(at) = self.steps.iter().position(|step| takes_picture(step, &values, &self.steps, &self.inputs)) {
            self.steps[..=at].rotate_right(1);
        }
    }

    /// Length of each block and the steps during which it holds something.
    fn lives(&self, outputs: &[ValueId]) -> Vec<(usize, Range<usize>)> {
        let mut lives: Vec<(usize, Option<Range<usize>>)> = vec![(0, None); self.blocks];
        for (value, home) in &self.values {
            if let Home::Block(block) = *home {
                lives[block].0 = lives[block].0.max(value.len());
            }
        }
        let mut touch = |id: &ValueId, at: usize| {
            if let Home::Block(block) = self.values[id.0].1 {
                let life = lives[block].1.take();
                lives[block].1 = Some(life.map_or(at..at + 1, |life| life.start.min(at)..life.end.max(at + 1)));
            }
        };
        self.inputs.iter().for_each(|id| touch(id, 0));
        for (at, step) in self.steps.iter().enumerate() {
            step.inputs.iter().chain(&step.outputs).for_each(|id| touch(id, at));
        }
        outputs.iter().for_each(|id| touch(id, self.steps.len()));
        lives.into_iter().map(|(len, life)| (len, life.unwrap_or(0..0))).collect()
    }
}

/// The first step, when it quantises an input that nobody else reads.
fn picture(values: &[Value], steps: &[Step], inputs: &[ValueId]) -> Option<usize> {
    takes_picture(steps.first()?, values, steps, inputs).then_some(0)
}

/// Whether `step` quantises an input that is one picture, which no other step reads, into channels last.
fn takes_picture(step: &Step, values: &[Value], steps: &[Step], inputs: &[ValueId]) -> bool {
    let &[input] = &step.inputs[..] else { return false };
    let alone = steps.iter().filter(|step| step.inputs.contains(&input)).count() == 1;
    let output = step.outputs.first().map(|output| &values[output.0]);
    let channels_last = output.is_some_and(|output| output.layout == Layout::ChannelsLast && output.shape.first() == Some(&1));
    matches!(step.operation, Operation::Quantise(_)) && inputs.contains(&input) && alone && channels_last
}

/// The loops of a copy into a dense tensor of `shape` in `layout`, from elements that are `reads` apart along each axis of the shape.
pub(super) fn copy_loops(shape: &[usize], layout: Layout, reads: &[usize]) -> Vec<[isize; 3]> {
    let reads: Vec<isize> = reads.iter().map(|&read| read as isize).collect();
    box_loops(shape, &reads, &strides(shape, layout), layout)
}

/// The loops of a copy of a box of `shape`, from the outermost in memory to the innermost, neighbours merged where both sides are dense.
pub(super) fn box_loops(shape: &[usize], reads: &[isize], writes: &[usize], layout: Layout) -> Vec<[isize; 3]> {
    let mut loops: Vec<[isize; 3]> = Vec::new();
    for axis in memory_order(shape.len(), layout) {
        let next = [shape[axis] as isize, reads[axis], writes[axis] as isize];
        match loops.last_mut() {
            _ if next[0] == 1 => {}
            Some(last) if last[1] == next[1] * next[0] && last[2] == next[2] * next[0] => *last = [last[0] * next[0], next[1], next[2]],
            _ => loops.push(next),
        }
    }
    if loops.is_empty() {
        loops.push([1, 1, 1]);
    }
    loops
}

/// Axes from the sparsest to the densest.
pub(super) fn memory_order(rank: usize, layout: Layout) -> Vec<usize> {
    if layout == Layout::ChannelsLast && rank == 4 { vec![0, 2, 3, 1] } else { (0..rank).collect() }
}

/// A u8 code as kernels store it.
pub(super) fn stored_code(code: u8) -> u8 {
    (i32::from(code) - CODE_OFFSET) as u8
}

/// A zero point or code of the u8 domain in the domain of stored codes.
pub(super) fn stored(code: i32) -> i32 {
    code - CODE_OFFSET
}

/// The program's form of what codes mean.
pub(super) fn affine(quant: &Quant) -> Affine {
    Affine { scale: quant.scale, zero_point: stored(quant.zero) }
}

/// The program's form of an output.
pub(super) fn output(output: &Output) -> program::Output {
    program::Output { zero_point: stored(output.quant.zero), lowest: stored(output.lowest.into()), highest: stored(output.highest.into()) }
}
