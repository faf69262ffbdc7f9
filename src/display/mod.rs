//! The display: what a state looks like ([`scene`]) and how it gets onto glass ([`Surface`]).
//!
//! Scenes draw on a [`Canvas`] in memory; a surface shows a finished canvas. Only surfaces know pixels on glass.

pub mod scene;
