//! Matrix product by 256-bit `vpdpbusd`: tiles of up to 6 pixels x 16 channels whose sums stay in registers.

use std::arch::asm;
use std::arch::x86_64::*;

use super::super::super::{Code, PanelLayout, Product};
use super::super::tiles::{Panel, Tiles, place, walk};
use super::super::ymm::{Limits, store_first, two_pixels};

pub(super) const LAYOUT: PanelLayout = PanelLayout { width: 16, narrow: 16, group: 4 };

/// Pixels of a run: registers allow two.
const RUN: usize = 3;

/// What all tiles of a product share.
struct Shared<'a> {
    task: &'a Product<'a>,
    /// Groups of 4 depths in each segment.
    groups: usize,
    limits: Limits,
}

/// Computes equal tiles of a panel.
type TilesFn = unsafe fn(&Shared, &Panel, Tiles);

/// By pixels of the first run less one, and second run: none, one shorter, as long.
static TABLE: [[TilesFn; 3]; RUN] = [
    [tiles::<1, 0>, tiles::<1, 0>, tiles::<1, 1>],
    [tiles::<2, 0>, tiles::<2, 1>, tiles::<2, 2>],
    [tiles::<3, 0>, tiles::<3, 2>, tiles::<3, 3>],
];

/// See [`Product`].
///
/// # Safety
/// [`Product`]'s contract, on a processor of this family.
#[target_feature(enable = "avx2,avxvnni")]
pub(super) unsafe fn product(task: &Product) {
    let shared = Shared { task, groups: task.depth.div_ceil(4), limits: Limits::new(&task.requantise) };
    walk::<RUN>(task, &LAYOUT, |panel, tiles| {
        // SAFETY: `walk` names pixels and panels of the task only; the caller keeps its contract.
        unsafe { tiles.choose(&TABLE)(&shared, panel, tiles) }
    });
}

/// One pixel's multiply-adds, if the tile has that pixel: `$address` broadcast against the weights in ymm12 and ymm13.
macro_rules! pixel {
    ($condition:literal, $address:literal, $spare:literal, $sum:literal, $sum_2:literal) => {
        concat!(
            ".if ",
            $condition,
            "\n",
            "vpbroadcastd ymm",
            $spare,
            ", dword ptr [",
            $address,
            "]\n",
            "{{vex}} vpdpbusd ymm",
            $sum,
            ", ymm",
            $spare,
            ", ymm12\n",
            "{{vex}} vpdpbusd ymm",
            $sum_2,
            ", ymm",
            $spare,
            ", ymm13\n",
            ".endif"
        )
    };
}

#[target_feature(enable = "avx2,avxvnni")]
unsafe fn tiles<const A: usize, const B: usize>(shared: &Shared, panel: &Panel, mut tiles: Tiles) {
    let task = shared.task;
    for _ in 0..tiles.count {
        // SAFETY: the tables are readable up to a multiple of 64 channels; a panel starts at a multiple of 16.
        let (bias, scale) = unsafe {
            let (bias, scale) = (task.requantise.bias.as_ptr().add(panel.first), task.requantise.scale.as_ptr().add(panel.first));
            (
                [_mm256_loadu_si256(bias.cast()), _mm256_loadu_si256(bias.add(8).cast())],
                [_mm256_loadu_ps(scale), _mm256_loadu_ps(scale.add(8))],
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
                "vmovdqu ymm12, [{w}]",
                "vmovdqu ymm13, [{w} + 32]",
                pixel!("1", "{p}", "14", "0", "1"),
                pixel!("{a} > 1", "{p} + {s}", "15", "2", "3"),
                pixel!("{a} > 2", "{p} + 2*{s}", "14", "4", "5"),
                pixel!("{b} > 0", "{q}", "15", "6", "7"),
                pixel!("{b} > 1", "{q} + {s}", "14", "8", "9"),
                pixel!("{b} > 2", "{q} + 2*{s}", "15", "10", "11"),
                "add {p}, 4",
                "add {q}, 4",
                "add {w}, 64",
                "dec {n}",
                "jnz 3b",
                "add {segment}, 8",
                "dec {segments}",
                "jnz 2b",
                a = const A, b = const B,
                p0 = in(reg) tiles.input[0], q0 = in(reg) tiles.input[1], s = in(reg) task.pixel_stride,
                groups = in(reg) shared.groups,
                segment = inout(reg) task.segments.as_ptr() => _, segments = inout(reg) task.segments.len() => _,
                w = inout(reg) panel.weights => _, p = out(reg) _, q = out(reg) _, n = out(reg) _,
                inout("ymm0") c[0][0], inout("ymm1") c[0][1], inout("ymm2") c[1][0], inout("ymm3") c[1][1], inout("ymm4") c[2][0], inout("ymm5") c[2][1], inout("ymm6") c[3][0], inout("ymm7") c[3][1], inout("ymm8") c[4][0], inout("ymm9") c[4][1], inout("ymm10") c[5][0], inout("ymm11") c[5][1],
                out("ymm12") _, out("ymm13") _, out("ymm14") _, out("ymm15") _,
                options(nostack, readonly)
            );
        }
        let outputs = tiles.output.map(|run| run.wrapping_add(panel.first));
        // SAFETY: every pixel and channel that is written belongs to the tile and panel.
        unsafe {
            pair::<A, B, 0>(shared, &c, scale, outputs, panel.count);
            pair::<A, B, 2>(shared, &c, scale, outputs, panel.count);
            pair::<A, B, 4>(shared, &c, scale, outputs, panel.count);
        }
        tiles.advance();
    }
}

/// Requantises and writes pixels `AT` and `AT + 1` of a tile, if it has them.
#[inline]
#[target_feature(enable = "avx2,avxvnni")]
unsafe fn pair<const A: usize, const B: usize, const AT: usize>(
    shared: &Shared,
    c: &[[__m256i; 2]; 2 * RUN],
    scale: [__m256; 2],
    outputs: [*mut Code; 2],
    count: usize,
) {
    let Some(first) = (const { place::<A, B, RUN>(AT) }) else { return };
    let second = const { place::<A, B, RUN>(AT + 1) };
    let codes = two_pixels(c[first], c[second.unwrap_or(first)], scale, &shared.limits);
    let output_of = |place: usize| outputs[place / RUN].wrapping_add(place % RUN * shared.task.out_pixel_stride);
    // SAFETY: the caller says that these pixels' channels are writable.
    unsafe {
        store_first(codes[0], count, output_of(first));
        if let Some(second) = second {
            store_first(codes[1], count, output_of(second));
        }
    }
}
