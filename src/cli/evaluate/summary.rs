//! `summary.json`: every figure, and what it was measured on.

use std::time::Duration;

use serde::Serialize;

use super::{
    Args, Part,
    examine::{Examination, GateReport, Troubles},
};
use crate::{
    case::{BundleId, Timings},
    evaluation::{
        bootstrap,
        metrics::CALIBRATION_BINS,
        paired::Comparison,
        report::{FEWEST, Report},
    },
    verdict::OperatingPoint,
};

/// What `summary.json` holds.
#[derive(Debug, Serialize)]
pub(super) struct Summary {
    pub(super) bundle: BundleId,
    pub(super) engine: String,
    pub(super) label: String,
    pub(super) operating_point: OperatingPoint,
    /// Which rows of the table.
    pub(super) rows: String,
    /// Whether age, sex and site were told.
    pub(super) with_metadata: bool,
    /// Which part of every image was painted over.
    pub(super) hidden: Option<&'static str>,
    pub(super) method: Method,
    #[serde(flatten)]
    pub(super) report: Report,
    pub(super) unreadable: usize,
    pub(super) masks_unreadable: usize,
    pub(super) left_out: usize,
    pub(super) gate: GateReport,
    pub(super) median_latency_ms: f64,
    pub(super) p95_latency_ms: f64,
    pub(super) median_steps_ms: Steps,
    pub(super) against: Option<Against>,
}

/// How figures were made.
#[derive(Debug, Serialize)]
pub(super) struct Method {
    intervals: &'static str,
    resamplings: usize,
    calibration_bins: usize,
    /// Fewer images of a class than this are "too few".
    fewest: usize,
}

/// Median CPU time of each step, in milliseconds.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Steps {
    pub(super) gate: f64,
    pub(super) prepare: f64,
    pub(super) infer: f64,
    pub(super) explain: f64,
    /// Measuring criteria and comparing them with the picture; 0 where the bundle measures none.
    pub(super) criteria: f64,
}

impl Steps {
    fn of(timings: &[Timings]) -> Self {
        let median =
            |step: fn(&Timings) -> Duration| percentile(&timings.iter().map(|of| step(of).as_secs_f64() * 1e3).collect::<Vec<_>>(), 0.5);
        Self {
            gate: median(|of| of.gate),
            prepare: median(|of| of.prepare),
            infer: median(|of| of.infer),
            explain: median(|of| of.explain),
            criteria: median(|of| of.criteria),
        }
    }
}

/// Another bundle on the same rows.
#[derive(Debug, Serialize)]
pub(super) struct Against {
    pub(super) bundle: BundleId,
    pub(super) engine: String,
    pub(super) operating_point: OperatingPoint,
    pub(super) median_latency_ms: f64,
    #[serde(flatten)]
    pub(super) comparison: Comparison,
}

impl Summary {
    pub(super) fn new(args: &Args, examinations: &[Examination], troubles: &Troubles) -> Self {
        let this = &examinations[0];
        let against = examinations.get(1).map(|other| Against {
            bundle: other.analyser.bundle().clone(),
            engine: other.analyser.describe_engine(),
            operating_point: other.question.chosen.clone(),
            median_latency_ms: percentile(&other.latencies, 0.5),
            comparison: Comparison::new((&this.question, &this.answers), (&other.question, &other.answers)),
        });
        Self {
            bundle: this.analyser.bundle().clone(),
            engine: this.analyser.describe_engine(),
            label: this.question.label.clone(),
            operating_point: this.question.chosen.clone(),
            rows: args.set.filter().to_string(),
            with_metadata: !args.without_metadata,
            hidden: args.hide.map(|part| match part {
                Part::Lesion => "lesion",
                Part::Surroundings => "surroundings",
            }),
            method: Method {
                intervals: "95 % percentile bootstrap, drawn by lesion",
                resamplings: bootstrap::RESAMPLINGS,
                calibration_bins: CALIBRATION_BINS,
                fewest: FEWEST,
            },
            report: Report::new(&this.question, &this.answers),
            unreadable: troubles.unreadable,
            masks_unreadable: troubles.masks_unreadable,
            left_out: troubles.left_out,
            gate: this.gate.clone(),
            median_latency_ms: percentile(&this.latencies, 0.5),
            p95_latency_ms: percentile(&this.latencies, 0.95),
            median_steps_ms: Steps::of(&this.timings),
            against,
        }
    }
}

/// The value below which `share` of them lie; 0 without values.
fn percentile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get((sorted.len() as f64 * share) as usize).or(sorted.last()).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_the_sorted_values() {
        let values = [5.0, 1.0, 4.0, 2.0, 3.0];
        assert_eq!(
            (percentile(&values, 0.5), percentile(&values, 0.95), percentile(&values, 1.0), percentile(&[], 0.5)),
            (3.0, 5.0, 5.0, 0.0)
        );
    }
}
