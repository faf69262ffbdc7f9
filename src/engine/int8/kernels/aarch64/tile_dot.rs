//! Matrix product with dot products (`sdot`): tiles of 6 pixels by 16 channels, and of 8 by 8 where 8 or fewer are left.
//! The 24 vectors of sums of the wide tile and 8 of operands fill the registers; 16 depths take 96 `sdot` and 14 loads.

use std::arch::asm;

use super::{
    super::{Code, PanelLayout, Product},
    product::{Panel, for_each_panel, run_tiles},
    requantise::{finish_codes, finish_codes_adding, vector},
};

/// How the weights are packed: for each group of 4 depths, 4 bytes of each channel.
pub(super) const LAYOUT: PanelLayout = PanelLayout { width: 16, narrow: 8, group: 4 };

/// The addresses of the tile's pixels in the next segment.
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

/// Four depths by all channels.
macro_rules! depths {
    ($lane:literal $(($p:ident $at:literal $a:ident $s0:ident $s1:ident))+) => { by_eight!($lane $(($a $s0 $s1))+) };
    ($lane:literal $(($p:ident $at:literal $a:ident $s0:ident $s1:ident $s2:ident $s3:ident))+) => {
        concat!(by_eight!($lane $(($a $s0 $s1))+), by_eight!($lane $(($a $s2 $s3))+))
    };
}

/// Sums start with the bias.
macro_rules! start {
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

/// Requantises and stores: a pixel at a time with 16 channels, two at a time with 8.
macro_rules! store {
    ($(($p:ident $at:literal $a:ident $s0:ident $s1:ident $s2:ident $s3:ident))+) => {
        concat!(
            "ldp {a0:q}, {a1:q}, [{scale}]\n",
            "ldp {a2:q}, {a3:q}, [{scale}, #32]\n",
            $("ldr {", stringify!($p), "}, [{outputs}, #", $at, "]\n",
            finish_codes_adding!([$s0 $s1 $s2 $s3] [a0 a1 a2 a3] a4 a5 w0 w1),
            "str {", stringify!($s0), ":q}, [{", stringify!($p), "}, {first}]\n",)+
        )
    };
    ($(($p:ident $at:literal $a:ident $s0:ident $s1:ident) ($q:ident $bt:literal $b:ident $t0:ident $t1:ident))+) => {
        concat!(
            "ldp {a0:q}, {a1:q}, [{scale}]\n",
            $("ldr {", stringify!($p), "}, [{outputs}, #", $at, "]\n",
            "ldr {", stringify!($q), "}, [{outputs}, #", $bt, "]\n",
            "add {", stringify!($q), "}, {", stringify!($q), "}, {first}\n",
            finish_codes_adding!([$s0 $s1 $t0 $t1] [a0 a1 a0 a1] a4 a5 w0 w1),
            "str {", stringify!($s0), ":d}, [{", stringify!($p), "}, {first}]\n",
            "st1 {{{", stringify!($s0), ":v}.d}}[1], [{", stringify!($q), "}]\n",)+
        )
    };
    (($p:ident $at:literal $a:ident $s0:ident $s1:ident)) => {
        concat!(
            "ldp {a0:q}, {a1:q}, [{scale}]\n",
            "ldr {", stringify!($p), "}, [{outputs}, #", $at, "]\n",
            finish_codes_adding!([$s0 $s1 a2 a3] [a0 a1 a0 a1] a4 a5 w0 w1),
            "str {", stringify!($s0), ":d}, [{", stringify!($p), "}, {first}]\n",
        )
    };
}

/// A function that computes tiles of `$height` pixels. A row is a pixel: a register for its address, its byte offset in a list of addresses, a
/// register for its codes, the registers of its sums. `$more` are registers that only requantisation needs: it wants `a0` to `a5`.
macro_rules! tile {
    ($name:ident, $height:literal, $rows:tt, [$($more:ident)*]) => { tile!(@ $name, $height, $rows, $rows, [$($more)*]); };
    (@ $name:ident, $height:literal, [$($row:tt)+], [$(($p:ident $at:literal $a:ident $($s:ident)+))+], [$($more:ident)*]) => {
        /// Tiles over all of `inputs` into all of `outputs`, whose number is a multiple of the tile's height.
        ///
        /// # Safety
        /// As for [`Product`], for these pixels; stores the panel's whole width.
        #[target_feature(enable = "dotprod")]
        unsafe fn $name(panel: &Panel, inputs: &[*const Code], outputs: &[*mut Code]) {
            for (inputs, outputs) in inputs.chunks_exact($height).zip(outputs.chunks_exact($height)) {
                // SAFETY: reads the tile's addresses, the codes behind them over all segments and READ_SLACK, the panel's weights and tables;
                // writes the panel's channels of the outputs.
                unsafe {
                    asm!(
                        start!($($row)+),
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
                        "ldp {w0:q}, {w1:q}, [{finish}, #16]",
                        "ldp {a4:q}, {a5:q}, [{finish}, #48]",
                        store!($($row)+),
                        inputs = in(reg) inputs.as_ptr(),
                        outputs = in(reg) outputs.as_ptr(),
                        bias = in(reg) panel.bias,
                        scale = in(reg) panel.scale,
                        finish = in(reg) &raw const panel.finish,
                        first = in(reg) panel.first,
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
                        $($more = out(vreg) _,)*
                        $($($s = out(vreg) _,)+)+
                        options(nostack),
                    );
                }
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
], []);
tile!(tile_4x16, 4, [
    (p0 0 a0 s00 s01 s02 s03)
    (p1 8 a1 s10 s11 s12 s13)
    (p2 16 a2 s20 s21 s22 s23)
    (p3 24 a3 s30 s31 s32 s33)
], [a4 a5]);
tile!(tile_2x16, 2, [
    (p0 0 a0 s00 s01 s02 s03)
    (p1 8 a1 s10 s11 s12 s13)
], [a2 a3 a4 a5]);
tile!(tile_1x16, 1, [(p0 0 a0 s00 s01 s02 s03)], [a1 a2 a3 a4 a5]);
tile!(tile_8x8, 8, [
    (p0 0 a0 s00 s01)
    (p1 8 a1 s10 s11)
    (p2 16 a2 s20 s21)
    (p3 24 a3 s30 s31)
    (p4 32 a4 s40 s41)
    (p5 40 a5 s50 s51)
    (p6 48 a6 s60 s61)
    (p7 56 a7 s70 s71)
], []);
tile!(tile_4x8, 4, [
    (p0 0 a0 s00 s01)
    (p1 8 a1 s10 s11)
    (p2 16 a2 s20 s21)
    (p3 24 a3 s30 s31)
], [a4 a5]);
tile!(tile_1x8, 1, [(p0 0 a0 s00 s01)], [a1 a2 a3 a4 a5]);

/// The matrix product.
///
/// # Safety
/// See [`Product`]; the processor has dot products.
pub(super) unsafe fn product(task: &Product) {
    for_each_panel(task, LAYOUT, |panel, block| {
        // SAFETY: the caller's promise; the functions store 16 and 8 channels.
        unsafe {
            if panel.width == 16 {
                run_tiles(panel, block, [(6, tile_6x16), (4, tile_4x16), (2, tile_2x16), (1, tile_1x16)]);
            } else {
                run_tiles(panel, block, [(8, tile_8x8), (4, tile_4x8), (1, tile_1x8)]);
            }
        }
    });
}
