//! Matrix product by `vpdpbusd`: tiles of up to 14 pixels x 32 channels whose sums stay in registers.

use std::arch::asm;
use std::arch::x86_64::*;

use super::super::super::{Code, PanelLayout, Product};
use super::super::tiles::{Panel, Tile, place, walk};
use super::requantise::{Limits, requantise};

pub(super) const LAYOUT: PanelLayout = PanelLayout { width: 32, narrow: 16, group: 4 };

/// Pixels of a run: the most that one base register addresses with strides 1, 3 and 5.
const RUN: usize = 7;

/// What all tiles of a product share.
struct Shared<'a> {
    task: &'a Product<'a>,
    /// Groups of 4 depths in each segment.
    groups: usize,
    limits: Limits,
}

type TileFn = unsafe fn(&Shared, &Panel, &Tile);

/// Tiles by pixels of the first run less one, and second run: none, one shorter, as long.
type Table = [[TileFn; 3]; RUN];

macro_rules! table {
    ($tile:ident) => {
        [
            [$tile::<1, 0>, $tile::<1, 0>, $tile::<1, 1>],
            [$tile::<2, 0>, $tile::<2, 1>, $tile::<2, 2>],
            [$tile::<3, 0>, $tile::<3, 2>, $tile::<3, 3>],
            [$tile::<4, 0>, $tile::<4, 3>, $tile::<4, 4>],
            [$tile::<5, 0>, $tile::<5, 4>, $tile::<5, 5>],
            [$tile::<6, 0>, $tile::<6, 5>, $tile::<6, 6>],
            [$tile::<7, 0>, $tile::<7, 6>, $tile::<7, 7>],
        ]
    };
}

static WIDE: Table = table!(tile_32);
static NARROW: Table = table!(tile_16);

/// See [`Product`].
///
/// # Safety
/// [`Product`]'s contract, on a processor of this family.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
pub(super) unsafe fn product(task: &Product) {
    let shared = Shared { task, groups: task.depth.div_ceil(4), limits: Limits::new(&task.requantise) };
    walk::<RUN>(task, &LAYOUT, |panel, tile| {
        let table = if panel.width == 32 { &WIDE } else { &NARROW };
        // SAFETY: `walk` names pixels and panels of the task only; the caller keeps its contract.
        unsafe { tile.choose(table)(&shared, panel, tile) }
    });
}

