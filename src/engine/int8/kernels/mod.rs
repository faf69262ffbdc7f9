//! The arithmetic of the int8 engine: what each kernel computes, and its implementations for each family of processors.
//!
//! Every kernel is defined by its scalar twin ([`scalar`]), which the SIMD implementations equal bit for bit: an inference gives the same
//! bytes on every processor. Which family runs is chosen once, when a program is built, because weights are packed for it.
//!
//! This module is the only place of the engine with `unsafe`. It knows no graph and no file, starts no thread, and
//! compiles on its own. Outside of it everything goes through [`driver`] and [`elementwise`], which are safe.
//!
//! # Codes
//! A quantised activation is an 8-bit [`Code`]: unsigned on x86, whose dot-product instructions multiply unsigned by signed, and signed on
//! aarch64, whose instructions multiply signed by signed. The code is the ONNX u8 value minus [`CODE_OFFSET`]; zero points and clamps are
//! given to kernels in codes. Weights are always signed, in -127..=127 for the packed kernels (so that two products fit into 16 bits).
//!
//! # Requantisation
//! An i32 sum becomes a code as in ONNX Runtime: `clamp(round_ties_even(sum as f32 * scale) + zero_point, lowest, highest)`, all in f32 and
//! i32 arithmetic. The caller guarantees that sums fit in i32 and that `|sum * scale| < 2^31`.

mod ceiling;
mod depthwise;
pub mod driver;
pub mod elementwise;
mod family;
mod panels;
mod processor;
mod product;
mod requantise;
pub mod scalar;

#[cfg(target_arch = "aarch64")]
mod aarch64;
#[cfg(test)]
mod tests;
#[cfg(target_arch = "x86_64")]
mod x86;

pub use ceiling::ceiling;
pub use depthwise::{Depthwise, DepthwiseShape, pack_portable};
pub use family::{Asked, Family, Kernels, UnknownFamily};
pub use panels::PanelLayout;
pub use processor::Processor;
pub use product::Product;
pub use requantise::Requantise;

/// One quantised activation as it lies in memory.
#[cfg(not(target_arch = "aarch64"))]
pub type Code = u8;
/// One quantised activation as it lies in memory.
#[cfg(target_arch = "aarch64")]
pub type Code = i8;

/// ONNX's u8 value minus this is the [`Code`].
pub const CODE_OFFSET: i32 = if cfg!(target_arch = "aarch64") { 128 } else { 0 };

/// Kernels may read (never write) this many bytes past the last value that they use of an input or of packed weights.
pub const READ_SLACK: usize = 64;

/// Per-channel tables (bias, scale) are readable up to a multiple of this many channels.
pub const CHANNEL_PADDING: usize = 64;
