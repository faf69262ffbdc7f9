//! What the matrix products of all families share: blocks of pixels, panels of weights, and tiles that are narrower than their registers.

use super::{
    super::{Code, PanelLayout, Product},
    pixels::{Block, for_each_block},
    requantise::Finish,
};

/// One panel of weights with the tables of its channels.
pub(super) struct Panel<'a> {
    /// Packed weights of the panel.
    pub(super) weights: *const i8,
    /// Channels as packed: real ones and zeros.
    pub(super) width: usize,
    /// First channel of the panel.
    pub(super) first: usize,
    /// Real channels to store.
    pub(super) channels: usize,
    /// Bias of the panel's channels.
    pub(super) bias: *const i32,
    /// Factors of the panel's channels.
    pub(super) scale: *const f32,
    /// Zero point and clamp.
    pub(super) finish: Finish,
    /// Offsets of the segments.
    pub(super) segments: &'a [usize],
    /// Depth of each segment.
    pub(super) depth: usize,
}

/// Runs `each` for every block of pixels and every panel of `task`, panels innermost: a block's input stays in the level 1 cache.
#[inline(always)]
pub(super) fn for_each_panel(task: &Product, layout: PanelLayout, mut each: impl FnMut(&Panel, &Block)) {
    let finish = Finish::new(&task.requantise);
    for_each_block(task, |block| {
        for first in task.channels.clone().step_by(layout.width) {
            let panel = Panel {
                weights: task.weights.wrapping_add(layout.panel_offset(first, task.segments.len(), task.depth)),
                width: layout.panel_width(first, task.all_channels),
                first,
                channels: layout.width.min(task.channels.end - first),
                bias: task.requantise.bias.as_ptr().wrapping_add(first),
                scale: task.requantise.scale.as_ptr().wrapping_add(first),
                finish,
                segments: task.segments,
                depth: task.depth,
            };
            each(&panel, block);
        }
    });
}

/// Computes the tiles of one panel with functions that take a number of pixels and always store the panel's whole width.
///
/// A panel with fewer real channels is computed into memory of its own and copied from there.
///
/// # Safety
/// As for [`Product`], for the block's pixels; each of `tiles` is a height and a function that may be called with a multiple of as many pixels,
/// for which it writes `panel.width` codes from each output's `panel.first`. The last height is 1; heights fall.
#[inline(always)]
pub(super) unsafe fn run_tiles<const KINDS: usize>(panel: &Panel, block: &Block, tiles: [(usize, Tile); KINDS]) {
    let mut done = 0;
    for (height, tile) in tiles {
        let count = (block.len - done) / height * height;
        let (inputs, outputs) = (&block.inputs[done..done + count], &block.outputs[done..done + count]);
        done += count;
        if panel.channels == panel.width {
            // SAFETY: the caller's promise: the outputs have the panel's whole width.
            unsafe { tile(panel, inputs, outputs) };
            continue;
        }
        for (inputs, outputs) in inputs.chunks_exact(height).zip(outputs.chunks_exact(height)) {
            let mut codes: [[Code; WIDEST]; TALLEST] = [[0; WIDEST]; TALLEST];
            let aside: [*mut Code; TALLEST] = std::array::from_fn(|row| codes[row].as_mut_ptr().wrapping_sub(panel.first));
            // SAFETY: `aside` plus the first channel is `codes`, which holds the tallest tile of the widest panel; the outputs have the real channels.
            unsafe {
                tile(panel, inputs, &aside[..height]);
                for (&output, codes) in outputs.iter().zip(&codes) {
                    std::ptr::copy_nonoverlapping(codes.as_ptr(), output.add(panel.first), panel.channels);
                }
            }
        }
    }
}

/// Computes tiles over all of `inputs` into all of `outputs`, equally many.
pub(super) type Tile = unsafe fn(panel: &Panel, inputs: &[*const Code], outputs: &[*mut Code]);

/// Channels of the widest panel.
const WIDEST: usize = 16;
/// Pixels of the tallest tile.
const TALLEST: usize = 8;
