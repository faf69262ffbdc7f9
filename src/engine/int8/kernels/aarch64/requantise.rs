//! From i32 sums to codes, sixteen at a time: four vectors are narrowed together.

use std::arch::aarch64::*;

use super::super::Requantise;

/// What all channels of a layer share, in registers.
#[derive(Clone, Copy)]
pub(super) struct Finish {
    zero_point: int16x8_t,
    lowest: int8x16_t,
    highest: int8x16_t,
}

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
    ///
    /// Narrowing to i16 before the zero point is added changes nothing: what saturates there is far outside of the codes either way.
    #[inline(always)]
    pub(super) fn codes(&self, sums: [int32x4_t; 4], scale: [float32x4_t; 4]) -> int8x16_t {
        // SAFETY: as in `new`.
        unsafe {
            let scaled = |at: usize| vcvtnq_s32_f32(vmulq_f32(vcvtq_f32_s32(sums[at]), scale[at]));
            let low = vqaddq_s16(vqmovn_high_s32(vqmovn_s32(scaled(0)), scaled(1)), self.zero_point);
            let high = vqaddq_s16(vqmovn_high_s32(vqmovn_s32(scaled(2)), scaled(3)), self.zero_point);
            vminq_s8(vmaxq_s8(vqmovn_high_s16(vqmovn_s16(low), high), self.lowest), self.highest)
        }
    }
}

/// Four factors, or four times four, from `scale`.
///
/// # Safety
/// 16 factors are readable.
#[inline(always)]
pub(super) unsafe fn load_scales(scale: *const f32) -> [float32x4_t; 4] {
    // SAFETY: the caller's promise.
    unsafe { [vld1q_f32(scale), vld1q_f32(scale.add(4)), vld1q_f32(scale.add(8)), vld1q_f32(scale.add(12))] }
}
