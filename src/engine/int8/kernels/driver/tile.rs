//! Rectangles of an output that different threads write at the same time.

use std::{marker::PhantomData, ops::Range};

use super::{super::Code, Crew, Panicked};

/// The only access to some rows and columns of a dense matrix of codes `[rows][pitch]`.
#[derive(Debug)]
pub struct Tile<'a> {
    /// First row of the tile, column 0 of the matrix.
    start: *mut Code,
    rows: usize,
    pitch: usize,
    columns: Range<usize>,
    matrix: PhantomData<&'a mut [Code]>,
}

// SAFETY: a tile is the only access to its codes, as `&mut [Code]` is.
unsafe impl Send for Tile<'_> {}

impl<'a> Tile<'a> {
    /// All of a matrix whose rows are `pitch` codes. An incomplete last row is left out.
    #[must_use]
    pub fn whole(matrix: &'a mut [Code], pitch: usize) -> Self {
        Self { start: matrix.as_mut_ptr(), rows: matrix.len() / pitch.max(1), pitch, columns: 0..pitch, matrix: PhantomData }
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Columns of the matrix that belong to the tile.
    #[must_use]
    pub fn columns(&self) -> Range<usize> {
        self.columns.clone()
    }

    /// Codes from one row to the next.
    #[must_use]
    pub fn pitch(&self) -> usize {
        self.pitch
    }

    /// Part of the tile: rows counted from its first, columns from the matrix's first. Whatever lies outside of the tile is cut off.
    #[must_use]
    pub fn part(&mut self, rows: Range<usize>, columns: Range<usize>) -> Tile<'_> {
        let end = rows.end.min(self.rows);
        let start = rows.start.min(end);
        let right = columns.end.min(self.columns.end);
        let left = columns.start.max(self.columns.start).min(right);
        // `wrapping`: nothing is read or written here, and a tile without rows may end where the matrix does.
        let first = self.start.wrapping_add(start * self.pitch);
        Tile { start: first, rows: end - start, pitch: self.pitch, columns: left..right, matrix: PhantomData }
    }

    /// Where column 0 of the tile's first row lies, or would lie.
    pub(super) fn as_mut_ptr(&mut self) -> *mut Code {
        self.start
    }
}

/// A pointer that threads may share because each uses another part of what it points to.
struct Shared<T>(*mut T);

// SAFETY: only used below, where every thread touches its own part.
unsafe impl<T: Send> Sync for Shared<T> {}

impl<T> Shared<T> {
    /// The pointer. A method, so that closures capture the whole and not the field, which is not `Sync`.
    fn get(&self) -> *mut T {
        self.0
    }
}

impl Crew {
    /// Cuts `values` into parts of `part` values (the last may be shorter) and calls `job(number, worker, part)` for each.
    ///
    /// # Errors
    /// [`Panicked`] when a call panicked.
    pub fn parts<T: Send>(&self, values: &mut [T], part: usize, job: &(dyn Fn(usize, usize, &mut [T]) + Sync)) -> Result<(), Panicked> {
        let (part, len) = (part.max(1), values.len());
        let start = Shared(values.as_mut_ptr());
        self.run(len.div_ceil(part), &|task, worker| {
            let from = task * part;
            // SAFETY: `from < len`, because there are `len / part` tasks rounded up; each task runs once, and parts do not overlap.
            let slice = unsafe { std::slice::from_raw_parts_mut(start.get().add(from), part.min(len - from)) };
            job(task, worker, slice);
        })
    }

    /// Cuts the matrix `codes`, `[rows][pitch]`, into tiles of `size` rows and columns and calls `job(first row, worker, tile)` for each.
    ///
    /// # Errors
    /// [`Panicked`] when a call panicked.
    pub fn tiles(
        &self,
        codes: &mut [Code],
        pitch: usize,
        size: [usize; 2],
        job: &(dyn Fn(usize, usize, Tile) + Sync),
    ) -> Result<(), Panicked> {
        let size = size.map(|size| size.max(1));
        let rows = codes.len() / pitch.max(1);
        let across = pitch.div_ceil(size[1]);
        let start = Shared(codes.as_mut_ptr());
        self.run(rows.div_ceil(size[0]) * across, &|task, worker| {
            let (row, column) = (task / across * size[0], task % across * size[1]);
            let tile = Tile {
                // SAFETY: `row < rows`. Each task runs once, and tiles do not overlap.
                start: unsafe { start.get().add(row * pitch) },
                rows: size[0].min(rows - row),
                pitch,
                columns: column..pitch.min(column + size[1]),
                matrix: PhantomData,
            };
            job(row, worker, tile);
        })
    }
}
