//! Windows of a channels-last picture.

use std::ops::Range;

use super::{super::Code, Rounding, by_family};

/// Geometry and function of a pool.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pool {
    /// What becomes of a window.
    pub kind: PoolKind,
    /// Height, width, channels of the input.
    pub input: [usize; 3],
    /// Height, width of the output.
    pub output: [usize; 2],
    /// Window height and width.
    pub kernel: [usize; 2],
    /// Vertical and horizontal stride.
    pub stride: [usize; 2],
    /// Vertical and horizontal dilation.
    pub dilation: [usize; 2],
    /// Rows above and columns left of the picture.
    pub padding: [usize; 2],
}

/// What becomes of a window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PoolKind {
    /// The highest code inside the picture; the lowest of all codes where there is none.
    Max,
    /// `code((sum - count * zero) as f32 * (scale / count as f32))` over the codes inside the picture; `count` is their number, or the window's
    /// size when padding counts. A window without codes gives the code of 0.
    Average {
        /// Zero point of the input.
        zero: i32,
        /// Input scale / output scale.
        scale: f32,
        /// Whether padding counts as real zeros.
        count_padding: bool,
        /// How the average becomes a code.
        rounding: Rounding,
    },
}

by_family! {
    /// Computes the output rows `rows`, counted through all pictures of the batch, from all pictures `input` into `output`, which begins with
    /// them.
    pub fn pool(task: &Pool, rows: Range<usize>, input: &[Code], output: &mut [Code]) = body
}

#[inline(always)]
fn body(task: &Pool, rows: Range<usize>, input: &[Code], output: &mut [Code]) {
    let [height, width, channels] = task.input;
    let out_row = task.output[1] * channels;
    if out_row == 0 {
        return;
    }
    for (row, output) in rows.zip(output.chunks_exact_mut(out_row)) {
        let (picture, y) = (row / task.output[0], row % task.output[0]);
        let input = &input[picture * height * width * channels..][..height * width * channels];
        let tap_rows = inside(task, 0, y);
        for (x, output) in output.chunks_exact_mut(channels).enumerate() {
            let window = Window { input, pitch: width * channels, channels, dilation: task.dilation, taps: [tap_rows, inside(task, 1, x)] };
            match task.kind {
                PoolKind::Max => {
                    let (blocks, rest) = output.as_chunks_mut::<BLOCK>();
                    let full = blocks.len() * BLOCK;
                    blocks.iter_mut().enumerate().for_each(|(block, output)| *output = window.highest(block * BLOCK));
                    rest.iter_mut().enumerate().for_each(|(i, output)| [*output] = window.highest(full + i));
                }
                PoolKind::Average { zero, scale, count_padding, rounding } => {
                    let count = if count_padding { task.kernel[0] * task.kernel[1] } else { tap_rows.count * window.taps[1].count };
                    // Real zeros outside of the picture add nothing, in code or in zero point.
                    let offset = (tap_rows.count * window.taps[1].count) as i32 * zero;
                    let factor = scale / count.max(1) as f32;
                    let (blocks, rest) = output.as_chunks_mut::<BLOCK>();
                    let full = blocks.len() * BLOCK;
                    for (block, output) in blocks.iter_mut().enumerate() {
                        let sums: [i32; BLOCK] = window.sum(block * BLOCK);
                        output.iter_mut().zip(sums).for_each(|(output, sum)| *output = rounding.code((sum - offset) as f32 * factor));
                    }
                    for (i, output) in rest.iter_mut().enumerate() {
                        let [sum] = window.sum(full + i);
                        *output = rounding.code((sum - offset) as f32 * factor);
                    }
                }
            }
        }
    }
}

/// Channels that are done at a time: their sums stay in registers.
const BLOCK: usize = 32;

/// Taps of a window that lie inside the picture along one axis: place of the first, and how many.
#[derive(Clone, Copy)]
struct Taps {
    first: usize,
    count: usize,
}

/// One window.
struct Window<'a> {
    input: &'a [Code],
    pitch: usize,
    channels: usize,
    dilation: [usize; 2],
    taps: [Taps; 2],
}

#[inline(always)]
fn inside(task: &Pool, axis: usize, at: usize) -> Taps {
    let (start, padding, dilation) = (at * task.stride[axis], task.padding[axis], task.dilation[axis].max(1));
    let skipped = padding.saturating_sub(start).div_ceil(dilation);
    let first = start + skipped * dilation;
    let end = task.input[axis] + padding;
    let fitting = end.saturating_sub(first).div_ceil(dilation);
    Taps { first: first.saturating_sub(padding), count: fitting.min(task.kernel[axis].saturating_sub(skipped)) }
}

