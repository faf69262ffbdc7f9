//! AVX2 without dot products of bytes: products are widened to 16 bits, so that none saturates.

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
