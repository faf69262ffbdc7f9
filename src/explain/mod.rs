//! The evidence behind a verdict: class activation maps, and how they are laid over a picture.

pub mod cam;
pub mod colour_map;
pub mod lesion;
pub mod overlay;
