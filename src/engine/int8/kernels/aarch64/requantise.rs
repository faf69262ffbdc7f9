//! From i32 sums to codes, sixteen at a time: four vectors are narrowed together.

use std::arch::{aarch64::*, asm};

use super::super::Requantise;

/// What all channels of a layer share, as the macros below want it in memory and in registers.
#[derive(Clone, Copy)]
#[repr(C, align(16))]
pub(super) struct Finish {
    zero_point: int16x8_t,
    lowest: int8x16_t,
    highest: int8x16_t,
    /// For [`finish_codes_adding`]: 1.5 * 2^23, at which neighbouring floats are 1 apart.
    magic: float32x4_t,
    /// The bits of `magic` minus the zero point.
    offset: int32x4_t,
}

/// An instruction on vectors of `$lanes`.
macro_rules! vector {
    ($name:literal $lanes:literal $to:ident $($from:ident)+) => {
        concat!($name, " {", stringify!($to), ":v}.", $lanes, $(", {", stringify!($from), ":v}.", $lanes,)+ "\n")
    };
}

/// Assembly that turns four vectors of sums, which hold the bias, into sixteen codes in the first of them; the others are lost. Operands: the
/// sums, a factor for each of them, and the first three fields of [`Finish`].
///
/// Narrowing to i16 before the zero point is added changes nothing: what saturates there is far outside of the codes either way.
macro_rules! finish_codes {
    ([$s0:ident $s1:ident $s2:ident $s3:ident] [$f0:ident $f1:ident $f2:ident $f3:ident] $zero_point:ident $lowest:ident $highest:ident) => {
        concat!(
            finish_codes!(@scale [$s0 $s1 $s2 $s3] [$f0 $f1 $f2 $f3]),
            vector!("fcvtns" "4s" $s0 $s0), vector!("fcvtns" "4s" $s2 $s2),
            vector!("fcvtns" "4s" $s1 $s1), vector!("fcvtns" "4s" $s3 $s3),
            finish_codes!(@halve [$s0 $s1 $s2 $s3]),
            vector!("sqadd" "8h" $s0 $s0 $zero_point), vector!("sqadd" "8h" $s2 $s2 $zero_point),
            finish_codes!(@clamp $s0 $s2 $lowest $highest),
        )
    };
    (@scale [$s0:ident $s1:ident $s2:ident $s3:ident] [$f0:ident $f1:ident $f2:ident $f3:ident]) => {
        concat!(
            vector!("scvtf" "4s" $s0 $s0), vector!("scvtf" "4s" $s2 $s2), vector!("scvtf" "4s" $s1 $s1), vector!("scvtf" "4s" $s3 $s3),
            vector!("fmul" "4s" $s0 $s0 $f0), vector!("fmul" "4s" $s2 $s2 $f2),
            vector!("fmul" "4s" $s1 $s1 $f1), vector!("fmul" "4s" $s3 $s3 $f3),
        )
    };
    (@halve [$s0:ident $s1:ident $s2:ident $s3:ident]) => {
        concat!(
            "sqxtn {", stringify!($s0), ":v}.4h, {", stringify!($s0), ":v}.4s\n",
            "sqxtn {", stringify!($s2), ":v}.4h, {", stringify!($s2), ":v}.4s\n",
            "sqxtn2 {", stringify!($s0), ":v}.8h, {", stringify!($s1), ":v}.4s\n",
            "sqxtn2 {", stringify!($s2), ":v}.8h, {", stringify!($s3), ":v}.4s\n",
        )
    };
    (@clamp $low:ident $high:ident $lowest:ident $highest:ident) => {
        concat!(
            "sqxtn {", stringify!($low), ":v}.8b, {", stringify!($low), ":v}.8h\n",
            "sqxtn2 {", stringify!($low), ":v}.16b, {", stringify!($high), ":v}.8h\n",
            vector!("smax" "16b" $low $low $lowest), vector!("smin" "16b" $low $low $highest),
        )
    };
}

