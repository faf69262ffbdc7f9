//! The display: what a state looks like ([`scene`]) and how it gets onto glass ([`Surface`]).
//!
//! Scenes draw on a [`Canvas`] in memory; a surface shows a finished canvas. Only surfaces know pixels on glass.
//!
//! - [`scene`]: one file a state of the device; [`scene::draw`] is the way in.
//! - [`png`]: a surface that writes picture files. [`fbdev`]: a surface on a Linux framebuffer.

mod canvas;
mod error;
#[cfg(target_os = "linux")]
pub mod fbdev;
mod font;
mod icon;
mod layout;
mod painter;
pub mod palette;
pub mod png;
pub mod scene;
mod surface;
mod text;

pub use canvas::{Canvas, Stencil};
pub use error::DisplayError;
pub use layout::{Area, LEAST_HEIGHT, LEAST_WIDTH};
pub use painter::PlacedText;
pub use surface::Surface;
