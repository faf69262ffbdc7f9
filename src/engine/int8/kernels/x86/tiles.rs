//! Walks a matrix product in tiles that fit a family's registers, in an order that keeps operands in cache.
//!
//! A tile is two runs of neighbouring pixels of at most `RUN` each, times one panel of channels. The runs may lie in different rows, so that rows
//! of 7 pixels fill a tile of 14, and the addresses of a run need few registers: `p + {0, 1, 2, 3, 4, 5, 6} x stride`.

use super::super::{Code, PanelLayout, Product};

/// Input that stays in the first-level cache beside a panel of weights.
const INPUT_BLOCK: usize = 16 << 10;

/// Weights that stay in the first-level cache beside the input of a tile.
const RESIDENT_WEIGHTS: usize = 24 << 10;

/// A panel of channels.
pub(super) struct Panel {
    /// First channel.
    pub(super) first: usize,
    /// Channels as they are packed.
    pub(super) width: usize,
    /// Channels to write.
    pub(super) count: usize,
    /// The panel's packed weights.
    pub(super) weights: *const i8,
}

/// Two runs of pixels; the second may be empty, and is as long as the first or one shorter.
pub(super) struct Tile {
    /// First code of each run.
    pub(super) input: [*const Code; 2],
    /// First output of each run, channel 0.
    pub(super) output: [*mut Code; 2],
    /// Pixels of each run.
    pub(super) len: [usize; 2],
}

impl Tile {
    /// The entry of `table` for this tile: by pixels of the first run less one, and second run (none, one shorter, as long).
    #[inline(always)]
    pub(super) fn choose<T: Copy, const RUN: usize>(&self, table: &[[T; 3]; RUN]) -> T {
        let kind = if self.len[1] == 0 { 0 } else { 2 + self.len[1] - self.len[0] };
        table[self.len[0] - 1][kind]
    }
}

/// Which of a tile's `2 x RUN` places its pixel `at` takes, when its runs have `A` and `B` pixels; `None` behind the last.
pub(super) const fn place<const A: usize, const B: usize, const RUN: usize>(at: usize) -> Option<usize> {
    if at < A {
        Some(at)
    } else if at < A + B {
        Some(RUN + at - A)
    } else {
        None
    }
}

/// Position among the runs of all rows. Each row is split into the fewest runs, whose lengths differ by one at most.
#[derive(Clone, Copy)]
struct Cursor {
    input: *const Code,
    output: *mut Code,
    /// Runs left in this row.
    left: usize,
    /// Rows left behind this one.
    rows: usize,
}

/// How a row is split.
struct Split {
    /// Runs of a row.
    runs: usize,
    /// How many of them, the last ones, are one pixel shorter than `longest`.
    shorter: usize,
    longest: usize,
    /// From the end of a row's pixels to the start of the next row.
    row_gap: usize,
    out_row_gap: usize,
}

impl Cursor {
    /// The run here, and on to the next; `None` behind the last row.
    #[inline(always)]
    fn next(&mut self, task: &Product, split: &Split) -> Option<(*const Code, *mut Code, usize)> {
        if self.left == 0 {
            if self.rows == 0 {
                return None;
            }
            self.rows -= 1;
            self.left = split.runs;
            self.input = self.input.wrapping_add(split.row_gap);
            self.output = self.output.wrapping_add(split.out_row_gap);
        }
        let len = split.longest - usize::from(self.left <= split.shorter);
        let run = (self.input, self.output, len);
        self.left -= 1;
        self.input = self.input.wrapping_add(len * task.pixel_stride);
        self.output = self.output.wrapping_add(len * task.out_pixel_stride);
        Some(run)
    }
}

/// Calls `compute` for every tile of `task`.
#[inline(always)]
pub(super) fn walk<const RUN: usize>(task: &Product, layout: &PanelLayout, mut compute: impl FnMut(&Panel, &Tile)) {
    let contiguous = task.row_stride == task.pixels * task.pixel_stride && task.out_row_stride == task.pixels * task.out_pixel_stride;
    let (rows, pixels) = if contiguous { (1, task.rows * task.pixels) } else { (task.rows, task.pixels) };
    let runs = pixels.div_ceil(RUN);
    let longest = pixels.div_ceil(runs);
    let split = Split {
        runs,
        shorter: runs * longest - pixels,
        longest,
        row_gap: task.row_stride.wrapping_sub(pixels * task.pixel_stride),
        out_row_gap: task.out_row_stride.wrapping_sub(pixels * task.out_pixel_stride),
    };
    let segments = task.segments.len();
    let depth = segments * layout.padded_depth(task.depth);
    let per_block = if depth * task.channels.len() <= RESIDENT_WEIGHTS { 1 } else { (INPUT_BLOCK / (2 * RUN * depth)).max(1) };
    // Weights that exceed the first-level cache are read once for each block of tiles: blocks are as large as the input allows.
    let mut here = Cursor { input: task.input, output: task.output, left: runs, rows: rows - 1 };
    while here.left + here.rows > 0 {
        let start = here;
        for first in task.channels.clone().step_by(layout.width) {
            let panel = Panel {
                first,
                width: layout.panel_width(first, task.all_channels),
                count: layout.width.min(task.channels.end - first),
                weights: task.weights.wrapping_add(layout.panel_offset(first, segments, task.depth)),
            };
            here = start;
            for _ in 0..per_block {
                let Some((input, output, len)) = here.next(task, &split) else { break };
                let (input_2, output_2, len_2) = here.next(task, &split).unwrap_or((input, output, 0));
                let tile = if len_2 > len {
                    Tile { input: [input_2, input], output: [output_2, output], len: [len_2, len] }
                } else {
                    Tile { input: [input, input_2], output: [output, output_2], len: [len, len_2] }
                };
                compute(&panel, &tile);
            }
        }
    }
}
