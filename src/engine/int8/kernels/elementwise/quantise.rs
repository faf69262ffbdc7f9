//! f32 to codes.

use super::{super::Code, Rounding, by_family};

by_family! {
    /// `output = code(input / scale)`, element by element.
    pub fn quantise(scale: f32, rounding: Rounding, input: &[f32], output: &mut [Code]) = body
}

#[inline(always)]
pub(super) fn body(scale: f32, rounding: Rounding, input: &[f32], output: &mut [Code]) {
    for (code, &real) in output.iter_mut().zip(input) {
        *code = rounding.code(real / scale);
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::{
        super::super::{Code, Processor},
        Rounding, quantise,
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
}
