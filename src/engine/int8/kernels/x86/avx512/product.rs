//! Matrix product by `vpdpbusd`: tiles of up to 14 pixels x 32 channels whose sums stay in registers.

use std::arch::x86_64::*;

use super::super::super::{PanelLayout, Product};
use super::super::tiles::{Panel, Tiles, walk};
use super::requantise::{Limits, requantise};
use super::{narrow, wide};

pub(super) const LAYOUT: PanelLayout = PanelLayout { width: 32, narrow: 16, group: 4 };

/// Pixels of a run: the most that one base register addresses with strides 1, 3 and 5.
pub(super) const RUN: usize = 7;

/// What all tiles of a product share.
pub(super) struct Shared<'a> {
    pub(super) task: &'a Product<'a>,
    /// Groups of 4 depths in each segment.
    pub(super) groups: usize,
    pub(super) limits: Limits,
}

/// Computes equal tiles of a panel.
pub(super) type TilesFn = unsafe fn(&Shared, &Panel, Tiles);

/// By pixels of the first run less one, and second run: none, one shorter, as long.
pub(super) type Table = [[TilesFn; 3]; RUN];

/// Every pair of runs that a tile may have.
macro_rules! table {
    ($tiles:ident) => {
        [
            [$tiles::<1, 0>, $tiles::<1, 0>, $tiles::<1, 1>],
            [$tiles::<2, 0>, $tiles::<2, 1>, $tiles::<2, 2>],
            [$tiles::<3, 0>, $tiles::<3, 2>, $tiles::<3, 3>],
            [$tiles::<4, 0>, $tiles::<4, 3>, $tiles::<4, 4>],
            [$tiles::<5, 0>, $tiles::<5, 4>, $tiles::<5, 5>],
            [$tiles::<6, 0>, $tiles::<6, 5>, $tiles::<6, 6>],
            [$tiles::<7, 0>, $tiles::<7, 6>, $tiles::<7, 7>],
        ]
    };
}
pub(super) use table;

/// See [`Product`].
///
/// # Safety
/// [`Product`]'s contract, on a processor of this family.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
pub(super) unsafe fn product(task: &Product) {
    let shared = Shared { task, groups: task.depth.div_ceil(4), limits: Limits::new(&task.requantise) };
    walk::<RUN>(task, &LAYOUT, |panel, tiles| {
        let table = if panel.width == 32 { &wide::TABLE } else { &narrow::TABLE };
        // SAFETY: `walk` names pixels and panels of the task only; the caller keeps its contract.
        unsafe { tiles.choose(table)(&shared, panel, tiles) }
    });
}

/// Codes of four vectors' sums, vector `v`'s 16 codes in 128-bit lane `v`.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
pub(super) fn codes_in_order(sums: [__m512i; 4], scales: [__m512; 4], limits: &Limits) -> __m512i {
    let lanes = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    _mm512_permutexvar_epi32(lanes, requantise(sums, scales, limits))
}
