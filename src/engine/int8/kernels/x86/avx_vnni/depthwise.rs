//! Depthwise convolution by 256-bit `vpdpbusd`, 32 channels at a time.

use std::arch::x86_64::*;

use super::super::super::{Code, Depthwise, DepthwiseShape, Requantise, depthwise as general};
use super::super::depthwise::{self, Row, Vector};
use super::super::ymm::{self, Limits};

/// Vectors of 32 codes.
struct Ymm;

impl Vector for Ymm {
    const LANES: usize = 2;
    const PIXELS: usize = 2;
    const DOT_BYTES: usize = 32;
    type Codes = __m256i;
    type Taps = __m256i;
    type Sums = __m256i;
    type Limits = Limits;

    fn pack(taps: &[i8], packed: &mut Vec<i8>) {
        packed.extend_from_slice(taps);
    }

    #[inline(always)]
    unsafe fn load<const PARTS: usize>(from: *const Code, offsets: &[usize; 4]) -> __m256i {
        // SAFETY: the caller's contract.
        unsafe { ymm::load::<PARTS>(from, offsets) }
    }

    #[inline(always)]
    unsafe fn interleave(codes: [__m256i; 4]) -> [__m256i; 4] {
        // SAFETY: inlined into functions with this feature.
        unsafe { ymm::interleave(codes) }
    }

    #[inline(always)]
    unsafe fn sums(from: *const i32) -> __m256i {
        // SAFETY: the caller says that the sums are there, aligned.
        unsafe { _mm256_load_si256(from.cast()) }
    }

    #[inline(always)]
    unsafe fn dot(sums: __m256i, taps: __m256i, weights: *const i8) -> __m256i {
        // SAFETY: the caller says that the weights are readable.
        unsafe { _mm256_dpbusd_avx_epi32(sums, taps, _mm256_loadu_si256(weights.cast())) }
    }

    #[inline(always)]
    unsafe fn limits(requantise: &Requantise) -> Limits {
        // SAFETY: inlined into functions with this feature.
        unsafe { Limits::new(requantise) }
    }

    #[inline(always)]
    unsafe fn requantise(sums: [__m256i; 4], scales: &[Row<f32>; 4], limits: Limits) -> __m256i {
        // SAFETY: inlined into functions with this feature; rows are aligned.
        unsafe {
            let scale = |quarter: usize| _mm256_load_ps(scales[quarter].0.as_ptr());
            ymm::requantise(sums, [scale(0), scale(1), scale(2), scale(3)], &limits)
        }
    }

    #[inline(always)]
    unsafe fn store<const PARTS: usize>(codes: __m256i, to: *mut Code, offsets: &[usize; 4]) {
        // SAFETY: the caller's contract.
        unsafe { ymm::store::<PARTS>(codes, to, offsets) }
    }
}

/// Packs weights for [`depthwise`].
pub(super) fn pack(shape: &DepthwiseShape, weights: &[i8]) -> Option<Vec<i8>> {
    depthwise::pack::<Ymm>(shape, weights)
}

/// See [`Depthwise`].
///
/// # Safety
/// [`Depthwise`]'s contract, on a processor of this family.
#[target_feature(enable = "avx2,avxvnni")]
pub(super) unsafe fn depthwise(task: &Depthwise) {
    // SAFETY: the caller's contract.
    unsafe { depthwise::convolve::<Ymm>(task) }
}

/// The portable kernel in this family's instructions.
///
/// # Safety
/// [`Depthwise`]'s contract, on a processor of this family.
#[target_feature(enable = "avx2,avxvnni")]
pub(super) unsafe fn portable(task: &Depthwise) {
    // SAFETY: the caller's contract.
    unsafe { general::portable(task) }
}
