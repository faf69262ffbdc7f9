//! Depthwise convolution by `vpmaddwd`, 32 channels at a time: exact, as pairs of i16 products fit in i32.

use std::arch::x86_64::*;

use super::super::super::{Code, Depthwise, DepthwiseShape, Requantise, depthwise as general};
use super::super::depthwise::{self, Row, Vector};
use super::super::ymm::{self, Limits};

/// Vectors of 32 codes.
struct Ymm;

impl Vector for Ymm {
    const LANES: usize = 2;
    const PIXELS: usize = 2;
    const DOT_BYTES: usize = 64;
    type Codes = __m256i;
    /// Taps 0 and 2 of each channel as i16, and taps 1 and 3.
    type Taps = [__m256i; 2];
    type Sums = __m256i;
    type Limits = Limits;

    fn pack(taps: &[i8], packed: &mut Vec<i8>) {
        for first in 0..2 {
            for tap in taps[first..].iter().step_by(2) {
                packed.extend(i16::from(*tap).to_le_bytes().map(|byte| byte as i8));
            }
        }
    }

    #[inline(always)]
    unsafe fn load<const PARTS: usize>(from: *const Code, offsets: &[usize; 4]) -> __m256i {
        // SAFETY: the caller's contract.
        unsafe { ymm::load::<PARTS>(from, offsets) }
    }

    #[inline(always)]
    unsafe fn interleave(codes: [__m256i; 4]) -> [[__m256i; 2]; 4] {
        // SAFETY: inlined into functions with this feature.
        unsafe { ymm::interleave(codes).map(|taps| [_mm256_and_si256(taps, _mm256_set1_epi16(0xff)), _mm256_srli_epi16::<8>(taps)]) }
    }

    #[inline(always)]
    unsafe fn sums(from: *const i32) -> __m256i {
        // SAFETY: the caller says that the sums are there, aligned.
        unsafe { _mm256_load_si256(from.cast()) }
    }

    #[inline(always)]
    unsafe fn dot(sums: __m256i, [even, odd]: [__m256i; 2], weights: *const i8) -> __m256i {
        // SAFETY: the caller says that the weights are readable.
        unsafe {
            let even = _mm256_madd_epi16(even, _mm256_loadu_si256(weights.cast()));
            let odd = _mm256_madd_epi16(odd, _mm256_loadu_si256(weights.wrapping_add(32).cast()));
            _mm256_add_epi32(sums, _mm256_add_epi32(even, odd))
        }
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
#[target_feature(enable = "avx2,fma")]
pub(super) unsafe fn depthwise(task: &Depthwise) {
    // SAFETY: the caller's contract.
    unsafe { depthwise::convolve::<Ymm>(task) }
}

/// The portable kernel in this family's instructions.
///
/// # Safety
/// [`Depthwise`]'s contract, on a processor of this family.
#[target_feature(enable = "avx2,fma")]
pub(super) unsafe fn portable(task: &Depthwise) {
    // SAFETY: the caller's contract.
    unsafe { general::portable(task) }
}
