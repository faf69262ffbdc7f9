//! Records of cases: a line for each picture ([`Line`]) and one for how the case was closed ([`ClosingLine`]), appended to a
//! file that survives a power cut ([`RecordLog`]).
//!
//! A record holds no picture and no name. What is known of the patient is what a person entered, and may hold the clinic's own
//! number of the case; whoever copies records must treat them as patient data.

mod closing;
mod criteria;
mod error;
pub mod export;
mod found;
mod line;
mod log;
mod tail;

pub use closing::{ClosingLine, Entry};
pub use criteria::{Criteria, WrittenReport};
pub use error::RecordError;
pub use found::{LesionSize, Reliability};
pub use line::{Line, Number, Outcome, StepTimes};
pub use log::{RecordLog, entries, read};