/// One pixel's multiply-adds, if the tile has that pixel: `$address` broadcast against the weights in zmm28 and zmm29.
macro_rules! pixel {
    ($condition:literal, $address:literal, $spare:literal, $sum:literal) => {
        concat!(
            ".if ",
            $condition,
            "\n",
            "vpbroadcastd zmm",
            $spare,
            ", dword ptr [",
            $address,
            "]\n",
            "vpdpbusd zmm",
            $sum,
            ", zmm",
            $spare,
            ", zmm28\n",
            ".endif"
        )
    };
    ($condition:literal, $address:literal, $spare:literal, $sum:literal, $sum_2:literal) => {
        concat!(
            ".if ",
            $condition,
            "\n",
            "vpbroadcastd zmm",
            $spare,
            ", dword ptr [",
            $address,
            "]\n",
            "vpdpbusd zmm",
            $sum,
            ", zmm",
            $spare,
            ", zmm28\n",
            "vpdpbusd zmm",
            $sum_2,
            ", zmm",
            $spare,
            ", zmm29\n",
            ".endif"
        )
    };
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
unsafe fn tile_32<const A: usize, const B: usize>(shared: &Shared, panel: &Panel, tile: &Tile) {
    let task = shared.task;
    // SAFETY: the tables are readable up to a multiple of 64 channels; a wide panel starts at a multiple of 32.
    let (bias, scale) = unsafe {
        let (bias, scale) = (task.requantise.bias.as_ptr().add(panel.first), task.requantise.scale.as_ptr().add(panel.first));
        (
            [_mm512_loadu_si512(bias.cast()), _mm512_loadu_si512(bias.add(16).cast())],
            [_mm512_loadu_ps(scale), _mm512_loadu_ps(scale.add(16))],
        )
    };
    let mut c = [bias; 2 * RUN];
    // LLVM would hoist the broadcasts and spill: the loop is written out.
    // SAFETY: reads the codes that the product names, up to 3 behind each segment (the slack), and the panel's weights.
    unsafe {
        asm!(
            "2:",
            "mov {n}, qword ptr [{segment}]",
            "lea {p}, [{p0} + {n}]",
            "lea {q}, [{q0} + {n}]",
            "mov {n}, {groups}",
            "3:",
            "vmovdqu64 zmm28, [{w}]",
            "vmovdqu64 zmm29, [{w} + 64]",
            pixel!("1", "{p}", "30", "0", "1"),
            pixel!("{a} > 1", "{p} + {s}", "31", "2", "3"),
            pixel!("{a} > 2", "{p} + 2*{s}", "30", "4", "5"),
            pixel!("{a} > 3", "{p} + {s3}", "31", "6", "7"),
            pixel!("{a} > 4", "{p} + 4*{s}", "30", "8", "9"),
            pixel!("{a} > 5", "{p} + {s5}", "31", "10", "11"),
            pixel!("{a} > 6", "{p} + 2*{s3}", "30", "12", "13"),
            pixel!("{b} > 0", "{q}", "31", "14", "15"),
            pixel!("{b} > 1", "{q} + {s}", "30", "16", "17"),
            pixel!("{b} > 2", "{q} + 2*{s}", "31", "18", "19"),
            pixel!("{b} > 3", "{q} + {s3}", "30", "20", "21"),
            pixel!("{b} > 4", "{q} + 4*{s}", "31", "22", "23"),
            pixel!("{b} > 5", "{q} + {s5}", "30", "24", "25"),
            pixel!("{b} > 6", "{q} + 2*{s3}", "31", "26", "27"),
            "add {p}, 4",
            "add {q}, 4",
            "add {w}, 128",
            "dec {n}",
            "jnz 3b",
            "add {segment}, 8",
            "dec {segments}",
            "jnz 2b",
            a = const A, b = const B,
            p0 = in(reg) tile.input[0], q0 = in(reg) tile.input[1],
            s = in(reg) task.pixel_stride, s3 = in(reg) 3 * task.pixel_stride, s5 = in(reg) 5 * task.pixel_stride,
            groups = in(reg) shared.groups,
            segment = inout(reg) task.segments.as_ptr() => _, segments = inout(reg) task.segments.len() => _,
            w = inout(reg) panel.weights => _, p = out(reg) _, q = out(reg) _, n = out(reg) _,
            inout("zmm0") c[0][0], inout("zmm1") c[0][1], inout("zmm2") c[1][0], inout("zmm3") c[1][1],
            inout("zmm4") c[2][0], inout("zmm5") c[2][1], inout("zmm6") c[3][0], inout("zmm7") c[3][1],
            inout("zmm8") c[4][0], inout("zmm9") c[4][1], inout("zmm10") c[5][0], inout("zmm11") c[5][1],
            inout("zmm12") c[6][0], inout("zmm13") c[6][1], inout("zmm14") c[7][0], inout("zmm15") c[7][1],
            inout("zmm16") c[8][0], inout("zmm17") c[8][1], inout("zmm18") c[9][0], inout("zmm19") c[9][1],
            inout("zmm20") c[10][0], inout("zmm21") c[10][1], inout("zmm22") c[11][0], inout("zmm23") c[11][1],
            inout("zmm24") c[12][0], inout("zmm25") c[12][1], inout("zmm26") c[13][0], inout("zmm27") c[13][1],
            out("zmm28") _, out("zmm29") _, out("zmm30") _, out("zmm31") _,
            options(nostack, readonly)
        );
    }
    let outputs = tile.output.map(|run| run.wrapping_add(panel.first));
    let mask = mask_32(panel.count);
    // Unrolled by hand: sums in an array that is indexed in a loop would go through memory.
    // SAFETY: every pixel and channel that is written belongs to the tile and panel.
    unsafe {
        pair::<A, B, 0>(shared, &c, &scale, outputs, mask);
        pair::<A, B, 2>(shared, &c, &scale, outputs, mask);
        pair::<A, B, 4>(shared, &c, &scale, outputs, mask);
        pair::<A, B, 6>(shared, &c, &scale, outputs, mask);
        pair::<A, B, 8>(shared, &c, &scale, outputs, mask);
        pair::<A, B, 10>(shared, &c, &scale, outputs, mask);
        pair::<A, B, 12>(shared, &c, &scale, outputs, mask);
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
unsafe fn tile_16<const A: usize, const B: usize>(shared: &Shared, panel: &Panel, tile: &Tile) {
    let task = shared.task;
    // SAFETY: the tables are readable up to a multiple of 64 channels; a panel starts at a multiple of 16.
    let (bias, scale) = unsafe {
        let (bias, scale) = (task.requantise.bias.as_ptr().add(panel.first), task.requantise.scale.as_ptr().add(panel.first));
        (_mm512_loadu_si512(bias.cast()), _mm512_loadu_ps(scale))
    };
    let mut c = [bias; 2 * RUN];
    // SAFETY: as for `tile_32`.
    unsafe {
        asm!(
            "2:",
            "mov {n}, qword ptr [{segment}]",
            "lea {p}, [{p0} + {n}]",
            "lea {q}, [{q0} + {n}]",
            "mov {n}, {groups}",
            "3:",
            "vmovdqu64 zmm28, [{w}]",
            pixel!("1", "{p}", "30", "0"),
            pixel!("{a} > 1", "{p} + {s}", "31", "1"),
            pixel!("{a} > 2", "{p} + 2*{s}", "30", "2"),
            pixel!("{a} > 3", "{p} + {s3}", "31", "3"),
            pixel!("{a} > 4", "{p} + 4*{s}", "30", "4"),
            pixel!("{a} > 5", "{p} + {s5}", "31", "5"),
            pixel!("{a} > 6", "{p} + 2*{s3}", "30", "6"),
            pixel!("{b} > 0", "{q}", "31", "7"),
            pixel!("{b} > 1", "{q} + {s}", "30", "8"),
            pixel!("{b} > 2", "{q} + 2*{s}", "31", "9"),
            pixel!("{b} > 3", "{q} + {s3}", "30", "10"),
            pixel!("{b} > 4", "{q} + 4*{s}", "31", "11"),
            pixel!("{b} > 5", "{q} + {s5}", "30", "12"),
            pixel!("{b} > 6", "{q} + 2*{s3}", "31", "13"),
            "add {p}, 4",
            "add {q}, 4",
            "add {w}, 64",
            "dec {n}",
            "jnz 3b",
            "add {segment}, 8",
            "dec {segments}",
            "jnz 2b",
            a = const A, b = const B,
            p0 = in(reg) tile.input[0], q0 = in(reg) tile.input[1],
            s = in(reg) task.pixel_stride, s3 = in(reg) 3 * task.pixel_stride, s5 = in(reg) 5 * task.pixel_stride,
            groups = in(reg) shared.groups,
            segment = inout(reg) task.segments.as_ptr() => _, segments = inout(reg) task.segments.len() => _,
            w = inout(reg) panel.weights => _, p = out(reg) _, q = out(reg) _, n = out(reg) _,
            inout("zmm0") c[0], inout("zmm1") c[1], inout("zmm2") c[2], inout("zmm3") c[3], inout("zmm4") c[4],
            inout("zmm5") c[5], inout("zmm6") c[6], inout("zmm7") c[7], inout("zmm8") c[8], inout("zmm9") c[9],
            inout("zmm10") c[10], inout("zmm11") c[11], inout("zmm12") c[12], inout("zmm13") c[13],
            out("zmm28") _, out("zmm30") _, out("zmm31") _,
            options(nostack, readonly)
        );
    }
    let outputs = tile.output.map(|run| run.wrapping_add(panel.first));
    let mask = mask_32(panel.count) as __mmask16;
    // SAFETY: every pixel and channel that is written belongs to the tile and panel.
    unsafe {
        quad::<A, B, 0>(shared, &c, scale, outputs, mask);
        quad::<A, B, 4>(shared, &c, scale, outputs, mask);
        quad::<A, B, 8>(shared, &c, scale, outputs, mask);
        quad::<A, B, 12>(shared, &c, scale, outputs, mask);
    }
}

/// A bit for each of `count` channels.
fn mask_32(count: usize) -> __mmask32 {
    if count >= 32 { !0 } else { (1 << count) - 1 }
}

/// Output of the pixel whose sums are at `place`.
#[inline(always)]
fn output_of(task: &Product, outputs: [*mut Code; 2], place: usize) -> *mut i8 {
    outputs[place / RUN].wrapping_add(place % RUN * task.out_pixel_stride).cast()
}

/// Codes of four vectors' sums, vector `v`'s 16 codes in 128-bit lane `v`.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
fn codes_of(shared: &Shared, sums: [__m512i; 4], scales: [__m512; 4]) -> __m512i {
    let lanes = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    _mm512_permutexvar_epi32(lanes, requantise(sums, scales, &shared.limits))
}

/// Requantises and writes pixels `AT` and `AT + 1` of a wide tile, if it has them.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
unsafe fn pair<const A: usize, const B: usize, const AT: usize>(
    shared: &Shared,
    c: &[[__m512i; 2]; 2 * RUN],
    scale: &[__m512; 2],
    outputs: [*mut Code; 2],
    mask: __mmask32,
) {
    let Some(first) = (const { place::<A, B, RUN>(AT) }) else { return };
    let second = const { place::<A, B, RUN>(AT + 1) };
    let other = second.unwrap_or(first);
    let codes = codes_of(shared, [c[first][0], c[first][1], c[other][0], c[other][1]], [scale[0], scale[1], scale[0], scale[1]]);
    // SAFETY: the caller says that these pixels' channels are writable.
    unsafe {
        store_32(output_of(shared.task, outputs, first), mask, _mm512_castsi512_si256(codes));
        if let Some(second) = second {
            store_32(output_of(shared.task, outputs, second), mask, _mm512_extracti64x4_epi64::<1>(codes));
        }
    }
}

/// Requantises and writes pixels `AT` to `AT + 3` of a narrow tile, as far as it has them.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
unsafe fn quad<const A: usize, const B: usize, const AT: usize>(
    shared: &Shared,
    c: &[__m512i; 2 * RUN],
    scale: __m512,
    outputs: [*mut Code; 2],
    mask: __mmask16,
) {
    let Some(first) = (const { place::<A, B, RUN>(AT) }) else { return };
    let [second, third, fourth] = const { [place::<A, B, RUN>(AT + 1), place::<A, B, RUN>(AT + 2), place::<A, B, RUN>(AT + 3)] };
    let sums = [first, second.unwrap_or(first), third.unwrap_or(first), fourth.unwrap_or(first)].map(|place| c[place]);
    let codes = codes_of(shared, sums, [scale; 4]);
    // SAFETY: the caller says that these pixels' channels are writable.
    unsafe {
        store_16(output_of(shared.task, outputs, first), mask, _mm512_castsi512_si128(codes));
        if let Some(place) = second {
            store_16(output_of(shared.task, outputs, place), mask, _mm512_extracti32x4_epi32::<1>(codes));
        }
        if let Some(place) = third {
            store_16(output_of(shared.task, outputs, place), mask, _mm512_extracti32x4_epi32::<2>(codes));
        }
        if let Some(place) = fourth {
            store_16(output_of(shared.task, outputs, place), mask, _mm512_extracti32x4_epi32::<3>(codes));
        }
    }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
unsafe fn store_32(output: *mut i8, mask: __mmask32, codes: __m256i) {
    // SAFETY: the caller says that the channels in `mask` are writable.
    unsafe {
        if mask == !0 {
            _mm256_storeu_si256(output.cast(), codes);
        } else {
            _mm256_mask_storeu_epi8(output, mask, codes);
        }
    }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
unsafe fn store_16(output: *mut i8, mask: __mmask16, codes: __m128i) {
    // SAFETY: the caller says that the channels in `mask` are writable.
    unsafe {
        if mask == !0 {
            _mm_storeu_si128(output.cast(), codes);
        } else {
            _mm_mask_storeu_epi8(output, mask, codes);
        }
    }
}
