//! Depthwise convolution for processors without dot products, 3x3 and 5x5 with stride 1 or 2: 16 channels of a pixel at a time.
//! Two taps are multiplied and added up in 16 bits, which cannot overflow because no weight is -128, then added to the sums.

use std::arch::{aarch64::*, asm};

use super::{
    super::{Code, Depthwise, DepthwiseShape},
    blocks::{BLOCK, first_channels},
    requantise::{Finish, load_scales},
};

/// Packs weights as `[block of 16 channels][tap][channel]`.
pub(super) fn pack(shape: &DepthwiseShape, weights: &[i8]) -> Option<Vec<i8>> {
    let taps = shape.kernel[0] * shape.kernel[1];
    kernel(shape)?;
    let at = |first: usize| (0..taps).flat_map(move |tap| (first..first + BLOCK).map(move |channel| weights[channel * taps + tap]));
    Some(first_channels(shape.channels).flat_map(at).collect())
}

/// The kernel for `shape`, where there is one.
fn kernel(shape: &DepthwiseShape) -> Option<unsafe fn(&Depthwise)> {
    let square = [
        (3, 1, rows::<3, 9, 1, 1> as unsafe fn(&Depthwise)),
        (3, 2, rows::<3, 9, 2, 1>),
        (5, 1, rows::<5, 25, 1, 3>),
        (5, 2, rows::<5, 25, 2, 2>),
    ];
    let fits = shape.channels >= BLOCK;
    square.into_iter().find(|&(size, stride, _)| fits && shape.is_square(size, stride)).map(|(_, _, kernel)| kernel)
}

/// The depthwise convolution.
///
/// # Safety
/// See [`Depthwise`].
pub(super) unsafe fn depthwise(task: &Depthwise) {
    if let Some(kernel) = kernel(&task.shape) {
        // SAFETY: the same contract.
        unsafe { kernel(task) };
    }
}

/// All rows of a convolution with `TAPS` = `SIZE` squared taps; loads each weight once for `TOGETHER` pixels.
///
/// # Safety
/// See [`Depthwise`].
unsafe fn rows<const SIZE: usize, const TAPS: usize, const STRIDE: usize, const TOGETHER: usize>(task: &Depthwise) {
    let channels = task.shape.channels;
    let finish = Finish::new(&task.requantise);
    for y in 0..task.rows {
        for (block, first) in first_channels(channels).enumerate() {
            // SAFETY: the caller promises that weights and tables are readable over the block.
            let (weights, bias, scale) = unsafe {
                let weights = task.weights.add(block * TAPS * BLOCK);
                let bias = task.requantise.bias.as_ptr().add(first);
                let bias = [vld1q_s32(bias), vld1q_s32(bias.add(4)), vld1q_s32(bias.add(8)), vld1q_s32(bias.add(12))];
                let weights: [int8x16_t; TAPS] = std::array::from_fn(|tap| vld1q_s8(weights.add(tap * BLOCK)));
                (weights, bias, load_scales(task.requantise.scale.as_ptr().add(first)))
            };
            let mut input = task.input.wrapping_add(y * STRIDE * task.row_stride + first);
            let mut output = task.output.wrapping_add(y * task.out_row_stride + first);
            let mut left = task.pixels;
            while left > 0 {
                // SAFETY: the caller promises that the rows and columns of these taps are readable, and the outputs writable.
                unsafe {
                    let done = if left >= TOGETHER {
                        let sums = sums::<SIZE, TAPS, STRIDE, TOGETHER>(input, task.row_stride, channels, &weights, bias);
                        for (pixel, sums) in sums.into_iter().enumerate() {
                            vst1q_s8(output.wrapping_add(pixel * channels), finish.codes(sums, scale));
                        }
                        TOGETHER
                    } else {
                        let [sums] = sums::<SIZE, TAPS, STRIDE, 1>(input, task.row_stride, channels, &weights, bias);
                        vst1q_s8(output, finish.codes(sums, scale));
                        1
                    };
                    input = input.wrapping_add(done * STRIDE * channels);
                    output = output.wrapping_add(done * channels);
                    left -= done;
                }
            }
        }
    }
}

