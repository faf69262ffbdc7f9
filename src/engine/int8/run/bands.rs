//! How much of a layer is done at a time.

use std::ops::Range;

/// How a convolution's output is cut: rows (or pixels) of a band, and columns (channels).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bands {
    pub(super) rows: usize,
    pub(super) columns: usize,
}

/// What a convolution looks like to whoever cuts it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Work {
    /// Rows (or pixels) of all pictures.
    pub(super) rows: usize,
    /// Bytes of input and output of each of them.
    pub(super) row_bytes: usize,
    /// Bytes of all weights.
    pub(super) weights: usize,
    /// Channels.
    pub(super) columns: usize,
    /// Channels may be cut at multiples of this; 0 when they may not.
    pub(super) column_step: usize,
    /// Multiply-adds of one row.
    pub(super) multiply_adds: usize,
}

/// Bytes of a band that stay in the first-level cache beside the weights that pass by.
const NEAR: usize = 32 << 10;
/// Below this many multiply-adds, waking another thread costs more than it brings.
const WORTH_SHARING: usize = 200_000;

impl Bands {
    pub(super) fn of(work: &Work, threads: usize) -> Self {
        // All weights pass by once for each band: a band should not be much smaller than they are.
        let bytes = NEAR.max(work.weights / 4);
        let mut rows = (bytes / work.row_bytes.max(1)).clamp(1, work.rows.max(1));
        let mut columns = work.columns;
        if threads > 1 && work.rows * work.multiply_adds >= WORTH_SHARING {
            let share = work.rows.div_ceil(threads);
            if work.column_step > 0 && share < 4 && work.columns > work.column_step {
                columns = work.columns.div_ceil(threads).next_multiple_of(work.column_step);
            } else {
                rows = rows.min(share);
            }
        } else if threads > 1 {
            rows = work.rows;
        }
        Self { rows: rows.max(1), columns: columns.max(1) }
    }
}

/// Elements of an element-wise step that are done at a time: all of them unless there are enough to share.
pub(super) fn elements(count: usize, threads: usize) -> usize {
    const SHARED: usize = 32 << 10;
    if threads > 1 && count > SHARED { count.div_ceil(threads * 2).next_multiple_of(64) } else { count.max(1) }
}

/// Calls `job` for the rows `all`, counted through pictures of `height` rows, picture by picture: number of the picture, rows of it, and which
/// of `all` they are.
pub(super) fn pictures(all: Range<usize>, height: usize, mut job: impl FnMut(usize, Range<usize>, Range<usize>)) {
    let mut row = all.start;
    while row < all.end {
        let (picture, top) = (row / height, row % height);
        let count = (all.end - row).min(height - top);
        let at = row - all.start;
        job(picture, top..top + count, at..at + count);
        row += count;
    }
}
