//! Copies of boxes of elements: concatenation, padding, slices, transposition, change of layout.

use super::{
    super::{Code, Processor},
    by_family, lookup,
};

/// Most loops that a box may have.
pub const MAX_LOOPS: usize = 8;

/// Copies a box of elements of `size` bytes. `loops` are, from the outermost to the innermost, length, elements read apart, elements written
/// apart; at most [`MAX_LOOPS`]. The first element read is `from`, the first written `to`.
///
/// # Panics
/// When the box reaches outside of `input` or `output`, or has too many loops.
pub fn assemble(processor: Processor, size: usize, loops: &[[isize; 3]], from: usize, to: usize, input: &[u8], output: &mut [u8]) {
    match size {
        1 => bytes(processor, loops, from, to, input, output),
        4 => quads(processor, loops, from, to, input.as_chunks().0, output.as_chunks_mut().0),
        _ => {
            // Elements of other sizes are rows of bytes.
            let bytes_apart = size as isize;
            let mut longer = [[1, 0, 0]; MAX_LOOPS];
            for (longer, &[len, read, written]) in longer.iter_mut().zip(loops) {
                *longer = [len, read * bytes_apart, written * bytes_apart];
            }
            assert!(loops.len() < MAX_LOOPS, "loops of a box");
            longer[loops.len()] = [bytes_apart, 1, 1];
            bytes(processor, &longer[..=loops.len()], from * size, to * size, input, output);
        }
    }
}

/// As [`assemble`], for codes that pass through a table on the way.
///
/// # Panics
/// As [`assemble`].
pub fn assemble_through(
    processor: Processor,
    table: &[Code; 256],
    loops: &[[isize; 3]],
    from: usize,
    to: usize,
    input: &[Code],
    output: &mut [Code],
) {
    let Some((mut walk, outers, inner)) = Walk::new(loops, from, to, 1) else { return };
    loop {
        let (read, written) = walk.places();
        match *inner {
            [[len, 1, 1]] => lookup(processor, table, &input[read..][..len as usize], &mut output[written..][..len as usize]),
            _ => {
                let [len, apart, to] = inner.first().copied().unwrap_or([1, 0, 0]);
                for i in 0..len {
                    output[place(written, to, i)] = table[lookup::place(input[place(read, apart, i)])];
                }
            }
        }
        if !walk.advance(outers) {
            return;
        }
    }
}

by_family! {
    /// Elements of one byte.
    fn bytes(loops: &[[isize; 3]], from: usize, to: usize, input: &[u8], output: &mut [u8]) = copy
}

by_family! {
    /// Elements of four bytes.
    fn quads(loops: &[[isize; 3]], from: usize, to: usize, input: &[[u8; 4]], output: &mut [[u8; 4]]) = copy
}

#[inline(always)]
fn copy<E: Copy + Default>(loops: &[[isize; 3]], from: usize, to: usize, input: &[E], output: &mut [E]) {
    let transposed = matches!(loops, [.., [_, 1, _], [_, _, 1]] | [.., [_, _, 1], [_, 1, _]]) && !matches!(loops, [.., [_, 1, 1]]);
    let Some((mut walk, outers, inner)) = Walk::new(loops, from, to, if transposed { 2 } else { 1 }) else { return };
    loop {
        let (read, written) = walk.places();
        match *inner {
            [[len, 1, 1]] => run(&input[read..][..len as usize], &mut output[written..][..len as usize]),
            [[channels, apart, 1], [pixels, 1, pitch]] | [[pixels, 1, pitch], [channels, apart, 1]] if apart > 0 && pitch > 0 => {
                let plane =
                    Transposition { rows: channels as usize, row: apart as usize, columns: pixels as usize, column: pitch as usize };
                plane.run(&input[read..], &mut output[written..]);
            }
            _ => {
                let single = [1, 0, 0];
                let (outer, inner) = match *inner {
                    [outer, inner] => (outer, inner),
                    [inner] => (single, inner),
                    _ => (single, single),
                };
                for i in 0..outer[0] {
                    let (read, written) = (place(read, outer[1], i), place(written, outer[2], i));
                    for j in 0..inner[0] {
                        output[place(written, inner[2], j)] = input[place(read, inner[1], j)];
                    }
                }
            }
        }
        if !walk.advance(outers) {
            return;
        }
    }
}

