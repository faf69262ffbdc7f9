//! The golden case: a picture with a known answer, by which a device sees at start that bundle and build are sound.

use std::io::Cursor;

use image::{ImageFormat, ImageReader, Limits};
use serde::Deserialize;

use crate::{
    frame::Frame,
    system::{Cefm, embedding::to_unit_length},
};

/// What the network must say to the golden picture of a patient of whom nothing is known. Further keys are evidence for tests and not read here.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Expected {
    /// Scores, the mean over the views, in the manifest's class order; empty when only the probability is known.
    #[serde(default)]
    pub logits: Vec<f32>,
    /// Calibrated probability of a referral, in [0, 1].
    pub probability: f32,
    /// Where the picture lies in the space that pictures and criteria share; empty when not known.
    #[serde(default)]
    pub embedding: Vec<f32>,
    /// The network's reading of A, B and C, the mean over the views, where it is known.
    #[serde(default)]
    pub criteria: Option<[f32; 3]>,
    /// Cosine between the embeddings of the picture and of its measured criteria, where it is known.
    #[serde(default)]
    pub agreement: Option<f32>,
}

/// A picture with a known answer.
#[derive(Debug, Clone)]
pub struct Golden {
    /// The picture.
    pub input: Frame,
    /// The answer.
    pub expected: Expected,
    /// Largest allowed absolute difference of the calibrated probability.
    pub tolerance: f32,
}

impl Golden {
    /// The largest allowed absolute difference of a score that is `expected` and is divided by `temperature`:
    /// `tolerance * (4 temperature + |expected|)`.
    ///
    /// A logistic function is steepest at 1/2, where its slope is 1/4: so much of a score moves a probability by no more than the tolerance.
    /// Large scores, of which a probability shows nothing any more, may be off by the same share of themselves.
    #[must_use]
    pub fn score_tolerance(&self, expected: f32, temperature: f32) -> f32 {
        self.tolerance * (4.0 * temperature + expected.abs())
    }

    /// The least cosine between the embedding that is found and the one that is expected: what quantised arithmetic leaves of 128 dimensions.
    pub const EMBEDDING_COSINE: f32 = 0.98;
    /// The largest allowed absolute difference of a criterion that the network reads, as a share of the length of its scale.
    pub const CRITERION_SHARE: f32 = 0.15;
    /// The largest allowed absolute difference of the agreement between picture and criteria.
    pub const AGREEMENT_TOLERANCE: f32 = 0.05;
}

/// Largest side of a golden picture in pixels.
const MAX_SIDE: u32 = 4096;

/// Decodes the golden picture; the message says what is wrong with it.
pub(super) fn decode_picture(png: &[u8]) -> Result<Frame, String> {
    let mut reader = ImageReader::with_format(Cursor::new(png), ImageFormat::Png);
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(MAX_SIDE), Some(MAX_SIDE));
    reader.limits(limits);
    let picture = reader.decode().map_err(|cause| cause.to_string())?.into_rgb8();
    Frame::new(picture.width(), picture.height(), picture.into_raw()).map_err(|cause| cause.to_string())
}

/// Reads the answer of a network with `classes` scores; the message says what is wrong with it.
pub(super) fn decode_expected(json: &[u8], classes: usize) -> Result<Expected, String> {
    let mut expected: Expected = serde_json::from_slice(json).map_err(|cause| cause.to_string())?;
    if !(0.0..=1.0).contains(&expected.probability) {
        return Err(format!("probability must be 0 to 1, it is {}", expected.probability));
    }
    if !(expected.logits.is_empty() || expected.logits.len() == classes) {
        return Err(format!("logits must be one a class ({classes}), there are {}", expected.logits.len()));
    }
    let Expected { embedding, criteria, agreement, .. } = &mut expected;
    if !embedding.is_empty() {
        if embedding.len() != Cefm::EMBEDDING {
            return Err(format!("embedding must have {} numbers, there are {}", Cefm::EMBEDDING, embedding.len()));
        }
        to_unit_length("embedding", embedding).map_err(|cause| cause.to_string())?;
    }
    if let Some(criteria) = criteria.filter(|criteria| !criteria.iter().all(|number| number.is_finite())) {
        return Err(format!("criteria must be numbers, they are {criteria:?}"));
    }
    if let Some(agreement) = agreement.filter(|agreement| !(-1.0..=1.0).contains(agreement)) {
        return Err(format!("agreement must be -1 to 1, it is {agreement}"));
    }
    Ok(expected)
}
