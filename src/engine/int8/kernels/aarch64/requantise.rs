//! From i32 sums to codes, sixteen at a time: four vectors are narrowed together.

use std::arch::{aarch64::*, asm};

use super::super::Requantise;

/// What all channels of a layer share, as [`finish_codes`] wants it in memory and in registers.
#[derive(Clone, Copy)]
#[repr(C, align(16))]
pub(super) struct Finish {
    zero_point: int16x8_t,
    lowest: int8x16_t,
    highest: int8x16_t,
}

/// Assembly that turns four vectors of sums, which hold the bias, into sixteen codes in the first of them; the others are lost. Operands: the
/// sums, a factor for each of them, and the fields of [`Finish`].
///
/// Narrowing to i16 before the zero point is added changes nothing: what saturates there is far outside of the codes either way.
macro_rules! finish_codes {
    ([$s0:ident $s1:ident $s2:ident $s3:ident] [$f0:ident $f1:ident $f2:ident $f3:ident] $zero_point:ident $lowest:ident $highest:ident) => {
        concat!(
            finish_codes!(@ "scvtf" "4s" $s0 $s0), finish_codes!(@ "scvtf" "4s" $s2 $s2),
            finish_codes!(@ "scvtf" "4s" $s1 $s1), finish_codes!(@ "scvtf" "4s" $s3 $s3),
            finish_codes!(@ "fmul" "4s" $s0 $s0 $f0), finish_codes!(@ "fmul" "4s" $s2 $s2 $f2),
            finish_codes!(@ "fmul" "4s" $s1 $s1 $f1), finish_codes!(@ "fmul" "4s" $s3 $s3 $f3),
            finish_codes!(@ "fcvtns" "4s" $s0 $s0), finish_codes!(@ "fcvtns" "4s" $s2 $s2),
            finish_codes!(@ "fcvtns" "4s" $s1 $s1), finish_codes!(@ "fcvtns" "4s" $s3 $s3),
            "sqxtn {", stringify!($s0), ":v}.4h, {", stringify!($s0), ":v}.4s\n",
            "sqxtn {", stringify!($s2), ":v}.4h, {", stringify!($s2), ":v}.4s\n",
            "sqxtn2 {", stringify!($s0), ":v}.8h, {", stringify!($s1), ":v}.4s\n",
            "sqxtn2 {", stringify!($s2), ":v}.8h, {", stringify!($s3), ":v}.4s\n",
            finish_codes!(@ "sqadd" "8h" $s0 $s0 $zero_point), finish_codes!(@ "sqadd" "8h" $s2 $s2 $zero_point),
            "sqxtn {", stringify!($s0), ":v}.8b, {", stringify!($s0), ":v}.8h\n",
            "sqxtn2 {", stringify!($s0), ":v}.16b, {", stringify!($s2), ":v}.8h\n",
            finish_codes!(@ "smax" "16b" $s0 $s0 $lowest), finish_codes!(@ "smin" "16b" $s0 $s0 $highest),
        )
    };
    (@ $name:literal $lanes:literal $to:ident $($from:ident)+) => {
        concat!($name, " {", stringify!($to), ":v}.", $lanes, $(", {", stringify!($from), ":v}.", $lanes,)+ "\n")
    };
}
pub(super) use finish_codes;

impl Finish {
    #[inline(always)]
    pub(super) fn new(requantise: &Requantise) -> Self {
        // A zero point is a code, so it fits in i16.
        // SAFETY: every aarch64 processor that Rust supports has NEON.
        unsafe {
            Self {
                zero_point: vdupq_n_s16(requantise.zero_point as i16),
                lowest: vdupq_n_s8(requantise.lowest),
                highest: vdupq_n_s8(requantise.highest),
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
