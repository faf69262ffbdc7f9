//! The evidence behind a verdict: class activation maps as pictures.

pub mod cam;
pub mod colour_map;
pub mod overlay;
