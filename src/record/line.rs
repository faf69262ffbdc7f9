//! What is recorded of one picture, as one line of JSON.
//!
//! A refused picture has no key for a probability at all: there is no number that anyone could misread.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    closing::is_unknown,
    criteria::{Criteria, WrittenReport},
    found::{LesionSize, Reliability},
};
use crate::{
    case::{BundleId, Case, Timings},
    explain::{lesion::Scale, report::Report},
    patient::Context,
    verdict::{Assessment, Label, OperatingPoint, Verdict},
};

/// What is recorded of one picture of one lesion.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// When, in UTC, by the device's clock.
    #[serde(with = "utc")]
    pub time: Timestamp,
    /// Which case: counts up over the life of the log.
    pub case: u64,
    /// Which picture of this case, from 1.
    pub attempt: u32,
    /// Label and what belongs to it.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// Which bundle spoke.
    pub bundle: BundleId,
    /// What the gate measured, by name.
    pub measurements: Map<String, Value>,
    /// How large the lesion is, where the network says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lesion: Option<LesionSize>,
    /// How far the answer can be relied on, where the bundle says how to measure it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reliability: Option<Reliability>,
    /// The criteria behind the answer, where the bundle measures them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub criteria: Option<Criteria>,
    /// What was written of the case, where it has criteria.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<WrittenReport>,
    /// How long each step took.
    pub timings_ms: StepTimes,
    /// Which camera the picture came from.
    pub source: String,
    /// What was known of the patient when the picture was taken.
    #[serde(default, skip_serializing_if = "is_unknown")]
    pub context: Context,
}

/// The label with what may be said under it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "label", deny_unknown_fields)]
pub enum Outcome {
    /// At or above the operating point.
    #[serde(rename = "refer")]
    Refer(Number),
    /// Below the operating point.
    #[serde(rename = "no referral indicated")]
    NoReferralIndicated(Number),
    /// Refused by the gate.
    #[serde(rename = "retake")]
    Retake {
        /// Codes of the gate's reasons: `too-dark`.
        reasons: Vec<String>,
    },
    /// No answer.
    #[serde(rename = "cannot assess")]
    CannotAssess {
        /// Why, in a sentence.
        cause: String,
    },
}

/// A calibrated probability with what it was compared with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Number {
    /// Calibrated probability of the bundle's positive class, in [0, 1].
    pub probability: f32,
    /// The operating point that it was compared with.
    pub operating_point: OperatingPoint,
}

/// CPU time of each step in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct StepTimes {
    /// Judging the frame.
    pub gate: f64,
    /// Geometry, resize, normalise.
    pub prepare: f64,
    /// The network.
    pub infer: f64,
    /// Reading the outputs, heatmap.
    pub explain: f64,
    /// Measuring the lesion's criteria; left out where none were measured.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub criteria: f64,
}

fn is_nothing(milliseconds: &f64) -> bool {
    *milliseconds == 0.0
}

impl Line {
    /// What is recorded of picture `attempt` of case number `case`, taken at `time` by the camera `source`, whose scale is not known.
    #[must_use]
    pub fn new(time: Timestamp, case: u64, attempt: u32, source: &str, found: &Case) -> Self {
        Self {
            time,
            case,
            attempt,
            outcome: Outcome::from(&found.verdict),
            bundle: found.bundle.clone(),
            measurements: measurements(found),
            lesion: LesionSize::of(found, None),
            reliability: found.numbers.as_ref().and_then(Reliability::of),
            criteria: found.explanation.as_ref().map(Criteria::of),
            report: None,
            timings_ms: StepTimes::from(found.timings),
            source: source.to_owned(),
            context: Context::default(),
        }
    }
}

impl Line {
    /// The same line with the lesion of `found` measured in millimetres, where `scale` is known.
    #[must_use]
    pub fn with_scale(self, found: &Case, scale: Option<Scale>) -> Self {
        Self { lesion: LesionSize::of(found, scale), ..self }
    }

    /// The same line with the report of a case that has criteria; of another case only what was found is kept.
    #[must_use]
    pub fn with_report(self, report: &Report) -> Self {
        Self { report: self.criteria.is_some().then(|| report.into()), ..self }
    }

    /// The same line with what is known of the patient.
    #[must_use]
    pub fn with_context(self, context: Context) -> Self {
        Self { context, ..self }
    }
}

impl Outcome {
    /// The label that a person reads.
    #[must_use]
    pub fn label(&self) -> Label {
        match self {
            Self::Refer(_) => Label::Refer,
            Self::NoReferralIndicated(_) => Label::NoReferralIndicated,
            Self::Retake { .. } => Label::Retake,
            Self::CannotAssess { .. } => Label::CannotAssess,
        }
    }
}

impl From<&Verdict> for Outcome {
    fn from(verdict: &Verdict) -> Self {
        let number = |assessment: &Assessment| Number {
            probability: assessment.probability(),
            operating_point: assessment.operating_point().clone(),
        };
        match verdict {
            Verdict::Assessed(assessment) if assessment.label() == Label::Refer => Self::Refer(number(assessment)),
            Verdict::Assessed(assessment) => Self::NoReferralIndicated(number(assessment)),
            Verdict::Retake { reasons } => Self::Retake { reasons: reasons.iter().map(|reason| reason.code().to_owned()).collect() },
            Verdict::CannotAssess { cause } => Self::CannotAssess { cause: cause.clone() },
        }
    }
}

impl From<Timings> for StepTimes {
    fn from(timings: Timings) -> Self {
        // Microseconds are as fine as the clocks are; more digits would only pretend.
        let milliseconds = |duration: std::time::Duration| duration.as_micros() as f64 / 1000.0;
        Self {
            gate: milliseconds(timings.gate),
            prepare: milliseconds(timings.prepare),
            infer: milliseconds(timings.infer),
            explain: milliseconds(timings.explain),
            criteria: milliseconds(timings.criteria),
        }
    }
}

/// By way of text, which keeps 32-bit values at their own few digits; as 64-bit values they would grow a tail of noise.
fn measurements(found: &Case) -> Map<String, Value> {
    let text = serde_json::to_string(&found.measurements).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

pub(super) mod utc {
    //! A time as `2026-11-22T12:42:19.123456789Z`.
    use jiff::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(in crate::record) fn serialize<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(time)
    }

    pub(in crate::record) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        std::borrow::Cow::<str>::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}
