//! From sums to codes, four vectors at once.

use std::arch::x86_64::*;

use super::super::super::Requantise;

/// Constants of requantisation.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    zero_point: __m512i,
    lowest: __m512i,
    highest: __m512i,
}

impl Limits {
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    pub(super) fn new(requantise: &Requantise) -> Self {
        Self {
            zero_point: _mm512_set1_epi16(requantise.zero_point as i16),
            lowest: _mm512_set1_epi8(requantise.lowest as i8),
            highest: _mm512_set1_epi8(requantise.highest as i8),
        }
    }
}

/// Codes of `sums`: 128-bit lane `l` of the result holds lane `l` of each of the four vectors in turn.
///
/// Narrowing saturates, which equals the clamp at the end: a value beyond i16 is beyond every code, whatever the zero point.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
pub(super) fn requantise(sums: [__m512i; 4], scales: [__m512; 4], limits: &Limits) -> __m512i {
    let scaled = |v: usize| _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_cvtepi32_ps(sums[v]), scales[v]));
    let low = _mm512_adds_epi16(_mm512_packs_epi32(scaled(0), scaled(1)), limits.zero_point);
    let high = _mm512_adds_epi16(_mm512_packs_epi32(scaled(2), scaled(3)), limits.zero_point);
    let codes = _mm512_packus_epi16(low, high);
    _mm512_min_epu8(_mm512_max_epu8(codes, limits.lowest), limits.highest)
}
