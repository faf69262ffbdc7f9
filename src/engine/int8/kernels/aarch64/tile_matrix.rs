//! Matrix product with matrix instructions (`smmla`): tiles of 6 pixels by 16 channels, and of 8 by 8 where 8 or fewer are left.
//!
//! A vector of sums holds two pixels by two channels. 8 depths of the wide tile take 24 `smmla` and 10 loads.

use std::arch::asm;

use super::{
    super::{Code, PanelLayout, Product},
    product::{Panel, for_each_panel, run_tiles},
    requantise::{finish_codes, vector},
};

/// How the weights are packed: for each group of 8 depths, 8 bytes of each channel.
pub(super) const LAYOUT: PanelLayout = PanelLayout { width: 16, narrow: 8, group: 8 };

/// The addresses of the tile's pixels in the next segment.
macro_rules! segment {
    ($(($p:ident $at:literal $q:ident $bt:literal $a:ident $($s:ident)+))+) => {
        concat!(
            "ldr {offset}, [{segments}], #8\n",
            $("ldr {", stringify!($p), "}, [{inputs}, #", $at, "]\n",
            "ldr {", stringify!($q), "}, [{inputs}, #", $bt, "]\n",)+
            $("add {", stringify!($p), "}, {", stringify!($p), "}, {offset}\n",
            "add {", stringify!($q), "}, {", stringify!($q), "}, {offset}\n",)+
        )
    };
}

/// The next 8 codes of every pixel, two pixels to a register.
macro_rules! load_codes {
    ($(($p:ident $at:literal $q:ident $bt:literal $a:ident $($s:ident)+))+) => {
        concat!(
            $("ldr {", stringify!($a), ":d}, [{", stringify!($p), "}], #8\n",)+
            $("ld1 {{{", stringify!($a), ":v}.d}}[1], [{", stringify!($q), "}], #8\n",)+
        )
    };
}

/// Eight depths by four channels.
macro_rules! by_four {
    ($(($a:ident $s0:ident $s1:ident))+) => {
        concat!(
            "ldp {w0:q}, {w1:q}, [{weights}], #32\n",
            $("smmla {", stringify!($s0), ":v}.4s, {", stringify!($a), ":v}.16b, {w0:v}.16b\n",)+
            $("smmla {", stringify!($s1), ":v}.4s, {", stringify!($a), ":v}.16b, {w1:v}.16b\n",)+
        )
    };
}

/// Eight depths by all channels.
macro_rules! depths {
    ($(($p:ident $at:literal $q:ident $bt:literal $a:ident $s0:ident $s1:ident $s2:ident $s3:ident))+) => {
        concat!(by_four!($(($a $s0 $s1))+), by_four!($(($a $s2 $s3))+))
    };
    ($(($p:ident $at:literal $q:ident $bt:literal $a:ident
        $s0:ident $s1:ident $s2:ident $s3:ident $s4:ident $s5:ident $s6:ident $s7:ident))+) => {
        concat!(by_four!($(($a $s0 $s1))+), by_four!($(($a $s2 $s3))+), by_four!($(($a $s4 $s5))+), by_four!($(($a $s6 $s7))+))
    };
}

/// Sums start with the bias, two channels of it in both halves.
macro_rules! start {
    ($(($p:ident $at:literal $q:ident $bt:literal $a:ident $($s:ident)+))+) => {
        concat!($("mov {offset}, {bias}\n", $("ld1r {{{", stringify!($s), ":v}.2d}}, [{offset}], #8\n",)+)+)
    };
}

/// Parts the sums of two pixels: the first pixel's go into `$spare` and the first registers of all pairs but the last, the second's into the
/// second registers. The last pair's first register is free then.
macro_rules! part {
    ($spare:ident $s0:ident $s1:ident $($more:ident)*) => {
        concat!(
            "zip1 {", stringify!($spare), ":v}.2d, {", stringify!($s0), ":v}.2d, {", stringify!($s1), ":v}.2d\n",
            "zip2 {", stringify!($s1), ":v}.2d, {", stringify!($s0), ":v}.2d, {", stringify!($s1), ":v}.2d\n",
            part!($s0 $($more)*)
        )
    };
    ($spare:ident) => { "" };
}

/// Requantises and stores two pixels at a time.
macro_rules! store {
    ($(($p:ident $at:literal $q:ident $bt:literal $a:ident
        $s0:ident $s1:ident $s2:ident $s3:ident $s4:ident $s5:ident $s6:ident $s7:ident))+) => {
        concat!(
            "ldp {f0:q}, {f1:q}, [{scale}]\n",
            "ldp {f2:q}, {f3:q}, [{scale}, #32]\n",
            $("ldr {", stringify!($p), "}, [{outputs}, #", $at, "]\n",
            "ldr {", stringify!($q), "}, [{outputs}, #", $bt, "]\n",
            part!(spare $s0 $s1 $s2 $s3 $s4 $s5 $s6 $s7),
            finish_codes!([spare $s0 $s2 $s4] [f0 f1 f2 f3] w0 w1 highest),
            "str {spare:q}, [{", stringify!($p), "}, {first}]\n",
            finish_codes!([$s1 $s3 $s5 $s7] [f0 f1 f2 f3] w0 w1 highest),
            "str {", stringify!($s1), ":q}, [{", stringify!($q), "}, {first}]\n",)+
        )
    };
    ($(($p:ident $at:literal $q:ident $bt:literal $a:ident $s0:ident $s1:ident $s2:ident $s3:ident))+) => {
        concat!(
            "ldp {f0:q}, {f1:q}, [{scale}]\n",
            "ldp {f2:q}, {f3:q}, [{scale}]\n",
            $("ldr {", stringify!($p), "}, [{outputs}, #", $at, "]\n",
            "ldr {", stringify!($q), "}, [{outputs}, #", $bt, "]\n",
            "add {", stringify!($q), "}, {", stringify!($q), "}, {first}\n",
            part!(spare $s0 $s1 $s2 $s3),
            finish_codes!([spare $s0 $s1 $s3] [f0 f1 f2 f3] w0 w1 highest),
            "str {spare:d}, [{", stringify!($p), "}, {first}]\n",
            "st1 {{{spare:v}.d}}[1], [{", stringify!($q), "}]\n",)+
        )
    };
}

