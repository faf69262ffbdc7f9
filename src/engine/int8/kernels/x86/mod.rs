//! Kernels for x86-64: one folder for each family, and what they share.

mod avx2;
mod avx512;
mod avx_vnni;
mod depthwise;
mod tiles;
mod ymm;

pub(super) use avx_vnni::KERNELS as AVX_VNNI;
pub(super) use avx2::KERNELS as AVX2;
pub(super) use avx512::KERNELS as AVX512_VNNI;
