//! The evidence behind a verdict: class activation maps, the lesion that the network saw, and how both are laid over a picture.

pub mod cam;
pub mod colour_map;
pub mod lesion;
pub mod overlay;
mod stroke;
