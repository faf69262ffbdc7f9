//! Records of cases: one line each ([`Line`]), appended to a file that survives a power cut ([`RecordLog`]).
//!
//! A record holds no picture, no name and nothing else that tells who the patient is.

mod error;
pub mod export;
mod line;
mod log;
mod tail;

pub use error::RecordError;
pub use line::{Line, Number, Outcome, StepTimes};
pub use log::{RecordLog, read};