/// Copies as many elements; runs of up to 64 without a call, in pieces that may overlap.
#[inline(always)]
fn run<E: Copy>(input: &[E], output: &mut [E]) {
    match output.len() {
        0..8 => {
            for (output, input) in output.iter_mut().zip(input) {
                *output = *input;
            }
        }
        8..16 => ends::<8, E>(input, output),
        16..32 => ends::<16, E>(input, output),
        32..=64 => ends::<32, E>(input, output),
        _ => output.copy_from_slice(input),
    }
}

/// Copies the first `N` and the last `N` elements.
#[inline(always)]
fn ends<const N: usize, E: Copy>(input: &[E], output: &mut [E]) {
    if let (Some(input), Some(output)) = (input.first_chunk::<N>(), output.first_chunk_mut::<N>()) {
        *output = *input;
    }
    if let (Some(input), Some(output)) = (input.last_chunk::<N>(), output.last_chunk_mut::<N>()) {
        *output = *input;
    }
}

/// Where element `number` of a loop is.
#[inline(always)]
fn place(start: usize, apart: isize, number: isize) -> usize {
    (start as isize + apart * number) as usize
}

/// Length, elements read apart, elements written apart.
type Loop = [isize; 3];

/// Iterations of the outer loops of a box.
struct Walk {
    at: [isize; 2],
    index: [isize; MAX_LOOPS],
}

impl Walk {
    /// The walk, and the loops parted into outer and the `inner` innermost (fewer if there are not as many); `None` for an empty box.
    #[inline(always)]
    fn new(loops: &[Loop], from: usize, to: usize, inner: usize) -> Option<(Self, &[Loop], &[Loop])> {
        assert!(loops.len() <= MAX_LOOPS, "loops of a box");
        for l in loops {
            if l[0] <= 0 {
                return None;
            }
        }
        let (outers, inner) = loops.split_at(loops.len().saturating_sub(inner));
        Some((Self { at: [from as isize, to as isize], index: [0; MAX_LOOPS] }, outers, inner))
    }

    /// Where the inner loops begin to read and to write.
    #[inline(always)]
    fn places(&self) -> (usize, usize) {
        (self.at[0] as usize, self.at[1] as usize)
    }

    /// Goes on to the next iteration; whether there is one.
    #[inline(always)]
    fn advance(&mut self, outers: &[[isize; 3]]) -> bool {
        let mut axis = outers.len();
        while axis > 0 {
            axis -= 1;
            let [len, read, written] = outers[axis];
            self.at = [self.at[0] + read, self.at[1] + written];
            self.index[axis] += 1;
            if self.index[axis] < len {
                return true;
            }
            self.index[axis] = 0;
            self.at = [self.at[0] - len * read, self.at[1] - len * written];
        }
        false
    }
}

/// `output[c * column + r] = input[r * row + c]` for `r < rows`, `c < columns`.
struct Transposition {
    rows: usize,
    row: usize,
    columns: usize,
    column: usize,
}

