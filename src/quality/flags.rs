//! Which pixels of the view something holds for: [`Flags`], one bit a pixel, one machine word a row.
//!
//! Neighbours are shifts, areas are counted bits and connected patches are found by their runs, so that topology costs
//! next to nothing beside the measurements on brightness and colour.

use std::ops::Range;

use super::view::SIDE;

/// One flag for every pixel of the view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Flags {
    /// Rows from the top; bit `x` is the pixel `x` from the left. A row is exactly as long as the word has bits.
    pub(super) rows: [u128; SIDE],
}

const _: () = assert!(SIDE == u128::BITS as usize);

/// Flagged pixels side by side in one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Run {
    /// The row.
    pub(super) y: usize,
    /// The columns.
    pub(super) columns: Range<usize>,
    /// The connected patch that it belongs to; patches are numbered by any of their runs' places in the list.
    pub(super) patch: usize,
}

impl Run {
    /// Its pixels as bits of their row; a run is never empty.
    pub(super) fn bits(&self) -> u128 {
        (u128::MAX >> (SIDE - self.columns.len())) << self.columns.start
    }
}

impl Flags {
    /// No pixel.
    pub(super) const NONE: Self = Self { rows: [0; SIDE] };
    /// Every pixel.
    pub(super) const ALL: Self = Self { rows: [u128::MAX; SIDE] };

    /// Asks row by row.
    pub(super) fn from_rows(row: impl FnMut(usize) -> u128) -> Self {
        Self { rows: std::array::from_fn(row) }
    }

    /// Number of flagged pixels.
    pub(super) fn area(&self) -> usize {
        self.rows.iter().map(|row| row.count_ones() as usize).sum()
    }

    /// The row `by` below `y`; no flags outside the view.
    pub(super) fn row(&self, y: usize, by: isize) -> u128 {
        y.checked_add_signed(by).and_then(|y| self.rows.get(y)).copied().unwrap_or(0)
    }

    /// Number of sides that flagged pixels have in common with pixels that `others` does not flag, those outside the
    /// view among them.
    pub(super) fn sides_without(&self, others: &Self) -> u32 {
        let sides = |y: usize| {
            let around = [others.rows[y] << 1, others.rows[y] >> 1, others.row(y, -1), others.row(y, 1)];
            around.map(|neighbours| (self.rows[y] & !neighbours).count_ones()).iter().sum::<u32>()
        };
        (0..SIDE).map(sides).sum()
    }

    /// Flags whatever lies within `by` pixels of a flagged one, to all eight sides.
    pub(super) fn grown(&self, by: usize) -> Self {
        let wide = Self::from_rows(|y| (1..=by).fold(self.rows[y], |row, by| row | self.rows[y] << by | self.rows[y] >> by));
        let reach = by as isize;
        Self::from_rows(|y| (-reach..=reach).fold(0, |row, by| row | wide.row(y, by)))
    }

    /// All runs, rows from the top and from the left, with the patch that each belongs to: pixels that share a side
    /// are connected. A patch has the number of its first run.
    pub(super) fn runs(&self) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        let (mut above, mut next) = (0, 0);
        for (y, &row) in self.rows.iter().enumerate() {
            let row_starts = runs.len();
            for columns in runs_of(row) {
                let number = runs.len();
                runs.push(Run { y, columns: columns.clone(), patch: number });
                while above < next && runs[above].columns.end <= columns.start {
                    above += 1;
                }
                let mut other = above;
                while other < next && runs[other].columns.start < columns.end {
                    let (a, b) = (first_of(&mut runs, other), first_of(&mut runs, number));
                    runs[a.max(b)].patch = a.min(b);
                    other += 1;
                }
            }
            (above, next) = (row_starts, runs.len());
        }
        for number in 0..runs.len() {
            // Every link goes to an earlier run, which has been resolved by now.
            runs[number].patch = runs[runs[number].patch].patch;
        }
        runs
    }
}

/// The first run known of the patch that a run belongs to; shortens the way for the next who asks.
fn first_of(runs: &mut [Run], mut number: usize) -> usize {
    while runs[number].patch != number {
        runs[number].patch = runs[runs[number].patch].patch;
        number = runs[number].patch;
    }
    number
}

/// The runs of set bits in a row, from the left.
pub(super) fn runs_of(mut row: u128) -> impl Iterator<Item = Range<usize>> {
    std::iter::from_fn(move || {
        let start = row.trailing_zeros();
        let length = row.checked_shr(start)?.trailing_ones();
        row &= u128::MAX.checked_shl(start + length).unwrap_or(0);
        Some(start as usize..(start + length) as usize)
    })
}

