//! Codes to f32.

use super::{
    super::Code,
    blocks::{Blocks, chunk, in_blocks, set_chunk},
    by_family,
};

by_family! {
    /// `output = (input - zero_point) * scale`, element by element.
    pub fn dequantise(scale: f32, zero_point: i32, input: &[Code], output: &mut [f32]) = body
}

#[inline(always)]
pub(super) fn body(scale: f32, zero_point: i32, input: &[Code], output: &mut [f32]) {
    in_blocks(output.len().min(input.len()), &mut Dequantisation { scale, zero_point, input, output });
}

struct Dequantisation<'a> {
    scale: f32,
    zero_point: i32,
    input: &'a [Code],
    output: &'a mut [f32],
}

impl Blocks for Dequantisation<'_> {
    #[inline(always)]
    fn block<const N: usize>(&mut self, at: usize) {
        let input = chunk::<Code, N>(self.input, at);
        let mut output = [0.0; N];
        for i in 0..N {
            output[i] = (i32::from(input[i]) - self.zero_point) as f32 * self.scale;
        }
        set_chunk(self.output, at, output);
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::super::{Code, Processor},
        dequantise,
    };

    #[test]
    fn equals_the_equation_for_every_code_and_zero_point_on_every_family() {
        let codes: Vec<Code> = (Code::MIN..=Code::MAX).collect();
        for processor in Processor::available() {
            for zero_point in i32::from(Code::MIN)..=i32::from(Code::MAX) {
                let mut output = vec![0.0; codes.len()];
                dequantise(processor, 0.37, zero_point, &codes, &mut output);
                let expected: Vec<f32> = codes.iter().map(|code| (i32::from(*code) - zero_point) as f32 * 0.37).collect();
                assert_eq!(output, expected, "{zero_point} on {}", processor.family());
            }
        }
    }
}
