//! The published systems: from tensors to findings. Nothing here names a file or a device.

use crate::frame::Heatmap;

/// What a system found in one picture, before calibration.
#[derive(Debug, Clone, PartialEq)]
pub struct Findings {
    /// One score a class, in the manifest's class order.
    pub scores: Vec<f32>,
    /// Evidence for each class, in the manifest's class order, over the prepared square; empty when the graph gives none.
    pub heatmaps: Vec<Heatmap>,
}
