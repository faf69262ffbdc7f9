//! Windows of a channels-last picture.

use std::ops::Range;

use super::{
    super::Code,
    Rounding,
    blocks::{Blocks, chunk, in_blocks, set_chunk},
    by_family,
};

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
                PoolKind::Max => in_blocks(channels, &mut Reduced { window, reduction: Highest, output }),
                PoolKind::Average { zero, scale, count_padding, rounding } => {
                    let inside = tap_rows.count * window.taps[1].count;
                    let count = if count_padding { task.kernel[0] * task.kernel[1] } else { inside };
                    // Real zeros outside of the picture add nothing, in code or in zero point.
                    let reduction = Average { offset: inside as i32 * zero, factor: scale / count.max(1) as f32, rounding };
                    in_blocks(channels, &mut Reduced { window, reduction, output });
                }
            }
        }
    }
}

/// What becomes of the codes of a window, for any number of channels at a time.
trait Reduction: Copy {
    /// What is known of a channel after some codes.
    type State: Copy;
    const START: Self::State;
    fn add(state: Self::State, code: Code) -> Self::State;
    fn end(self, state: Self::State) -> Code;
}

#[derive(Clone, Copy)]
struct Highest;

impl Reduction for Highest {
    type State = Code;
    const START: Code = Code::MIN;
    #[inline(always)]
    fn add(state: Code, code: Code) -> Code {
        state.max(code)
    }
    #[inline(always)]
    fn end(self, state: Code) -> Code {
        state
    }
}

#[derive(Clone, Copy)]
struct Average {
    offset: i32,
    factor: f32,
    rounding: Rounding,
}

impl Reduction for Average {
    type State = i32;
    const START: i32 = 0;
    #[inline(always)]
    fn add(state: i32, code: Code) -> i32 {
        state + i32::from(code)
    }
    #[inline(always)]
    fn end(self, state: i32) -> Code {
        self.rounding.code((state - self.offset) as f32 * self.factor)
    }
}

/// Taps of a window that lie inside the picture along one axis: place of the first, and how many.
#[derive(Clone, Copy)]
struct Taps {
    first: usize,
    count: usize,
}

/// One window.
#[derive(Clone, Copy)]
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
    if dilation == 1 {
        // The common case, without divisions.
        let skipped = padding.saturating_sub(start);
        let first = (start + skipped) - padding;
        return Taps { first, count: task.input[axis].saturating_sub(first).min(task.kernel[axis].saturating_sub(skipped)) };
    }
    let skipped = padding.saturating_sub(start).div_ceil(dilation);
    let first = start + skipped * dilation;
    let end = task.input[axis] + padding;
    let fitting = end.saturating_sub(first).div_ceil(dilation);
    Taps { first: first.saturating_sub(padding), count: fitting.min(task.kernel[axis].saturating_sub(skipped)) }
}

/// All channels of a window: as many at a time as stay in registers.
struct Reduced<'a, R> {
    window: Window<'a>,
    reduction: R,
    output: &'a mut [Code],
}

impl<R: Reduction> Blocks for Reduced<'_, R> {
    #[inline(always)]
    fn block<const N: usize>(&mut self, channel: usize) {
        let Window { input, pitch, channels, dilation, taps } = self.window;
        let mut states = [R::START; N];
        for row in 0..taps[0].count {
            let mut at = (taps[0].first + row * dilation[0]) * pitch + taps[1].first * channels + channel;
            for _ in 0..taps[1].count {
                let codes = chunk::<_, N>(input, at);
                for i in 0..N {
                    states[i] = R::add(states[i], codes[i]);
                }
                at += dilation[1] * channels;
            }
        }
        let mut output = [0; N];
        for i in 0..N {
            output[i] = self.reduction.end(states[i]);
        }
        set_chunk(self.output, channel, output);
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
