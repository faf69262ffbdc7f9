//! Colour as light and as the eye sees it: linear sRGB and CIE 1976 L*a*b* (D65). Knows single colours only, no pictures.

/// Light of an 8-bit sRGB value, in [0, 1] (IEC 61966-2-1).
pub(crate) fn linear(value: u8) -> f32 {
    let value = f32::from(value) / 255.0;
    if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
}

/// L*, a* and b* (D65) of the light of red, green and blue, each up to 2, where 1 is that of white.
#[inline(always)]
pub(crate) fn lab_of([red, green, blue]: [f32; 3]) -> [f32; 3] {
    let root_x = root((0.4124 * red + 0.3576 * green + 0.1805 * blue) * (1.0 / 0.9505));
    let root_y = root(0.2126 * red + 0.7152 * green + 0.0722 * blue);
    let root_z = root((0.0193 * red + 0.1192 * green + 0.9505 * blue) * (1.0 / 1.089));
    [116.0 * root_y - 16.0, 500.0 * (root_x - root_y), 200.0 * (root_y - root_z)]
}

/// The cube root with a straight line near 0, as L*a*b* asks for.
#[inline(always)]
fn root(t: f32) -> f32 {
    let straight = 7.787 * t + 16.0 / 116.0;
    let curved = cube_root(t);
    if t > 0.008_856 { curved } else { straight }
}

/// The cube root of a number from 0.008 to 2 to 4e-7 of its value, without branches, calls and divisions, so that the
/// compiler makes vectors of it.
#[inline(always)]
fn cube_root(t: f32) -> f32 {
    // Minus a third of the bits is minus a third of the exponent, and of the mantissa near enough: within 4 % of
    // 1 / cube root. Adding 1.5 * 2^23 leaves the whole part of a number in the lowest bits.
    const WHOLE: f32 = 12_582_912.0;
    let third = ((t.to_bits() >> 8) as i32 as f32 * (1.0 / 3.0) + WHOLE).to_bits() << 8;
    let rough = f32::from_bits(ROUGH_INVERSE.wrapping_sub(third.wrapping_sub(WHOLE.to_bits() << 8)));
    // What is missing is (1 - miss)^(-1/3): its binomial series.
    let miss = 1.0 - t * rough * rough * rough;
    let series = 1.0
        + miss
            * (1.0 / 3.0
                + miss * (2.0 / 9.0 + miss * (14.0 / 81.0 + miss * (35.0 / 243.0 + miss * (91.0 / 729.0 + miss * (728.0 / 6561.0))))));
    let inverse = rough * series;
    t * inverse * inverse
}

/// The bits of 1 / cube root of 1, less what balances the error of taking a third of the bits.
const ROUGH_INVERSE: u32 = 0x54a2_0000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cube_roots_are_right_to_the_last_digits_wherever_they_are_asked_for() {
        for bits in (0.008_f32.to_bits()..2.0_f32.to_bits()).step_by(97) {
            let t = f32::from_bits(bits);
            let exact = f64::from(t).cbrt();
            let error = (f64::from(cube_root(t)) - exact).abs() / exact;
            assert!(error < 4e-7, "{t}: {error:e}");
        }
    }
}
