//! Counting what looks like a corner of a code, before the code reader looks at it.
//!
//! The reader compares every three corners with each other, each time on a copy of the picture: a carpet or a halftone print, with thousands of
//! them, would keep it busy for hours. Such a picture is no code.

use super::bitmap::Bitmap;

/// Whether `bitmap` has no more corners than the reader can bear.
pub(super) fn bearable(bitmap: &Bitmap) -> bool {
    /// Corners of sixteen codes.
    const MOST_CORNERS: usize = 48;
    /// Rows that look like one: noise has many that are none, and each costs the reader a look around.
    const MOST_CROSSINGS: usize = 4000;
    let mut corners: Vec<Corner> = Vec::new();
    let mut crossings = 0;
    for y in 0..bitmap.height {
        let more = crossings_of(
            bitmap.width,
            |x| bitmap.ink(x, y),
            |x, unit| {
                crossings += 1;
                let here = Corner { x, y, unit };
                // The rows through one middle are one corner.
                if !corners.iter().any(|corner| corner.is_near(&here)) && here.crosses_downwards(bitmap) {
                    corners.push(here);
                }
                corners.len() <= MOST_CORNERS && crossings <= MOST_CROSSINGS
            },
        );
        if !more {
            return false;
        }
    }
    true
}

/// Something like a corner of a code.
struct Corner {
    /// Its middle.
    x: usize,
    y: usize,
    /// Side of a module in pixels.
    unit: f32,
}

impl Corner {
    fn is_near(&self, other: &Self) -> bool {
        let reach = self.unit.max(other.unit) * 3.0;
        self.x.abs_diff(other.x) as f32 <= reach && self.y.abs_diff(other.y) as f32 <= reach
    }

    /// Whether the column through the middle looks like the row does.
    fn crosses_downwards(&self, bitmap: &Bitmap) -> bool {
        // Twice the reach of a corner that stands straight: one that is tilted is longer.
        let reach = (self.unit * 7.0) as usize + 1;
        let (from, to) = (self.y.saturating_sub(reach), (self.y + reach).min(bitmap.height));
        let mut found = false;
        crossings_of(
            to - from,
            |step| bitmap.ink(self.x, from + step),
            |middle, unit| {
                found |= (from + middle).abs_diff(self.y) as f32 <= unit * 1.5;
                !found
            },
        );
        found
    }
}

/// Calls `met` with the middle and the module of everything along a line of `length` pixels that looks like a crossing of a corner: ink, gap, ink,
/// gap, ink as 1:1:3:1:1, with a tolerance of three quarters. Ends, and gives false, when `met` gives false.
fn crossings_of(length: usize, ink: impl Fn(usize) -> bool, mut met: impl FnMut(usize, f32) -> bool) -> bool {
    let mut runs = [0_usize; 5];
    let mut start = 0;
    for end in 1..=length {
        if end < length && ink(end) == ink(start) {
            continue;
        }
        runs.rotate_left(1);
        runs[4] = end - start;
        // The pattern ends with ink.
        if ink(start) && is_corner(&runs) {
            let unit = runs.iter().sum::<usize>() as f32 / 7.0;
            if !met(end - runs[4] - runs[3] - runs[2] / 2 - 1, unit) {
                return false;
            }
        }
        start = end;
    }
    true
}

fn is_corner(runs: &[usize; 5]) -> bool {
    let unit = (runs[0] + runs[1] + runs[3] + runs[4]) as f32 / 4.0;
    let near = |run: usize, units: f32| (run as f32 - units * unit).abs() <= 0.75 * unit;
    runs[0] > 0 && near(runs[0], 1.0) && near(runs[1], 1.0) && near(runs[2], 3.0) && near(runs[3], 1.0) && near(runs[4], 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn middles(row: &str) -> Vec<usize> {
        let row: Vec<bool> = row.chars().map(|sign| sign == '#').collect();
        let mut middles = Vec::new();
        crossings_of(
            row.len(),
            |x| row[x],
            |middle, _| {
                middles.push(middle);
                true
            },
        );
        middles
    }

    /// Corners of `side` pixels a module, one beside the other.
    fn corners(side: usize, across: usize, down: usize) -> Bitmap {
        const CORNER: [&str; 8] = ["####### ", "#     # ", "# ### # ", "# ### # ", "# ### # ", "#     # ", "####### ", "        "];
        let (width, height) = (across * side * 8, down * side * 8);
        let ink = |x: usize, y: usize| CORNER[y / side % 8].as_bytes()[x / side % 8] == b'#';
        Bitmap { width, height, ink: (0..height).flat_map(|y| (0..width).map(move |x| ink(x, y))).collect() }
    }

    #[test]
    fn a_corner_is_known_by_its_runs_at_any_size() {
        assert_eq!(middles("  # ### #  "), [5]);
        assert_eq!(middles("##  ######  ##"), [6]);
        assert_eq!(middles("# ### # ### #"), [3, 9]);
        assert!(middles("# # # # # # #").is_empty() && middles("######### ###").is_empty() && middles("").is_empty());
    }

    #[test]
    fn the_corners_of_some_codes_are_borne_and_a_carpet_is_not() {
        for side in [1, 2, 5] {
            assert!(bearable(&corners(side, 8, 6)));
            assert!(!bearable(&corners(side, 7, 7)), "{side}");
        }
    }
}