/// Asks for every column of a row.
#[inline(always)]
pub(super) fn packed(flag: impl Fn(usize) -> bool) -> u128 {
    let mut flags = [0_u8; SIDE];
    for (x, to) in flags.iter_mut().enumerate() {
        *to = u8::from(flag(x));
    }
    let mut bytes = [0; SIDE / 8];
    for (byte, flags) in bytes.iter_mut().zip(flags.as_chunks().0) {
        // The product puts the lowest bit of byte number i at bit 56 + i, and nothing carries into them.
        *byte = (u64::from_le_bytes(*flags).wrapping_mul(0x0102_0408_1020_4080) >> 56) as u8;
    }
    u128::from_le_bytes(bytes)
}

/// Unpacks one row.
pub(super) fn unpacked(row: u128) -> [bool; SIDE] {
    let mut flags = [row & 1 == 1; SIDE];
    if row != 0 && row != u128::MAX {
        for (flags, byte) in flags.as_chunks_mut::<8>().0.iter_mut().zip(row.to_le_bytes()) {
            *flags = std::array::from_fn(|bit| byte >> bit & 1 == 1);
        }
    }
    flags
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Rows of noise with runs of every length.
    fn noise() -> impl Strategy<Value = Flags> {
        proptest::collection::vec((any::<u128>(), any::<u128>(), 0..3_u8), SIDE).prop_map(|rows| {
            Flags::from_rows(|y| match rows[y] {
                (a, b, 0) => a & b,
                (a, b, 1) => a | b,
                (a, ..) => a,
            })
        })
    }

    fn at(flags: &Flags, x: isize, y: isize) -> bool {
        let inside = 0..SIDE as isize;
        inside.contains(&x) && inside.contains(&y) && flags.rows[y as usize] >> x & 1 == 1
    }

    fn all() -> impl Iterator<Item = (isize, isize)> {
        (0..SIDE as isize).flat_map(|y| (0..SIDE as isize).map(move |x| (x, y)))
    }

    const SIDES: [(isize, isize); 4] = [(-1, 0), (1, 0), (0, -1), (0, 1)];

    proptest! {
        #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

        #[test]
        fn packing_a_row_and_unpacking_it_changes_nothing(row: u128) {
            prop_assert_eq!(packed(|x| unpacked(row)[x]), row);
            for x in 0..SIDE {
                prop_assert_eq!(unpacked(row)[x], row >> x & 1 == 1);
            }
        }

        #[test]
        fn runs_cover_the_flagged_pixels_and_are_apart(flags in noise()) {
            let runs = flags.runs();
            let again = Flags::from_rows(|y| {
                runs.iter().filter(|run| run.y == y).flat_map(|run| run.columns.clone()).fold(0, |row, x| row | 1 << x)
            });
            prop_assert_eq!(&again, &flags);
            for pair in runs.windows(2) {
                prop_assert!((pair[0].y, pair[0].columns.end) < (pair[1].y, pair[1].columns.start));
            }
        }

        #[test]
        fn runs_are_of_one_patch_exactly_if_a_path_joins_them(flags in noise()) {
            let mut patches = vec![usize::MAX; SIDE * SIDE];
            let runs = flags.runs();
            for run in &runs {
                patches[run.y * SIDE..][run.columns.clone()].fill(run.patch);
            }
            // Flood from the first run of each patch and see that it reaches that patch and nothing else.
            let mut flooded = vec![usize::MAX; SIDE * SIDE];
            for (number, run) in runs.iter().enumerate().filter(|(number, run)| *number == run.patch) {
                let mut open = vec![(run.columns.start as isize, run.y as isize)];
                while let Some((x, y)) = open.pop() {
                    let place = (y * SIDE as isize + x) as usize;
                    if flooded[place] == usize::MAX {
                        flooded[place] = number;
                        open.extend(SIDES.map(|(dx, dy)| (x + dx, y + dy)).into_iter().filter(|&(x, y)| at(&flags, x, y)));
                    }
                }
            }
            prop_assert_eq!(flooded, patches);
        }

        #[test]
        fn growing_and_counting_sides_agree_with_looking_at_each_pixel(flags in noise(), others in noise(), by in 0..5_isize) {
            let grown = flags.grown(by as usize);
            let mut sides = 0;
            for (x, y) in all().step_by(7) {
                let near = (-by..=by).any(|dy| (-by..=by).any(|dx| at(&flags, x + dx, y + dy)));
                prop_assert_eq!(at(&grown, x, y), near);
            }
            for (x, y) in all().filter(|&(x, y)| at(&flags, x, y)) {
                sides += SIDES.iter().filter(|(dx, dy)| !at(&others, x + dx, y + dy)).count();
            }
            prop_assert_eq!(flags.sides_without(&others) as usize, sides);
        }
    }
}
