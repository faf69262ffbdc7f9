//! Change of a channels-last picture's size. Rows are stretched once and then blended: an enlargement reads each several times.

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
    /// less the zero point, as f32, `code(real * scale)`.
    pub linear: Option<(i32, f32, Rounding)>,
}

/// Reals that [`resize`] and [`resize_reals`] need for themselves: two rows of the output.
#[must_use]
pub const fn resize_room(columns: usize, channels: usize) -> usize {
    2 * columns * channels
}

by_family! {
    /// Computes the output rows `rows`, counted through all pictures of the batch, from all pictures `input` into `output`, which begins with
    /// them. `room` has [`resize_room`], or nothing for the nearest.
    pub fn resize(task: &Resize, rows: Range<usize>, input: &[Code], room: &mut [f32], output: &mut [Code]) = body
}

#[inline(always)]
fn body(task: &Resize, rows: Range<usize>, input: &[Code], room: &mut [f32], output: &mut [Code]) {
    let [height, width, channels] = task.input;
    let out_row = task.columns.len() * channels;
    if out_row == 0 || task.rows.is_empty() {
        return;
    }
    let Some((zero, scale, rounding)) = task.linear else {
        for (row, output) in rows.zip(output.chunks_exact_mut(out_row)) {
            let (upper, ..) = task.rows[row % task.rows.len()];
            let upper = &input[(row / task.rows.len() * height + upper) * width * channels..][..width * channels];
            for (output, &(left, _, _)) in output.chunks_exact_mut(channels).zip(task.columns) {
                output.copy_from_slice(&upper[left * channels..][..channels]);
            }
        }
        return;
    };
    let mut stretched = Stretched::new(room, width, channels, task.columns, input, zero as f32);
    for (row, output) in rows.zip(output.chunks_exact_mut(out_row)) {
        let (upper, lower, v) = task.rows[row % task.rows.len()];
        let first = row / task.rows.len() * height;
        let (top, bottom) = stretched.rows(first + upper, first + lower);
        in_blocks(out_row, &mut ToCodes { top, bottom, v, scale, rounding, output });
    }
}

by_family! {
    /// Linear interpolation of one channels-last picture: `input` is height, width, channels of the source; every row and column names the two
    /// of the source that it lies between and how far it is from the first. `room` has [`resize_room`].
    pub fn resize_reals(
        input: [usize; 3],
        rows: &[(usize, usize, f32)],
        columns: &[(usize, usize, f32)],
        source: &[f32],
        room: &mut [f32],
        output: &mut [f32],
    ) = reals_body
}

#[inline(always)]
fn reals_body(
    input: [usize; 3],
    rows: &[(usize, usize, f32)],
    columns: &[(usize, usize, f32)],
    source: &[f32],
    room: &mut [f32],
    output: &mut [f32],
) {
    let [_, width, channels] = input;
    let mut stretched = Stretched::new(room, width, channels, columns, source, 0.0);
    let out_row = (columns.len() * channels).max(1);
    for (&(upper, lower, v), output) in rows.iter().zip(output.chunks_exact_mut(out_row)) {
        let (top, bottom) = stretched.rows(upper, lower);
        in_blocks(out_row, &mut ToReals { top, bottom, v, output });
    }
}

/// A code, which is worth what it lies above a zero point, or a real, which has none.
trait Source: Copy + Default {
    fn real(self, zero: f32) -> f32;
}

impl Source for Code {
    #[inline(always)]
    fn real(self, zero: f32) -> f32 {
        f32::from(self) - zero
    }
}

impl Source for f32 {
    #[inline(always)]
    fn real(self, _: f32) -> f32 {
        self
    }
}

/// The last two rows of a source that were stretched to the width of the output. An enlargement needs each of them several times.
struct Stretched<'a, S> {
    width: usize,
    channels: usize,
    columns: &'a [(usize, usize, f32)],
    source: &'a [S],
    zero: f32,
    room: [&'a mut [f32]; 2],
    /// Which rows of the source they are.
    held: [usize; 2],
}

impl<'a, S: Source> Stretched<'a, S> {
    #[inline(always)]
    fn new(room: &'a mut [f32], width: usize, channels: usize, columns: &'a [(usize, usize, f32)], source: &'a [S], zero: f32) -> Self {
        let row = columns.len() * channels;
        let (one, other) = room[..2 * row].split_at_mut(row);
        Self { width, channels, columns, source, zero, room: [one, other], held: [usize::MAX; 2] }
    }

    /// Two rows of the source, stretched.
    #[inline(always)]
    fn rows(&mut self, upper: usize, lower: usize) -> (&[f32], &[f32]) {
        let first = usize::from(self.held[0] != upper && (self.held[1] == upper || self.held[0] == lower));
        self.hold(first, upper);
        let second = if upper == lower { first } else { 1 - first };
        self.hold(second, lower);
        (&*self.room[first], &*self.room[second])
    }

