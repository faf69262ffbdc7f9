//! `lentigo gate`: what the quality gate measures and refuses on a labelled set, and limits proposed from it.

use std::{collections::BTreeMap, path::PathBuf};

use anyhow::{Result, bail};

use super::{
    Outcome,
    bundle_choice::TrustChoice,
    labelled_set::LabelledSet,
    output::{OutputFolder, Printed},
    progress,
};
use crate::{
    bundle::Bundle,
    capture::read_picture,
    evaluation::index::Row,
    quality::{Gate, Measurements, Reason, Survey},
};

/// Arguments of `lentigo gate`.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Each proposed limit leaves a small share of the surveyed images on its refused side (see quality.toml for the shares);\n\
survey real images of the training split only. With --bundle the bundle's own limits are judged, otherwise the proposed ones.\n\n\
measurements.csv: every image with what was measured and the reasons to refuse it. quality.toml: the [quality] table of a manifest."
)]
pub(super) struct Args {
    /// Judge with the limits of this bundle; without it, with the limits proposed from these images
    #[arg(long, value_name = "DIR")]
    bundle: Option<PathBuf>,
    #[command(flatten)]
    trust: TrustChoice,
    #[command(flatten)]
    set: LabelledSet,
    /// Folder for measurements.csv and quality.toml
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// One image that could be read.
struct Measured<'a> {
    row: &'a Row,
    measurements: Measurements,
}

pub(super) fn run(args: &Args) -> Result<Outcome> {
    let rows = args.set.rows()?;
    let of_bundle = match &args.bundle {
        Some(dir) => Some(Bundle::open(dir, &args.trust.trust()?)?.manifest().quality),
        None => None,
    };
    let out = OutputFolder::create(&args.out)?;

    let measured = measure(&rows, &args.set);
    let unreadable = rows.len() - measured.len();
    let survey: Survey = measured.iter().map(|image| image.measurements).collect();
    let Some(proposed) = survey.propose() else { bail!("none of the {} images could be read: is --root right?", rows.len()) };
    let gate = Gate::new(of_bundle.unwrap_or(proposed));

    let table = out.write("measurements.csv", &measurements_table(&measured, &gate)?)?;
    let toml = out.write("quality.toml", proposed.to_toml().as_bytes())?;
    report(&measured, &gate)?;
    Printed::line(format_args!("{}\n{}", table.display(), toml.display()))?;
    Ok(if unreadable == 0 { Outcome::Done } else { Outcome::SomeUnreadable })
}

fn measure<'a>(rows: &'a [Row], set: &LabelledSet) -> Vec<Measured<'a>> {
    let bar = progress::bar(rows.len());
    let measured = rows
        .iter()
        .filter_map(|row| {
            bar.inc(1);
            match read_picture(&set.image(row)) {
                Ok(frame) => Some(Measured { row, measurements: Measurements::of(&frame) }),
                Err(error) => {
                    bar.suspend(|| eprintln!("lentigo: {error}"));
                    None
                }
            }
        })
        .collect();
    bar.finish_and_clear();
    measured
}

/// Every image with its measurements, by name, and the reasons to refuse it.
fn measurements_table(measured: &[Measured], gate: &Gate) -> Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(vec![]);
    for (at, image) in measured.iter().enumerate() {
        let values = serde_json::to_value(image.measurements)?;
        let values = values.as_object().into_iter().flatten();
        if at == 0 {
            let names = values.clone().map(|(name, _)| name.as_str());
            writer.write_record(["file", "dataset", "split"].into_iter().chain(names).chain(["reasons"]))?;
        }
        let numbers = values.map(|(_, value)| value.to_string());
        let reasons = gate.reasons(&image.measurements).iter().map(|reason| reason.code()).collect::<Vec<_>>().join("|");
        let row = [&image.row.file, &image.row.dataset, &image.row.split].map(Clone::clone);
        writer.write_record(row.into_iter().chain(numbers).chain([reasons]))?;
    }
    Ok(writer.into_inner()?)
}

/// What is refused, by data set and split, and for which reasons.
fn report(measured: &[Measured], gate: &Gate) -> Result<()> {
    let mut sets: BTreeMap<(&str, &str), Tally> = BTreeMap::new();
    let mut all = Tally::default();
    for image in measured {
        let reasons = gate.reasons(&image.measurements);
        sets.entry((&image.row.dataset, &image.row.split)).or_default().count(&reasons);
        all.count(&reasons);
    }
    for ((dataset, split), tally) in &sets {
        Printed::line(format_args!("{:<24} {tally}", format!("{dataset} {split}")))?;
    }
    Printed::line(format_args!("{:<24} {all}", "all"))
}

/// How many images were refused and why.
#[derive(Debug, Default)]
struct Tally {
    images: usize,
    refused: usize,
    reasons: BTreeMap<Reason, usize>,
}

impl Tally {
    fn count(&mut self, reasons: &[Reason]) {
        self.images += 1;
        self.refused += usize::from(!reasons.is_empty());
        for reason in reasons {
            *self.reasons.entry(*reason).or_default() += 1;
        }
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let share = self.refused as f64 * 100.0 / self.images.max(1) as f64;
        write!(f, "{:>5} of {:>5} refused ({share:.2} %)", self.refused, self.images)?;
        self.reasons.iter().try_for_each(|(reason, times)| write!(f, "  {} {times}", reason.code()))
    }
}
