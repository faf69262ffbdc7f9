//! From a score to a verdict: calibration, operating point, and the only four labels that a person ever reads.
//!
//! All constants come from the bundle. There is no way to build an [`Assessment`] without a frame that
//! [passed the gate](crate::quality::Passed).

use serde::Serialize;

use crate::quality::{Passed, Reason};

/// The words on the screen and in the record. There are no others: the device advises, it never diagnoses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum Label {
    /// The calibrated probability is at or above the operating point.
    #[serde(rename = "refer")]
    Refer,
    /// The calibrated probability is below the operating point.
    #[serde(rename = "no referral indicated")]
    NoReferralIndicated,
    /// The gate refused the frame.
    #[serde(rename = "retake")]
    Retake,
    /// No usable picture, or the model cannot judge this one.
    #[serde(rename = "cannot assess")]
    CannotAssess,
}

impl Label {
    /// The label as it is shown and recorded.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Refer => "refer",
            Self::NoReferralIndicated => "no referral indicated",
            Self::Retake => "retake",
            Self::CannotAssess => "cannot assess",
        }
    }

    /// What the person holding the device should do next.
    #[must_use]
    pub fn next_step(self) -> &'static str {
        match self {
            Self::Refer => "Refer to a clinician who can examine the lesion.",
            Self::NoReferralIndicated => "Follow local rules; come back if it changes.",
            Self::Retake => "Take the picture again.",
            Self::CannotAssess => "Refer by clinical judgement; this device cannot help here.",
        }
    }
}

impl std::fmt::Display for Label {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.text())
    }
}

/// How a decision value becomes a probability: `p = 1 / (1 + exp(-(d + bias) / temperature))`.
///
/// Temperature scaling (Guo et al., "On Calibration of Modern Neural Networks", 2017, eq. 9) of a two-class
/// log-odds `d`, with an optional shift; fitted on validation images with the int8 model.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// Divides the log-odds; above 0.
    pub temperature: f32,
    /// Added to the log-odds.
    pub bias: f32,
}

impl Calibration {
    /// The calibrated probability of the log-odds `decision`, in [0, 1].
    #[must_use]
    pub fn probability(&self, decision: f32) -> f32 {
        1.0 / (1.0 + (-(decision + self.bias) / self.temperature).exp())
    }
}

/// A threshold with the sensitivity it was chosen for.
#[derive(Debug, Clone, PartialEq, Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperatingPoint {
    /// Name that board files choose by: `sensitivity-95`.
    pub name: String,
    /// Sensitivity on the validation images that it was chosen for, in (0, 1].
    pub sensitivity: f32,
    /// Refer at or above this calibrated probability, in [0, 1].
    pub threshold: f32,
}

/// A verdict with a number: only for a frame that passed the gate.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessment {
    label: Label,
    probability: f32,
    operating_point: OperatingPoint,
    passed: Passed,
}

impl Assessment {
    /// Compares a calibrated `probability` with the operating point, for a frame that `passed`.
    #[must_use]
    pub fn new(probability: f32, operating_point: OperatingPoint, passed: Passed) -> Self {
        let label = if probability >= operating_point.threshold { Label::Refer } else { Label::NoReferralIndicated };
        Self { label, probability, operating_point, passed }
    }

    /// [`Label::Refer`] or [`Label::NoReferralIndicated`].
    #[must_use]
    pub fn label(&self) -> Label {
        self.label
    }

    /// Calibrated probability of the bundle's positive class, in [0, 1].
    #[must_use]
    pub fn probability(&self) -> f32 {
        self.probability
    }

    /// The operating point it was compared with.
    #[must_use]
    pub fn operating_point(&self) -> &OperatingPoint {
        &self.operating_point
    }

    /// What the gate measured.
    #[must_use]
    pub fn passed(&self) -> &Passed {
        &self.passed
    }
}

/// What is said about one frame.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// The frame was good enough and the model answered.
    Assessed(Assessment),
    /// The gate refused the frame: reasons, never a number.
    Retake {
        /// The gate's reasons, never empty.
        reasons: Vec<Reason>,
    },
    /// The frame was good enough and yet there is no answer, or no usable frame could be had.
    CannotAssess {
        /// Why, in a sentence for the person holding the device.
        cause: String,
    },
}

impl Verdict {
    /// The label that a person reads.
    #[must_use]
    pub fn label(&self) -> Label {
        match self {
            Self::Assessed(assessment) => assessment.label(),
            Self::Retake { .. } => Label::Retake,
            Self::CannotAssess { .. } => Label::CannotAssess,
        }
    }
}
