//! What may be wrong with a program.

use super::super::super::kernels::Family;

/// A program that cannot be run. If it comes from a cache, throwing the cache away helps; otherwise the compiler has a defect.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProgramError {
    /// It was compiled for another processor.
    #[error("the compiled network is for processors of the kind \"{0}\", which this one is not; compile it here")]
    Family(Family),
    /// Something is wrong with a tensor.
    #[error("the compiled network is damaged: tensor {number}: {fault}. Remove the cached file and start again")]
    Value {
        /// Index of the value.
        number: usize,
        /// What is wrong.
        fault: Fault,
    },
    /// Something is wrong with a step.
    #[error("the compiled network is damaged: step {number} (\"{name}\"): {fault}. Remove the cached file and start again")]
    Step {
        /// Index of the step.
        number: usize,
        /// Name of the step.
        name: String,
        /// What is wrong.
        fault: Fault,
    },
    /// Something is wrong with the whole.
    #[error("the compiled network is damaged: {fault}. Remove the cached file and start again")]
    Whole {
        /// What is wrong.
        fault: Fault,
    },
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A tensor or table lies outside of the memory or at an odd place.
    #[error("{what} lies outside of the memory, or not at a multiple of 64 bytes")]
    Place {
        /// What.
        what: &'static str,
    },
    /// An index points to nothing.
    #[error("{what} does not exist")]
    Missing {
        /// What.
        what: &'static str,
    },
    /// Something is not as long, or not as many, as the rest says.
    #[error("{what}: {found}, expected {expected}")]
    Length {
        /// What.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many there must be.
        expected: usize,
    },
    /// A number is outside of its range.
    #[error("{what} is out of range")]
    Range {
        /// What.
        what: &'static str,
    },
    /// A tensor has another element type or layout than the operation takes.
    #[error("{what} has the wrong type")]
    Type {
        /// What.
        what: &'static str,
    },
    /// An output lies where an input or another output lies.
    #[error("an output overlaps {what}")]
    Overlap {
        /// What.
        what: &'static str,
    },
}