impl Transposition {
    #[inline(always)]
    fn run<E: Copy + Default>(&self, input: &[E], output: &mut [E]) {
        let Self { rows, row, columns, column } = *self;
        match (rows, columns) {
            (2, _) if column == 2 => self.interleave::<2, E>(input, output),
            (3, _) if column == 3 => self.interleave::<3, E>(input, output),
            (4, _) if column == 4 => self.interleave::<4, E>(input, output),
            (_, 2) if row == 2 => self.separate::<2, E>(input, output),
            (_, 3) if row == 3 => self.separate::<3, E>(input, output),
            (_, 4) if row == 4 => self.separate::<4, E>(input, output),
            _ => {
                for r in (0..rows).step_by(SIDE) {
                    for c in (0..columns).step_by(SIDE) {
                        let (input, output) = (&input[r * row + c..], &mut output[c * column + r..]);
                        if r + SIDE <= rows && c + SIDE <= columns {
                            square(input, row, output, column);
                        } else {
                            for c in 0..SIDE.min(columns - c) {
                                for r in 0..SIDE.min(rows - r) {
                                    output[c * column + r] = input[r * row + c];
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /// Few rows, which lie densely in the output.
    #[inline(always)]
    fn interleave<const N: usize, E: Copy>(&self, input: &[E], output: &mut [E]) {
        let columns = self.columns;
        let mut rows = [&input[..columns]; N];
        for r in 0..N {
            rows[r] = &input[r * self.row..][..columns];
        }
        let output = &mut output.as_chunks_mut::<N>().0[..columns];
        for c in 0..columns {
            for r in 0..N {
                output[c][r] = rows[r][c];
            }
        }
    }

    /// Few columns, which lie densely in the input.
    #[inline(always)]
    fn separate<const N: usize, E: Copy>(&self, input: &[E], output: &mut [E]) {
        let rows = self.rows;
        let input = &input.as_chunks::<N>().0[..rows];
        for c in 0..N {
            let output = &mut output[c * self.column..][..rows];
            for r in 0..rows {
                output[r] = input[r][c];
            }
        }
    }
}

/// Side of the squares that a transposition is cut into: rows and columns of it stay in cache.
const SIDE: usize = 16;

#[inline(always)]
fn square<E: Copy + Default>(input: &[E], row: usize, output: &mut [E], column: usize) {
    let mut cells = [[E::default(); SIDE]; SIDE];
    for (r, cells) in cells.iter_mut().enumerate() {
        cells.copy_from_slice(&input[r * row..][..SIDE]);
    }
    for c in 0..SIDE {
        let line = &mut output[c * column..][..SIDE];
        for r in 0..SIDE {
            line[r] = cells[r][c];
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::{
        super::super::{Code, Processor},
        assemble, assemble_through, lookup,
    };

    /// A dense box of some axes, transposed in the output, with gaps; and a start.
    #[derive(Debug, Clone)]
    struct Case {
        loops: Vec<[isize; 3]>,
        start: usize,
        len: [usize; 2],
    }

    fn case() -> impl Strategy<Value = Case> {
        let axes = vec(prop_oneof![1usize..=4, 15usize..=17, 30usize..=35], 0..=3);
        (axes, 0usize..=3, 0usize..=2, 0usize..5).prop_flat_map(|(axes, gap, read_gap, start)| {
            Just((0..axes.len()).collect::<Vec<_>>()).prop_shuffle().prop_map(move |order| {
                let mut loops: Vec<[isize; 3]> = axes.iter().map(|&len| [len as isize, 0, 0]).collect();
                let (mut read, mut written) = (1, 1);
                for axis in (0..axes.len()).rev() {
                    loops[axis][1] = read as isize;
                    read = read * axes[axis] + read_gap;
                }
                for &axis in &order {
                    loops[axis][2] = written as isize;
                    written = written * axes[axis] + gap;
                }
                let reach = |which: usize| loops.iter().map(|l| (l[0] - 1) * l[which]).sum::<isize>() as usize + 1 + start;
                Case { len: [reach(1), reach(2)], start, loops }
            })
        })
    }

    fn elements(case: &Case) -> Vec<[usize; 2]> {
        let mut all = vec![[case.start as isize; 2]];
        for &[len, read, written] in &case.loops {
            all = all.iter().flat_map(|&[a, b]| (0..len).map(move |i| [a + i * read, b + i * written])).collect();
        }
        all.into_iter().map(|[a, b]| [a as usize, b as usize]).collect()
    }

    proptest! {
        #[test]
        fn copies_exactly_the_box_for_every_size_of_element(case in case(), size in prop_oneof![Just(1usize), Just(4), Just(8), Just(3)]) {
            let input: Vec<u8> = (0..case.len[0] * size).map(|i| (i * 7 + i / 251) as u8).collect();
            let mut expected = vec![0x55; case.len[1] * size];
            for [from, to] in elements(&case) {
                expected[to * size..][..size].copy_from_slice(&input[from * size..][..size]);
            }
            for processor in Processor::available() {
                let mut output = vec![0x55; expected.len()];
                assemble(processor, size, &case.loops, case.start, case.start, &input, &mut output);
                prop_assert_eq!(&output, &expected, "{}", processor.family());
            }
        }

        #[test]
        fn codes_pass_through_the_table(case in case(), table in vec(any::<Code>(), 256)) {
            let input: Vec<Code> = (0..case.len[0]).map(|i| (i * 7 + i / 251) as Code).collect();
            let table = table.first_chunk().unwrap();
            let mut expected = vec![0x55; case.len[1]];
            elements(&case).iter().for_each(|&[from, to]| expected[to] = table[lookup::place(input[from])]);
            for processor in Processor::available() {
                let mut output = vec![0x55; expected.len()];
                assemble_through(processor, table, &case.loops, case.start, case.start, &input, &mut output);
                prop_assert_eq!(&output, &expected, "{}", processor.family());
            }
        }
    }

    #[test]
    fn boxes_may_be_read_backwards_and_repeatedly() {
        let input: Vec<u8> = (0..6).collect();
        for processor in Processor::available() {
            let mut output = vec![0; 6];
            assemble(processor, 1, &[[2, 0, 3], [3, -1, 1]], 5, 0, &input, &mut output);
            assert_eq!(output, [5, 4, 3, 5, 4, 3]);
        }
    }
}
