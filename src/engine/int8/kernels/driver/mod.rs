//! The safe entrance to the kernels: slices in, tiles out, every size checked before a pointer is made; and the sharing of an output among
//! threads.

mod convolve;
mod crew;
mod tile;

pub use convolve::{DepthwisePlan, PackedWeights, Strided, depthwise, product};
pub use crew::{Crew, Panicked};
pub use tile::Tile;
