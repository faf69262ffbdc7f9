//! The evidence behind a verdict: class activation maps, the lesion that the network saw, its ABC criteria, and how all are shown.

pub mod abc;
pub mod cam;
pub mod colour_map;
pub mod criteria_overlay;
pub mod lesion;
pub mod overlay;
pub mod report;
pub mod severity;
mod stroke;
