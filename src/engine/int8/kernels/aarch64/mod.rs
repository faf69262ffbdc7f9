//! Kernels for aarch64.
use super::{Kernels, scalar};
const TWIN: Kernels = Kernels {
    layout: scalar::LAYOUT,
    product: scalar::product,
    pack_depthwise: |_, _| None,
    depthwise: scalar::depthwise,
    depthwise_portable: scalar::depthwise,
};
pub(super) static NEON: Kernels = TWIN;
pub(super) static DOT_PROD: Kernels = TWIN;
pub(super) static I8MM: Kernels = TWIN;
