//! Depthwise convolution with dot products (`sdot`), 3x3 and 5x5 with stride 1 or 2.
//!
//! A dot product adds up four neighbouring bytes, but the four taps of a channel lie rows or columns apart. So each block of 16 channels is first
//! rearranged, for one or two output rows, into quads of taps beside each other: four rows of one column, and for 5x5 the next two rows of two
//! columns. A rearranged column serves every tap column, and with stride 1 two output rows, whose weights are the same a row apart.

use std::arch::{aarch64::*, asm};

use super::{
    super::{Code, Depthwise, DepthwiseShape},
    blocks::{BLOCK, first_channels},
    requantise::Finish,
};

/// Channels that are computed together: those of one vector of quads.
const GROUP: usize = 4;
/// Pixels that are computed together: those whose codes fill a vector.
const TOGETHER: usize = 4;
/// Pixels of a strip, so that the rearranged columns stay in the level 1 cache.
const STRIP: usize = 32;
/// Columns of the widest strip: of a 5x5 convolution with stride 2.
const COLUMNS: usize = (STRIP - 1) * 2 + 5;
/// Rearranged columns: for each group of channels, quads of four rows, then quads of two rows of two columns.
type Columns = [[[int8x16_t; COLUMNS]; BLOCK / GROUP]; 2];

/// Quads of weights of one output row: the kernel's columns of four rows, and for 5x5 three of two rows and two columns.
const fn quads(size: usize) -> usize {
    if size == 5 { 8 } else { size }
}

/// Packs weights as `[block of 16 channels][group of 4 channels][output row of two][quad][channel][tap of the quad]`.
pub(super) fn pack(shape: &DepthwiseShape, weights: &[i8]) -> Option<Vec<i8>> {
    kernel(shape)?;
    let size = shape.kernel[0];
    let weight = |channel: usize, row: Option<usize>, column: usize| match row {
        Some(row) if row < size && column < size => weights[(channel * size + row) * size + column],
        _ => 0,
    };
    let mut packed = Vec::new();
    for first in first_channels(shape.channels).flat_map(|block| (block..block + BLOCK).step_by(GROUP)) {
        for (shift, quad) in (0..2).flat_map(|shift| (0..quads(size)).map(move |quad| (shift, quad))) {
            for channel in first..first + GROUP {
                // The row and column of the input, from the first output row's first tap, that the quad's byte holds.
                packed.extend((0..4).map(|tap| {
                    let (row, column) = if quad < size { (tap, quad) } else { (4 + tap % 2, (quad - size) * 2 + tap / 2) };
                    weight(channel, row.checked_sub(shift), column)
                }));
            }
        }
    }
    Some(packed)
}

/// The kernel for `shape`, where there is one.
fn kernel(shape: &DepthwiseShape) -> Option<unsafe fn(&Depthwise)> {
    let square = [(3, 1, all::<3, 3, 1> as unsafe fn(&Depthwise)), (3, 2, all::<3, 3, 2>), (5, 1, all::<5, 8, 1>), (5, 2, all::<5, 8, 2>)];
    let fits = shape.channels >= BLOCK;
    square.into_iter().find(|&(size, stride, _)| fits && shape.is_square(size, stride)).map(|(_, _, kernel)| kernel)
}

/// The depthwise convolution.
///
/// # Safety
/// See [`Depthwise`]; the processor has dot products.
pub(super) unsafe fn depthwise(task: &Depthwise) {
    if let Some(kernel) = kernel(&task.shape) {
        // SAFETY: the same contract.
        unsafe { kernel(task) };
    }
}

/// The whole convolution, strip by strip; `QUADS` is [`quads`]`(SIZE)`.
///
/// # Safety
/// See [`Depthwise`]; the processor has dot products.
#[target_feature(enable = "dotprod")]
unsafe fn all<const SIZE: usize, const QUADS: usize, const STRIDE: usize>(task: &Depthwise) {
    let channels = task.shape.channels;
    let mut columns: Columns = [[[vdupq_n_s8(0); COLUMNS]; BLOCK / GROUP]; 2];
    let mut y = 0;
    while y < task.rows {
        // With stride 2, two output rows share too few input rows.
        let rows = if STRIDE == 1 { (task.rows - y).min(2) } else { 1 };
        for x in (0..task.pixels).step_by(STRIP) {
            let pixels = (task.pixels - x).min(STRIP);
            for (block, first) in first_channels(channels).enumerate() {
                let input = task.input.wrapping_add(y * STRIDE * task.row_stride + x * STRIDE * channels + first);
                let strip = Strip {
                    task,
                    first,
                    weights: task.weights.wrapping_add(block * BLOCK * 4 * 2 * QUADS),
                    output: task.output.wrapping_add(y * task.out_row_stride + x * channels + first),
                    pixels,
                };
                // SAFETY: the caller promises that the rows and columns of these outputs' taps are readable, the outputs writable, and
                // weights and tables readable over the block.
                unsafe {
                    rearrange::<SIZE>(input, task.row_stride, channels, SIZE + rows - 1, (pixels - 1) * STRIDE + SIZE, &mut columns);
                    if rows == 2 {
                        strip.compute::<SIZE, QUADS, STRIDE, 2>(&columns)
                    } else {
                        strip.compute::<SIZE, QUADS, STRIDE, 1>(&columns)
                    }
                }
            }
        }
        y += rows;
    }
}

