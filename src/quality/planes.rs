//! Small filters on single planes of the view: box blur and grey closing, both separable and edge-replicating.
//!
//! All work on whole rows of fixed length, without branches, so that the compiler makes vectors of them.

use std::cmp::Ordering;

use multiversion::multiversion;

use super::view::{AREA, SIDE};

/// One value for every pixel of the view, rows from the top.
pub(super) type Plane = [[f32; SIDE]; SIDE];

/// Mean over a square window of `2 * RADIUS + 1` pixels; `between` holds what is in between and is left undefined.
#[multiversion(targets("x86_64+avx2"))]
pub(super) fn blur<const RADIUS: usize>(plane: &mut Plane, between: &mut Plane) {
    means_along::<RADIUS>(plane, between);
    means_down::<RADIUS>(between, plane);
}

/// Two passes of [`blur`]: close to a Gaussian of standard deviation `sqrt(2 * r * (r + 1) / 3)`.
#[multiversion(targets("x86_64+avx2"))]
pub(super) fn soften<const RADIUS: usize>(plane: &mut Plane, between: &mut Plane) {
    // Means along and means down commute; in this order nothing is read right after it was written.
    means_along::<RADIUS>(plane, between);
    means_along::<RADIUS>(between, plane);
    means_down::<RADIUS>(plane, between);
    means_down::<RADIUS>(between, plane);
}

/// Grey closing with a square of `2 * RADIUS + 1` pixels: fills dark structures narrower than that, such as hairs.
/// `between` holds what is in between and is left undefined.
#[multiversion(targets("x86_64+avx2"))]
pub(super) fn close<const RADIUS: usize>(plane: &mut Plane, between: &mut Plane) {
    along::<RADIUS>(plane, between, larger, |largest| largest);
    extremes_down::<RADIUS>(between, plane, larger);
    along::<RADIUS>(plane, between, smaller, |smallest| smallest);
    extremes_down::<RADIUS>(between, plane, smaller);
}

#[inline(always)]
fn means_along<const RADIUS: usize>(plane: &Plane, out: &mut Plane) {
    let scale = 1.0 / (2 * RADIUS + 1) as f32;
    along::<RADIUS>(plane, out, |sum, value| sum + value, |sum| sum * scale);
}

/// Joins the values of each window in a row.
#[inline(always)]
fn along<const RADIUS: usize>(plane: &Plane, out: &mut Plane, join: impl Fn(f32, f32) -> f32, finish: impl Fn(f32) -> f32) {
    // All rows as one: only the ends of the rows get wrong values, and those are done again.
    let (values, joined) = (plane.as_flattened(), out.as_flattened_mut());
    for at in 0..AREA - 2 * RADIUS {
        let mut window = values[at];
        for step in 1..2 * RADIUS + 1 {
            window = join(window, values[at + step]);
        }
        joined[at + RADIUS] = finish(window);
    }
    for (row, out) in plane.iter().zip(out) {
        for x in (0..RADIUS).chain(SIDE - RADIUS..SIDE) {
            let value = |step: usize| row[(x + step).saturating_sub(RADIUS).min(SIDE - 1)];
            out[x] = finish((1..2 * RADIUS + 1).fold(value(0), |window, step| join(window, value(step))));
        }
    }
}

/// Running sums, so the cost does not grow with the radius.
#[inline(always)]
fn means_down<const RADIUS: usize>(plane: &Plane, out: &mut Plane) {
    let scale = 1.0 / (2 * RADIUS + 1) as f32;
    let row = |y: usize| &plane[y.saturating_sub(RADIUS).min(SIDE - 1)];
    let mut sums = [0.0; SIDE];
    for y in 0..2 * RADIUS + 1 {
        sums.iter_mut().zip(row(y)).for_each(|(sum, value)| *sum += value);
    }
    for (y, out) in out.iter_mut().enumerate() {
        let (enters, leaves) = (row(y + 2 * RADIUS + 1), row(y));
        for x in 0..SIDE {
            out[x] = sums[x] * scale;
            sums[x] += enters[x] - leaves[x];
        }
    }
}

#[inline(always)]
fn extremes_down<const RADIUS: usize>(plane: &Plane, out: &mut Plane, pick: impl Fn(f32, f32) -> f32) {
    for (y, out) in out.iter_mut().enumerate() {
        let first = y.saturating_sub(RADIUS);
        *out = plane[first];
        for row in &plane[first + 1..(y + RADIUS + 1).min(SIDE)] {
            for x in 0..SIDE {
                out[x] = pick(out[x], row[x]);
            }
        }
    }
}

// Not `f32::max` and `f32::min`: these look out for NaN, which no plane holds, and take several instructions.
#[inline(always)]
fn larger(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

#[inline(always)]
fn smaller(a: f32, b: f32) -> f32 {
    if a < b { a } else { b }
}

/// The value that stands at `rank`, from 0, when all are put in ascending order; changes their order.
pub(super) fn in_order(values: &mut [f32], rank: usize) -> f32 {
    // No plane holds a NaN, and plain comparing is the fastest.
    *values.select_nth_unstable_by(rank, |a, b| a.partial_cmp(b).unwrap_or(Ordering::Equal)).1
}

#[cfg(test)]
mod tests {
    use super::*;

    static EMPTY: Plane = [[0.0; SIDE]; SIDE];

    #[test]
    fn blur_spreads_and_keeps_the_sum_and_the_orientation() {
        let mut plane = EMPTY;
        plane[20][70] = 9.0;
        blur::<1>(&mut plane, &mut EMPTY.clone());
        assert!((plane.as_flattened().iter().sum::<f32>() - 9.0).abs() < 1e-3);
        assert!((plane[21][69] - 1.0).abs() < 1e-4);
        assert!(plane[70][20].abs() < 1e-4);
    }

    #[test]
    fn closing_fills_thin_dark_lines_and_keeps_wide_ones() {
        let mut plane = [[1.0; SIDE]; SIDE];
        plane[64][64] = 0.0;
        close::<1>(&mut plane, &mut EMPTY.clone());
        assert!(plane.as_flattened().iter().all(|value| *value == 1.0));
        let bar: Plane = [std::array::from_fn(|x| if (40..50).contains(&x) { 0.0 } else { 1.0 }); SIDE];
        let mut closed = bar;
        close::<2>(&mut closed, &mut EMPTY.clone());
        assert_eq!(closed, bar);
    }
}
