//! What the details of a verdict say, as rows of words: from a case and the limits of its gate.

use std::time::Duration;

use super::{percent, words};
use crate::{
    case::{BundleId, Case, Evidence, Numbers, Timings},
    explain::lesion::{Scale, measure},
    frame::Frame,
    quality::{Limits, Measurements, RULES, Refuses},
    verdict::{AbstentionLimits, Assessment, Verdict},
};

/// Some rows under one title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// What they are about: `Patient`.
    pub title: String,
    /// From the top.
    pub rows: Vec<Row>,
}

/// One fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What it is: `Age`.
    pub name: String,
    /// How it is: `54 years`.
    pub value: String,
}

impl Row {
    /// A fact in two words.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into() }
    }
}

/// What is known around a case, beside what was found in its picture.
#[derive(Debug, Clone)]
pub struct Circumstances<'a> {
    /// What the gate refuses.
    pub limits: &'a Limits,
    /// When the bundle's answers do not count.
    pub abstention: &'a AbstentionLimits,
    /// Names of the bundle's classes, in the order of the case's probabilities.
    pub classes: &'a [String],
    /// What the bundle calls its positive classes together; empty where it is not known.
    pub positive: &'a str,
    /// What the camera calls itself; empty where it is not known.
    pub camera: &'a str,
    /// How large things are before the lens.
    pub scale: Option<Scale>,
    /// What is known of the patient.
    pub patient: Vec<Row>,
}

/// Everything behind `case`: the number and its operating point, the lesion's size, how far the answer can be relied on, what the gate
/// measured, the patient, the model, the camera, and how long it took. A case without a verdict has no probability here either.
///
/// Sections with nothing to say are left out.
#[must_use]
pub fn facts(case: &Case, around: Circumstances) -> Vec<Section> {
    let result = match &case.verdict {
        Verdict::Assessed(assessment) => result(assessment, around.positive),
        Verdict::Retake { .. } | Verdict::CannotAssess { .. } => Vec::new(),
    };
    let lesion = case.evidence.as_ref().map(|evidence| lesion(&case.frame, evidence, around.scale)).unwrap_or_default();
    let reliability = case.numbers.as_ref().map(|numbers| reliability(numbers, around.abstention)).unwrap_or_default();
    let classes = case.numbers.as_ref().map(|numbers| classes(around.classes, &numbers.probabilities)).unwrap_or_default();
    let camera = if around.camera.is_empty() { Vec::new() } else { vec![Row::new(words::SOURCE, around.camera)] };
    let sections = [
        (words::RESULT, result),
        (words::LESION, lesion),
        (words::RELIABILITY, reliability),
        (words::CLASSES, classes),
        (words::GATE, gate(&case.measurements, around.limits)),
        (words::PATIENT, around.patient),
        (words::MODEL, model(&case.bundle)),
        (words::CAMERA, camera),
        (words::TIMES, times(&case.timings)),
    ];
    let known = sections.into_iter().filter(|(_, rows)| !rows.is_empty());
    known.map(|(title, rows)| Section { title: title.to_owned(), rows }).collect()
}

/// The lesion's size: in millimetres where the scale is known, else its share of the field alone.
fn lesion(frame: &Frame, evidence: &Evidence, scale: Option<Scale>) -> Vec<Row> {
    let Some(measures) = evidence.lesion.as_ref().and_then(|lesion| measure(lesion, evidence.region)) else { return Vec::new() };
    let said = |name: &str, value: String| Row::new(name, words::at_least(measures.at_least, value));
    let mut rows = match scale.map(|scale| scale.apply(&measures, frame.width(), frame.height())) {
        Some(size) => vec![
            said(words::AREA, words::area(size.area_mm2)),
            said(words::DIAMETER, words::millimetres(size.diameter_mm)),
            said(words::WIDTH, words::millimetres(size.width_mm)),
        ],
        None => vec![said(words::AREA, words::share_of_field(&percent::whole(measures.share as f32)))],
    };
    let counted = [(words::HOLES, measures.holes), (words::OTHERS, measures.others)];
    rows.extend(counted.iter().filter(|(_, count)| *count > 0).map(|(name, count)| Row::new(*name, count.to_string())));
    rows
}

/// What was measured of how far the answer can be relied on, with the bundle's limits.
fn reliability(found: &Numbers, limits: &AbstentionLimits) -> Vec<Row> {
    let row = |name: &str, found: Option<f32>, limit: Option<f32>| {
        let found = found?;
        let value = match limit {
            Some(limit) => compared(found, if found <= limit { "≤" } else { ">" }, limit),
            None => apart(found, found).0,
        };
        Some(Row::new(name, value))
    };
    let rows =
        [row(words::NOVELTY, found.novelty, limits.novelty_max), row(words::DISAGREEMENT, found.disagreement, limits.disagreement_max)];
    rows.into_iter().flatten().collect()
}

