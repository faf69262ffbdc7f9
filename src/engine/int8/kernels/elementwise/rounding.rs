//! From f32 to codes and back.

use super::super::Code;

/// How a real value, already divided by the output's scale, becomes a code: `clamp(round_ties_even(real) + zero_point, lowest, highest)`.
/// What is not a number becomes the lowest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rounding {
    /// Code of the real value 0.
    pub zero_point: i32,
    /// Lowest code that may come out.
    pub lowest: i32,
    /// Highest code that may come out.
    pub highest: i32,
}

/// At 1.5 * 2^23 neighbouring floats are 1 apart, so that an addition rounds to an integer, ties to even, which is then in the lowest bits.
const MAGIC: f32 = 12_582_912.0;

impl Rounding {
    /// All codes, around `zero_point`.
    #[must_use]
    pub fn all(zero_point: i32) -> Self {
        Self { zero_point, lowest: i32::from(Code::MIN), highest: i32::from(Code::MAX) }
    }

    /// The code of `real`.
    #[must_use]
    #[inline(always)]
    pub fn code(self, real: f32) -> Code {
        // The ends are integers, so that clamping before rounding is the same as after. Not `clamp`: in this form each is one instruction, and
        // tells what to do with a value that is not a number.
        let (lowest, highest) = ((self.lowest - self.zero_point) as f32, (self.highest - self.zero_point) as f32);
        let real = if real > lowest { real } else { lowest };
        let real = if real < highest { real } else { highest };
        // Of the integer the lowest 8 bits are enough, because the sum is a code.
        ((real + MAGIC).to_bits() as u8).wrapping_add(self.zero_point as u8) as Code
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::super::Code, Rounding};

    proptest! {
        #[test]
        fn rounds_ties_to_even_and_saturates_like_exact_arithmetic(
            real in prop_oneof![any::<f32>(), -600.0f32..600.0, (-600i32..600).prop_map(|half| half as f32 / 2.0)],
            zero_point in i32::from(Code::MIN)..=i32::from(Code::MAX),
            a in i32::from(Code::MIN)..=i32::from(Code::MAX),
            b in i32::from(Code::MIN)..=i32::from(Code::MAX),
        ) {
            let rounding = Rounding { zero_point, lowest: a.min(b), highest: a.max(b) };
            let exact = (f64::from(real).round_ties_even() + f64::from(zero_point)).clamp(rounding.lowest.into(), rounding.highest.into());
            let exact = if real.is_nan() { rounding.lowest } else { exact as i32 };
            prop_assert_eq!(i32::from(rounding.code(real)), exact);
        }
    }
}
