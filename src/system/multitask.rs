//! System C: one encoder with a mask and several classifications, each against the rest (arXiv 1703.01025).
//!
//! Outputs of the graph: `logits` `[1, classes]`, the log-odds of each class against everything else; `cam` `[1, classes + 1, h, w]`, 0 or
//! more, the last map for none of the classes; `mask` `[1, 1, H, W]`, the log-odds of lesion in each cell.

use crate::engine::{GraphSpec, Tensor};

use super::{Classes, Findings, Relation, System, SystemError, held_to, outputs::Outputs};

/// Reads the outputs of a multi-task graph.
#[derive(Debug, Clone)]
pub struct Multitask {
    outputs: Outputs,
}

impl Multitask {
    /// The name that manifests choose by.
    pub const NAME: &str = "multitask";

    /// Finds the outputs in the manifest.
    ///
    /// # Errors
    /// [`SystemError::MissingOutput`], [`SystemError::Shape`] or [`SystemError::Relation`] when the manifest does not list what this system
    /// reads.
    pub fn new(graph: &GraphSpec, classes: &Classes) -> Result<Self, SystemError> {
        held_to(Self::NAME, Relation::Independent, classes)?;
        let count = classes.names.len();
        Ok(Self { outputs: Outputs::find(Self::NAME, graph, count, count + 1)?.with_mask()? })
    }
}

impl System for Multitask {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn findings(&self, outputs: &[Tensor]) -> Result<Findings, SystemError> {
        self.outputs.read(outputs)
    }
}
