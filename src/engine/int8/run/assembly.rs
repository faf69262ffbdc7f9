//! Copies of boxes.

use super::{
    super::{
        kernels::{driver::Panicked, elementwise},
        program::{Part, Table},
    },
    bands::elements,
    memory::Inputs,
    step::Context,
};

/// Boxes copied into one output.
#[derive(Debug)]
pub(super) struct Assembly {
    fill: Option<u8>,
    size: usize,
    parts: Vec<Copy>,
    /// If all boxes have the same outermost loop over slices of the output that do not overlap: bytes of a slice, and slices at a time.
    slices: Option<[usize; 2]>,
}

#[derive(Debug)]
struct Copy {
    input: usize,
    from: usize,
    to: usize,
    loops: Vec<[isize; 3]>,
    table: Option<Table>,
}

impl Assembly {
    /// Of a checked program's step, for elements of `size` bytes.
    pub(super) fn new(fill: Option<i32>, parts: &[Part], size: usize, threads: usize) -> Self {
        let copy =
            |part: &Part| Copy { input: part.input, from: part.from, to: part.to, loops: simplified(&part.loops), table: part.table };
        let parts: Vec<Copy> = parts.iter().map(copy).collect();
        let count: usize = parts.iter().map(|part| part.loops.iter().map(|l| l[0] as usize).product::<usize>()).sum();
        let at_a_time = elements(count * size, threads);
        let slices = common_slice(&parts).filter(|_| at_a_time < count * size).map(|slice| [slice, at_a_time.div_ceil(slice * size)]);
        Self { fill: fill.map(|code| code as u8), size, parts, slices }
    }

    pub(super) fn run(&self, context: &Context, inputs: &Inputs, output: &mut [u8]) -> Result<(), Panicked> {
        let Some([slice, at_a_time]) = self.slices else {
            let everything = |_: usize, _: usize, output: &mut [u8]| self.copy(context, inputs, None, output);
            return context.crew.parts(output, output.len(), &everything);
        };
        context.crew.parts(output, slice * at_a_time * self.size, &|number, _, output| {
            let slices = output.len() / (slice * self.size);
            self.copy(context, inputs, Some([number * at_a_time, slices]), output);
        })
    }

    /// Makes all of the output, or of its slices the first and how many.
    fn copy(&self, context: &Context, inputs: &Inputs, slices: Option<[usize; 2]>, output: &mut [u8]) {
        if let Some(fill) = self.fill {
            output.fill(fill);
        }
        for part in &self.parts {
            let mut loops = [[1, 0, 0]; elementwise::MAX_LOOPS];
            let loops = &mut loops[..part.loops.len()];
            loops.copy_from_slice(&part.loops);
            let mut from = part.from;
            if let (Some([first, count]), Some(outer)) = (slices, loops.first_mut()) {
                from = (from as isize + first as isize * outer[1]) as usize;
                outer[0] = count as isize;
            }
            match part.table {
                None => elementwise::assemble(context.processor, self.size, loops, from, part.to, inputs.bytes(part.input), output),
                Some(table) => elementwise::assemble_through(
                    context.processor,
                    context.lookup_table(table),
                    loops,
                    from,
                    part.to,
                    inputs.codes(part.input),
                    bytemuck::cast_slice_mut(output),
                ),
            }
        }
    }
}

/// Loops without those of one iteration, in the order in which the output lies, neighbours merged that are one longer loop.
fn simplified(loops: &[[isize; 3]]) -> Vec<[isize; 3]> {
    let mut loops: Vec<[isize; 3]> = loops.iter().copied().filter(|l| l[0] != 1).collect();
    // A box that is written twice at the same place must be written in the order given.
    if loops.iter().all(|l| l[2] > 0) {
        loops.sort_by_key(|l| std::cmp::Reverse(l[2]));
    }
    let mut merged: Vec<[isize; 3]> = Vec::new();
    for [len, read, written] in loops {
        match merged.last_mut() {
            Some(outer) if outer[1] == len * read && outer[2] == len * written => *outer = [outer[0] * len, read, written],
            _ => merged.push([len, read, written]),
        }
    }
    merged
}

/// Elements of a slice of the output, if each iteration of each box's outermost loop writes within one slice of its own.
fn common_slice(parts: &[Copy]) -> Option<usize> {
    let &[count, _, slice] = parts.first()?.loops.first()?;
    let within = |part: &Copy| {
        let Some(([len, _, written], inner)) = part.loops.split_first() else { return false };
        let reach: isize = inner.iter().map(|[len, _, written]| (len - 1) * written).sum();
        let forward = inner.iter().all(|l| l[2] >= 0);
        *len == count && *written == slice && slice > 0 && forward && part.to as isize + reach < slice
    };
    parts.iter().all(within).then_some(slice as usize)
}

#[cfg(test)]
mod tests {
    use super::simplified;

    #[test]
    fn loops_that_are_one_are_merged() {
        assert_eq!(simplified(&[[1, 9, 9], [4, 30, 30], [5, 6, 6], [6, 1, 1]]), [[120, 1, 1]]);
        assert_eq!(simplified(&[[3, 10, 1], [10, 1, 3]]), [[10, 1, 3], [3, 10, 1]]);
    }
}
