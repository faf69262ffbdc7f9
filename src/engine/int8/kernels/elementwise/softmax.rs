//! Softmax over rows, in f32.

use super::{
    RowsIn, RowsOut, by_family,
    exponential::exp,
    rows::{self, LANES},
};

by_family! {
    /// Softmax of each row of `columns` values: `exp(x - highest) / Σ exp(x - highest)`, where `exp` has a relative error below 3e-7 and the sum
    /// an order that is the same everywhere. `row` has
    /// [`row_room`](super::row_room).
    pub fn softmax(columns: usize, input: RowsIn, output: RowsOut, row: &mut [f32]) = body
}

#[inline(always)]
fn body(columns: usize, input: RowsIn, mut output: RowsOut, row: &mut [f32]) {
    let row = &mut row[..columns.next_multiple_of(LANES)];
    for from in (0..input.len()).step_by(columns.max(1)) {
        input.read(from, &mut row[..columns]);
        row[columns..].fill(f32::NEG_INFINITY);
        let highest = rows::highest(row);
        for chunk in row.as_chunks_mut::<LANES>().0 {
            let mut values = *chunk;
            for value in &mut values {
                *value = exp(*value - highest);
            }
            *chunk = values;
        }
        row[columns..].fill(0.0);
        let factor = 1.0 / rows::sum(row);
        for value in &mut *row {
            *value *= factor;
        }
        output.write(from, &row[..columns]);
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::{
        super::{
            super::{Code, Processor},
            Rounding,
        },
        RowsIn, RowsOut, softmax,
    };

    proptest! {
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
                    let mut row = vec![0.0; super::super::row_room(columns)];
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
