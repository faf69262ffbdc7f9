//! Matrix product for processors without dot products: tiles of 4 pixels by 4 channels.
//!
//! Each pair of pixel and channel has one vector of sums over the depth. 16 depths take three instructions: two products of 8 codes by 8
//! weights added up in 16 bits, which cannot overflow because no weight is -128, and a pairwise addition of these to the sums.

use std::arch::asm;

use super::{
    super::{Code, PanelLayout, Product},
    product::{Panel, for_each_panel, run_tiles},
    requantise::{finish_codes, vector},
};

/// How the weights are packed: for each group of 16 depths, 16 bytes of each channel.
pub(super) const LAYOUT: PanelLayout = PanelLayout { width: 4, narrow: 4, group: 16 };

/// The addresses of the tile's pixels in the next segment, and how many groups it has.
macro_rules! segment {
    ($(($p:ident $at:literal $a:ident $t:ident $u:ident $($s:ident)+))+) => {
        concat!(
            "ldr {offset}, [{segments}], #8\n",
            $("ldr {", stringify!($p), "}, [{inputs}, #", $at, "]\n",)+
            $("add {", stringify!($p), "}, {", stringify!($p), "}, {offset}\n",)+
            "mov {left}, {groups}\n",
        )
    };
}

macro_rules! zero {
    ($(($p:ident $at:literal $a:ident $t:ident $u:ident $($s:ident)+))+) => {
        concat!($($("movi {", stringify!($s), ":v}.4s, #0\n",)+)+)
    };
}

/// The products of two channels' weights: `$accumulate` takes them to the sums. In this order the Cortex-A53 does not wait for results.
macro_rules! channels {
    ($view:tt $accumulate:literal $w:ident $v:ident $(($a:ident $t:ident $u:ident $s0:ident $s1:ident))+) => {
        concat!(
            $("smull {", stringify!($t), ":v}.8h, {", stringify!($a), ":v}.8b, {", stringify!($w), ":v}.8b\n",)+
            $("smull {", stringify!($u), ":v}.8h, {", stringify!($a), ":v}.8b, {", stringify!($v), ":v}.8b\n",)+
            channels!(@ $view $w $(($a $t))+),
            channels!(@ $view $v $(($a $u))+),
            $($accumulate, " {", stringify!($s0), ":v}.4s, {", stringify!($t), ":v}.8h\n",)+
            $($accumulate, " {", stringify!($s1), ":v}.4s, {", stringify!($u), ":v}.8h\n",)+
        )
    };
    (@ "q" $w:ident $(($a:ident $t:ident))+) => {
        concat!($("smlal2 {", stringify!($t), ":v}.8h, {", stringify!($a), ":v}.16b, {", stringify!($w), ":v}.16b\n",)+)
    };
    (@ "d" $w:ident $(($a:ident $t:ident))+) => { "" };
}

/// One group of depths, all of it (`$view` q) or its first half (d).
macro_rules! group {
    ($view:tt $accumulate:literal $(($p:ident $at:literal $a:ident $t:ident $u:ident $s0:ident $s1:ident $s2:ident $s3:ident))+) => {
        concat!(
            "ldp {w0:q}, {w1:q}, [{weights}], #64\n",
            $("ldr {", stringify!($a), ":", $view, "}, [{", stringify!($p), "}], #16\n",)+
            "ldp {w2:q}, {w3:q}, [{weights}, #-32]\n",
            channels!($view $accumulate w0 w1 $(($a $t $u $s0 $s1))+),
            channels!($view $accumulate w2 w3 $(($a $t $u $s2 $s3))+),
        )
    };
}

/// Adds up each row's sums to four channels, and the bias, in the row's first register of products.
macro_rules! reduce {
    ($(($p:ident $at:literal $a:ident $t:ident $u:ident $s0:ident $s1:ident $s2:ident $s3:ident))+) => {
        concat!(
            "ldr {w0:q}, [{bias}]\n",
            $("addp {", stringify!($t), ":v}.4s, {", stringify!($s0), ":v}.4s, {", stringify!($s1), ":v}.4s\n",
            "addp {", stringify!($u), ":v}.4s, {", stringify!($s2), ":v}.4s, {", stringify!($s3), ":v}.4s\n",)+
            $("addp {", stringify!($t), ":v}.4s, {", stringify!($t), ":v}.4s, {", stringify!($u), ":v}.4s\n",)+
            $("add {", stringify!($t), ":v}.4s, {", stringify!($t), ":v}.4s, {w0:v}.4s\n",)+
        )
    };
}

