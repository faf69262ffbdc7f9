//! Everything that is done to codes beside products and depthwise convolutions: safe functions over slices.
//!
//! Each is one plain loop that the compiler vectorises, compiled once for each family's instructions by [`by_family`]: every family gives the
//! same bytes because it runs the same arithmetic. Hence no fused multiply-add, and sums of f32 in a fixed order ([`rows`]).
//! Loops are written with `for` and indices: what is not inlined, as closures given to iterators sometimes, is compiled without the family's
//! instructions.

mod assemble;
mod blocks;
mod combine;
mod dequantise;
mod exponential;
mod functions;
mod layer_norm;
mod lookup;
mod pack;
mod picture;
mod pool;
mod quantise;
mod real;
mod reduce;
mod resize;
mod rounding;
mod rows;
mod softmax;

pub use assemble::{MAX_LOOPS, assemble, assemble_through};
pub use combine::{Combine, combine};
pub use dequantise::dequantise;
pub use functions::{RealFunction, apply};
pub use layer_norm::{LayerNorm, layer_norm};
pub use lookup::lookup;
pub use pack::{Matrix, SETS, pack};
pub use picture::{MAX_CHANNELS, picture};
pub use pool::{Pool, PoolKind, pool};
pub use quantise::{MAX_PLANES, quantise, quantise_planes};
pub use real::{RealCombine, clamp_reals, combine_reals, product};
pub use reduce::{RealReduction, reduce_reals};
pub use resize::{Resize, resize, resize_reals, resize_room};
pub use rounding::Rounding;
pub use rows::{RowsIn, RowsOut, row_room};
pub use softmax::softmax;

/// Makes a function `NAME(processor, ...)` that runs the inlined function BODY, compiled for the instructions of the processor's family.
macro_rules! by_family {
    ($(#[$meta:meta])* $vis:vis fn $name:ident($($argument:ident: $type:ty),* $(,)?) $(-> $result:ty)? = $body:path) => {
        $(#[$meta])*
        #[allow(clippy::too_many_arguments)] // the processor is one more than the body takes
        $vis fn $name(processor: super::super::Processor, $($argument: $type),*) $(-> $result)? {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx512f,avx512bw,avx512vl")]
                fn avx512($($argument: $type),*) $(-> $result)? {
                    $body($($argument),*)
                }
                #[target_feature(enable = "avx2,fma")]
                fn avx2($($argument: $type),*) $(-> $result)? {
                    $body($($argument),*)
                }
                match processor.family() {
                    // SAFETY: the processor has the family's instructions.
                    super::super::Family::Avx512Vnni => return unsafe { avx512($($argument),*) },
                    // SAFETY: as above.
                    super::super::Family::Avx2 | super::super::Family::AvxVnni => return unsafe { avx2($($argument),*) },
                    _ => {}
                }
            }
            let _ = processor;
            $body($($argument),*)
        }
    };
}
use by_family;
