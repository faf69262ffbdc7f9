//! The display: what a state looks like ([`scene`]) and how it gets onto glass ([`Surface`]).
//!
//! Scenes draw on a [`Canvas`] in memory; a surface shows a finished canvas. Only surfaces know pixels on glass.
//!
//! - [`scene`]: one file a state of the device; [`scene::draw`] is the way in.
//! - [`kms`]: a surface on a DRM/KMS driver, with page flips. [`fbdev`]: on a Linux framebuffer. [`spi`]: on a panel without a
//!   kernel driver. [`png`]: picture files. [`backlight`]: the light behind any of them.
//! - [`damage`], [`Rotation`], [`PixelLayout`]: the pure steps between a canvas and glass.

pub mod backlight;
mod canvas;
pub mod damage;
mod error;
#[cfg(target_os = "linux")]
pub mod fbdev;
mod font;
mod icon;
#[cfg(target_os = "linux")]
pub mod kms;
mod layout;
mod painter;
pub mod palette;
mod pixels;
pub mod png;
mod rotation;
pub mod scene;
#[cfg(target_os = "linux")]
pub mod spi;
mod surface;
mod text;

pub use canvas::{Canvas, Stencil};
pub use error::DisplayError;
pub use layout::{Area, LEAST_HEIGHT, LEAST_WIDTH};
pub use painter::PlacedText;
pub use pixels::{Channel, PixelLayout, rgb565};
pub use rotation::Rotation;
pub use surface::{Shown, Surface, monotonic};
