//! Softmax over rows, in f32.

use super::{RowsIn, RowsOut, by_family, rows};

by_family! {
    /// Softmax of each row of `columns` values: `exp(x - highest) / Σ exp(x - highest)`, where `exp` has a relative error below 3e-7 and the sum
    /// an order that is the same everywhere. `row` has room for a row.
    pub fn softmax(columns: usize, input: RowsIn, output: RowsOut, row: &mut [f32]) = body
}

#[inline(always)]
fn body(columns: usize, input: RowsIn, mut output: RowsOut, row: &mut [f32]) {
    let row = &mut row[..columns];
    for from in (0..input.len()).step_by(columns.max(1)) {
        input.read(from, row);
        let highest = rows::highest(row);
        row.iter_mut().for_each(|value| *value = exp(*value - highest));
        let factor = 1.0 / rows::sum(row, |value| value);
        row.iter_mut().for_each(|value| *value *= factor);
        output.write(from, row);
    }
}

/// `e^x` for `x <= 0`, relative error below 3e-7; below -87 as at -87, 1.6e-38.
///
/// `x = n ln 2 + r` with `|r| <= ln 2 / 2`; `e^r` by its Taylor polynomial of degree 7, whose remainder is below 1e-8.
#[inline(always)]
fn exp(x: f32) -> f32 {
    const MAGIC: f32 = 12_582_912.0;
    // ln 2 in two parts, the first short enough that its product with n is exact.
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    let x = if x > -87.0 { x } else { -87.0 };
    let shifted = x * std::f32::consts::LOG2_E + MAGIC;
    let n = shifted - MAGIC;
    let r = x - n * LN_2_HIGH - n * LN_2_LOW;
    let mut e = 1.0 / 5040.0;
    for coefficient in [1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0] {
        e = e * r + coefficient;
    }
    let power = shifted.to_bits().wrapping_sub(MAGIC.to_bits()).wrapping_add(127) << 23;
    e * f32::from_bits(power)
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::{
        super::{
            super::{Code, Processor},
            Rounding,
        },
        RowsIn, RowsOut, exp, softmax,
    };

    proptest! {
        #[test]
        fn the_exponential_is_as_precise_as_it_says(x in prop_oneof![-87.0f32..=0.0, -1.0f32..=0.0, Just(0.0f32), Just(-87.0f32)]) {
            let exact = f64::from(x).exp();
            prop_assert!((f64::from(exp(x)) / exact - 1.0).abs() < 3e-7, "{} for {}", exp(x), exact);
        }

        #[test]
        fn follows_the_equation_and_is_the_same_on_every_family(
            columns in 1usize..80,
            values in vec(prop_oneof![-10.0f32..10.0, -200.0f32..200.0], 160),
            codes in vec(any::<Code>(), 160),
            zero_point in i32::from(Code::MIN)..=i32::from(Code::MAX),
            scale in 0.01f32..0.3,
        ) {
            let count = 2 * columns;
            let coded = RowsIn::Codes { codes: &codes[..count], scale, zero_point };
            let reals: Vec<f32> = codes[..count].iter().map(|&code| (i32::from(code) - zero_point) as f32 * scale).collect();
            for (input, reals) in [(RowsIn::F32(&values[..count]), &values[..count]), (coded, &reals[..])] {
                let mut first = None;
                for processor in Processor::available() {
                    let mut row = vec![0.0; 100];
                    let mut output = vec![0.0; count];
                    softmax(processor, columns, input, RowsOut::F32(&mut output), &mut row);
                    let rounding = Rounding::all(Code::MIN.into());
                    let mut output_codes = vec![0; count];
                    softmax(processor, columns, input, RowsOut::Codes { codes: &mut output_codes, scale: 1.0 / 256.0, rounding }, &mut row);
                    for (output, reals) in output.chunks(columns).zip(reals.chunks(columns)) {
                        let highest = reals.iter().copied().fold(f32::MIN, f32::max);
                        let sum: f64 = reals.iter().map(|&real| f64::from(real - highest).exp()).sum();
                        for (&found, &real) in output.iter().zip(reals) {
                            prop_assert!((f64::from(found) - f64::from(real - highest).exp() / sum).abs() < 1e-6);
                        }
                    }
                    let expected_codes: Vec<Code> = output.iter().map(|real| rounding.code(real / (1.0 / 256.0))).collect();
                    prop_assert_eq!(&output_codes, &expected_codes);
                    let expected = first.get_or_insert_with(|| output.clone());
                    prop_assert_eq!(&*expected, &output, "{}", processor.family());
                }
            }
        }
    }
}
