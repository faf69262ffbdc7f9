//! Tiles of 16 channels.

use std::arch::asm;
use std::arch::x86_64::*;

use super::super::super::Code;
use super::super::tiles::{Panel, Tiles, place};
use super::product::{RUN, Shared, Table, codes_in_order, table};
use super::requantise::Limits;

pub(super) static TABLE: Table = table!(tiles);

/// One pixel's multiply-adds, if the tile has that pixel: `$address` broadcast against the weights in zmm28.
#[rustfmt::skip]
macro_rules! pixel {
    ($condition:literal, $address:literal, $spare:literal, $sum:literal) => {
        concat!(
            ".if ", $condition, "\n",
            "vpbroadcastd zmm", $spare, ", dword ptr [", $address, "]\n",
            "vpdpbusd zmm", $sum, ", zmm", $spare, ", zmm28\n",
            ".endif"
        )
    };
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
unsafe fn tiles<const A: usize, const B: usize>(shared: &Shared, panel: &Panel, mut tiles: Tiles) {
    let task = shared.task;
    let stride = task.out_pixel_stride;
    let mask = if panel.count >= 16 { !0 } else { (1 << panel.count) - 1 };
    for _ in 0..tiles.count {
        // SAFETY: the tables are readable up to a multiple of 64 channels; a panel starts at a multiple of 32.
        let mut c = unsafe {
            let bias = task.requantise.bias.as_ptr().add(panel.first);
            [_mm512_loadu_si512(bias.cast()); 2 * RUN]
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
                p0 = in(reg) tiles.input[0], q0 = in(reg) tiles.input[1],
                s = in(reg) task.pixel_stride, s3 = in(reg) 3 * task.pixel_stride, s5 = in(reg) 5 * task.pixel_stride,
                groups = in(reg) shared.groups,
                segment = inout(reg) task.segments.as_ptr() => _, segments = inout(reg) task.segments.len() => _,
                w = inout(reg) panel.weights => _, p = out(reg) _, q = out(reg) _, n = out(reg) _,
                inout("zmm0") c[0], inout("zmm1") c[1], inout("zmm2") c[2], inout("zmm3") c[3],
                inout("zmm4") c[4], inout("zmm5") c[5], inout("zmm6") c[6], inout("zmm7") c[7],
                inout("zmm8") c[8], inout("zmm9") c[9], inout("zmm10") c[10], inout("zmm11") c[11],
                inout("zmm12") c[12], inout("zmm13") c[13],
                out("zmm28") _, out("zmm30") _, out("zmm31") _,
                options(nostack, readonly)
            );
        }
        // SAFETY: as for the bias.
        let scale = unsafe { _mm512_loadu_ps(task.requantise.scale.as_ptr().add(panel.first)) };
        let outputs = tiles.output.map(|run| run.wrapping_add(panel.first));
        // By hand: sums in an array that a loop indexes would go through memory.
        // SAFETY: every pixel and channel that is written belongs to the tile and panel.
        unsafe {
            four::<A, B, 0>(&shared.limits, &c, scale, outputs, stride, mask);
            four::<A, B, 4>(&shared.limits, &c, scale, outputs, stride, mask);
            four::<A, B, 8>(&shared.limits, &c, scale, outputs, stride, mask);
            four::<A, B, 12>(&shared.limits, &c, scale, outputs, stride, mask);
        }
        tiles.advance();
    }
}

/// Requantises and writes pixels `AT` to `AT + 3` of a tile, as far as it has them.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
unsafe fn four<const A: usize, const B: usize, const AT: usize>(
    limits: &Limits,
    c: &[__m512i; 2 * RUN],
    scale: __m512,
    outputs: [*mut Code; 2],
    stride: usize,
    mask: __mmask16,
) {
    let Some(first) = (const { place::<A, B, RUN>(AT) }) else { return };
    let [second, third, fourth] = const { [place::<A, B, RUN>(AT + 1), place::<A, B, RUN>(AT + 2), place::<A, B, RUN>(AT + 3)] };
    let sums = [first, second.unwrap_or(first), third.unwrap_or(first), fourth.unwrap_or(first)].map(|place| c[place]);
    let codes = codes_in_order(sums, [scale; 4], limits);
    let to = |place: usize| outputs[place / RUN].wrapping_add(place % RUN * stride).cast::<i8>();
    // SAFETY: the caller says that these pixels' channels are writable.
    unsafe {
        _mm_mask_storeu_epi8(to(first), mask, _mm512_castsi512_si128(codes));
        if let Some(place) = second {
            _mm_mask_storeu_epi8(to(place), mask, _mm512_extracti32x4_epi32::<1>(codes));
        }
        if let Some(place) = third {
            _mm_mask_storeu_epi8(to(place), mask, _mm512_extracti32x4_epi32::<2>(codes));
        }
        if let Some(place) = fourth {
            _mm_mask_storeu_epi8(to(place), mask, _mm512_extracti32x4_epi32::<3>(codes));
        }
    }
}