/// Fills `count` columns of quads from `rows` rows of input. Rows that a quad lacks are those before them: their weights are zero.
///
/// # Safety
/// 16 codes are readable from `input` in each of these rows and columns.
#[inline(always)]
unsafe fn rearrange<const SIZE: usize>(
    input: *const Code,
    row_stride: usize,
    channels: usize,
    rows: usize,
    count: usize,
    columns: &mut Columns,
) {
    let [upper, lower] = columns;
    let row: [*const Code; 6] = std::array::from_fn(|row| input.wrapping_add(row.min(rows - 1) * row_stride));
    // SAFETY: the caller's promise.
    unsafe {
        let zero = vdupq_n_s8(0);
        let mut before = [zero; 2];
        #[allow(clippy::needless_range_loop)] // eight lists are indexed
        for column in 0..count {
            let code = |at: usize| vld1q_s8(row[at].wrapping_add(column * channels));
            let (top, bottom) = (zip(code(0), code(1)), zip(code(2), code(3)));
            for (half, (top, bottom)) in top.into_iter().zip(bottom).enumerate() {
                let [first, second] = zip_pairs(top, bottom);
                upper[2 * half][column] = first;
                upper[2 * half + 1][column] = second;
            }
            if SIZE == 5 {
                let pairs = zip(code(4), code(5));
                if column > 0 {
                    store_lower(lower, column - 1, before, pairs);
                }
                before = pairs;
            }
        }
        if SIZE == 5 {
            store_lower(lower, count - 1, before, [zero; 2]);
        }
    }
}

/// Stores the quads of two rows of `column` and the next.
#[inline(always)]
fn store_lower(lower: &mut [[int8x16_t; COLUMNS]; BLOCK / GROUP], column: usize, left: [int8x16_t; 2], right: [int8x16_t; 2]) {
    for (half, (left, right)) in left.into_iter().zip(right).enumerate() {
        let [first, second] = zip_pairs(left, right);
        lower[2 * half][column] = first;
        lower[2 * half + 1][column] = second;
    }
}

/// Bytes of both in turn.
#[inline(always)]
fn zip(a: int8x16_t, b: int8x16_t) -> [int8x16_t; 2] {
    // SAFETY: every aarch64 processor that Rust supports has NEON.
    unsafe { [vzip1q_s8(a, b), vzip2q_s8(a, b)] }
}

/// Pairs of bytes of both in turn.
#[inline(always)]
fn zip_pairs(a: int8x16_t, b: int8x16_t) -> [int8x16_t; 2] {
    // SAFETY: every aarch64 processor that Rust supports has NEON.
    unsafe {
        let (a, b) = (vreinterpretq_s16_s8(a), vreinterpretq_s16_s8(b));
        [vreinterpretq_s8_s16(vzip1q_s16(a, b)), vreinterpretq_s8_s16(vzip2q_s16(a, b))]
    }
}

/// One or two output rows of one block of channels.
struct Strip<'a> {
    task: &'a Depthwise<'a>,
    /// First channel of the block.
    first: usize,
    /// Packed weights of the block.
    weights: *const i8,
    /// First output row's first pixel's code of that channel.
    output: *mut Code,
    /// Pixels of each row.
    pixels: usize,
}

