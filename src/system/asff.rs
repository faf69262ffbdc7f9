//! System D: adaptive spatial feature fusion (arXiv 2510.03876), one logit a class and Grad-CAM of each class.
//!
//! Outputs of the graph: `logits` `[1, classes]`; `cam` `[1, classes, h, w]`, 0 or more, from the fused feature maps.

use crate::engine::{GraphSpec, Tensor};

use super::{Classes, Findings, Relation, System, SystemError, held_to, outputs::Outputs};

/// Reads the outputs of an ASFF graph.
#[derive(Debug, Clone)]
pub struct Asff {
    outputs: Outputs,
}

impl Asff {
    /// The name that manifests choose by.
    pub const NAME: &str = "asff";

    /// Finds the outputs in the manifest.
    ///
    /// # Errors
    /// [`SystemError::MissingOutput`], [`SystemError::Shape`] or [`SystemError::Relation`] when the manifest does not list what this system
    /// reads.
    pub fn new(graph: &GraphSpec, classes: &Classes) -> Result<Self, SystemError> {
        held_to(Self::NAME, Relation::Exclusive, classes)?;
        let count = classes.names.len();
        Ok(Self { outputs: Outputs::find(Self::NAME, graph, count, count)? })
    }
}

impl System for Asff {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn findings(&self, outputs: &[Tensor]) -> Result<Findings, SystemError> {
        self.outputs.read(outputs)
    }
}
