//! One line of `lentigo screen --json`.

use serde::Serialize;

use super::{reasons, results::Kept};
use crate::{
    case::{BundleId, Case, Explanation, Nearness},
    explain::{abc::Abc, lesion::Scale, report::Report, severity::Severity},
    quality::Measurements,
    record::{self, LesionSize, Reliability, StepTimes},
};

/// One line of `--json`.
#[derive(Debug, Serialize)]
pub(super) struct Line<'a> {
    file: &'a str,
    #[serde(flatten)]
    outcome: record::Outcome,
    /// What to do about each reason, in words.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    advice: Vec<&'static str>,
    next_step: &'static str,
    measurements: Measurements,
    #[serde(skip_serializing_if = "Option::is_none")]
    lesion: Option<LesionSize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reliability: Option<Reliability>,
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<Explained<'a>>,
    report: &'a Report,
    bundle: &'a BundleId,
    timings_ms: StepTimes,
    #[serde(flatten)]
    kept: Kept,
}

/// The criteria behind an answer. An embedding means nothing to people; how near it lies to the prototypes does.
#[derive(Debug, Serialize)]
struct Explained<'a> {
    abc: &'a Abc,
    severity: Severity,
    #[serde(skip_serializing_if = "Option::is_none")]
    read: Option<[f32; 3]>,
    agreement: f32,
    agreement_min: f32,
    prototypes: &'a [Nearness],
}

impl<'a> Explained<'a> {
    fn of(found: &'a Explanation) -> Self {
        let Explanation { abc, severity, read, agreement, agreement_min, prototypes, .. } = found;
        Self { abc, severity: *severity, read: *read, agreement: *agreement, agreement_min: *agreement_min, prototypes }
    }
}

/// What is told of one image.
pub(super) fn line<'a>(file: &'a str, case: &'a Case, scale: Option<Scale>, report: &'a Report, kept: Kept) -> Line<'a> {
    Line {
        file,
        outcome: record::Outcome::from(&case.verdict),
        advice: reasons(case).iter().map(|reason| reason.advice()).collect(),
        next_step: case.verdict.label().next_step(),
        measurements: case.measurements,
        lesion: LesionSize::of(case, scale),
        reliability: case.numbers.as_ref().and_then(Reliability::of),
        explanation: case.explanation.as_ref().map(Explained::of),
        report,
        bundle: &case.bundle,
        timings_ms: case.timings.into(),
        kept,
    }
}