impl Strip<'_> {
    /// Computes `ROWS` output rows from rearranged columns.
    ///
    /// # Safety
    /// The block's weights and tables are readable, the outputs writable; the processor has dot products.
    #[inline]
    #[target_feature(enable = "dotprod")]
    unsafe fn compute<const SIZE: usize, const QUADS: usize, const STRIDE: usize, const ROWS: usize>(&self, columns: &Columns) {
        let channels = self.task.shape.channels;
        let finish = Finish::new(&self.task.requantise);
        for group in 0..BLOCK / GROUP {
            // SAFETY: the caller's promise.
            let (weights, bias, scale) = unsafe {
                let first = self.first + group * GROUP;
                let weights = self.weights.add(group * 2 * QUADS * 16);
                let weights: [[int8x16_t; QUADS]; ROWS] =
                    std::array::from_fn(|row| std::array::from_fn(|quad| vld1q_s8(weights.add((row * QUADS + quad) * 16))));
                (
                    weights,
                    vld1q_s32(self.task.requantise.bias.as_ptr().add(first)),
                    vld1q_f32(self.task.requantise.scale.as_ptr().add(first)),
                )
            };
            let mut outputs: [*mut Code; ROWS] =
                std::array::from_fn(|row| self.output.wrapping_add(row * self.task.out_row_stride + group * GROUP));
            for x in (0..self.pixels).step_by(TOGETHER) {
                let sums = sums::<SIZE, QUADS, STRIDE, ROWS>(columns, group, x, &weights, bias);
                for (output, sums) in outputs.iter_mut().zip(sums) {
                    let codes = finish.codes_adding(sums, scale);
                    // SAFETY: the caller's promise; pixels behind the last are not stored.
                    *output = unsafe { store_pixels(*output, channels, codes, self.pixels - x) };
                }
            }
        }
    }
}

/// The sums of four channels of four pixels from `x` on, in `ROWS` output rows.
#[inline]
#[target_feature(enable = "dotprod")]
fn sums<const SIZE: usize, const QUADS: usize, const STRIDE: usize, const ROWS: usize>(
    columns: &Columns,
    group: usize,
    x: usize,
    weights: &[[int8x16_t; QUADS]; ROWS],
    bias: int32x4_t,
) -> [[int32x4_t; TOGETHER]; ROWS] {
    let mut sums = [[bias; TOGETHER]; ROWS];
    let (upper, lower) = (&columns[0][group][x * STRIDE..], &columns[1][group][x * STRIDE..]);
    // Each column is loaded once, for all pixels that it touches. LLVM does not unroll so long a loop by itself, and sums in registers need
    // constant indices.
    macro_rules! columns {
        ($($column:literal)+) => { $(if $column < (TOGETHER - 1) * STRIDE + SIZE {
            let quad = upper[$column];
            for pixel in 0..TOGETHER {
                let tap = ($column as usize).wrapping_sub(pixel * STRIDE);
                if tap < SIZE {
                    for row in 0..ROWS {
                        sums[row][pixel] = dot(sums[row][pixel], quad, weights[row][tap]);
                    }
                }
            }
            if SIZE == 5 {
                let quad = lower[$column];
                for pixel in 0..TOGETHER {
                    let tap = ($column as usize).wrapping_sub(pixel * STRIDE);
                    if tap < SIZE && tap % 2 == 0 {
                        for row in 0..ROWS {
                            sums[row][pixel] = dot(sums[row][pixel], quad, weights[row][SIZE + tap / 2]);
                        }
                    }
                }
            }
        })+ };
    }
    columns!(0 1 2 3 4 5 6 7 8 9 10);
    sums
}

/// Adds to each sum the products of its four codes and weights.
#[inline]
#[target_feature(enable = "dotprod")]
fn dot(mut sums: int32x4_t, codes: int8x16_t, weights: int8x16_t) -> int32x4_t {
    // SAFETY: computes in registers, with an instruction of the feature that the function asks for.
    unsafe {
        asm!(
            "sdot {sums:v}.4s, {codes:v}.16b, {weights:v}.16b",
            sums = inout(vreg) sums,
            codes = in(vreg) codes,
            weights = in(vreg) weights,
            options(pure, nomem, nostack, preserves_flags),
        );
    }
    sums
}

/// Stores four codes of each of the first `count` of four pixels, `channels` apart. Returns where the next pixel's lie.
///
/// # Safety
/// They are writable.
#[inline(always)]
unsafe fn store_pixels(output: *mut Code, channels: usize, codes: int8x16_t, count: usize) -> *mut Code {
    let mut next = output;
    // SAFETY: the caller's promise. Assembly, because LLVM would move each lane to another register and compute each address.
    unsafe {
        if count >= TOGETHER {
            asm!(
                "st1 {{{codes:v}.s}}[0], [{next}], {channels}",
                "st1 {{{codes:v}.s}}[1], [{next}], {channels}",
                "st1 {{{codes:v}.s}}[2], [{next}], {channels}",
                "st1 {{{codes:v}.s}}[3], [{next}], {channels}",
                codes = in(vreg) codes,
                next = inout(reg) next,
                channels = in(reg) channels,
                options(nostack, preserves_flags),
            );
        } else {
            let codes = vreinterpretq_s32_s8(codes);
            vst1q_lane_s32::<0>(next.cast(), codes);
            if count > 1 {
                vst1q_lane_s32::<1>(next.wrapping_add(channels).cast(), codes);
            }
            if count > 2 {
                vst1q_lane_s32::<2>(next.wrapping_add(2 * channels).cast(), codes);
            }
        }
    }
    next
}
