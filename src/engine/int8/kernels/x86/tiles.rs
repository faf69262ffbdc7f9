//! Walks a matrix product in tiles that fit a family's registers, in an order that keeps operands in cache.
//!
//! A tile is two runs of neighbouring pixels of at most `RUN` each, times one panel of channels. The runs may lie in different rows, so that rows
//! of 7 pixels fill a tile of 14, and the addresses of a run need few registers: `p + {0, 1, 2, 3, 4, 5, 6} x stride`.

use super::super::{Code, PanelLayout, Product};

/// Input that stays in the first-level cache beside a panel of weights.
const INPUT_BLOCK: usize = 16 << 10;

/// Weights that stay in the first-level cache beside input and output of some tiles.
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

/// Equal tiles at equal distances. Each has two runs of pixels; the second may be empty, and is as long as the first or one shorter.
#[derive(Clone, Copy)]
pub(super) struct Tiles {
    /// First code of each run of the first tile.
    pub(super) input: [*const Code; 2],
    /// First output of each run, channel 0.
    pub(super) output: [*mut Code; 2],
    /// Pixels of each run.
    pub(super) len: [usize; 2],
    /// How many tiles.
    pub(super) count: usize,
    /// Codes from a tile's input to the next one's.
    pub(super) input_step: usize,
    /// Codes from a tile's output to the next one's.
    pub(super) output_step: usize,
}

impl Tiles {
    /// The entry of `table` for these tiles: by pixels of the first run less one, and second run (none, one shorter, as long).
    #[inline(always)]
    pub(super) fn choose<T: Copy, const RUN: usize>(&self, table: &[[T; 3]; RUN]) -> T {
        let kind = if self.len[1] == 0 { 0 } else { 2 + self.len[1] - self.len[0] };
        table[self.len[0] - 1][kind]
    }

    /// The tile behind the first.
    #[inline(always)]
    pub(super) fn advance(&mut self) {
        self.input = self.input.map(|run| run.wrapping_add(self.input_step));
        self.output = self.output.map(|run| run.wrapping_add(self.output_step));
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

/// A product's pixels as runs. Each row is split into the fewest runs, whose lengths differ by one at most.
struct Runs<'a> {
    task: &'a Product<'a>,
    rows: usize,
    /// Runs of a row.
    runs: usize,
    /// How many of them, the last ones, are one pixel shorter than `longest`.
    shorter: usize,
    longest: usize,
}

impl<'a> Runs<'a> {
    fn new(task: &'a Product<'a>, run: usize) -> Self {
        let contiguous = task.row_stride == task.pixels * task.pixel_stride && task.out_row_stride == task.pixels * task.out_pixel_stride;
        let (rows, pixels) = if contiguous { (1, task.rows * task.pixels) } else { (task.rows, task.pixels) };
        let runs = pixels.div_ceil(run);
        let longest = pixels.div_ceil(runs);
        Self { task, rows, runs, shorter: runs * longest - pixels, longest }
    }

    fn count(&self) -> usize {
        self.rows * self.runs
    }

    /// Input, output and length of run `at`.
    #[inline(always)]
    fn run(&self, at: usize) -> (*const Code, *mut Code, usize) {
        let (y, run) = (at / self.runs, at % self.runs);
        let short_before = (run + self.shorter).saturating_sub(self.runs);
        let x = run * self.longest - short_before;
        let input = self.task.input.wrapping_add(y * self.task.row_stride + x * self.task.pixel_stride);
        let output = self.task.output.wrapping_add(y * self.task.out_row_stride + x * self.task.out_pixel_stride);
        (input, output, self.longest - usize::from(run + self.shorter >= self.runs))
    }

    /// The most equal tiles that start at run `at` and end before run `end`, and how many runs they take.
    #[inline(always)]
    fn tiles(&self, at: usize, end: usize) -> (Tiles, usize) {
        let (input, output, len) = self.run(at);
        if at + 1 == end {
            return (Tiles { input: [input; 2], output: [output; 2], len: [len, 0], count: 1, input_step: 0, output_step: 0 }, 1);
        }
        let (input_2, output_2, len_2) = self.run(at + 1);
        let run = at % self.runs;
        let (count, rows) = if self.runs == 1 {
            ((end - at) / 2, 2)
        } else {
            // As far as the runs of this row are as long as these two.
            let long = self.runs - self.shorter;
            let alike = if run < long { long - run } else { self.runs - run };
            ((alike.min(end - at) / 2).max(1), 0)
        };
        let tiles = Tiles {
            input: if len_2 > len { [input_2, input] } else { [input, input_2] },
            output: if len_2 > len { [output_2, output] } else { [output, output_2] },
            len: [len.max(len_2), len.min(len_2)],
            count,
            input_step: if rows == 0 { 2 * len * self.task.pixel_stride } else { rows * self.task.row_stride },
            output_step: if rows == 0 { 2 * len * self.task.out_pixel_stride } else { rows * self.task.out_row_stride },
        };
        (tiles, 2 * count)
    }
}

/// Calls `compute` for all tiles of `task`.
#[inline(always)]
pub(super) fn walk<const RUN: usize>(task: &Product, layout: &PanelLayout, mut compute: impl FnMut(&Panel, Tiles)) {
    let runs = Runs::new(task, RUN);
    let segments = task.segments.len();
    let depth = segments * layout.padded_depth(task.depth);
    let channels = task.channels.len();
    // Weights that exceed the first-level cache are read once for each block: as large as the input allows. Others stay there: the block's output
    // should, too, because each panel writes a part of every cache line.
    let tile = 2 * RUN * if depth * channels <= RESIDENT_WEIGHTS { depth + channels } else { depth };
    let per_block = 2 * (INPUT_BLOCK / tile).max(1);
    let mut start = 0;
    while start < runs.count() {
        let end = runs.count().min(start + per_block);
        for first in task.channels.clone().step_by(layout.width) {
            let panel = Panel {
                first,
                width: layout.panel_width(first, task.all_channels),
                count: layout.width.min(task.channels.end - first),
                weights: task.weights.wrapping_add(layout.panel_offset(first, segments, task.depth)),
            };
            let mut at = start;
            while at < end {
                let (tiles, taken) = runs.tiles(at, end);
                compute(&panel, tiles);
                at += taken;
            }
        }
        start = end;
    }
}
