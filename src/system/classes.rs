//! The classes of a bundle, as they stand in its manifest under `[classes]`.

use serde::{Deserialize, Serialize};

/// Class names in the order of the network's scores. They are data for tables and never shown to a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Classes {
    /// At least two names, each once.
    pub names: Vec<String>,
    /// The class that asks for a referral; one of `names`.
    pub positive: String,
}

impl Classes {
    /// Position of the positive class; 0 if it is not among the names, which a checked manifest excludes.
    #[must_use]
    pub fn positive_index(&self) -> usize {
        self.names.iter().position(|name| *name == self.positive).unwrap_or(0)
    }
}