impl Window<'_> {
    #[inline(always)]
    fn highest<const N: usize>(&self, channel: usize) -> [Code; N] {
        let mut highest = [Code::MIN; N];
        self.each(channel, |codes: &[Code; N]| {
            highest.iter_mut().zip(codes).for_each(|(highest, &code)| *highest = (*highest).max(code));
        });
        highest
    }

    #[inline(always)]
    fn sum<const N: usize>(&self, channel: usize) -> [i32; N] {
        let mut sums = [0; N];
        self.each(channel, |codes: &[Code; N]| sums.iter_mut().zip(codes).for_each(|(sum, &code)| *sum += i32::from(code)));
        sums
    }

    #[inline(always)]
    fn each<const N: usize>(&self, channel: usize, mut tap: impl FnMut(&[Code; N])) {
        let [rows, columns] = self.taps;
        for row in 0..rows.count {
            let line = (rows.first + row * self.dilation[0]) * self.pitch + channel;
            for column in 0..columns.count {
                if let Some(codes) = self.input[line + (columns.first + column * self.dilation[1]) * self.channels..].first_chunk() {
                    tap(codes);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::{
        super::super::{Code, Processor},
        Pool, PoolKind, Rounding, pool,
    };

    fn case() -> impl Strategy<Value = (Pool, usize, Vec<Code>)> {
        let code = || i32::from(Code::MIN)..=i32::from(Code::MAX);
        let rounding = (code(), code(), code()).prop_map(|(zero_point, a, b)| Rounding { zero_point, lowest: a.min(b), highest: a.max(b) });
        let average = (code(), 0.2f32..3.0, any::<bool>(), rounding).prop_map(|(zero, scale, count_padding, rounding)| PoolKind::Average {
            zero,
            scale,
            count_padding,
            rounding,
        });
        let kind = prop_oneof![Just(PoolKind::Max), average];
        let axis = || (1usize..=9, 1usize..=5, 1usize..=3, 1usize..=2, 0usize..=3, 1usize..=4);
        (kind, axis(), axis(), prop_oneof![1usize..=40, Just(64), Just(100)], 1usize..=2).prop_flat_map(|(kind, y, x, channels, batch)| {
            let pool = Pool {
                kind,
                input: [y.0, x.0, channels],
                output: [y.5, x.5],
                kernel: [y.1, x.1],
                stride: [y.2, x.2],
                dilation: [y.3, x.3],
                padding: [y.4, x.4],
            };
            (Just(pool), Just(batch), vec(any::<Code>(), batch * y.0 * x.0 * channels))
        })
    }

    fn expected(task: &Pool, batch: usize, input: &[Code]) -> Vec<Code> {
        let [height, width, channels] = task.input;
        let mut output = Vec::new();
        for picture in 0..batch {
            for (y, x, c) in (0..task.output[0]).flat_map(|y| (0..task.output[1]).flat_map(move |x| (0..channels).map(move |c| (y, x, c))))
            {
                let mut found = Vec::new();
                for (ky, kx) in (0..task.kernel[0]).flat_map(|ky| (0..task.kernel[1]).map(move |kx| (ky, kx))) {
                    let row = (y * task.stride[0] + ky * task.dilation[0]).wrapping_sub(task.padding[0]);
                    let column = (x * task.stride[1] + kx * task.dilation[1]).wrapping_sub(task.padding[1]);
                    if row < height && column < width {
                        found.push(i32::from(input[((picture * height + row) * width + column) * channels + c]));
                    }
                }
                output.push(match task.kind {
                    PoolKind::Max => found.iter().max().map_or(Code::MIN, |&code| code as Code),
                    PoolKind::Average { zero, scale, count_padding, rounding } => {
                        let count = if count_padding { task.kernel[0] * task.kernel[1] } else { found.len() };
                        let sum: i32 = found.iter().map(|code| code - zero).sum();
                        rounding.code(sum as f32 * (scale / count.max(1) as f32))
                    }
                });
            }
        }
        output
    }

    proptest! {
        #[test]
        fn equals_the_equation_on_every_family((task, batch, input) in case(), cut in any::<prop::sample::Index>()) {
            let expected = expected(&task, batch, &input);
            let rows = batch * task.output[0];
            let cut = cut.index(rows + 1);
            for processor in Processor::available() {
                let mut output = vec![0x55; expected.len()];
                let (first, second) = output.split_at_mut(cut * task.output[1] * task.input[2]);
                pool(processor, &task, 0..cut, &input, first);
                pool(processor, &task, cut..rows, &input, second);
                prop_assert_eq!(&output, &expected, "{}", processor.family());
            }
        }
    }
}