    #[inline(always)]
    fn hold(&mut self, slot: usize, row: usize) {
        if self.held[slot] == row {
            return;
        }
        self.held[slot] = row;
        let (channels, zero) = (self.channels, self.zero);
        let source = &self.source[row * self.width * channels..][..self.width * channels];
        let pixels = self.room[slot].chunks_exact_mut(channels).zip(self.columns);
        if channels == 1 {
            for (output, &(left, right, h)) in pixels {
                let (p, q) = (source[left].real(zero), source[right].real(zero));
                output[0] = p + (q - p) * h;
            }
            return;
        }
        for (output, &(left, right, h)) in pixels {
            let (p, q) = (&source[left * channels..][..channels], &source[right * channels..][..channels]);
            in_blocks(channels, &mut Pixel { p, q, h, zero, output });
        }
    }
}

/// The channels of one pixel between two.
struct Pixel<'a, S> {
    p: &'a [S],
    q: &'a [S],
    h: f32,
    zero: f32,
    output: &'a mut [f32],
}

impl<S: Source> Blocks for Pixel<'_, S> {
    #[inline(always)]
    fn block<const N: usize>(&mut self, at: usize) {
        let (p, q) = (chunk::<_, N>(self.p, at), chunk::<_, N>(self.q, at));
        let mut output = [0.0; N];
        for i in 0..N {
            let (p, q) = (p[i].real(self.zero), q[i].real(self.zero));
            output[i] = p + (q - p) * self.h;
        }
        set_chunk(self.output, at, output);
    }
}

/// A row of codes between two rows.
struct ToCodes<'a> {
    top: &'a [f32],
    bottom: &'a [f32],
    v: f32,
    scale: f32,
    rounding: Rounding,
    output: &'a mut [Code],
}

impl Blocks for ToCodes<'_> {
    #[inline(always)]
    fn block<const N: usize>(&mut self, at: usize) {
        let (top, bottom) = (chunk::<_, N>(self.top, at), chunk::<_, N>(self.bottom, at));
        let mut output = [0; N];
        for i in 0..N {
            output[i] = self.rounding.code((top[i] + (bottom[i] - top[i]) * self.v) * self.scale);
        }
        set_chunk(self.output, at, output);
    }
}

/// A row of reals between two rows.
struct ToReals<'a> {
    top: &'a [f32],
    bottom: &'a [f32],
    v: f32,
    output: &'a mut [f32],
}

impl Blocks for ToReals<'_> {
    #[inline(always)]
    fn block<const N: usize>(&mut self, at: usize) {
        let (top, bottom) = (chunk::<_, N>(self.top, at), chunk::<_, N>(self.bottom, at));
        let mut output = [0.0; N];
        for i in 0..N {
            output[i] = top[i] + (bottom[i] - top[i]) * self.v;
        }
        set_chunk(self.output, at, output);
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::{
        super::super::{Code, Processor},
        Resize, Rounding, resize, resize_reals, resize_room,
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
                                    let real = |y: usize, x: usize| (i32::from(at(y, x, c)) - zero) as f32;
                                    let top = between(real(top, left), real(top, right), h);
                                    let bottom = between(real(bottom, left), real(bottom, right), h);
                                    rounding.code(between(top, bottom, v) * scale)
                                }
                            });
                        }
                    }
                }
            }
            let task = Resize { input: size, rows: &rows, columns: &columns, linear };
            let all = batch * rows.len();
            let cut = cut.index(all + 1);
            let mut room = vec![f32::NAN; resize_room(columns.len(), channels)];
            for processor in Processor::available() {
                let mut output = vec![0x55; expected.len()];
                let (first, second) = output.split_at_mut(cut * columns.len() * channels);
                resize(processor, &task, 0..cut, &input, &mut room, first);
                resize(processor, &task, cut..all, &input, &mut room, second);
                prop_assert_eq!(&output, &expected, "{}", processor.family());
            }
        }
    }

    proptest! {
        #[test]
        fn reals_follow_the_equation_on_every_family(
            (size, rows, columns, source) in (1usize..=6, 1usize..=6, prop_oneof![1usize..=20, Just(67)]).prop_flat_map(|(height, width, channels)| {
                (Just([height, width, channels]), taps(height), taps(width), vec(-3.0f32..3.0, height * width * channels))
            })
        ) {
            let [_, width, channels] = size;
            let at = |y: usize, x: usize, c: usize| source[(y * width + x) * channels + c];
            let between = |a: f32, b: f32, weight: f32| a + (b - a) * weight;
            let mut expected = Vec::new();
            for &(top, bottom, v) in &rows {
                for &(left, right, h) in &columns {
                    for c in 0..channels {
                        expected.push(between(between(at(top, left, c), at(top, right, c), h), between(at(bottom, left, c), at(bottom, right, c), h), v));
                    }
                }
            }
            for processor in Processor::available() {
                let mut room = vec![f32::NAN; resize_room(columns.len(), channels)];
                let mut output = vec![f32::NAN; expected.len()];
                resize_reals(processor, size, &rows, &columns, &source, &mut room, &mut output);
                prop_assert_eq!(&output, &expected, "{}", processor.family());
            }
        }
    }
}
