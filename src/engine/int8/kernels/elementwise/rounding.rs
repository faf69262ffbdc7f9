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

/// Beyond this every code saturates, whatever the zero point; a power of two up to which [`round`] is exact.
const FAR: f32 = 1_048_576.0;

/// `real` to the nearest integer, ties to even, limited to 2^20. What is not a number becomes the lowest.
#[inline(always)]
pub(super) fn round(real: f32) -> i32 {
    // Not `clamp`: in this form each is one instruction, and tells what to do with a value that is not a number.
    let real = if real > -FAR { real } else { -FAR };
    let real = if real < FAR { real } else { FAR };
    // At 1.5 * 2^23 neighbouring floats are 1 apart, so that the addition rounds; the integer is what it adds to the bits.
    const MAGIC: f32 = 12_582_912.0;
    (real + MAGIC).to_bits().wrapping_sub(MAGIC.to_bits()) as i32
}

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
        // Not `clamp`, which asserts.
        (round(real) + self.zero_point).max(self.lowest).min(self.highest) as Code
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Rounding, round};

    proptest! {
        #[test]
        fn rounds_to_the_nearest_and_ties_to_even(real in prop_oneof![-1e6f32..1e6, (-2000i32..2000).prop_map(|half| half as f32 / 2.0)]) {
            prop_assert_eq!(round(real), real.round_ties_even() as i32);
        }

        #[test]
        fn saturates_like_exact_arithmetic(real in any::<f32>(), zero_point in 0i32..=127, a in 0i32..=127, b in 0i32..=127) {
            let rounding = Rounding { zero_point, lowest: a.min(b), highest: a.max(b) };
            let exact = (f64::from(real).round_ties_even() + f64::from(zero_point)).clamp(rounding.lowest.into(), rounding.highest.into());
            let exact = if real.is_nan() { rounding.lowest } else { exact as i32 };
            prop_assert_eq!(i32::from(rounding.code(real)), exact);
        }
    }
}