/// The probability of each class, as data of a model with more classes than a yes and a no.
fn classes(names: &[String], probabilities: &[f32]) -> Vec<Row> {
    if names.len() <= 2 {
        return Vec::new();
    }
    names.iter().zip(probabilities).map(|(name, probability)| Row::new(words::class(name), percent::whole(*probability))).collect()
}

fn result(assessment: &Assessment, positive: &str) -> Vec<Row> {
    let point = assessment.operating_point();
    let (probability, threshold) = percent::pair(assessment.probability(), point.threshold);
    vec![
        Row::new(words::class(positive), probability),
        Row::new(words::REFER_AT, threshold),
        Row::new(words::SENSITIVITY, percent::whole(point.sensitivity)),
        Row::new(words::OPERATING_POINT, &*point.name),
    ]
}

/// `0.61 ≥ 0.43`: what was measured, whether it is within its limit, and the limit.
fn gate(measurements: &Measurements, limits: &Limits) -> Vec<Row> {
    let row = |rule: &crate::quality::Rule| {
        let (measured, limit) = ((rule.measured)(measurements), (rule.limit)(limits));
        let sign = match (rule.refuses, rule.broken(limits, measurements)) {
            (Refuses::Below, false) => "≥",
            (Refuses::Below, true) => "<",
            (Refuses::Above, false) => "≤",
            (Refuses::Above, true) => ">",
        };
        Row::new(words::measured(rule.key), compared(measured, sign, limit))
    };
    RULES.iter().map(row).collect()
}

/// `0.61 ≥ 0.43`
fn compared(measured: f32, sign: &str, limit: f32) -> String {
    let (measured, limit) = apart(measured, limit);
    format!("{measured} {sign} {limit}")
}

/// Two numbers with as few decimals, from two to five, as tell them apart; whole numbers have none.
fn apart(one: f32, other: f32) -> (String, String) {
    if one.fract() == 0.0 && other.fract() == 0.0 && one.abs().max(other.abs()) >= 10.0 {
        return (format!("{one:.0}"), format!("{other:.0}"));
    }
    let shown = |decimals: usize| (format!("{one:.decimals$}"), format!("{other:.decimals$}"));
    (2..=5).map(shown).find(|(left, right)| one == other || left != right).unwrap_or_else(|| shown(5))
}

fn model(bundle: &BundleId) -> Vec<Row> {
    vec![Row::new(words::BUNDLE, format!("{} {}", bundle.name, bundle.version)), Row::new(words::DIGEST, &*bundle.digest)]
}

fn times(timings: &Timings) -> Vec<Row> {
    let milliseconds = |time: Duration| format!("{:.1}\u{a0}ms", time.as_secs_f64() * 1e3);
    let steps = [
        (words::TIME_GATE, timings.gate),
        (words::TIME_PREPARE, timings.prepare),
        (words::TIME_INFER, timings.infer),
        (words::TIME_EXPLAIN, timings.explain),
    ];
    let criteria = (!timings.criteria.is_zero()).then_some((words::TIME_CRITERIA, timings.criteria));
    let total = Row::new(words::TIME_TOTAL, milliseconds(timings.total()));
    steps.into_iter().chain(criteria).map(|(name, time)| Row::new(name, milliseconds(time))).chain([total]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_measurement_never_reads_as_its_limit_unless_it_is() {
        for (one, other, expected) in [
            (0.612, 0.426, ("0.61", "0.43")),
            (0.4261, 0.4263, ("0.4261", "0.4263")),
            (0.5, 0.5, ("0.50", "0.50")),
            (720.0, 150.0, ("720", "150")),
            (-1.0, -2.485, ("-1.00", "-2.48")),
        ] {
            assert_eq!(apart(one, other), (expected.0.to_owned(), expected.1.to_owned()), "{one} {other}");
        }
    }

    #[test]
    fn every_rule_of_the_gate_has_a_name() {
        let names: Vec<&str> = RULES.iter().map(|rule| words::measured(rule.key)).collect();
        assert!(RULES.iter().zip(&names).all(|(rule, name)| rule.key != *name && name.len() <= 16), "{names:?}");
        assert_eq!(names.iter().collect::<std::collections::HashSet<_>>().len(), names.len());
    }
}
