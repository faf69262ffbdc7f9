//! `lentigo evaluate`: runs a labelled set through a bundle and writes predictions and figures.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use serde::Serialize;

use super::{
    Outcome,
    bundle_choice::BundleChoice,
    labelled_set::LabelledSet,
    output::{OutputFolder, Printed},
    progress,
};
use crate::{
    capture::read_picture,
    case::BundleId,
    evaluation::{
        index::Row,
        metrics::Scored,
        summary::{self, Figures},
    },
    patient,
    pipeline::{Analyser, Score},
    quality::Quality,
    system::Relation,
};

/// Arguments of `lentigo evaluate`.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "The table needs the columns file, dataset, split and one 0/1 column a label (empty: unknown).\n\
The quality gate is reported but drops no row here.\n\n\
predictions.csv: file, one calibrated probability a class, quality (pass or the reasons), latency_ms (CPU time).\n\
summary.json: figures with 95 % intervals over lesions. accuracy and balanced_accuracy take the likelier class;\n\
sensitivity and specificity are at the bundle's operating point.")]
pub(super) struct Args {
    #[command(flatten)]
    bundle: BundleChoice,
    #[command(flatten)]
    set: LabelledSet,
    /// Folder for predictions.csv and summary.json
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// What `summary.json` holds.
#[derive(Debug, Serialize)]
struct Summary {
    bundle: BundleId,
    engine: String,
    label: String,
    operating_point: crate::verdict::OperatingPoint,
    rows: String,
    #[serde(flatten)]
    figures: Figures,
    unreadable: usize,
    gate: GateReport,
    median_latency_ms: f64,
}

/// What the gate would have done; no row was dropped for it.
#[derive(Debug, Default, Serialize)]
struct GateReport {
    judged: usize,
    refused: usize,
    refused_share: f64,
    /// How often each reason was given; a frame can have several.
    reasons: BTreeMap<&'static str, usize>,
}

impl GateReport {
    fn count(&mut self, quality: &Quality) {
        self.judged += 1;
        if let Quality::Refuse { reasons, .. } = quality {
            self.refused += 1;
            for reason in reasons {
                *self.reasons.entry(reason.code()).or_default() += 1;
            }
        }
        self.refused_share = self.refused as f64 / self.judged as f64;
    }
}

pub(super) fn run(args: &Args) -> Result<Outcome> {
    let rows = args.set.rows()?;
    let out = OutputFolder::create(&args.out)?;
    let mut analyser = args.bundle.analyser()?;

    let label = analyser.manifest().classes.label.clone();
    let mut evaluation = Evaluation::new(&analyser, &label);
    let bar = progress::bar(rows.len());
    for row in &rows {
        bar.set_message(row.file.clone());
        match assess(&mut analyser, &args.set.image(row)) {
            Ok(score) => evaluation.add(row, &score),
            Err(error) => {
                evaluation.unreadable += 1;
                bar.suspend(|| eprintln!("lentigo: {error:#}"));
            }
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    let unreadable = evaluation.unreadable;
    let predictions = out.write("predictions.csv", &evaluation.predictions()?)?;
    let summary = evaluation.summary(&analyser, label, args.set.filter().to_string());
    let path = out.write("summary.json", serde_json::to_string_pretty(&summary)?.as_bytes())?;
    report(&summary)?;
    Printed::line(format_args!("{}\n{}", predictions.display(), path.display()))?;
    Ok(if unreadable == 0 { Outcome::Done } else { Outcome::SomeUnreadable })
}

fn assess(analyser: &mut Analyser, image: &Path) -> Result<Score> {
    let frame = read_picture(image)?;
    analyser.score(&frame, &patient::Context::default()).with_context(|| format!("{} could not be assessed", image.display()))
}

/// Predictions gathered so far.
struct Evaluation {
    label: String,
    /// Places of the classes that get a column: of two, the positive one says it all.
    reported: Vec<usize>,
    columns: Vec<String>,
    lines: Vec<Vec<String>>,
    scored: Vec<Scored>,
    lesions: Vec<String>,
    latencies: Vec<f64>,
    gate: GateReport,
    unreadable: usize,
}

impl Evaluation {
    fn new(analyser: &Analyser, label: &str) -> Self {
        let classes = &analyser.manifest().classes;
        let all = 0..classes.names.len();
        let reported: Vec<usize> = match (all.len(), classes.relation) {
            (2, Relation::Exclusive) => all.filter(|class| classes.is_positive(*class)).collect(),
            _ => all.collect(),
        };
        Self {
            label: label.to_owned(),
            columns: reported.iter().map(|at| analyser.manifest().classes.names[*at].clone()).collect(),
            reported,
            lines: vec![],
            scored: vec![],
            lesions: vec![],
            latencies: vec![],
            gate: GateReport::default(),
            unreadable: 0,
        }
    }

    fn add(&mut self, row: &Row, score: &Score) {
        let latency = score.timings.total().as_secs_f64() * 1e3;
        let mut line = vec![row.file.clone()];
        line.extend(self.reported.iter().map(|at| format!("{:.6}", score.probabilities[*at])));
        line.extend([quality_cell(&score.quality), format!("{latency:.3}")]);
        self.lines.push(line);
        self.latencies.push(latency);
        self.gate.count(&score.quality);
        if let Some(positive) = row.labels.get(&self.label) {
            self.scored.push(Scored { probability: f64::from(score.probability), positive: *positive });
            self.lesions.push(row.lesion.clone());
        }
    }

    fn predictions(&self) -> Result<Vec<u8>> {
        let mut writer = csv::Writer::from_writer(vec![]);
        let ends = ["quality", "latency_ms"].map(str::to_owned);
        writer.write_record(std::iter::once("file".to_owned()).chain(self.columns.clone()).chain(ends))?;
        for line in &self.lines {
            writer.write_record(line)?;
        }
        Ok(writer.into_inner()?)
    }

    fn summary(mut self, analyser: &Analyser, label: String, rows: String) -> Summary {
        let operating_point = analyser.operating_point().clone();
        let figures = summary::figures(&self.scored, &self.lesions, f64::from(operating_point.threshold));
        self.latencies.sort_by(f64::total_cmp);
        Summary {
            bundle: analyser.bundle().clone(),
            engine: analyser.describe_engine(),
            label,
            operating_point,
            rows,
            figures,
            unreadable: self.unreadable,
            gate: self.gate,
            median_latency_ms: self.latencies.get(self.latencies.len() / 2).copied().unwrap_or_default(),
        }
    }
}

fn quality_cell(quality: &Quality) -> String {
    match quality {
        Quality::Pass(_) => "pass".to_owned(),
        Quality::Refuse { reasons, .. } => reasons.iter().map(|reason| reason.code()).collect::<Vec<_>>().join("|"),
    }
}

fn report(summary: &Summary) -> Result<()> {
    let figures = &summary.figures;
    Printed::line(format_args!("{} {}, {} ({})", summary.bundle.name, summary.bundle.version, summary.rows, summary.engine))?;
    Printed::line(format_args!("{} images with a known label, {} {}", figures.n, figures.positives, summary.label))?;
    let sensitivity = format!("sensitivity at {:.3}", summary.operating_point.threshold);
    let specificity = format!("specificity at {:.3}", summary.operating_point.threshold);
    for (name, figure) in [
        ("ROC AUC", figures.roc_auc),
        ("PR AUC", figures.pr_auc),
        ("accuracy", figures.accuracy),
        ("balanced accuracy", figures.balanced_accuracy),
        (&sensitivity, figures.sensitivity),
        (&specificity, figures.specificity),
        ("ECE", figures.ece),
    ] {
        match figure {
            Some(of) => Printed::line(format_args!("  {name:<21} {:.4}  [{:.4}, {:.4}]", of.value, of.low, of.high))?,
            None => Printed::line(format_args!("  {name:<21} not defined: it needs labelled images of both classes"))?,
        }
    }
    let gate = &summary.gate;
    Printed::line(format_args!(
        "the gate would refuse {} of {} ({:.1} %) {:?}",
        gate.refused,
        gate.judged,
        gate.refused_share * 100.0,
        gate.reasons
    ))
}
