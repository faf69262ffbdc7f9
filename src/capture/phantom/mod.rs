//! Phantoms: synthetic dermoscopic frames with known truth, for the simulated device, tests and demonstrations.
//!
//! A [`Phantom`] is a full description of a scene; [`Phantom::render`] draws it and says what is true about it.
//! [`PhantomCamera`] shows a script of phantoms as a [`Camera`](super::Camera) would.
//!
//! **Guarantee**: the same parameters and size give the same bytes on every platform whose `f32` follows IEEE-754 (all of
//! Rust's tier 1 and tier 2 targets but x87 i586), because only exact operations and ChaCha8 are used; a test pins a digest.
//! A change to this room may change the bytes, and then must change that digest.
//!
//! A phantom is no patient: figures about a system's accuracy come from real images, never from here.

mod camera;
mod canvas;
mod colour;
mod maths;
mod optics;
mod outline;
mod overlay;
mod parameters;
mod patients;
mod render;
mod settings;
mod surface;
mod texture;
mod truth;

pub use camera::PhantomCamera;
pub use colour::LesionColour;
pub use parameters::{Contact, Fitzpatrick, Hair, Lesion, Optics, Phantom, PhantomError, Skin};
pub use render::Rendered;
pub use settings::{PhantomSettings, Shot};
pub use truth::{ColourShare, Truth};
