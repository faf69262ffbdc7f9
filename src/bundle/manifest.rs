//! `manifest.toml`: everything that a bundle says about its graph, from preprocessing to operating points.
//!
//! Only reads text and checks that what it says can be true ([`check`](super::check)). It never opens a file.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    engine::GraphSpec,
    explain::{abc, lesion::Cleaning, severity::Scales},
    frame::Flip,
    prepare::Recipe,
    quality::Limits,
    system::{Classes, Metadata},
    verdict::{AbstentionLimits, Calibration, OperatingPoint},
};

use super::{
    check::check,
    criteria::{ClinicalSpec, PrototypesSpec},
};

/// The format of manifests that this build reads.
pub const FORMAT: u32 = 1;

/// A checked manifest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Format of this file; [`FORMAT`].
    pub format: u32,
    /// Name of the bundle: lower case letters, digits and dashes.
    pub name: String,
    /// Version of the bundle: three numbers with dots.
    pub version: String,
    /// Which [system](crate::system) reads the outputs.
    pub system: String,
    /// What the bundle is, in one line.
    pub summary: String,
    /// Licence of the weights (SPDX).
    pub licence: String,
    /// Data sets that the weights were trained on.
    pub trained_on: Vec<String>,
    /// The graph.
    pub graph: GraphSpec,
    /// From a frame to the graph's input.
    pub prepare: Recipe,
    /// Limits of the quality gate.
    pub quality: Limits,
    /// Classes, in the order of the scores.
    pub classes: Classes,
    /// From scores to probabilities.
    pub calibration: Calibration,
    /// The ways in which a picture is shown to the network; as it is unless the manifest says more.
    #[serde(default)]
    pub views: Views,
    /// Where a lesion ends; there where the graph has an output `mask`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mask: Option<MaskSpec>,
    /// When an answer does not count; never unless the manifest says so.
    #[serde(default)]
    pub abstention: AbstentionLimits,
    /// What the network is told of the patient; there where the graph has an input `metadata`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Metadata>,
    /// How the lesion's criteria are measured; there for the system cefm, as are the next three.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub criteria: Option<abc::Settings>,
    /// Where the levels of the measured criteria lie.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Scales>,
    /// The clinical head, which embeds the measured criteria.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clinical: Option<ClinicalSpec>,
    /// Pictures' embeddings that stand for the levels of severity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prototypes: Option<PrototypesSpec>,
    /// Thresholds to choose from; at least one.
    pub operating_points: Vec<OperatingPoint>,
    /// Which operating point holds unless a board file chooses another.
    pub decision: Decision,
    /// A case with a known answer.
    pub golden: GoldenSpec,
    /// Path of every other file, relative to the folder, to its SHA-256 in lower case hexadecimal digits. Added by sealing.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
}

/// Which operating point holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// Name of one of the operating points.
    pub operating_point: String,
}

/// The views of one picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Views {
    /// How the prepared picture is turned over, once a view; each once, `none` first. One inference each; what is found is turned back and
    /// averaged.
    pub flips: Vec<Flip>,
}

impl Default for Views {
    /// The picture as it is.
    fn default() -> Self {
        Self { flips: vec![Flip::None] }
    }
}

/// Where a lesion ends in the graph's output `mask`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MaskSpec {
    /// Lesion where the logistic function of a cell is at or above this, above 0 and below 1.
    pub threshold: f32,
    /// What is done to the lesion before it is drawn and measured, each step once, in this order; nothing unless the manifest says so.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cleaning: Vec<Cleaning>,
}

/// Where the golden case lies and how exactly it must be met.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GoldenSpec {
    /// PNG picture, relative to the folder.
    pub input: String,
    /// JSON with what it must give, relative to the folder.
    pub expected: String,
    /// Largest allowed absolute difference of the calibrated probability of a referral, above 0 and at most 0.1. What that allows a score is
    /// [`Golden::score_tolerance`](super::Golden::score_tolerance).
    pub tolerance: f32,
}

/// What is wrong with the text of a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ManifestError {
    /// It is no TOML, or a key is missing, unknown or of the wrong type.
    #[error("{detail}{hint}")]
    Syntax {
        /// What the reader said, with line and column.
        detail: String,
        /// ` (did you mean ...?)`, or nothing.
        hint: String,
    },
    /// It is of a format that this build does not read.
    #[error("it is of format {found}, this build reads format {FORMAT}. Install a newer lentigo, or a bundle made for this one")]
    Format {
        /// The format it claims.
        found: i64,
    },
    /// A value that cannot be right.
    #[error("{key} {detail}")]
    Value {
        /// The key: `calibration.temperature`.
        key: String,
        /// What is wrong with it: `must be above 0, it is -1`.
        detail: String,
    },
}

impl Manifest {
    /// Reads and checks the text of a manifest.
    ///
    /// # Errors
    /// [`ManifestError`] names the key or the line, and the nearest known key for one that is not known.
    pub fn parse(text: &str) -> Result<Self, ManifestError> {
        let syntax = |cause: &toml::de::Error| ManifestError::Syntax {
            detail: cause.to_string().trim_end().to_owned(),
            hint: nearest_known(cause.message()),
        };
        // The format first: a newer manifest may hold anything, and "unknown key" would be the wrong advice.
        let table: toml::Table = toml::from_str(text).map_err(|cause| syntax(&cause))?;
        if let Some(found) = table.get("format").and_then(toml::Value::as_integer).filter(|found| *found != i64::from(FORMAT)) {
            return Err(ManifestError::Format { found });
        }
        let manifest: Self = toml::from_str(text).map_err(|cause| syntax(&cause))?;
        check(&manifest)?;
        Ok(manifest)
    }

    /// Every file of the bundle that is read, with the key that names it.
    pub(super) fn named_files(&self) -> Vec<(&'static str, &String)> {
        let mut named =
            vec![("graph.file", &self.graph.file), ("golden.input", &self.golden.input), ("golden.expected", &self.golden.expected)];
        named.extend(self.clinical.iter().map(|clinical| ("clinical.graph", &clinical.graph)));
        named.extend(self.prototypes.iter().map(|prototypes| ("prototypes.file", &prototypes.file)));
        named
    }

    /// The operating point called `name`.
    #[must_use]
    pub fn operating_point(&self, name: &str) -> Option<&OperatingPoint> {
        self.operating_points.iter().find(|point| point.name == name)
    }
}

/// ` (did you mean ...?)` when one of the `known` names is nearly `unknown`.
pub(super) fn did_you_mean<'a>(unknown: &str, known: impl Iterator<Item = &'a str>) -> String {
    known
        .map(|known| (strsim::damerau_levenshtein(unknown, known), known))
        .min()
        .filter(|(distance, _)| *distance <= 3)
        .map_or_else(String::new, |(_, known)| format!(" (did you mean `{known}`?)"))
}

/// ` (did you mean ...?)` for a message like "unknown field `a`, expected one of `b`, `c`".
fn nearest_known(message: &str) -> String {
    let mut quoted = message.split('`').skip(1).step_by(2);
    match quoted.next() {
        Some(unknown) if message.starts_with("unknown ") => did_you_mean(unknown, quoted),
        _ => String::new(),
    }
}
