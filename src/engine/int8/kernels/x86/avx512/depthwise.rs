//! Depthwise convolution by `vpdpbusd`, 64 channels at a time.

use std::arch::x86_64::*;

use super::super::super::{Code, Depthwise, DepthwiseShape, Requantise, depthwise as general};
use super::super::depthwise::{self, Row, Vector};
use super::requantise::{Limits, requantise};

/// Vectors of 64 codes.
struct Zmm;

impl Vector for Zmm {
    const LANES: usize = 4;
    const PIXELS: usize = 4;
    const DOT_BYTES: usize = 64;
    type Codes = __m512i;
    type Taps = __m512i;
    type Sums = __m512i;
    type Limits = Limits;

    fn pack(taps: &[i8], packed: &mut Vec<i8>) {
        packed.extend_from_slice(taps);
    }

    #[inline(always)]
    unsafe fn load<const PARTS: usize>(from: *const Code, offsets: &[usize; 4]) -> __m512i {
        // SAFETY: the caller says that all parts are readable.
        unsafe {
            let half = |part: usize| _mm256_loadu_si256(from.wrapping_add(offsets[part]).cast());
            let lane = |part: usize| _mm_loadu_si128(from.wrapping_add(offsets[part]).cast());
            match PARTS {
                1 => _mm512_loadu_si512(from.cast()),
                2 => _mm512_inserti64x4::<1>(_mm512_castsi256_si512(half(0)), half(1)),
                _ => {
                    let low = _mm512_inserti32x4::<1>(_mm512_castsi128_si512(lane(0)), lane(1));
                    _mm512_inserti32x4::<3>(_mm512_inserti32x4::<2>(low, lane(2)), lane(3))
                }
            }
        }
    }

    #[inline(always)]
    unsafe fn interleave([a, b, c, d]: [__m512i; 4]) -> [__m512i; 4] {
        // SAFETY: inlined into functions with these features.
        unsafe {
            let (ab, ab_high) = (_mm512_unpacklo_epi8(a, b), _mm512_unpackhi_epi8(a, b));
            let (cd, cd_high) = (_mm512_unpacklo_epi8(c, d), _mm512_unpackhi_epi8(c, d));
            [
                _mm512_unpacklo_epi16(ab, cd),
                _mm512_unpackhi_epi16(ab, cd),
                _mm512_unpacklo_epi16(ab_high, cd_high),
                _mm512_unpackhi_epi16(ab_high, cd_high),
            ]
        }
    }

    #[inline(always)]
    unsafe fn sums(from: *const i32) -> __m512i {
        // SAFETY: the caller says that the sums are there, aligned.
        unsafe { _mm512_load_si512(from.cast()) }
    }

    #[inline(always)]
    unsafe fn dot(sums: __m512i, taps: __m512i, weights: *const i8) -> __m512i {
        // SAFETY: the caller says that the weights are readable.
        unsafe { _mm512_dpbusd_epi32(sums, taps, _mm512_loadu_si512(weights.cast())) }
    }

    #[inline(always)]
    unsafe fn limits(requantise: &Requantise) -> Limits {
        // SAFETY: inlined into functions with these features.
        unsafe { Limits::new(requantise) }
    }

    #[inline(always)]
    unsafe fn requantise(sums: [__m512i; 4], scales: &[Row<f32>; 4], limits: Limits) -> __m512i {
        // SAFETY: inlined into functions with these features; rows are aligned.
        unsafe {
            let scale = |quarter: usize| _mm512_load_ps(scales[quarter].0.as_ptr());
            requantise(sums, [scale(0), scale(1), scale(2), scale(3)], &limits)
        }
    }

    #[inline(always)]
    unsafe fn store<const PARTS: usize>(codes: __m512i, to: *mut Code, offsets: &[usize; 4]) {
        let part = |part: usize| to.wrapping_add(offsets[part]);
        // SAFETY: the caller says that all parts are writable.
        unsafe {
            match PARTS {
                1 => _mm512_storeu_si512(to.cast(), codes),
                2 => {
                    _mm256_storeu_si256(part(0).cast(), _mm512_castsi512_si256(codes));
                    _mm256_storeu_si256(part(1).cast(), _mm512_extracti64x4_epi64::<1>(codes));
                }
                _ => {
                    _mm_storeu_si128(part(0).cast(), _mm512_castsi512_si128(codes));
                    _mm_storeu_si128(part(1).cast(), _mm512_extracti32x4_epi32::<1>(codes));
                    _mm_storeu_si128(part(2).cast(), _mm512_extracti32x4_epi32::<2>(codes));
                    _mm_storeu_si128(part(3).cast(), _mm512_extracti32x4_epi32::<3>(codes));
                }
            }
        }
    }
}

/// Packs weights for [`depthwise`].
pub(super) fn pack(shape: &DepthwiseShape, weights: &[i8]) -> Option<Vec<i8>> {
    depthwise::pack::<Zmm>(shape, weights)
}

/// See [`Depthwise`].
///
/// # Safety
/// [`Depthwise`]'s contract, on a processor of this family.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
pub(super) unsafe fn depthwise(task: &Depthwise) {
    // SAFETY: the caller's contract.
    unsafe { depthwise::convolve::<Zmm>(task) }
}

/// The portable kernel in this family's instructions.
///
/// # Safety
/// [`Depthwise`]'s contract, on a processor of this family.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
pub(super) unsafe fn portable(task: &Depthwise) {
    // SAFETY: the caller's contract.
    unsafe { general::portable(task) }
}
