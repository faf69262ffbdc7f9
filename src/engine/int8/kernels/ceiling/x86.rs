//! The multiply-adds of x86-64.

use std::arch::asm;

use super::Loop;

pub(super) const AVX2: Loop = Loop { run: avx2, per_round: 12 * 16 };
pub(super) const AVX_VNNI: Loop = Loop { run: avx_vnni, per_round: 12 * 32 };
pub(super) const AVX512_VNNI: Loop = Loop { run: avx512_vnni, per_round: 24 * 64 };

/// `vpmaddwd` and the addition without which it is no multiply-add.
#[target_feature(enable = "avx2")]
fn avx2(rounds: u64) {
    // SAFETY: registers only.
    unsafe {
        asm!(
            ".irp sum, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15",
            "vpxor xmm\\sum, xmm\\sum, xmm\\sum",
            ".endr",
            "2:",
            ".irp sum, 0, 1, 2, 3, 4, 5",
            "vpmaddwd ymm12, ymm14, ymm15",
            "vpaddd ymm\\sum, ymm\\sum, ymm12",
            ".endr",
            ".irp sum, 6, 7, 8, 9, 10, 11",
            "vpmaddwd ymm13, ymm14, ymm15",
            "vpaddd ymm\\sum, ymm\\sum, ymm13",
            ".endr",
            "dec {rounds}",
            "jnz 2b",
            rounds = inout(reg) rounds => _,
            out("ymm0") _, out("ymm1") _, out("ymm2") _, out("ymm3") _, out("ymm4") _, out("ymm5") _, out("ymm6") _, out("ymm7") _,
            out("ymm8") _, out("ymm9") _, out("ymm10") _, out("ymm11") _, out("ymm12") _, out("ymm13") _, out("ymm14") _, out("ymm15") _,
            options(nostack, nomem)
        );
    }
}

#[target_feature(enable = "avx2,avxvnni")]
fn avx_vnni(rounds: u64) {
    // SAFETY: registers only.
    unsafe {
        asm!(
            ".irp sum, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13",
            "vpxor xmm\\sum, xmm\\sum, xmm\\sum",
            ".endr",
            "2:",
            ".irp sum, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11",
            "{{vex}} vpdpbusd ymm\\sum, ymm12, ymm13",
            ".endr",
            "dec {rounds}",
            "jnz 2b",
            rounds = inout(reg) rounds => _,
            out("ymm0") _, out("ymm1") _, out("ymm2") _, out("ymm3") _, out("ymm4") _, out("ymm5") _, out("ymm6") _, out("ymm7") _,
            out("ymm8") _, out("ymm9") _, out("ymm10") _, out("ymm11") _, out("ymm12") _, out("ymm13") _,
            options(nostack, nomem)
        );
    }
}

#[target_feature(enable = "avx512f,avx512vnni")]
fn avx512_vnni(rounds: u64) {
    // SAFETY: registers only.
    unsafe {
        asm!(
            ".irp sum, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25",
            "vpxord zmm\\sum, zmm\\sum, zmm\\sum",
            ".endr",
            "2:",
            ".irp sum, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23",
            "vpdpbusd zmm\\sum, zmm24, zmm25",
            ".endr",
            "dec {rounds}",
            "jnz 2b",
            rounds = inout(reg) rounds => _,
            out("zmm0") _, out("zmm1") _, out("zmm2") _, out("zmm3") _, out("zmm4") _, out("zmm5") _, out("zmm6") _, out("zmm7") _,
            out("zmm8") _, out("zmm9") _, out("zmm10") _, out("zmm11") _, out("zmm12") _, out("zmm13") _, out("zmm14") _, out("zmm15") _,
            out("zmm16") _, out("zmm17") _, out("zmm18") _, out("zmm19") _, out("zmm20") _, out("zmm21") _, out("zmm22") _, out("zmm23") _,
            out("zmm24") _, out("zmm25") _,
            options(nostack, nomem)
        );
    }
}
