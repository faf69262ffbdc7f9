//! What can go wrong between a graph's outputs and findings.

use thiserror::Error;

use super::Relation;
use crate::explain::cam::CamError;

/// Why a system cannot be set up or cannot read the outputs of its graph.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum SystemError {
    /// The manifest names a system that this build does not know.
    #[error("the bundle is for the system {name:?}; this build knows {known}. Install a newer lentigo or another bundle")]
    Unknown {
        /// Name in the manifest.
        name: String,
        /// Names that are known.
        known: String,
    },
    /// The manifest lists no output of a name that the system reads.
    #[error("the system {system} reads an output {output:?}, which the manifest does not list. Install the bundle again")]
    MissingOutput {
        /// The system.
        system: &'static str,
        /// The output.
        output: &'static str,
    },
    /// An output has a shape that the system cannot read.
    #[error("the system {system} reads {output} as {expected}; it is {found:?}. Install the bundle again")]
    Shape {
        /// The system.
        system: &'static str,
        /// The output.
        output: &'static str,
        /// What it must be.
        expected: String,
        /// What it is.
        found: Vec<usize>,
    },
    /// The classes have to do with each other in another way than the system reads them.
    #[error("the system {system} reads {} classes; the manifest's are {}. Install the bundle again", expected.name(), found.name())]
    Relation {
        /// The system.
        system: &'static str,
        /// How it reads them.
        expected: Relation,
        /// What the manifest says.
        found: Relation,
    },
    /// The network answered with infinity or no number.
    #[error("the network gave no usable number ({value} in {output})")]
    NotFinite {
        /// The output.
        output: &'static str,
        /// The value.
        value: f32,
    },
    /// The network answered with a vector of length 0 where its direction is what counts.
    #[error("the network gave no usable numbers ({output} has no direction)")]
    NoDirection {
        /// The output.
        output: &'static str,
    },
    /// There is no view of the picture to read.
    #[error("the manifest asks for no view of the picture. Install the bundle again")]
    NoViews,
    /// The evidence cannot be read.
    #[error("the network's evidence cannot be read: {0}")]
    Evidence(#[from] CamError),
}

impl SystemError {
    /// Whether the network was run as it should and only gave no usable numbers: then the picture cannot be assessed.
    /// Everything else is a bundle that does not fit.
    #[must_use]
    pub fn is_about_the_picture(&self) -> bool {
        matches!(self, Self::NotFinite { .. } | Self::NoDirection { .. } | Self::Evidence(CamError::Cell { .. }))
    }
}