/// The sums of one block of channels of `TOGETHER` pixels side by side.
///
/// # Safety
/// 16 codes are readable at `input` and at all taps from there.
#[inline(always)]
unsafe fn sums<const SIZE: usize, const TAPS: usize, const STRIDE: usize, const TOGETHER: usize>(
    input: *const Code,
    row_stride: usize,
    channels: usize,
    weights: &[int8x16_t; TAPS],
    bias: [int32x4_t; 4],
) -> [[int32x4_t; 4]; TOGETHER] {
    let mut sums = [bias; TOGETHER];
    // SAFETY: the caller's promise.
    let code =
        |tap: usize, pixel: usize| unsafe { vld1q_s8(input.add(tap / SIZE * row_stride + (tap % SIZE + pixel * STRIDE) * channels)) };
    // LLVM does not unroll so long a loop by itself, and weights in registers need constant indices.
    macro_rules! taps {
        ($($tap:literal)+) => { $(if $tap + 3 < TAPS {
            for (pixel, sums) in sums.iter_mut().enumerate() {
                let codes = [code($tap, pixel), code($tap + 1, pixel), code($tap + 2, pixel), code($tap + 3, pixel)];
                add_four(sums, codes, [weights[$tap], weights[$tap + 1], weights[$tap + 2], weights[$tap + 3]]);
            }
        })+ };
    }
    taps!(0 4 8 12 16 20);
    // 9 and 25 taps leave one.
    for (pixel, sums) in sums.iter_mut().enumerate() {
        add_one(sums, code(TAPS - 1, pixel), weights[TAPS - 1]);
    }
    sums
}

/// Adds the products of four taps, two and two in 16 bits. Assembly, because LLVM would move upper halves of vectors down instead of using
/// instructions that read them. In this order no instruction needs a result of the three before it, which the Cortex-A53 would wait for.
#[inline(always)]
fn add_four(sums: &mut [int32x4_t; 4], codes: [int8x16_t; 4], weights: [int8x16_t; 4]) {
    let [s0, s1, s2, s3] = sums;
    // SAFETY: computes in registers, with instructions that every aarch64 processor that Rust supports has.
    unsafe {
        asm!(
            "smull {low:v}.8h, {a:v}.8b, {u:v}.8b",
            "smull2 {high:v}.8h, {a:v}.16b, {u:v}.16b",
            "smull {next_low:v}.8h, {c:v}.8b, {w:v}.8b",
            "smull2 {next_high:v}.8h, {c:v}.16b, {w:v}.16b",
            "smlal {low:v}.8h, {b:v}.8b, {v:v}.8b",
            "smlal2 {high:v}.8h, {b:v}.16b, {v:v}.16b",
            "smlal {next_low:v}.8h, {d:v}.8b, {x:v}.8b",
            "smlal2 {next_high:v}.8h, {d:v}.16b, {x:v}.16b",
            "saddw {s0:v}.4s, {s0:v}.4s, {low:v}.4h",
            "saddw2 {s1:v}.4s, {s1:v}.4s, {low:v}.8h",
            "saddw {s2:v}.4s, {s2:v}.4s, {high:v}.4h",
            "saddw2 {s3:v}.4s, {s3:v}.4s, {high:v}.8h",
            "saddw {s0:v}.4s, {s0:v}.4s, {next_low:v}.4h",
            "saddw2 {s1:v}.4s, {s1:v}.4s, {next_low:v}.8h",
            "saddw {s2:v}.4s, {s2:v}.4s, {next_high:v}.4h",
            "saddw2 {s3:v}.4s, {s3:v}.4s, {next_high:v}.8h",
            a = in(vreg) codes[0],
            b = in(vreg) codes[1],
            c = in(vreg) codes[2],
            d = in(vreg) codes[3],
            u = in(vreg) weights[0],
            v = in(vreg) weights[1],
            w = in(vreg) weights[2],
            x = in(vreg) weights[3],
            low = out(vreg) _,
            high = out(vreg) _,
            next_low = out(vreg) _,
            next_high = out(vreg) _,
            s0 = inout(vreg) *s0,
            s1 = inout(vreg) *s1,
            s2 = inout(vreg) *s2,
            s3 = inout(vreg) *s3,
            options(pure, nomem, nostack, preserves_flags),
        );
    }
}

/// Adds the products of one tap.
#[inline(always)]
fn add_one(sums: &mut [int32x4_t; 4], codes: int8x16_t, weights: int8x16_t) {
    let [s0, s1, s2, s3] = sums;
    // SAFETY: as in `add_four`.
    unsafe {
        asm!(
            "smull {low:v}.8h, {a:v}.8b, {u:v}.8b",
            "smull2 {high:v}.8h, {a:v}.16b, {u:v}.16b",
            "saddw {s0:v}.4s, {s0:v}.4s, {low:v}.4h",
            "saddw2 {s1:v}.4s, {s1:v}.4s, {low:v}.8h",
            "saddw {s2:v}.4s, {s2:v}.4s, {high:v}.4h",
            "saddw2 {s3:v}.4s, {s3:v}.4s, {high:v}.8h",
            a = in(vreg) codes,
            u = in(vreg) weights,
            low = out(vreg) _,
            high = out(vreg) _,
            s0 = inout(vreg) *s0,
            s1 = inout(vreg) *s1,
            s2 = inout(vreg) *s2,
            s3 = inout(vreg) *s3,
            options(pure, nomem, nostack, preserves_flags),
        );
    }
}
