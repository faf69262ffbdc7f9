//! Matrix product with dot products (`sdot`): tiles of 6 pixels by 16 channels, and of 8 by 8 where 8 or fewer are left.
//! The 24 vectors of sums of the wide tile and 8 of operands fill the registers; 16 depths take 96 `sdot` and 14 loads.

use std::arch::{aarch64::*, asm};

use super::{
    super::{Code, PanelLayout, Product},
    product::{Panel, for_each_panel, store_some},
    requantise::load_scales,
};

/// How the weights are packed: for each group of 4 depths, 4 bytes of each channel.
pub(super) const LAYOUT: PanelLayout = PanelLayout { width: 16, narrow: 8, group: 4 };

/// Loads the addresses of the tile's pixels in this segment, and starts the sums or goes on with them.
macro_rules! segment {
    ($(($p:ident $at:literal $a:ident $($s:ident)+))+) => {
        concat!(
            "ldr {offset}, [{segments}], #8\n",
            $("ldr {", stringify!($p), "}, [{inputs}, #", $at, "]\n",)+
            $("add {", stringify!($p), "}, {", stringify!($p), "}, {offset}\n",)+
        )
    };
}

/// The next `$bytes` codes of every pixel, into `$view` of its register.
macro_rules! load_codes {
    ($view:literal $bytes:literal $(($p:ident $at:literal $a:ident $($s:ident)+))+) => {
        concat!($("ldr {", stringify!($a), ":", $view, "}, [{", stringify!($p), "}], #", $bytes, "\n",)+)
    };
}

/// Four depths, the `$lane`th four of those loaded, by 8 channels.
macro_rules! by_eight {
    ($lane:literal $(($a:ident $s0:ident $s1:ident))+) => {
        concat!(
            "ldp {w0:q}, {w1:q}, [{weights}], #32\n",
            $("sdot {", stringify!($s0), ":v}.4s, {w0:v}.16b, {", stringify!($a), ":v}.4b[", $lane, "]\n",)+
            $("sdot {", stringify!($s1), ":v}.4s, {w1:v}.16b, {", stringify!($a), ":v}.4b[", $lane, "]\n",)+
        )
    };
}

macro_rules! depths {
    ($lane:literal $(($p:ident $at:literal $a:ident $s0:ident $s1:ident))+) => { by_eight!($lane $(($a $s0 $s1))+) };
    ($lane:literal $(($p:ident $at:literal $a:ident $s0:ident $s1:ident $s2:ident $s3:ident))+) => {
        concat!(by_eight!($lane $(($a $s0 $s1))+), by_eight!($lane $(($a $s2 $s3))+))
    };
}

macro_rules! start_sums {
    ($(($p:ident $at:literal $a:ident $s0:ident $s1:ident))+) => {
        concat!($("ldp {", stringify!($s0), ":q}, {", stringify!($s1), ":q}, [{bias}]\n",)+)
    };
    ($(($p:ident $at:literal $a:ident $s0:ident $s1:ident $s2:ident $s3:ident))+) => {
        concat!(
            $("ldp {", stringify!($s0), ":q}, {", stringify!($s1), ":q}, [{bias}]\n",
            "ldp {", stringify!($s2), ":q}, {", stringify!($s3), ":q}, [{bias}, #32]\n",)+
        )
    };
}

/// A function that computes tiles: for each pixel an address register, its byte offset in the list of addresses, a register for codes, and
/// the registers of its sums.
macro_rules! tile {
    ($name:ident, $height:literal, $rows:tt, $store:ident) => { tile!(@ $name, $height, $rows, $store, $rows); };
    (@ $name:ident, $height:literal, [$($row:tt)+], $store:ident, [$(($p:ident $at:literal $a:ident $($s:ident)+))+]) => {
        /// Tiles over all of `inputs`, whose number is a multiple of the tile's height.
        ///
        /// # Safety
        /// As for [`Product`], for the pixels at `inputs` and `outputs`, which are equally many.
        #[target_feature(enable = "dotprod")]
        unsafe fn $name(panel: &Panel, inputs: &[*const Code], outputs: &[*mut Code]) {
            for (inputs, outputs) in inputs.chunks_exact($height).zip(outputs.chunks_exact($height)) {
                $($(let $s: int32x4_t;)+)+
                // SAFETY: reads `$height` addresses, the codes behind them over all segments and READ_SLACK, the panel's weights and bias; writes registers.
                unsafe {
                    asm!(
                        start_sums!($($row)+),
                        "2:",
                        segment!($($row)+),
                        "mov {left}, {sixteens}",
                        "cbz {left}, 4f",
                        "3:",
                        load_codes!("q" 16 $($row)+),
                        depths!(0 $($row)+),
                        depths!(1 $($row)+),
                        depths!(2 $($row)+),
                        depths!(3 $($row)+),
                        "subs {left}, {left}, #1",
                        "b.ne 3b",
                        "4:",
                        "mov {left}, {fours}",
                        "cbz {left}, 6f",
                        "5:",
                        load_codes!("s" 4 $($row)+),
                        depths!(0 $($row)+),
                        "subs {left}, {left}, #1",
                        "b.ne 5b",
                        "6:",
                        "subs {count}, {count}, #1",
                        "b.ne 2b",
                        inputs = in(reg) inputs.as_ptr(),
                        bias = in(reg) panel.bias,
                        sixteens = in(reg) panel.depth / 16,
                        fours = in(reg) (panel.depth % 16).div_ceil(4),
                        weights = inout(reg) panel.weights => _,
                        segments = inout(reg) panel.segments.as_ptr() => _,
                        count = inout(reg) panel.segments.len() => _,
                        left = out(reg) _,
                        offset = out(reg) _,
                        w0 = out(vreg) _,
                        w1 = out(vreg) _,
                        $($p = out(reg) _, $a = out(vreg) _,)+
                        $($($s = out(vreg) $s,)+)+
                        options(readonly, nostack),
                    );
                }
                // SAFETY: as the caller promises for the outputs and the factors.
                unsafe { $store(panel, outputs, [$([$($s),+]),+]) }
            }
        }
    };
}

