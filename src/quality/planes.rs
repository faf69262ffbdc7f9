//! Small filters on single planes of the view: box blur and grey closing, both separable and edge-replicating.
//!
//! All work on whole rows of fixed length, without branches, so that the compiler makes vectors of them.

use super::view::SIDE;

/// One value for every pixel of the view, rows from the top.
pub(super) type Plane = [[f32; SIDE]; SIDE];

/// The largest radius of a filter here.
const WIDEST: usize = 8;

/// A row with its first and last value repeated on both sides.
type Padded = [f32; SIDE + 2 * WIDEST];

/// Mean over a square window of `2 * RADIUS + 1` pixels; `between` holds what is in between and is left undefined.
pub(super) fn blur<const RADIUS: usize>(plane: &mut Plane, between: &mut Plane) {
    for (row, out) in plane.iter().zip(between.iter_mut()) {
        *out = means_along::<RADIUS>(row);
    }
    means_down::<RADIUS>(between, plane);
}

/// Two passes of [`blur`]: close to a Gaussian of standard deviation `sqrt(2 * r * (r + 1) / 3)`.
pub(super) fn soften<const RADIUS: usize>(plane: &mut Plane, between: &mut Plane) {
    // Means along and means down commute, so both of one kind are done while a row is at hand.
    for row in plane.iter_mut() {
        *row = means_along::<RADIUS>(&means_along::<RADIUS>(row));
    }
    means_down::<RADIUS>(plane, between);
    means_down::<RADIUS>(between, plane);
}

fn means_along<const RADIUS: usize>(row: &[f32; SIDE]) -> [f32; SIDE] {
    let padded = padded::<RADIUS>(row);
    let scale = 1.0 / (2 * RADIUS + 1) as f32;
    let mut means = [0.0; SIDE];
    for (x, mean) in means.iter_mut().enumerate() {
        let mut sum = padded[x];
        for step in 1..2 * RADIUS + 1 {
            sum += padded[x + step];
        }
        *mean = sum * scale;
    }
    means
}

/// Running sums, so the cost does not grow with the radius.
fn means_down<const RADIUS: usize>(plane: &Plane, out: &mut Plane) {
    let scale = 1.0 / (2 * RADIUS + 1) as f32;
    let row = |y: usize| &plane[y.saturating_sub(RADIUS).min(SIDE - 1)];
    let mut sums = [0.0; SIDE];
    for y in 0..=2 * RADIUS {
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

/// Grey closing with a square of `2 * RADIUS + 1` pixels: fills dark structures narrower than that, such as hairs.
/// `between` holds what is in between and is left undefined.
pub(super) fn close<const RADIUS: usize>(plane: &mut Plane, between: &mut Plane) {
    extremes_down::<RADIUS>(plane, between, larger);
    for row in between.iter_mut() {
        *row = extremes_along::<RADIUS>(&extremes_along::<RADIUS>(row, larger), smaller);
    }
    extremes_down::<RADIUS>(between, plane, smaller);
}

// Not `f32::max` and `f32::min`: these may not treat a NaN, which no plane holds, and are one instruction.
fn larger(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

fn smaller(a: f32, b: f32) -> f32 {
    if a < b { a } else { b }
}

fn extremes_along<const RADIUS: usize>(row: &[f32; SIDE], pick: impl Fn(f32, f32) -> f32) -> [f32; SIDE] {
    let padded = padded::<RADIUS>(row);
    std::array::from_fn(|x| (1..=2 * RADIUS).fold(padded[x], |best, step| pick(best, padded[x + step])))
}

fn extremes_down<const RADIUS: usize>(plane: &Plane, out: &mut Plane, pick: impl Fn(f32, f32) -> f32) {
    for (y, out) in out.iter_mut().enumerate() {
        *out = plane[y.saturating_sub(RADIUS)];
        for other in &plane[y.saturating_sub(RADIUS) + 1..=(y + RADIUS).min(SIDE - 1)] {
            for x in 0..SIDE {
                out[x] = pick(out[x], other[x]);
            }
        }
    }
}

fn padded<const RADIUS: usize>(row: &[f32; SIDE]) -> Padded {
    let mut padded = [0.0; SIDE + 2 * WIDEST];
    padded[..RADIUS].fill(row[0]);
    padded[RADIUS..RADIUS + SIDE].copy_from_slice(row);
    padded[RADIUS + SIDE..][..RADIUS].fill(row[SIDE - 1]);
    padded
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
