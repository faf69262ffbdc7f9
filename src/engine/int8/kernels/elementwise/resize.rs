//! Change of a channels-last picture's size.

use std::ops::Range;

use super::{
    super::Code,
    Rounding,
    blocks::{Blocks, chunk, in_blocks, set_chunk},
    by_family,
};

/// How a picture is resized.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Resize<'a> {
    /// Height, width, channels of the input.
    pub input: [usize; 3],
    /// First row, second row, weight of the second, for each output row.
    pub rows: &'a [(usize, usize, f32)],
    /// The same for columns.
    pub columns: &'a [(usize, usize, f32)],
    /// `None`: the code of the first row and column is copied. Otherwise zero point of the input, input scale / output scale, and how the real
    /// value becomes a code: with weights `v` and `h`, `top = p + (q - p) * h`, `bottom` likewise, `real = top + (bottom - top) * v` of codes
    /// as f32, `code((real - zero as f32) * scale)`.
    pub linear: Option<(i32, f32, Rounding)>,
}

by_family! {
    /// Computes the output rows `rows`, counted through all pictures of the batch, from all pictures `input` into `output`, which begins with
    /// them.
    pub fn resize(task: &Resize, rows: Range<usize>, input: &[Code], output: &mut [Code]) = body
}

#[inline(always)]
fn body(task: &Resize, rows: Range<usize>, input: &[Code], output: &mut [Code]) {
    let [height, width, channels] = task.input;
    let out_row = task.columns.len() * channels;
    if out_row == 0 || task.rows.is_empty() {
        return;
    }
    for (row, output) in rows.zip(output.chunks_exact_mut(out_row)) {
        let picture = &input[row / task.rows.len() * height * width * channels..][..height * width * channels];
        let (upper, lower, v) = task.rows[row % task.rows.len()];
        let upper = &picture[upper * width * channels..][..width * channels];
        let lower = &picture[lower * width * channels..][..width * channels];
        let Some((zero, scale, rounding)) = task.linear else {
            for (output, &(left, _, _)) in output.chunks_exact_mut(channels).zip(task.columns) {
                output.copy_from_slice(&upper[left * channels..][..channels]);
            }
            continue;
        };
        let zero = zero as f32;
        for (output, &(left, right, h)) in output.chunks_exact_mut(channels).zip(task.columns) {
            let (left, right) = (left * channels, right * channels);
            let (p, q) = (&upper[left..][..channels], &upper[right..][..channels]);
            let (r, s) = (&lower[left..][..channels], &lower[right..][..channels]);
            in_blocks(channels, &mut Pixel { corners: [p, q, r, s], weights: [h, v], zero, scale, rounding, output });
        }
    }
}

/// The channels of one pixel between four.
struct Pixel<'a> {
    corners: [&'a [Code]; 4],
    weights: [f32; 2],
    zero: f32,
    scale: f32,
    rounding: Rounding,
    output: &'a mut [Code],
}

impl Blocks for Pixel<'_> {
    #[inline(always)]
    fn block<const N: usize>(&mut self, at: usize) {
        let [p, q, r, s] = self.corners;
        let [h, v] = self.weights;
        let (p, q, r, s) = (chunk::<_, N>(p, at), chunk::<_, N>(q, at), chunk::<_, N>(r, at), chunk::<_, N>(s, at));
        let mut output = [0; N];
        for i in 0..N {
            let (p, q, r, s) = (f32::from(p[i]), f32::from(q[i]), f32::from(r[i]), f32::from(s[i]));
            let top = p + (q - p) * h;
            let bottom = r + (s - r) * h;
            output[i] = self.rounding.code((top + (bottom - top) * v - self.zero) * self.scale);
        }
        set_chunk(self.output, at, output);
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::{
        super::super::{Code, Processor},
        Resize, Rounding, resize,
    };

    type Taps = Vec<(usize, usize, f32)>;
    type Linear = Option<(i32, f32, Rounding)>;

    fn taps(len: usize) -> impl Strategy<Value = Taps> {
        vec((0..len, 0..len, prop_oneof![Just(0.0f32), Just(1.0), Just(0.5), 0.0f32..=1.0]), 1..=9)
    }

    fn case() -> impl Strategy<Value = ([usize; 3], usize, Taps, Taps, Linear, Vec<Code>)> {
        let code = || i32::from(Code::MIN)..=i32::from(Code::MAX);
        let rounding = (code(), code(), code()).prop_map(|(zero_point, a, b)| Rounding { zero_point, lowest: a.min(b), highest: a.max(b) });
        let linear = prop::option::of((code(), 0.3f32..4.0, rounding));
        (1usize..=6, 1usize..=6, prop_oneof![1usize..=20, Just(40), Just(67)], 1usize..=2, linear).prop_flat_map(
            |(height, width, channels, batch, linear)| {
                let input = vec(any::<Code>(), batch * height * width * channels);
                (Just([height, width, channels]), Just(batch), taps(height), taps(width), Just(linear), input)
            },
        )
    }

    proptest! {
        #[test]
        fn equals_the_equation_on_every_family((size, batch, rows, columns, linear, input) in case(), cut in any::<prop::sample::Index>()) {
            let [height, width, channels] = size;
            let mut expected = Vec::new();
            for picture in 0..batch {
                let at = |y: usize, x: usize, c: usize| input[((picture * height + y) * width + x) * channels + c];
                for &(top, bottom, v) in &rows {
                    for &(left, right, h) in &columns {
                        for c in 0..channels {
                            expected.push(match linear {
                                None => at(top, left, c),
                                Some((zero, scale, rounding)) => {
                                    let between = |a: f32, b: f32, weight: f32| a + (b - a) * weight;
                                    let top = between(at(top, left, c).into(), at(top, right, c).into(), h);
                                    let bottom = between(at(bottom, left, c).into(), at(bottom, right, c).into(), h);
                                    rounding.code((between(top, bottom, v) - zero as f32) * scale)
                                }
                            });
                        }
                    }
                }
            }
            let task = Resize { input: size, rows: &rows, columns: &columns, linear };
            let all = batch * rows.len();
            let cut = cut.index(all + 1);
            for processor in Processor::available() {
                let mut output = vec![0x55; expected.len()];
                let (first, second) = output.split_at_mut(cut * columns.len() * channels);
                resize(processor, &task, 0..cut, &input, first);
                resize(processor, &task, cut..all, &input, second);
                prop_assert_eq!(&output, &expected, "{}", processor.family());
            }
        }
    }
}
