//! Kernels for x86-64.
use super::{Kernels, scalar};
const TWIN: Kernels = Kernels {
    layout: scalar::LAYOUT,
    product: scalar::product,
    pack_depthwise: |_, _| None,
    depthwise: scalar::depthwise,
    depthwise_portable: scalar::depthwise,
};
pub(super) static AVX2: Kernels = TWIN;
pub(super) static AVX_VNNI: Kernels = TWIN;
pub(super) static AVX512_VNNI: Kernels = TWIN;
