//! What can go wrong while a program runs.

/// A program could not be run to its end; its outputs are not to be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RunError {
    /// A part of the computation panicked.
    #[error("step \"{step}\" panicked; this is a defect of the program, please report it with the message above")]
    Panicked {
        /// Name of the step.
        step: String,
    },
    /// An operator of tract failed.
    #[error("step \"{step}\", run by tract, failed: {cause}")]
    Foreign {
        /// Name of the step.
        step: String,
        /// What tract says.
        cause: String,
    },
    /// The program does not begin with the quantisation of a picture, or of another one than this.
    #[error("the graph takes a picture of {expected} values, and was given one of {found}")]
    Picture {
        /// Values of the graph's picture; 0 when it takes none.
        expected: usize,
        /// Values given.
        found: usize,
    },
}