/// As [`finish_codes`], with the fields `magic`, `offset`, `lowest`, `highest` of [`Finish`], for processors that convert four floats in two
/// cycles but add and subtract eight in one (Cortex-A76 and its like).
///
/// Adding `magic` rounds to an integer, ties to even, which `offset` then takes out of the float's bits; what is too large for that is far
/// outside of the codes, on the right side, because the subtraction saturates.
macro_rules! finish_codes_adding {
    ([$s0:ident $s1:ident $s2:ident $s3:ident] [$f0:ident $f1:ident $f2:ident $f3:ident]
        $magic:ident $offset:ident $lowest:ident $highest:ident) => {
        concat!(
            finish_codes!(@scale [$s0 $s1 $s2 $s3] [$f0 $f1 $f2 $f3]),
            vector!("fadd" "4s" $s0 $s0 $magic), vector!("fadd" "4s" $s2 $s2 $magic),
            vector!("fadd" "4s" $s1 $s1 $magic), vector!("fadd" "4s" $s3 $s3 $magic),
            vector!("sqsub" "4s" $s0 $s0 $offset), vector!("sqsub" "4s" $s2 $s2 $offset),
            vector!("sqsub" "4s" $s1 $s1 $offset), vector!("sqsub" "4s" $s3 $s3 $offset),
            finish_codes!(@halve [$s0 $s1 $s2 $s3]),
            finish_codes!(@clamp $s0 $s2 $lowest $highest),
        )
    };
}
pub(super) use {finish_codes, finish_codes_adding, vector};

impl Finish {
    #[inline(always)]
    pub(super) fn new(requantise: &Requantise) -> Self {
        const MAGIC: f32 = 12_582_912.0;
        // A zero point is a code, so it fits in i16.
        // SAFETY: every aarch64 processor that Rust supports has NEON.
        unsafe {
            Self {
                zero_point: vdupq_n_s16(requantise.zero_point as i16),
                lowest: vdupq_n_s8(requantise.lowest),
                highest: vdupq_n_s8(requantise.highest),
                magic: vdupq_n_f32(MAGIC),
                offset: vdupq_n_s32(MAGIC.to_bits() as i32 - requantise.zero_point),
            }
        }
    }

    /// The codes of four times four sums, which hold the bias, in order. `scale` has one factor for each sum.
    /// One block of assembly, because LLVM would interleave several and spill their sums.
    #[inline(always)]
    pub(super) fn codes(&self, sums: [int32x4_t; 4], scale: [float32x4_t; 4]) -> int8x16_t {
        let codes: int32x4_t;
        // SAFETY: computes in registers, with instructions that every aarch64 processor that Rust supports has.
        unsafe {
            asm!(
                finish_codes!([s0 s1 s2 s3] [f0 f1 f2 f3] zero_point lowest highest),
                s0 = inout(vreg) sums[0] => codes,
                s1 = inout(vreg) sums[1] => _,
                s2 = inout(vreg) sums[2] => _,
                s3 = inout(vreg) sums[3] => _,
                f0 = in(vreg) scale[0],
                f1 = in(vreg) scale[1],
                f2 = in(vreg) scale[2],
                f3 = in(vreg) scale[3],
                zero_point = in(vreg) self.zero_point,
                lowest = in(vreg) self.lowest,
                highest = in(vreg) self.highest,
                options(pure, nomem, nostack, preserves_flags),
            );
            vreinterpretq_s8_s32(codes)
        }
    }

    /// As [`Self::codes`], by [`finish_codes_adding`], with one factor for all.
    #[inline(always)]
    pub(super) fn codes_adding(&self, sums: [int32x4_t; 4], scale: float32x4_t) -> int8x16_t {
        let codes: int32x4_t;
        // SAFETY: as above.
        unsafe {
            asm!(
                finish_codes_adding!([s0 s1 s2 s3] [scale scale scale scale] magic offset lowest highest),
                s0 = inout(vreg) sums[0] => codes,
                s1 = inout(vreg) sums[1] => _,
                s2 = inout(vreg) sums[2] => _,
                s3 = inout(vreg) sums[3] => _,
                scale = in(vreg) scale,
                magic = in(vreg) self.magic,
                offset = in(vreg) self.offset,
                lowest = in(vreg) self.lowest,
                highest = in(vreg) self.highest,
                options(pure, nomem, nostack, preserves_flags),
            );
            vreinterpretq_s8_s32(codes)
        }
    }
}

/// Sixteen factors from `scale`.
///
/// # Safety
/// They are readable.
#[inline(always)]
pub(super) unsafe fn load_scales(scale: *const f32) -> [float32x4_t; 4] {
    // SAFETY: the caller's promise.
    unsafe { [vld1q_f32(scale), vld1q_f32(scale.add(4)), vld1q_f32(scale.add(8)), vld1q_f32(scale.add(12))] }
}
