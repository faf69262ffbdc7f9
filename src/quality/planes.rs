//! Small filters on single planes of the view: box blur and grey closing, both separable and edge-replicating.
//!
//! A plane is a slice of [`AREA`](super::view::AREA) values, rows from the top.

use super::view::{AREA, SIDE};

/// Mean over a square window of `2 * radius + 1` pixels; running sums, so the cost does not grow with the radius.
pub(super) fn blur(plane: &[f32], radius: usize) -> Vec<f32> {
    transposed_means(&transposed_means(plane, radius), radius)
}

/// Two passes of [`blur`]: close to a Gaussian of standard deviation `sqrt(2 * r * (r + 1) / 3)`.
pub(super) fn soften(plane: &[f32], radius: usize) -> Vec<f32> {
    blur(&blur(plane, radius), radius)
}

/// Running means along the rows, written as columns.
fn transposed_means(plane: &[f32], radius: usize) -> Vec<f32> {
    let mut out = vec![0.0; AREA];
    let scale = 1.0 / (2 * radius + 1) as f32;
    for (y, row) in plane.chunks_exact(SIDE).enumerate() {
        let at = |x: isize| row[x.clamp(0, SIDE as isize - 1) as usize];
        let reach = radius as isize;
        let mut sum: f32 = (-reach..=reach).map(at).sum();
        for x in 0..SIDE {
            out[x * SIDE + y] = sum * scale;
            sum += at(x as isize + reach + 1) - at(x as isize - reach);
        }
    }
    out
}

/// Grey closing with a square of `2 * radius + 1` pixels: fills dark structures narrower than that, such as hairs.
pub(super) fn close(plane: &[f32], radius: usize) -> Vec<f32> {
    let widened = transposed_extremes(&transposed_extremes(plane, radius, f32::max), radius, f32::max);
    transposed_extremes(&transposed_extremes(&widened, radius, f32::min), radius, f32::min)
}

fn transposed_extremes(plane: &[f32], radius: usize, pick: impl Fn(f32, f32) -> f32) -> Vec<f32> {
    let mut out = vec![0.0; AREA];
    for (y, row) in plane.chunks_exact(SIDE).enumerate() {
        for x in 0..SIDE {
            let window = &row[x.saturating_sub(radius)..=(x + radius).min(SIDE - 1)];
            out[x * SIDE + y] = window[1..].iter().fold(window[0], |best, &value| pick(best, value));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spot() -> Vec<f32> {
        let mut plane = vec![1.0; AREA];
        plane[64 * SIDE + 64] = 0.0;
        plane
    }

    #[test]
    fn blur_spreads_and_keeps_the_sum_and_the_orientation() {
        let mut plane = vec![0.0; AREA];
        plane[20 * SIDE + 70] = 9.0;
        let blurred = blur(&plane, 1);
        assert!((blurred.iter().sum::<f32>() - 9.0).abs() < 1e-3);
        assert!((blurred[21 * SIDE + 69] - 1.0).abs() < 1e-4);
        assert!(blurred[70 * SIDE + 20].abs() < 1e-4);
    }

    #[test]
    fn closing_fills_thin_dark_lines_and_keeps_wide_ones() {
        assert!(close(&spot(), 1).iter().all(|value| *value == 1.0));
        let bar: Vec<f32> = (0..AREA).map(|at| if (40..50).contains(&(at % SIDE)) { 0.0 } else { 1.0 }).collect();
        assert_eq!(close(&bar, 2), bar);
    }
}
