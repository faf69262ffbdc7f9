//! What can go wrong between a bundle and a case.

use thiserror::Error;

use crate::{engine::EngineError, prepare::PrepareError, system::SystemError};

/// Why a bundle cannot be put to work.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum LoadError {
    /// A graph cannot be loaded or does not fit its manifest.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The system is not known or the graph lacks what it reads.
    #[error(transparent)]
    System(#[from] SystemError),
    /// The golden case could not be run.
    #[error("the golden case of {bundle} fails: {cause}. The bundle or this build is damaged; reinstall")]
    GoldenFailed {
        /// Name of the bundle.
        bundle: String,
        /// What failed.
        cause: Box<AnalysisError>,
    },
    /// The golden case gave another answer.
    #[error(
        "the golden case of {bundle} gives the probability {found} where {expected} is expected (tolerance {tolerance}). \
         The bundle or this build is damaged; reinstall"
    )]
    GoldenMismatch {
        /// Name of the bundle.
        bundle: String,
        /// Probability in the bundle.
        expected: f32,
        /// Probability of this build on this machine.
        found: f32,
        /// Largest allowed difference.
        tolerance: f32,
    },
    /// The golden case gave another score.
    #[error(
        "the golden case of {bundle} gives the class {class} the score {found} where {expected} is expected (tolerance {tolerance}). \
         The bundle or this build is damaged; reinstall"
    )]
    GoldenScore {
        /// Name of the bundle.
        bundle: String,
        /// The class.
        class: String,
        /// Score in the bundle.
        expected: f32,
        /// Score of this build on this machine.
        found: f32,
        /// Largest allowed difference.
        tolerance: f32,
    },
    /// The golden case gave nothing where something is expected.
    #[error("the golden case of {bundle} does not give {what}, which its bundle expects. The bundle or this build is damaged; reinstall")]
    GoldenMissing {
        /// Name of the bundle.
        bundle: String,
        /// What is missing.
        what: &'static str,
    },
    /// The golden case lies elsewhere in the space that pictures and criteria share.
    #[error(
        "the golden case of {bundle} gives an embedding whose cosine to the expected one is {found}, which must be at least {least}. \
         The bundle or this build is damaged; reinstall"
    )]
    GoldenEmbedding {
        /// Name of the bundle.
        bundle: String,
        /// Cosine between the embedding of this build on this machine and that in the bundle.
        found: f32,
        /// The least that is allowed.
        least: f32,
    },
    /// The golden case gave another reading of a criterion.
    #[error(
        "the golden case of {bundle} reads criterion {criterion} as {found} where {expected} is expected (tolerance {tolerance}). \
         The bundle or this build is damaged; reinstall"
    )]
    GoldenCriterion {
        /// Name of the bundle.
        bundle: String,
        /// `A`, `B` or `C`.
        criterion: &'static str,
        /// Reading in the bundle.
        expected: f32,
        /// Reading of this build on this machine.
        found: f32,
        /// Largest allowed difference.
        tolerance: f32,
    },
    /// Picture and criteria of the golden case agree otherwise.
    #[error(
        "the golden case of {bundle} gives an agreement of picture and criteria of {found} where {expected} is expected \
         (tolerance {tolerance}). The bundle or this build is damaged; reinstall"
    )]
    GoldenAgreement {
        /// Name of the bundle.
        bundle: String,
        /// Agreement in the bundle.
        expected: f32,
        /// Agreement of this build on this machine.
        found: f32,
        /// Largest allowed difference.
        tolerance: f32,
    },
    /// The bundle has no operating point of that name.
    #[error("the bundle {bundle} has no operating point {name:?}. Choose one of {known} in the board file")]
    OperatingPoint {
        /// Name of the bundle.
        bundle: String,
        /// The name asked for.
        name: String,
        /// Names there are.
        known: String,
    },
}

/// Why a frame could not be taken through the chain.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum AnalysisError {
    /// The frame could not be brought to the network's size.
    #[error(transparent)]
    Prepare(#[from] PrepareError),
    /// The network could not be run.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The network's answer could not be read.
    #[error(transparent)]
    System(#[from] SystemError),
}
