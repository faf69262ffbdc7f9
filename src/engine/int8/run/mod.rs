//! Running programs: an executor, its memory, and the threads it shares work with.
//!
//! After [`Executor::new`] nothing allocates but the operators of tract. Results do not depend on the number of threads.

mod assembly;
mod bands;
mod convolution;
mod elementwise;
mod error;
mod executor;
mod memory;
mod multiply;
mod norm;
mod picture;
mod profile;
mod step;
#[cfg(test)]
mod tests;
mod workers;

pub use error::RunError;
pub use executor::{Executor, Foreign};
pub use picture::PictureTables;
pub use profile::StepTime;
pub use workers::{Workers, big_cores};
