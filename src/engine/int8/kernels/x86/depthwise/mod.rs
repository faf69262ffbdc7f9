//! Depthwise convolution, 3x3 and 5x5, stride 1 and 2, for any vector width: channels along the vector, four taps summed by each dot product.
//!
//! Codes of four rows (or columns) are interleaved so that the taps of a channel lie together: two levels of unpacking turn four vectors of
//! `16 x LANES` channels into four *quarters*, quarter `q` holding channels `4q..4q + 4` of every 128-bit lane. Packing sums to codes undoes exactly
//! that order, so no lane is ever permuted. Interleaved columns go to a scratch row on the stack, because stride 1 uses each of them `K` times.
//!
//! With stride 1 two output rows share the columns, with weights that are shifted by a row. What each dot product sums is told in [`taps`].
//!
//! Channels that do not fill a vector are not wasted: the vector is cut into *parts*, each with the same channels of another stretch of the row.

mod blocks;
mod columns;
mod taps;

use super::super::{Code, Depthwise, Requantise};
use blocks::Block;
use columns::{Columns, STRETCH, Window};
use taps::{dots, lower_column, rows_together};

pub(super) use taps::pack;

/// Most 128-bit lanes of a vector.
const MAX_LANES: usize = 4;

/// What a family brings: vectors of `16 x LANES` codes.
///
/// # Safety
/// Methods are inlined into functions with the family's target features, and may only be called from these. On the way no closure may stand: LLVM
/// may leave it out of line, without these features, and then passes vectors through memory.
pub(super) trait Vector {
    /// 128-bit lanes.
    const LANES: usize;
    /// Pixels, 2 or 4, whose sums fit into registers beside the weights of a quarter.
    const PIXELS: usize;
    /// One code of each channel.
    type Codes: Copy;
    /// Four codes of each of a quarter's channels, ready for [`Self::dot`].
    type Taps: Copy;
    /// Sums of a quarter's channels.
    type Sums: Copy;
    /// Constants of requantisation.
    type Limits: Copy;

    /// Packed bytes of the weights of one dot product of a quarter.
    const DOT_BYTES: usize;

    /// Packs four taps of each channel of a quarter, `[channel][tap]`, as [`Self::dot`] reads them.
    fn pack(taps: &[i8], packed: &mut Vec<i8>);

    /// Loads `PARTS` equally long pieces, at these offsets.
    unsafe fn load<const PARTS: usize>(from: *const Code, offsets: &[usize; MAX_LANES]) -> Self::Codes;
    /// Interleaves four vectors.
    unsafe fn interleave(codes: [Self::Codes; 4]) -> [Self::Taps; 4];
    /// Sums from memory, 64-byte aligned.
    unsafe fn sums(from: *const i32) -> Self::Sums;
    /// `sums + Σ taps x weights`.
    unsafe fn dot(sums: Self::Sums, taps: Self::Taps, weights: *const i8) -> Self::Sums;
    /// Prepares requantisation.
    unsafe fn limits(requantise: &Requantise) -> Self::Limits;
    /// Requantises all quarters; `scales` is 64-byte aligned.
    unsafe fn requantise(sums: [Self::Sums; 4], scales: &[Row<f32>; 4], limits: Self::Limits) -> Self::Codes;
    /// Stores `PARTS` equally long pieces, at these offsets.
    unsafe fn store<const PARTS: usize>(codes: Self::Codes, to: *mut Code, offsets: &[usize; MAX_LANES]);
}

/// A table's entries for one quarter, lane after lane.
#[repr(align(64))]
#[derive(Clone, Copy)]
pub(super) struct Row<T>(pub(super) [T; 4 * MAX_LANES]);

/// Convolves with weights from [`pack`].
///
/// # Safety
/// [`Depthwise`]'s contract, inlined into a function with the family's target features.
#[inline(always)]
pub(super) unsafe fn convolve<V: Vector>(task: &Depthwise) {
    // SAFETY: the caller's contract.
    unsafe {
        match (task.shape.kernel[0], task.shape.stride[0]) {
            (3, 1) => blocks::<V, 3, 1>(task),
            (3, _) => blocks::<V, 3, 2>(task),
            (_, 1) => blocks::<V, 5, 1>(task),
            _ => blocks::<V, 5, 2>(task),
        }
    }
}

#[inline(always)]
unsafe fn blocks<V: Vector, const K: usize, const S: usize>(task: &Depthwise) {
    let mut weights = task.weights;
    for block in Block::all(task.shape.channels, V::LANES) {
        // SAFETY: the caller's contract.
        unsafe {
            match block.parts {
                1 => rows::<V, K, S, 1>(task, block, weights),
                2 => rows::<V, K, S, 2>(task, block, weights),
                _ => rows::<V, K, S, 4>(task, block, weights),
            }
        }
        weights = weights.wrapping_add(rows_together(S) * dots(K, S) * 4 * V::DOT_BYTES);
    }
}

/// What all pixels of a block share.
struct Shared<V: Vector> {
    bias: [Row<i32>; 4],
    scale: [Row<f32>; 4],
    limits: V::Limits,
    channels: usize,
    /// From the first part's output to each part's.
    output_parts: [usize; MAX_LANES],
}