tile!(tile_6x16, 6, [
    (p0 0 a0 s00 s01 s02 s03)
    (p1 8 a1 s10 s11 s12 s13)
    (p2 16 a2 s20 s21 s22 s23)
    (p3 24 a3 s30 s31 s32 s33)
    (p4 32 a4 s40 s41 s42 s43)
    (p5 40 a5 s50 s51 s52 s53)
], store_16);
tile!(tile_4x16, 4, [
    (p0 0 a0 s00 s01 s02 s03)
    (p1 8 a1 s10 s11 s12 s13)
    (p2 16 a2 s20 s21 s22 s23)
    (p3 24 a3 s30 s31 s32 s33)
], store_16);
tile!(tile_1x16, 1, [(p0 0 a0 s00 s01 s02 s03)], store_16);
tile!(tile_8x8, 8, [
    (p0 0 a0 s00 s01)
    (p1 8 a1 s10 s11)
    (p2 16 a2 s20 s21)
    (p3 24 a3 s30 s31)
    (p4 32 a4 s40 s41)
    (p5 40 a5 s50 s51)
    (p6 48 a6 s60 s61)
    (p7 56 a7 s70 s71)
], store_8);
tile!(tile_1x8, 1, [(p0 0 a0 s00 s01)], store_8);

/// # Safety
/// Each of `outputs` is writable over the panel's channels, and the panel has 16 factors.
#[inline(always)]
unsafe fn store_16<const HEIGHT: usize>(panel: &Panel, outputs: &[*mut Code], sums: [[int32x4_t; 4]; HEIGHT]) {
    // SAFETY: the caller's promise.
    unsafe {
        let scale = load_scales(panel.scale);
        for (&output, sums) in outputs.iter().zip(sums) {
            let codes = panel.finish.codes(sums, scale);
            if panel.channels == 16 { vst1q_s8(output.add(panel.first), codes) } else { store_some(output.add(panel.first), codes, panel.channels) }
        }
    }
}

/// # Safety
/// As for [`store_16`], with 8 channels.
#[inline(always)]
unsafe fn store_8<const HEIGHT: usize>(panel: &Panel, outputs: &[*mut Code], sums: [[int32x4_t; 2]; HEIGHT]) {
    // SAFETY: the caller's promise; tables are readable up to a multiple of 64 channels.
    unsafe {
        let [s0, s1, ..] = load_scales(panel.scale);
        for (outputs, sums) in outputs.chunks(2).zip(sums.chunks(2)) {
            let (first, second) = (sums[0], sums[sums.len() - 1]);
            let codes = panel.finish.codes([first[0], first[1], second[0], second[1]], [s0, s1, s0, s1]);
            store_halves(panel, outputs, codes);
        }
    }
}

/// Stores 8 codes of one or two pixels.
///
/// # Safety
/// As for [`store_8`].
#[inline(always)]
pub(super) unsafe fn store_halves(panel: &Panel, outputs: &[*mut Code], codes: int8x16_t) {
    // SAFETY: the caller's promise.
    unsafe {
        for (&output, codes) in outputs.iter().zip([codes, vextq_s8::<8>(codes, codes)]) {
            let output = output.add(panel.first);
            if panel.channels == 8 { vst1_s8(output, vget_low_s8(codes)) } else { store_some(output, codes, panel.channels) }
        }
    }
}

/// The matrix product. Its contract is [`Product`]'s.
///
/// # Safety
/// See [`Product`]; the processor has dot products.
pub(super) unsafe fn product(task: &Product) {
    for_each_panel(task, LAYOUT, |panel, block| {
        let (inputs, outputs) = (&block.inputs[..block.len], &block.outputs[..block.len]);
        // SAFETY: the caller's promise; each call takes pixels that no other takes.
        unsafe {
            if panel.width == 16 {
                let sixes = block.len / 6 * 6;
                let fours = sixes + (block.len - sixes) / 4 * 4;
                tile_6x16(panel, &inputs[..sixes], &outputs[..sixes]);
                tile_4x16(panel, &inputs[sixes..fours], &outputs[sixes..fours]);
                tile_1x16(panel, &inputs[fours..], &outputs[fours..]);
            } else {
                let eights = block.len / 8 * 8;
                tile_8x8(panel, &inputs[..eights], &outputs[..eights]);
                tile_1x8(panel, &inputs[eights..], &outputs[eights..]);
            }
        }
    });
}
