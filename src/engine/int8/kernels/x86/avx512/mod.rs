//! AVX512 with VNNI and VBMI: Ice Lake, Zen 4 and later.

mod depthwise;
mod narrow;
mod product;
mod requantise;
mod wide;

use super::super::Kernels;

pub(in super::super) static KERNELS: Kernels = Kernels {
    layout: product::LAYOUT,
    product: product::product,
    pack_depthwise: depthwise::pack,
    depthwise: depthwise::depthwise,
    depthwise_portable: depthwise::portable,
};
