//! The lesion that a network saw: which pixels it covers, its outline, its area and its diameters.
//!
//! Everything is measured on one surface: the grid of membership enlarged bilinearly with half-pixel centres, lesion where it is at
//! least [`LEVEL`]. Only [`clean`] may change that surface, by what the bundle says and before all else; nothing that measures may smooth it,
//! fill its holes or drop its small parts.
//!
//! ```text
//! grid of membership (-> clean) -> Surface -> { mask -> share_inside; parts (marching squares) -> Measures (hull, calipers) -> millimetres }
//! ```

mod clean;
mod hull;
mod mask;
mod measures;
mod outline;
mod scale;
mod share;
mod surface;

pub use clean::{Cleaning, FLATTENING, clean, largest, log_odds};
pub use hull::greatest_diameter;
pub use mask::mask;
pub use measures::{Measures, measure};
pub use outline::{Part, Point, parts};
pub use scale::{Millimetres, Scale};
pub use share::share_inside;

/// A point whose membership is at least this is lesion; the outline runs where it is exactly this.
pub const LEVEL: f32 = 0.5;
