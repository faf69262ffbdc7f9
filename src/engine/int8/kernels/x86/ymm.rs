//! What the families with 256-bit vectors share: loads and stores of parts, interleaving, requantisation.

use std::arch::x86_64::*;

use super::super::{Code, Requantise};

/// Constants of requantisation.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    zero_point: __m256i,
    lowest: __m256i,
    highest: __m256i,
}

impl Limits {
    #[inline]
    #[target_feature(enable = "avx2")]
    pub(super) fn new(requantise: &Requantise) -> Self {
        Self {
            zero_point: _mm256_set1_epi16(requantise.zero_point as i16),
            lowest: _mm256_set1_epi8(requantise.lowest as i8),
            highest: _mm256_set1_epi8(requantise.highest as i8),
        }
    }
}

/// Codes of `sums`: 128-bit lane `l` of the result holds lane `l` of each of the four vectors in turn.
///
/// Narrowing saturates, which equals the clamp at the end: a value beyond i16 is beyond every code, whatever the zero point.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn requantise(sums: [__m256i; 4], scales: [__m256; 4], limits: &Limits) -> __m256i {
    let scaled = |v: usize| _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_cvtepi32_ps(sums[v]), scales[v]));
    let low = _mm256_adds_epi16(_mm256_packs_epi32(scaled(0), scaled(1)), limits.zero_point);
    let high = _mm256_adds_epi16(_mm256_packs_epi32(scaled(2), scaled(3)), limits.zero_point);
    let codes = _mm256_packus_epi16(low, high);
    _mm256_min_epu8(_mm256_max_epu8(codes, limits.lowest), limits.highest)
}

/// Codes of two pixels of 16 channels, a pixel in each half.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn two_pixels(first: [__m256i; 2], second: [__m256i; 2], scale: [__m256; 2], limits: &Limits) -> [__m128i; 2] {
    let sums = [first[0], first[1], second[0], second[1]];
    let codes = requantise(sums, [scale[0], scale[1], scale[0], scale[1]], limits);
    let codes = _mm256_permutevar8x32_epi32(codes, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
    [_mm256_castsi256_si128(codes), _mm256_extracti128_si256::<1>(codes)]
}

/// Stores the first `count`, at most 16, codes.
///
/// # Safety
/// They must be writable.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) unsafe fn store_first(mut codes: __m128i, count: usize, mut to: *mut Code) {
    // SAFETY: each store is one of the binary digits of `count`: together they write `count` codes.
    unsafe {
        if count >= 16 {
            _mm_storeu_si128(to.cast(), codes);
            return;
        }
        if count & 8 != 0 {
            _mm_storel_epi64(to.cast(), codes);
            codes = _mm_srli_si128::<8>(codes);
            to = to.add(8);
        }
        if count & 4 != 0 {
            to.cast::<i32>().write_unaligned(_mm_cvtsi128_si32(codes));
            codes = _mm_srli_si128::<4>(codes);
            to = to.add(4);
        }
        if count & 2 != 0 {
            to.cast::<i16>().write_unaligned(_mm_extract_epi16::<0>(codes) as i16);
            codes = _mm_srli_si128::<2>(codes);
            to = to.add(2);
        }
        if count & 1 != 0 {
            *to = _mm_extract_epi8::<0>(codes) as u8;
        }
    }
}

/// Loads `PARTS` equally long pieces, at these offsets.
///
/// # Safety
/// They must be readable.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) unsafe fn load<const PARTS: usize>(from: *const Code, offsets: &[usize]) -> __m256i {
    // SAFETY: the caller says so.
    unsafe {
        if PARTS == 1 {
            _mm256_loadu_si256(from.cast())
        } else {
            let half = |part: usize| _mm_loadu_si128(from.wrapping_add(offsets[part]).cast());
            _mm256_inserti128_si256::<1>(_mm256_castsi128_si256(half(0)), half(1))
        }
    }
}

/// Stores `PARTS` equally long pieces, at these offsets.
///
/// # Safety
/// They must be writable.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) unsafe fn store<const PARTS: usize>(codes: __m256i, to: *mut Code, offsets: &[usize]) {
    // SAFETY: the caller says so.
    unsafe {
        if PARTS == 1 {
            _mm256_storeu_si256(to.cast(), codes);
        } else {
            _mm_storeu_si128(to.wrapping_add(offsets[0]).cast(), _mm256_castsi256_si128(codes));
            _mm_storeu_si128(to.wrapping_add(offsets[1]).cast(), _mm256_extracti128_si256::<1>(codes));
        }
    }
}

/// Interleaves four vectors byte by byte: quarter `q` holds `[a, b, c, d]` of channels `4q..4q + 4` of each 128-bit lane.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn interleave([a, b, c, d]: [__m256i; 4]) -> [__m256i; 4] {
    let (ab, ab_high) = (_mm256_unpacklo_epi8(a, b), _mm256_unpackhi_epi8(a, b));
    let (cd, cd_high) = (_mm256_unpacklo_epi8(c, d), _mm256_unpackhi_epi8(c, d));
    [
        _mm256_unpacklo_epi16(ab, cd),
        _mm256_unpackhi_epi16(ab, cd),
        _mm256_unpacklo_epi16(ab_high, cd_high),
        _mm256_unpackhi_epi16(ab_high, cd_high),
    ]
}
