//! The multiply-adds of aarch64.

use std::arch::asm;

use super::Loop;

pub(super) const NEON: Loop = Loop { run: neon, per_round: 8 * 16 };
pub(super) const DOT_PROD: Loop = Loop { run: dot_prod, per_round: 16 * 16 };
pub(super) const I8MM: Loop = Loop { run: i8mm, per_round: 16 * 32 };

/// Two products of each 16-bit sum, which is then added pairwise to a 32-bit one.
#[target_feature(enable = "neon")]
fn neon(rounds: u64) {
    // SAFETY: registers only.
    unsafe {
        asm!(
            ".irp sum, 0, 1, 2, 3, 4, 5, 6, 7, 28, 29",
            "movi v\\sum\\().16b, #0",
            ".endr",
            "2:",
            ".irp sum, 0, 1, 2, 3, 4, 5, 6, 7",
            "smull v1\\sum\\().8h, v28.8b, v29.8b",
            ".endr",
            ".irp sum, 0, 1, 2, 3, 4, 5, 6, 7",
            "smlal2 v1\\sum\\().8h, v28.16b, v29.16b",
            ".endr",
            ".irp sum, 0, 1, 2, 3, 4, 5, 6, 7",
            "sadalp v\\sum\\().4s, v1\\sum\\().8h",
            ".endr",
            "subs {rounds}, {rounds}, #1",
            "b.ne 2b",
            rounds = inout(reg) rounds => _,
            out("v0") _, out("v1") _, out("v2") _, out("v3") _, out("v4") _, out("v5") _, out("v6") _, out("v7") _,
            out("v10") _, out("v11") _, out("v12") _, out("v13") _, out("v14") _, out("v15") _, out("v16") _, out("v17") _,
            out("v28") _, out("v29") _,
            options(nostack, nomem)
        );
    }
}

#[target_feature(enable = "neon,dotprod")]
fn dot_prod(rounds: u64) {
    // SAFETY: registers only.
    unsafe {
        asm!(
            ".irp sum, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 28, 29",
            "movi v\\sum\\().16b, #0",
            ".endr",
            "2:",
            ".irp sum, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15",
            "sdot v\\sum\\().4s, v28.16b, v29.16b",
            ".endr",
            "subs {rounds}, {rounds}, #1",
            "b.ne 2b",
            rounds = inout(reg) rounds => _,
            out("v0") _, out("v1") _, out("v2") _, out("v3") _, out("v4") _, out("v5") _, out("v6") _, out("v7") _,
            out("v8") _, out("v9") _, out("v10") _, out("v11") _, out("v12") _, out("v13") _, out("v14") _, out("v15") _,
            out("v28") _, out("v29") _,
            options(nostack, nomem)
        );
    }
}

#[target_feature(enable = "neon,dotprod,i8mm")]
fn i8mm(rounds: u64) {
    // SAFETY: registers only.
    unsafe {
        asm!(
            ".irp sum, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 28, 29",
            "movi v\\sum\\().16b, #0",
            ".endr",
            "2:",
            ".irp sum, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15",
            "smmla v\\sum\\().4s, v28.16b, v29.16b",
            ".endr",
            "subs {rounds}, {rounds}, #1",
            "b.ne 2b",
            rounds = inout(reg) rounds => _,
            out("v0") _, out("v1") _, out("v2") _, out("v3") _, out("v4") _, out("v5") _, out("v6") _, out("v7") _,
            out("v8") _, out("v9") _, out("v10") _, out("v11") _, out("v12") _, out("v13") _, out("v14") _, out("v15") _,
            out("v28") _, out("v29") _,
            options(nostack, nomem)
        );
    }
}
