//! Where the pixels of a matrix product lie: rows and pixels become one list, so that tiles run over the ends of rows.

use super::super::{Code, Product};

/// Most pixels of a block but the last.
const MOST: usize = 96;
/// Codes of input that a block should at most read, so that it stays in the level 1 cache next to a panel of weights.
const CACHED: usize = 16 * 1024;
/// Blocks but the last are a multiple of this long, which all heights of tiles divide; the last takes what is left beyond, if it is less.
const MULTIPLE: usize = 24;

/// The addresses of some consecutive pixels.
pub(super) struct Block {
    /// Input of each pixel, without the segment's offset.
    pub(super) inputs: [*const Code; MOST + MULTIPLE],
    /// Output of each pixel, channel 0.
    pub(super) outputs: [*mut Code; MOST + MULTIPLE],
    /// How many there are.
    pub(super) len: usize,
}

/// Calls `each` with the pixels of `task`, block after block.
#[inline(always)]
pub(super) fn for_each_block(task: &Product, mut each: impl FnMut(&Block)) {
    let footprint = task.depth * task.segments.len();
    let longest = (CACHED / footprint / MULTIPLE * MULTIPLE).clamp(MULTIPLE, MOST);
    let mut left = task.rows * task.pixels;
    let length = |left: usize| if left < longest + MULTIPLE { left } else { longest };
    let mut enough = length(left);
    let mut block = Block { inputs: [std::ptr::null(); MOST + MULTIPLE], outputs: [std::ptr::null_mut(); MOST + MULTIPLE], len: 0 };
    for y in 0..task.rows {
        // Addresses are only computed here: the kernels that use them promise that they are inside of the buffers.
        let mut input = task.input.wrapping_add(y * task.row_stride);
        let mut output = task.output.wrapping_add(y * task.out_row_stride);
        for _ in 0..task.pixels {
            block.inputs[block.len] = input;
            block.outputs[block.len] = output;
            block.len += 1;
            input = input.wrapping_add(task.pixel_stride);
            output = output.wrapping_add(task.out_pixel_stride);
            if block.len == enough {
                each(&block);
                left -= block.len;
                enough = length(left);
                block.len = 0;
            }
        }
    }
}
