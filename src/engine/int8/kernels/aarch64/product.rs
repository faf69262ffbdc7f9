//! What the matrix products of all families share: blocks of pixels, panels of weights, and storing a tile's codes.

use std::arch::aarch64::*;

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

/// Stores the first `count` of 16 codes.
///
/// # Safety
/// `output` is writable for `count` codes.
#[inline(always)]
pub(super) unsafe fn store_some(output: *mut Code, codes: int8x16_t, count: usize) {
    let mut bytes = [0; 16];
    // SAFETY: `bytes` holds 16; the caller's promise.
    unsafe {
        vst1q_s8(bytes.as_mut_ptr(), codes);
        std::ptr::copy_nonoverlapping(bytes.as_ptr(), output, count);
    }
}
