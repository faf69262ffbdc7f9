//! Layer normalisation over rows, in f32.

use super::{
    RowsIn, RowsOut,
    blocks::{Blocks, chunk, in_blocks, set_chunk},
    by_family,
    rows::{self, LANES},
};

/// What each row is normalised with; the lengths are the row's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LayerNorm<'a> {
    /// Added to the variance.
    pub epsilon: f32,
    /// Factor of each column.
    pub factor: &'a [f32],
    /// Offset of each column.
    pub offset: &'a [f32],
}

by_family! {
    /// `(x - mean) / sqrt(variance + epsilon) * factor + offset` for each row, with sums in an order that is the same everywhere. `row` has
    /// [`row_room`](super::row_room).
    pub fn layer_norm(task: LayerNorm, input: RowsIn, output: RowsOut, row: &mut [f32]) = body
}

#[inline(always)]
fn body(task: LayerNorm, input: RowsIn, mut output: RowsOut, row: &mut [f32]) {
    let columns = task.factor.len();
    let (row, result) = row.split_at_mut(columns.next_multiple_of(LANES));
    for from in (0..input.len()).step_by(columns.max(1)) {
        input.read(from, &mut row[..columns]);
        row[columns..].fill(0.0);
        let mean = rows::sum(row) / columns as f32;
        for value in &mut *row {
            *value -= mean;
        }
        row[columns..].fill(0.0);
        let variance = rows::sum_of_squares(row) / columns as f32;
        let factor = 1.0 / (variance + task.epsilon).sqrt();
        in_blocks(columns, &mut Scaled { deviations: row, factor, task, result });
        output.write(from, &result[..columns]);
    }
}

/// Deviations from the mean to results.
struct Scaled<'a> {
    deviations: &'a [f32],
    factor: f32,
    task: LayerNorm<'a>,
    result: &'a mut [f32],
}

impl Blocks for Scaled<'_> {
    #[inline(always)]
    fn block<const N: usize>(&mut self, at: usize) {
        let (deviations, factor, offset) =
            (chunk::<_, N>(self.deviations, at), chunk::<_, N>(self.task.factor, at), chunk::<_, N>(self.task.offset, at));
        let mut result = [0.0; N];
        for i in 0..N {
            result[i] = deviations[i] * self.factor * factor[i] + offset[i];
        }
        set_chunk(self.result, at, result);
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
        LayerNorm, RowsIn, RowsOut, layer_norm,
    };

    proptest! {
        #[test]
        fn follows_the_equation_and_is_the_same_on_every_family(
            columns in 1usize..80,
            codes in vec(any::<Code>(), 160),
            factor in vec(-2.0f32..2.0, 80),
            offset in vec(-2.0f32..2.0, 80),
            zero_point in i32::from(Code::MIN)..=i32::from(Code::MAX),
            scale in 0.01f32..0.3,
        ) {
            let task = LayerNorm { epsilon: 1e-3, factor: &factor[..columns], offset: &offset[..columns] };
            let codes = &codes[..2 * columns];
            let reals: Vec<f32> = codes.iter().map(|&code| (i32::from(code) - zero_point) as f32 * scale).collect();
            let mut first = None;
            for processor in Processor::available() {
                let (mut row, mut output, mut from_reals) = (vec![0.0; super::super::row_room(columns)], vec![0.0; codes.len()], vec![0.0; codes.len()]);
                layer_norm(processor, task, RowsIn::Codes { codes, scale, zero_point }, RowsOut::F32(&mut output), &mut row);
                layer_norm(processor, task, RowsIn::F32(&reals), RowsOut::F32(&mut from_reals), &mut row);
                prop_assert_eq!(&output, &from_reals);
                for (output, reals) in output.chunks(columns).zip(reals.chunks(columns)) {
                    let mean = reals.iter().copied().map(f64::from).sum::<f64>() / columns as f64;
                    let variance = reals.iter().map(|&real| (f64::from(real) - mean).powi(2)).sum::<f64>() / columns as f64;
                    for (i, (&found, &real)) in output.iter().zip(reals).enumerate() {
                        let expected = (f64::from(real) - mean) / (variance + 1e-3).sqrt() * f64::from(factor[i]) + f64::from(offset[i]);
                        prop_assert!((f64::from(found) - expected).abs() < 1e-3, "{} for {}", found, expected);
                    }
                }
                let rounding = Rounding::all(i32::from(Code::MIN) + 128);
                let mut coded = vec![0; codes.len()];
                let out = RowsOut::Codes { codes: &mut coded, scale: 0.03, rounding };
                layer_norm(processor, task, RowsIn::F32(&reals), out, &mut row);
                let expected: Vec<Code> = output.iter().map(|real| rounding.code(real / 0.03)).collect();
                prop_assert_eq!(&coded, &expected);
                let expected = first.get_or_insert_with(|| output.clone());
                prop_assert_eq!(&*expected, &output, "{}", processor.family());
            }
        }
    }
}