#[inline(always)]
unsafe fn rows<V: Vector, const K: usize, const S: usize, const PARTS: usize>(task: &Depthwise, block: Block, weights: *const i8) {
    let channels = task.shape.channels;
    let mut bias = [Row([0; 4 * MAX_LANES]); 4];
    let mut scale = [Row([0.0; 4 * MAX_LANES]); 4];
    for (quarter, lane) in (0..4).flat_map(|quarter| (0..V::LANES).map(move |lane| (quarter, lane))) {
        let channel = block.channel(lane, V::LANES) + 4 * quarter;
        bias[quarter].0[4 * lane..][..4].copy_from_slice(&task.requantise.bias[channel..channel + 4]);
        scale[quarter].0[4 * lane..][..4].copy_from_slice(&task.requantise.scale[channel..channel + 4]);
    }
    // The parts' stretches overlap where pixels do not divide by their number.
    let pixels = task.pixels.div_ceil(PARTS);
    let part_pixel = |part: usize| (part * pixels).min(task.pixels - pixels);
    let parts: [usize; MAX_LANES] = std::array::from_fn(|part| part_pixel(part.min(PARTS - 1)) * channels);
    let input_parts = parts.map(|offset| offset * S);
    // SAFETY: only called in a function with the family's features.
    let limits = unsafe { V::limits(&task.requantise) };
    let shared = Shared::<V> { bias, scale, limits, channels, output_parts: parts };
    let mut columns = Columns::<V>::new();
    let together = rows_together(S);
    for y in (0..task.rows).step_by(together) {
        let rows = together.min(task.rows - y);
        for start in (0..pixels).step_by(STRETCH / S) {
            let count = (pixels - start).min(STRETCH / S);
            let window = Window {
                input: task.input.wrapping_add(y * S * task.row_stride + start * S * channels + block.first),
                row_stride: task.row_stride,
                rows: (rows - 1) * S + K,
                channels,
                parts: &input_parts,
            };
            // SAFETY: the window's rows and columns are those under pixels of the task.
            unsafe { columns.interleave::<K, S, PARTS>(&window, count) };
            for row in 0..rows {
                let output = task.output.wrapping_add((y + row) * task.out_row_stride + start * channels + block.first);
                let weights = weights.wrapping_add(row * dots(K, S) * 4 * V::DOT_BYTES);
                // SAFETY: columns are interleaved for `count` pixels, which are all of the task.
                unsafe { pixels_of_row::<V, K, S, PARTS>(&shared, &columns, weights, count, output) };
            }
        }
    }
}

/// Computes and writes `count` pixels.
#[inline(always)]
unsafe fn pixels_of_row<V: Vector, const K: usize, const S: usize, const PARTS: usize>(
    shared: &Shared<V>,
    columns: &Columns<V>,
    weights: *const i8,
    count: usize,
    output: *mut Code,
) {
    let at = |x: usize| output.wrapping_add(x * shared.channels);
    let mut x = 0;
    // SAFETY: the caller's contract.
    unsafe {
        while x + V::PIXELS <= count {
            match V::PIXELS {
                4 => group::<V, K, S, PARTS, 4>(shared, columns, weights, x, at(x)),
                _ => group::<V, K, S, PARTS, 2>(shared, columns, weights, x, at(x)),
            }
            x += V::PIXELS;
        }
        match (count - x) % V::PIXELS {
            0 => {}
            1 => group::<V, K, S, PARTS, 1>(shared, columns, weights, x, at(x)),
            2 => group::<V, K, S, PARTS, 2>(shared, columns, weights, x, at(x)),
            _ => group::<V, K, S, PARTS, 3>(shared, columns, weights, x, at(x)),
        }
    }
}

/// Computes and writes `X` pixels from pixel `x` of the stretch on.
#[inline(always)]
unsafe fn group<V: Vector, const K: usize, const S: usize, const PARTS: usize, const X: usize>(
    shared: &Shared<V>,
    columns: &Columns<V>,
    weights: *const i8,
    x: usize,
    output: *mut Code,
) {
    // SAFETY: the caller's contract; quarters by hand, so that sums stay in registers.
    unsafe {
        let sums = [
            quarter::<V, K, S, X>(shared, columns, weights, x, 0),
            quarter::<V, K, S, X>(shared, columns, weights, x, 1),
            quarter::<V, K, S, X>(shared, columns, weights, x, 2),
            quarter::<V, K, S, X>(shared, columns, weights, x, 3),
        ];
        for at in 0..X {
            let sums = [sums[0][at], sums[1][at], sums[2][at], sums[3][at]];
            let codes = V::requantise(sums, &shared.scale, shared.limits);
            V::store::<PARTS>(codes, output.wrapping_add(at * shared.channels), &shared.output_parts);
        }
    }
}

/// Sums of one quarter of `X` pixels.
#[inline(always)]
unsafe fn quarter<V: Vector, const K: usize, const S: usize, const X: usize>(
    shared: &Shared<V>,
    columns: &Columns<V>,
    weights: *const i8,
    x: usize,
    quarter: usize,
) -> [V::Sums; X] {
    let weights = |dot: usize| weights.wrapping_add((dot * 4 + quarter) * V::DOT_BYTES);
    // SAFETY: the caller interleaved the columns of these pixels; weights are packed for the block.
    unsafe {
        let mut sums = [V::sums(shared.bias[quarter].0.as_ptr()); X];
        for (at, sum) in sums.iter_mut().enumerate() {
            for dot in 0..K {
                *sum = V::dot(*sum, columns.upper((x + at) * S + dot)[quarter], weights(dot));
            }
            for dot in K..dots(K, S) {
                *sum = V::dot(*sum, columns.lower(lower_column(S, dot, x + at))[quarter], weights(dot));
            }
        }
        sums
    }
}
