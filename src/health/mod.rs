//! How the board is: temperature, throttling, memory, storage.
//!
//! [`Sampler`] reads the kernel's files and decides nothing; [`Judge`] decides by limits and reads nothing.

mod files;
pub mod limits;
mod sampler;
mod throttle;

use serde::Serialize;

pub use limits::{Heat, Judge, Level, Limits, Memory, Storage, preview_interval};
pub use sampler::Sampler;
pub use throttle::Slowing;

/// One look at the board. `None` is what this board does not tell.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Reading {
    /// The hottest of the board's thermal zones, in degrees Celsius.
    pub temperature_c: Option<f32>,
    /// The processor is being slowed down now, for heat or low voltage.
    pub throttled: Option<bool>,
    /// Memory that this process has in RAM, in bytes.
    pub resident_bytes: Option<u64>,
    /// Memory that the board has left, in bytes.
    pub memory_free_bytes: Option<u64>,
    /// Space left where records are kept, in bytes.
    pub storage_free_bytes: Option<u64>,
    /// File descriptors that this process has open.
    pub descriptors: Option<u32>,
    /// Threads of this process.
    pub threads: Option<u32>,
}
