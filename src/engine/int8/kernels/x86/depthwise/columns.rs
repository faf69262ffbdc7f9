//! Interleaved columns of a stretch of a row.

use std::mem::MaybeUninit;

use super::super::super::Code;
use super::taps::lower_columns;
use super::{MAX_LANES, Vector};

/// Pixels that are interleaved at once, so that their columns stay in the first-level cache; half as many with stride 2.
pub(super) const STRETCH: usize = 28;

/// Columns under a stretch.
const COLUMNS: usize = STRETCH + 4;

/// Columns as [`interleave`](Self::interleave) leaves them; see [`place`](super::taps) for what they hold.
pub(super) struct Columns<V: Vector> {
    upper: [MaybeUninit<[V::Taps; 4]>; COLUMNS],
    lower: [MaybeUninit<[V::Taps; 4]>; COLUMNS],
}

/// Where the input of a stretch lies.
pub(super) struct Window<'a> {
    pub(super) input: *const Code,
    pub(super) row_stride: usize,
    /// Rows that may be read.
    pub(super) rows: usize,
    pub(super) channels: usize,
    /// From the first part's input to each part's.
    pub(super) parts: &'a [usize; MAX_LANES],
}

impl<V: Vector> Columns<V> {
    #[inline(always)]
    pub(super) fn new() -> Self {
        Self { upper: [MaybeUninit::uninit(); COLUMNS], lower: [MaybeUninit::uninit(); COLUMNS] }
    }

    /// Upper column `at`.
    ///
    /// # Safety
    /// The latest [`interleave`](Self::interleave) wrote it.
    #[inline(always)]
    pub(super) unsafe fn upper(&self, at: usize) -> &[V::Taps; 4] {
        // SAFETY: the caller says so.
        unsafe { self.upper.get_unchecked(at).assume_init_ref() }
    }

    /// Lower column `at`.
    ///
    /// # Safety
    /// The latest [`interleave`](Self::interleave) wrote it.
    #[inline(always)]
    pub(super) unsafe fn lower(&self, at: usize) -> &[V::Taps; 4] {
        // SAFETY: the caller says so.
        unsafe { self.lower.get_unchecked(at).assume_init_ref() }
    }

    /// Interleaves what lies under `count` pixels, at most a stretch.
    ///
    /// # Safety
    /// The window's rows are readable for as many columns as the pixels take. Inlined into functions with the family's features.
    #[inline(always)]
    pub(super) unsafe fn interleave<const K: usize, const S: usize, const PARTS: usize>(&mut self, window: &Window, count: usize) {
        let columns = (count - 1) * S + K;
        let upper = &mut self.upper[..columns];
        // Written out instead of closures: those that LLVM does not inline here would lack the family's features, and pass vectors through memory.
        // SAFETY: the caller's contract; each row and column is one of the window's.
        unsafe {
            let [a, b, c, d] = [window.row(0), window.row(1), window.row(2), window.row(3)];
            for (column, taps) in upper.iter_mut().enumerate() {
                taps.write(V::interleave([
                    window.load::<V, PARTS>(a, column),
                    window.load::<V, PARTS>(b, column),
                    window.load::<V, PARTS>(c, column),
                    window.load::<V, PARTS>(d, column),
                ]));
            }
            if K == 3 {
                return;
            }
            let lower = &mut self.lower[..lower_columns(S, count)];
            let [e, f] = [window.row(4), window.row(5)];
            if S == 1 {
                let mut here = [window.load::<V, PARTS>(e, 0), window.load::<V, PARTS>(f, 0)];
                for (column, taps) in lower.iter_mut().enumerate() {
                    let next = [window.load::<V, PARTS>(e, column + 1), window.load::<V, PARTS>(f, column + 1)];
                    taps.write(V::interleave([here[0], here[1], next[0], next[1]]));
                    here = next;
                }
            } else {
                let mut four = [
                    window.load::<V, PARTS>(e, 0),
                    window.load::<V, PARTS>(e, 1),
                    window.load::<V, PARTS>(e, 2),
                    window.load::<V, PARTS>(e, 3),
                ];
                for (x, taps) in lower.iter_mut().enumerate() {
                    taps.write(V::interleave(four));
                    // The last pixel's last tap is among taps of which one lies behind the row.
                    let [next, after] = [(2 * x + 4).min(columns - 1), (2 * x + 5).min(columns - 1)];
                    four = [four[2], four[3], window.load::<V, PARTS>(e, next), window.load::<V, PARTS>(e, after)];
                }
            }
        }
    }
}

impl Window<'_> {
    /// Where row `at` starts. Rows that only idle taps, or a second output row that is not there, would need are stood in for by the last one.
    #[inline(always)]
    fn row(&self, at: usize) -> *const Code {
        self.input.wrapping_add(at.min(self.rows - 1) * self.row_stride)
    }

    #[inline(always)]
    unsafe fn load<V: Vector, const PARTS: usize>(&self, row: *const Code, column: usize) -> V::Codes {
        // SAFETY: the caller names a row and column of the window.
        unsafe { V::load::<PARTS>(row.wrapping_add(column * self.channels), self.parts) }
    }
}