/// A function that computes tiles of `$height` pixels. A row is two pixels: a register for the address and the byte offset in a list of addresses
/// of either, a register for their codes, the registers of their sums.
macro_rules! tile {
    ($name:ident, $height:literal, $rows:tt) => { tile!(@ $name, $height, $rows, $rows); };
    (@ $name:ident, $height:literal, [$($row:tt)+], [$(($p:ident $at:literal $q:ident $bt:literal $a:ident $($s:ident)+))+]) => {
        /// Tiles over all of `inputs` into all of `outputs`, whose number is a multiple of the tile's height.
        ///
        /// # Safety
        /// As for [`Product`], for these pixels; stores the panel's whole width.
        #[target_feature(enable = "i8mm")]
        unsafe fn $name(panel: &Panel, inputs: &[*const Code], outputs: &[*mut Code]) {
            let groups = panel.depth.div_ceil(8);
            for (inputs, outputs) in inputs.chunks_exact($height).zip(outputs.chunks_exact($height)) {
                // SAFETY: reads the tile's addresses, the codes behind them over all segments and READ_SLACK, the panel's weights and tables;
                // writes the panel's channels of the outputs.
                unsafe {
                    asm!(
                        start!($($row)+),
                        "2:",
                        segment!($($row)+),
                        "mov {left}, {twos}",
                        "cbz {left}, 4f",
                        "3:",
                        load_codes!($($row)+),
                        depths!($($row)+),
                        load_codes!($($row)+),
                        depths!($($row)+),
                        "subs {left}, {left}, #1",
                        "b.ne 3b",
                        "4:",
                        "cbz {odd}, 5f",
                        load_codes!($($row)+),
                        depths!($($row)+),
                        "5:",
                        "subs {count}, {count}, #1",
                        "b.ne 2b",
                        "ldp {w0:q}, {w1:q}, [{finish}]",
                        "ldr {highest:q}, [{finish}, #32]",
                        store!($($row)+),
                        inputs = in(reg) inputs.as_ptr(),
                        outputs = in(reg) outputs.as_ptr(),
                        bias = in(reg) panel.bias,
                        scale = in(reg) panel.scale,
                        finish = in(reg) &raw const panel.finish,
                        first = in(reg) panel.first,
                        twos = in(reg) groups / 2,
                        odd = in(reg) groups % 2,
                        weights = inout(reg) panel.weights => _,
                        segments = inout(reg) panel.segments.as_ptr() => _,
                        count = inout(reg) panel.segments.len() => _,
                        left = out(reg) _,
                        offset = out(reg) _,
                        f0 = out(vreg) _,
                        f1 = out(vreg) _,
                        f2 = out(vreg) _,
                        f3 = out(vreg) _,
                        w0 = out(vreg) _,
                        w1 = out(vreg) _,
                        highest = out(vreg) _,
                        spare = out(vreg) _,
                        $($p = out(reg) _, $q = out(reg) _,)+
                        $($($s = out(vreg) _,)+)+
                        options(nostack),
                    );
                }
            }
        }
    };
}

tile!(tile_6x16, 6, [
    (p0 0 p1 8 f0 s00 s01 s02 s03 s04 s05 s06 s07)
    (p2 16 p3 24 f1 s10 s11 s12 s13 s14 s15 s16 s17)
    (p4 32 p5 40 f2 s20 s21 s22 s23 s24 s25 s26 s27)
]);
tile!(tile_2x16, 2, [(p0 0 p1 8 f0 s00 s01 s02 s03 s04 s05 s06 s07)]);
tile!(tile_8x8, 8, [
    (p0 0 p1 8 f0 s00 s01 s02 s03)
    (p2 16 p3 24 f1 s10 s11 s12 s13)
    (p4 32 p5 40 f2 s20 s21 s22 s23)
    (p6 48 p7 56 f3 s30 s31 s32 s33)
]);
tile!(tile_2x8, 2, [(p0 0 p1 8 f0 s00 s01 s02 s03)]);
// One pixel is computed, and stored, twice.
tile!(tile_1x16, 1, [(p0 0 p1 0 f0 s00 s01 s02 s03 s04 s05 s06 s07)]);
tile!(tile_1x8, 1, [(p0 0 p1 0 f0 s00 s01 s02 s03)]);

/// The matrix product.
///
/// # Safety
/// See [`Product`]; the processor has matrix instructions.
pub(super) unsafe fn product(task: &Product) {
    for_each_panel(task, LAYOUT, |panel, block| {
        // SAFETY: the caller's promise; the functions store 16 and 8 channels.
        unsafe {
            if panel.width == 16 {
                run_tiles(panel, block, [(6, tile_6x16), (2, tile_2x16), (1, tile_1x16)]);
            } else {
                run_tiles(panel, block, [(8, tile_8x8), (2, tile_2x8), (1, tile_1x8)]);
            }
        }
    });
}
