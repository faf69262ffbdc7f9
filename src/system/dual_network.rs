//! System A: a mask, two encoders (the picture, and the lesion alone) joined by cross-attention, and what is known of the patient
//! (arXiv 2510.17773).
//!
//! Outputs of the graph: `logits` `[1, classes]`; `cam` `[1, classes, h, w]`, 0 or more; `mask` `[1, 1, H, W]`, the log-odds of lesion in
//! each cell. Masking happens inside the graph; the patient goes in as [`Metadata`](super::Metadata) says.

use crate::engine::{GraphSpec, Tensor};

use super::{Classes, Findings, Relation, System, SystemError, held_to, outputs::Outputs};

/// Reads the outputs of a dual-network graph.
#[derive(Debug, Clone)]
pub struct DualNetwork {
    outputs: Outputs,
}

impl DualNetwork {
    /// The name that manifests choose by.
    pub const NAME: &str = "dual-network";

    /// Finds the outputs in the manifest.
    ///
    /// # Errors
    /// [`SystemError::MissingOutput`], [`SystemError::Shape`] or [`SystemError::Relation`] when the manifest does not list what this system
    /// reads.
    pub fn new(graph: &GraphSpec, classes: &Classes) -> Result<Self, SystemError> {
        held_to(Self::NAME, Relation::Exclusive, classes)?;
        let count = classes.names.len();
        Ok(Self { outputs: Outputs::find(Self::NAME, graph, count, count)?.with_mask()? })
    }
}

impl System for DualNetwork {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn findings(&self, outputs: &[Tensor]) -> Result<Findings, SystemError> {
        self.outputs.read(outputs)
    }
}
