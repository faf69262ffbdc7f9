//! Kernels for x86-64: one folder for each family, and what they share.

mod avx512;
mod depthwise;
mod tiles;

use super::{Kernels, scalar};

pub(super) use avx512::KERNELS as AVX512_VNNI;

const TWIN: Kernels = Kernels {
    layout: scalar::LAYOUT,
    product: scalar::product,
    pack_depthwise: |_, _| None,
    depthwise: scalar::depthwise,
    depthwise_portable: scalar::depthwise,
};
pub(super) static AVX2: Kernels = TWIN;
pub(super) static AVX_VNNI: Kernels = TWIN;
