//! Tiles of 32 channels.

use std::arch::asm;
use std::arch::x86_64::*;

use super::super::super::Code;
use super::super::tiles::{Panel, Tiles, place};
use super::product::{RUN, Shared, Table, codes_in_order, table};
use super::requantise::Limits;

pub(super) static TABLE: Table = table!(tiles);

/// One pixel's multiply-adds, if the tile has that pixel: `$address` broadcast against the weights in zmm28 and zmm29.
#[rustfmt::skip]
macro_rules! pixel {
    ($condition:literal, $address:literal, $spare:literal, $sum:literal, $sum_2:literal) => {
        concat!(
            ".if ", $condition, "\n",
            "vpbroadcastd zmm", $spare, ", dword ptr [", $address, "]\n",
            "vpdpbusd zmm", $sum, ", zmm", $spare, ", zmm28\n",
            "vpdpbusd zmm", $sum_2, ", zmm", $spare, ", zmm29\n",
            ".endif"
        )
    };
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
unsafe fn tiles<const A: usize, const B: usize>(shared: &Shared, panel: &Panel, mut tiles: Tiles) {
    let task = shared.task;
    let stride = task.out_pixel_stride;
    let mask = if panel.count >= 32 { !0 } else { (1 << panel.count) - 1 };
    for _ in 0..tiles.count {
        // SAFETY: the tables are readable up to a multiple of 64 channels; a wide panel starts at a multiple of 32.
        let mut c = unsafe {
            let bias = task.requantise.bias.as_ptr().add(panel.first);
            let (first, second) = (_mm512_loadu_si512(bias.cast()), _mm512_loadu_si512(bias.add(16).cast()));
            [[first, second]; 2 * RUN]
        };
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
                p0 = in(reg) tiles.input[0], q0 = in(reg) tiles.input[1],
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
        // SAFETY: as for the bias.
        let scale = unsafe {
            let scale = task.requantise.scale.as_ptr().add(panel.first);
            [_mm512_loadu_ps(scale), _mm512_loadu_ps(scale.add(16))]
        };
        let outputs = tiles.output.map(|run| run.wrapping_add(panel.first));
        // By hand: sums in an array that a loop indexes would go through memory.
        // SAFETY: every pixel and channel that is written belongs to the tile and panel.
        unsafe {
            pair::<A, B, 0>(&shared.limits, &c, scale, outputs, stride, mask);
            pair::<A, B, 2>(&shared.limits, &c, scale, outputs, stride, mask);
            pair::<A, B, 4>(&shared.limits, &c, scale, outputs, stride, mask);
            pair::<A, B, 6>(&shared.limits, &c, scale, outputs, stride, mask);
            pair::<A, B, 8>(&shared.limits, &c, scale, outputs, stride, mask);
            pair::<A, B, 10>(&shared.limits, &c, scale, outputs, stride, mask);
            pair::<A, B, 12>(&shared.limits, &c, scale, outputs, stride, mask);
        }
        tiles.advance();
    }
}

/// Requantises and writes pixels `AT` and `AT + 1` of a tile, if it has them.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
unsafe fn pair<const A: usize, const B: usize, const AT: usize>(
    limits: &Limits,
    c: &[[__m512i; 2]; 2 * RUN],
    scale: [__m512; 2],
    outputs: [*mut Code; 2],
    stride: usize,
    mask: __mmask32,
) {
    let Some(first) = (const { place::<A, B, RUN>(AT) }) else { return };
    let second = const { place::<A, B, RUN>(AT + 1) };
    let other = second.unwrap_or(first);
    let sums = [c[first][0], c[first][1], c[other][0], c[other][1]];
    let codes = codes_in_order(sums, [scale[0], scale[1], scale[0], scale[1]], limits);
    let to = |place: usize| outputs[place / RUN].wrapping_add(place % RUN * stride).cast::<i8>();
    // SAFETY: the caller says that these pixels' channels are writable.
    unsafe {
        _mm256_mask_storeu_epi8(to(first), mask, _mm512_castsi512_si256(codes));
        if let Some(second) = second {
            _mm256_mask_storeu_epi8(to(second), mask, _mm512_extracti64x4_epi64::<1>(codes));
        }
    }
}
