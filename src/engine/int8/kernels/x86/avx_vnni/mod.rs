//! AVX-VNNI: `vpdpbusd` on 256-bit vectors, for processors without AVX512.

mod depthwise;
mod product;

use super::super::Kernels;

pub(in super::super) static KERNELS: Kernels = Kernels {
    layout: product::LAYOUT,
    product: product::product,
    pack_depthwise: depthwise::pack,
    depthwise: depthwise::depthwise,
    depthwise_portable: depthwise::portable,
};
