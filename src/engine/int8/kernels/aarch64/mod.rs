//! Kernels for aarch64: NEON as every 64-bit ARM processor has it, with dot products (`sdot`), and with matrix products (`smmla`).
//!
//! The inner loops of the matrix products are whole `asm!` blocks: the instructions of the last two families have no stable intrinsics, and
//! LLVM hoists loads out of wide tiles and spills their sums. Everything else is intrinsics.

mod blocks;
mod depthwise_dot;
mod depthwise_neon;
mod pixels;
mod product;
mod requantise;
mod tile_dot;
mod tile_matrix;
mod tile_neon;

use super::{Depthwise, Kernels, depthwise};

/// # Safety
/// See [`Depthwise`].
unsafe fn depthwise_portable(task: &Depthwise) {
    // SAFETY: the same contract.
    unsafe { depthwise::portable(task) }
}

pub(super) static NEON: Kernels = Kernels {
    layout: tile_neon::LAYOUT,
    product: tile_neon::product,
    pack_depthwise: depthwise_neon::pack,
    depthwise: depthwise_neon::depthwise,
    depthwise_portable,
};

pub(super) static DOT_PROD: Kernels = Kernels {
    layout: tile_dot::LAYOUT,
    product: tile_dot::product,
    pack_depthwise: depthwise_dot::pack,
    depthwise: depthwise_dot::depthwise,
    depthwise_portable,
};

pub(super) static I8MM: Kernels = Kernels {
    layout: tile_matrix::LAYOUT,
    product: tile_matrix::product,
    pack_depthwise: depthwise_dot::pack,
    depthwise: depthwise_dot::depthwise,
    depthwise_portable,
};
