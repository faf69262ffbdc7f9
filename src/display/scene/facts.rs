//! What the details of a verdict say, as rows of words: from a case and the limits of its gate.

use std::time::Duration;

use super::{percent, words};
use crate::{
    case::{BundleId, Case, Timings},
    quality::{Limits, Measurements, RULES, Refuses},
    verdict::{Assessment, Verdict},
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

/// Everything behind `case`: the number and its operating point, what the gate measured against `limits`, the patient, the model,
/// the camera, and how long it took. A case without a verdict has no number here either.
///
/// `positive` is the name of the bundle's positive class, `camera` what the camera calls itself, `patient` the lines of the
/// patient context; sections with nothing to say are left out.
#[must_use]
pub fn facts(case: &Case, limits: &Limits, positive: &str, camera: &str, patient: Vec<Row>) -> Vec<Section> {
    let result = match &case.verdict {
        Verdict::Assessed(assessment) => result(assessment, positive),
        Verdict::Retake { .. } | Verdict::CannotAssess { .. } => Vec::new(),
    };
    let camera = if camera.is_empty() { Vec::new() } else { vec![Row::new(words::SOURCE, camera)] };
    let sections = [
        (words::RESULT, result),
        (words::GATE, gate(&case.measurements, limits)),
        (words::PATIENT, patient),
        (words::MODEL, model(&case.bundle)),
        (words::CAMERA, camera),
        (words::TIMES, times(&case.timings)),
    ];
    let known = sections.into_iter().filter(|(_, rows)| !rows.is_empty());
    known.map(|(title, rows)| Section { title: title.to_owned(), rows }).collect()
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
        let (measured, limit) = apart(measured, limit);
        Row::new(words::measured(rule.key), format!("{measured} {sign} {limit}"))
    };
    RULES.iter().map(row).collect()
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
    let total = Row::new(words::TIME_TOTAL, milliseconds(timings.total()));
    steps.into_iter().map(|(name, time)| Row::new(name, milliseconds(time))).chain([total]).collect()
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
