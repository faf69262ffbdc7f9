//! System B: an embedding of the picture that lies near that of its measured ABC criteria, and a classifier on the embedding
//! (CEFM, arXiv 2512.06105).
//!
//! Outputs of the graph: `logits` `[1, classes]`; `cam` `[1, classes, h, w]`, 0 or more; `mask` `[1, 1, H, W]`, the log-odds of lesion in each
//! cell; `embedding` `[1, 128]`; perhaps `criteria` `[1, 3]`, the network's own reading of A, B and C. What is measured on the lesion, and the
//! clinical head that embeds it, are not of this graph: see [`pipeline`](crate::pipeline).

use crate::engine::{GraphSpec, Tensor};

use super::{Classes, Findings, Relation, System, SystemError, held_to, outputs::Outputs};

/// Reads the outputs of a CEFM graph.
#[derive(Debug, Clone)]
pub struct Cefm {
    outputs: Outputs,
}

impl Cefm {
    /// The name that manifests choose by.
    pub const NAME: &str = "cefm";
    /// Dimensions of the space that pictures and criteria share.
    pub const EMBEDDING: usize = 128;
    /// Lowest and highest number on the raters' scales of A, B and C (ABCD rule), which `criteria` is read on.
    pub const SCALES: [[f32; 2]; 3] = [[0.0, 2.0], [0.0, 8.0], [1.0, 6.0]];

    /// Finds the outputs in the manifest.
    ///
    /// # Errors
    /// [`SystemError::MissingOutput`], [`SystemError::Shape`] or [`SystemError::Relation`] when the manifest does not list what this system
    /// reads.
    pub fn new(graph: &GraphSpec, classes: &Classes) -> Result<Self, SystemError> {
        held_to(Self::NAME, Relation::Exclusive, classes)?;
        let count = classes.names.len();
        let outputs = Outputs::find(Self::NAME, graph, count, count)?.with_mask()?;
        Ok(Self { outputs: outputs.with_embedding(graph, Self::EMBEDDING)? })
    }
}

impl System for Cefm {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn findings(&self, outputs: &[Tensor]) -> Result<Findings, SystemError> {
        self.outputs.read(outputs)
    }
}
