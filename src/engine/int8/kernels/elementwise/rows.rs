//! Rows of real values that come from codes or f32 and become codes or f32; sums in an order that is the same everywhere.

use super::{super::Code, Rounding, dequantise, quantise};

/// Real values to read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum RowsIn<'a> {
    /// As they are.
    F32(&'a [f32]),
    /// `(code - zero_point) * scale`.
    Codes {
        /// The codes.
        codes: &'a [Code],
        /// Factor.
        scale: f32,
        /// Code of 0.
        zero_point: i32,
    },
}

/// Where real values go.
#[derive(Debug, PartialEq)]
pub enum RowsOut<'a> {
    /// As they are.
    F32(&'a mut [f32]),
    /// `code(real / scale)`.
    Codes {
        /// The codes.
        codes: &'a mut [Code],
        /// Divisor.
        scale: f32,
        /// How the quotient becomes a code.
        rounding: Rounding,
    },
}

impl RowsIn<'_> {
    /// Reads the row that starts at value `from` into `row`.
    #[inline(always)]
    pub(super) fn read(&self, from: usize, row: &mut [f32]) {
        match *self {
            Self::F32(values) => row.copy_from_slice(&values[from..from + row.len()]),
            Self::Codes { codes, scale, zero_point } => dequantise::body(scale, zero_point, &codes[from..from + row.len()], row),
        }
    }

    /// Number of values.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::F32(values) => values.len(),
            Self::Codes { codes, .. } => codes.len(),
        }
    }
}

impl RowsOut<'_> {
    /// Writes `row` to where the row that starts at value `from` belongs.
    #[inline(always)]
    pub(super) fn write(&mut self, from: usize, row: &[f32]) {
        match self {
            Self::F32(values) => values[from..from + row.len()].copy_from_slice(row),
            Self::Codes { codes, scale, rounding } => quantise::body(*scale, *rounding, row, &mut codes[from..from + row.len()]),
        }
    }
}

/// Room that a function over rows of `columns` values needs for itself: two rows in whole [`LANES`].
#[must_use]
pub const fn row_room(columns: usize) -> usize {
    2 * columns.next_multiple_of(LANES)
}

/// Partial sums: one for each lane of the widest vector. Rows in the making are as many whole `LANES` as they need, so that no loop has a rest.
pub(super) const LANES: usize = 16;

/// The sum of whole lanes: value `i` goes to partial sum `i % 16`, then halves are added to halves.
#[inline(always)]
pub(super) fn sum(row: &[f32]) -> f32 {
    let mut lanes = [0.0f32; LANES];
    for chunk in row.as_chunks::<LANES>().0 {
        for lane in 0..LANES {
            lanes[lane] += chunk[lane];
        }
    }
    let mut half = LANES / 2;
    while half > 0 {
        for lane in 0..half {
            lanes[lane] += lanes[lane + half];
        }
        half /= 2;
    }
    lanes[0]
}

/// The sum of the squares of whole lanes, in the order of [`sum`].
#[inline(always)]
pub(super) fn sum_of_squares(row: &[f32]) -> f32 {
    let mut lanes = [0.0f32; LANES];
    for chunk in row.as_chunks::<LANES>().0 {
        for lane in 0..LANES {
            lanes[lane] += chunk[lane] * chunk[lane];
        }
    }
    sum(&lanes)
}

/// The highest value of whole lanes; what is not a number counts as the lowest of all.
#[inline(always)]
pub(super) fn highest(row: &[f32]) -> f32 {
    let mut lanes = [f32::NEG_INFINITY; LANES];
    for chunk in row.as_chunks::<LANES>().0 {
        for lane in 0..LANES {
            lanes[lane] = if chunk[lane] > lanes[lane] { chunk[lane] } else { lanes[lane] };
        }
    }
    let mut half = LANES / 2;
    while half > 0 {
        for lane in 0..half {
            lanes[lane] = if lanes[lane + half] > lanes[lane] { lanes[lane + half] } else { lanes[lane] };
        }
        half /= 2;
    }
    lanes[0]
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::{LANES, highest, sum, sum_of_squares};

    proptest! {
        #[test]
        fn sums_and_finds_the_highest_of_whole_lanes(row in (1usize..8).prop_flat_map(|count| vec(-100.0f32..100.0, count * LANES))) {
            let exact: f64 = row.iter().copied().map(f64::from).sum();
            prop_assert!((f64::from(sum(&row)) - exact).abs() < 1e-2);
            let exact: f64 = row.iter().map(|&value| f64::from(value).powi(2)).sum();
            prop_assert!((f64::from(sum_of_squares(&row)) / exact - 1.0).abs() < 1e-5);
            prop_assert_eq!(highest(&row), row.iter().copied().fold(f32::MIN, f32::max));
        }
    }
}