/// Requantises and stores four codes of each of four pixels, or of one.
macro_rules! store {
    (($p0:ident $at0:literal $a0:ident $t0:ident $u0:ident $($s0:ident)+)
     ($p1:ident $at1:literal $a1:ident $t1:ident $u1:ident $($s1:ident)+)
     ($p2:ident $at2:literal $a2:ident $t2:ident $u2:ident $($s2:ident)+)
     ($p3:ident $at3:literal $a3:ident $t3:ident $u3:ident $($s3:ident)+)) => {
        concat!(
            store!(@ $p0 $at0), store!(@ $p1 $at1), store!(@ $p2 $at2), store!(@ $p3 $at3),
            finish_codes!([$t0 $t1 $t2 $t3] [w1 w1 w1 w1] w2 w3 w0),
            store!(@ 0 $t0 $p0), store!(@ 1 $t0 $p1), store!(@ 2 $t0 $p2), store!(@ 3 $t0 $p3),
        )
    };
    (($p:ident $at:literal $a:ident $t:ident $u:ident $s0:ident $s1:ident $s2:ident $s3:ident)) => {
        concat!(store!(@ $p $at), finish_codes!([$t $u $s2 $s3] [w1 w1 w1 w1] w2 w3 w0), store!(@ 0 $t $p))
    };
    (@ $p:ident $at:literal) => {
        concat!(
            "ldr {", stringify!($p), "}, [{outputs}, #", $at, "]\n",
            "add {", stringify!($p), "}, {", stringify!($p), "}, {first}\n",
        )
    };
    (@ $lane:literal $s:ident $p:ident) => {
        concat!("st1 {{{", stringify!($s), ":v}.s}}[", $lane, "], [{", stringify!($p), "}]\n")
    };
}

/// A function that computes tiles of `$height` pixels. A row is a pixel: a register for its address, its byte offset in a list of addresses, a
/// register for its codes, two for its products, the registers of its sums.
macro_rules! tile {
    ($name:ident, $height:literal, $rows:tt) => { tile!(@ $name, $height, $rows, $rows); };
    (@ $name:ident, $height:literal, [$($row:tt)+], [$(($p:ident $at:literal $a:ident $t:ident $u:ident $($s:ident)+))+]) => {
        /// Tiles over all of `inputs` into all of `outputs`, whose number is a multiple of the tile's height.
        ///
        /// # Safety
        /// As for [`Product`], for these pixels; stores the panel's whole width.
        unsafe fn $name(panel: &Panel, inputs: &[*const Code], outputs: &[*mut Code]) {
            // More than half a group is computed as a whole one: the weights that are missing are zero.
            let (groups, rest) = (panel.depth / 16, panel.depth % 16);
            let groups = groups + usize::from(rest > 8);
            for (inputs, outputs) in inputs.chunks_exact($height).zip(outputs.chunks_exact($height)) {
                // SAFETY: reads the tile's addresses, the codes behind them over all segments and READ_SLACK, the panel's weights and tables;
                // writes the panel's channels of the outputs.
                unsafe {
                    asm!(
                        segment!($($row)+),
                        "cbz {left}, 2f",
                        // The first products are taken as sums, which saves clearing them.
                        group!("q" "saddlp" $($row)+),
                        "subs {left}, {left}, #1",
                        "b.ne 3f",
                        "b 4f",
                        "2:",
                        zero!($($row)+),
                        "b 4f",
                        "3:",
                        group!("q" "sadalp" $($row)+),
                        "subs {left}, {left}, #1",
                        "b.ne 3b",
                        "4:",
                        "cbz {half}, 5f",
                        group!("d" "sadalp" $($row)+),
                        "5:",
                        "subs {count}, {count}, #1",
                        "b.eq 6f",
                        segment!($($row)+),
                        "cbnz {left}, 3b",
                        "b 4b",
                        "6:",
                        reduce!($($row)+),
                        "ldr {w1:q}, [{scale}]",
                        "ldp {w2:q}, {w3:q}, [{finish}]",
                        "ldr {w0:q}, [{finish}, #32]",
                        store!($($row)+),
                        inputs = in(reg) inputs.as_ptr(),
                        outputs = in(reg) outputs.as_ptr(),
                        bias = in(reg) panel.bias,
                        scale = in(reg) panel.scale,
                        finish = in(reg) &raw const panel.finish,
                        first = in(reg) panel.first,
                        groups = in(reg) groups,
                        half = in(reg) usize::from(rest != 0 && rest <= 8),
                        weights = inout(reg) panel.weights => _,
                        segments = inout(reg) panel.segments.as_ptr() => _,
                        count = inout(reg) panel.segments.len() => _,
                        left = out(reg) _,
                        offset = out(reg) _,
                        w0 = out(vreg) _,
                        w1 = out(vreg) _,
                        w2 = out(vreg) _,
                        w3 = out(vreg) _,
                        $($p = out(reg) _, $a = out(vreg) _, $t = out(vreg) _, $u = out(vreg) _,)+
                        $($($s = out(vreg) _,)+)+
                        options(nostack),
                    );
                }
            }
        }
    };
}

tile!(tile_4x4, 4, [
    (p0 0 a0 t0 u0 s00 s01 s02 s03)
    (p1 8 a1 t1 u1 s10 s11 s12 s13)
    (p2 16 a2 t2 u2 s20 s21 s22 s23)
    (p3 24 a3 t3 u3 s30 s31 s32 s33)
]);
tile!(tile_1x4, 1, [(p0 0 a0 t0 u0 s00 s01 s02 s03)]);

/// The matrix product.
///
/// # Safety
/// See [`Product`].
pub(super) unsafe fn product(task: &Product) {
    for_each_panel(task, LAYOUT, |panel, block| {
        // SAFETY: the caller's promise; the functions store 4 channels.
        unsafe { run_tiles(panel, block, [(4, tile_4x4), (1, tile_1x4)]) };
    });
}
