//! Counting what looks like a corner of a code, before the code reader looks at it.
//!
//! The reader compares every three corners with each other, each time on a copy of the picture: a carpet or a halftone print, with thousands of
//! them, would keep it busy for hours. Such a picture is no code.

use super::bitmap::Bitmap;

/// How many rows of `bitmap` cross something like the middle of a corner: ink, gap, ink, gap, ink as 1:1:3:1:1, with a tolerance of three quarters.
pub(super) fn crossings(bitmap: &Bitmap) -> usize {
    (0..bitmap.height).map(|y| crossings_of(bitmap.row(y))).sum()
}

fn crossings_of(row: &[bool]) -> usize {
    let mut runs = [0_usize; 5];
    let mut count = 0;
    let mut start = 0;
    for end in 1..=row.len() {
        if end < row.len() && row[end] == row[start] {
            continue;
        }
        runs.rotate_left(1);
        runs[4] = end - start;
        // The pattern ends with ink.
        if row[start] && is_corner(&runs) {
            count += 1;
        }
        start = end;
    }
    count
}

fn is_corner(runs: &[usize; 5]) -> bool {
    let unit = (runs[0] + runs[1] + runs[3] + runs[4]) as f32 / 4.0;
    let near = |run: usize, units: f32| (run as f32 - units * unit).abs() <= 0.75 * unit;
    runs[0] > 0 && near(runs[0], 1.0) && near(runs[1], 1.0) && near(runs[2], 3.0) && near(runs[3], 1.0) && near(runs[4], 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(row: &str) -> usize {
        crossings_of(&row.chars().map(|sign| sign == '#').collect::<Vec<_>>())
    }

    #[test]
    fn a_corner_is_known_by_its_runs_at_any_size() {
        assert_eq!(count("  # ### #  "), 1);
        assert_eq!(count("##  ######  ##"), 1);
        assert_eq!(count("# ### # ### #"), 2);
        assert_eq!(count("# # # # # # #"), 0);
        assert_eq!(count("######### ###"), 0);
        assert_eq!(count(""), 0);
    }
}
