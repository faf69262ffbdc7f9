//! The evidence behind a verdict: class activation maps as pictures.

pub mod cam;
