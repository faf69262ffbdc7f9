//! **lentigo**: the runtime of a handheld dermatoscope.
//!
//! A frame comes in from a camera, must pass a quality gate, goes through a published system run in int8,
//! and leaves as a calibrated verdict with its evidence: on a screen and in a record.
//! It is an adjunct to a clinician and never a diagnosis.
//!
//! ```text
//! Frame -> Quality -> Prepared -> Findings -> Verdict -> Case -> { Scene, Record line }
//! ```
//!
//! Each arrow is one function call with plain types; [`pipeline`] strings them together.
//! `ARCHITECTURE.md` maps the rooms and states the invariants.

pub mod bundle;
pub mod capture;
pub mod case;
pub mod cli;
mod colour;
pub mod console;
pub mod device;
pub mod display;
pub mod engine;
pub mod evaluation;
pub mod explain;
pub mod frame;
pub mod health;
pub mod init;
pub mod input;
pub mod log;
pub mod patient;
pub mod pipeline;
pub mod prepare;
pub mod quality;
pub mod record;
pub mod settings;
pub mod system;
pub mod verdict;
