//! Codes to f32.

use super::{super::Code, by_family};

by_family! {
    /// `output = (input - zero_point) * scale`, element by element.
    pub fn dequantise(scale: f32, zero_point: i32, input: &[Code], output: &mut [f32]) = body
}

#[inline(always)]
pub(super) fn body(scale: f32, zero_point: i32, input: &[Code], output: &mut [f32]) {
    for (real, &code) in output.iter_mut().zip(input) {
        *real = (i32::from(code) - zero_point) as f32 * scale;
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
