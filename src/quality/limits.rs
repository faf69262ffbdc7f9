//! The limits of the gate, as they stand in a bundle's manifest under `[quality]`.

use serde::{Deserialize, Serialize};

/// Limits of the gate; each is set from the statistics of real dermoscopic images and kept in the bundle.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Placeholder until the gate is written.
    pub focus_min: f32,
}
