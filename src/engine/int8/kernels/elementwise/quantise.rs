//! f32 to codes.

use super::{
    super::Code,
    Rounding,
    blocks::{Blocks, chunk, in_blocks, set_chunk},
    by_family,
};

by_family! {
    /// `output = code(input / scale)`, element by element.
    pub fn quantise(scale: f32, rounding: Rounding, input: &[f32], output: &mut [Code]) = body
}

#[inline(always)]
pub(super) fn body(scale: f32, rounding: Rounding, input: &[f32], output: &mut [Code]) {
    in_blocks(output.len().min(input.len()), &mut Quantisation { scale, rounding, input, output });
}

struct Quantisation<'a> {
    scale: f32,
    rounding: Rounding,
    input: &'a [f32],
    output: &'a mut [Code],
}

impl Blocks for Quantisation<'_> {
    #[inline(always)]
    fn block<const N: usize>(&mut self, at: usize) {
        let input = chunk::<f32, N>(self.input, at);
        let mut output = [0; N];
        for i in 0..N {
            output[i] = self.rounding.code(input[i] / self.scale);
        }
        set_chunk(self.output, at, output);
    }
}

/// Most channels that [`quantise_planes`] takes.
pub const MAX_PLANES: usize = 4;

by_family! {
    /// `output[p][c] = code(planes[c][p] / scale)`: planes become channels last on the way. `planes` has as many planes of `plane` values as
    /// `output` has channels, at most [`MAX_PLANES`]; pixels are done from number `first` on, as many as `output` has room for.
    pub fn quantise_planes(scale: f32, rounding: Rounding, planes: &[f32], plane: usize, first: usize, output: &mut [Code]) = planes_body
}

#[inline(always)]
fn planes_body(scale: f32, rounding: Rounding, planes: &[f32], plane: usize, first: usize, output: &mut [Code]) {
    match planes.len() / plane.max(1) {
        1 => interleaved::<1>(scale, rounding, planes, plane, first, output),
        2 => interleaved::<2>(scale, rounding, planes, plane, first, output),
        3 => interleaved::<3>(scale, rounding, planes, plane, first, output),
        _ => interleaved::<MAX_PLANES>(scale, rounding, planes, plane, first, output),
    }
}

#[inline(always)]
fn interleaved<const N: usize>(scale: f32, rounding: Rounding, planes: &[f32], plane: usize, first: usize, output: &mut [Code]) {
    for (number, pixels) in output.as_chunks_mut::<N>().0.chunks_mut(PIXELS).enumerate() {
        let mut codes = [[0; PIXELS]; N];
        for channel in 0..N {
            let values = &planes[channel * plane..][..plane][first + number * PIXELS..][..pixels.len()];
            body(scale, rounding, values, &mut codes[channel]);
        }
        let count = pixels.len().min(PIXELS);
        let pixels = &mut pixels[..count];
        for at in 0..count {
            for channel in 0..N {
                pixels[at][channel] = codes[channel][at];
            }
        }
    }
}

/// Pixels whose codes are kept in the first-level cache until those of all channels are there.
const PIXELS: usize = 512;

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::{
        super::super::{Code, Processor},
        Rounding, quantise, quantise_planes,
    };

    proptest! {
        #[test]
        fn equals_the_equation_on_every_family(
            input in vec(prop_oneof![-500.0f32..500.0, -1.0f32..1.0, any::<f32>()], 0..200),
            scale in prop_oneof![0.5f32..2.0, 0.001f32..0.1],
            zero_point in i32::from(Code::MIN)..=i32::from(Code::MAX),
        ) {
            let expected: Vec<Code> = input
                .iter()
                .map(|real| (f64::from(real / scale).round_ties_even() + f64::from(zero_point)) as Code)
                .collect();
            for processor in Processor::available() {
                let mut output = vec![0; input.len()];
                quantise(processor, scale, Rounding::all(zero_point), &input, &mut output);
                for ((found, expected), real) in output.iter().zip(&expected).zip(&input) {
                    // Rust's cast gives 0 for what is not a number, ours the lowest code.
                    prop_assert_eq!(*found, if real.is_nan() { Code::MIN } else { *expected }, "{} on {}", real, processor.family());
                }
            }
        }
    }

    proptest! {
        #[test]
        fn planes_are_quantised_and_interleaved(channels in 1usize..=4, plane in prop_oneof![1usize..50, 510usize..520], from in any::<prop::sample::Index>()) {
            let planes: Vec<f32> = (0..channels * plane).map(|i| (i * 37 % 1001) as f32 / 3.0).collect();
            let first = from.index(plane);
            let rounding = Rounding::all(i32::from(Code::MIN) + 3);
            let expected: Vec<Code> =
                (first * channels..channels * plane).map(|i| rounding.code(planes[i % channels * plane + i / channels] / 1.7)).collect();
            for processor in Processor::available() {
                let mut output = vec![0; expected.len()];
                quantise_planes(processor, 1.7, rounding, &planes, plane, first, &mut output);
                prop_assert_eq!(&output, &expected, "{}", processor.family());
            }
        }
    }
}
