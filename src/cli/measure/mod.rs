//! `lentigo measure`: the ABC criteria of a picture's lesion, as the device measures them.
//!
//! The trainer takes its numbers from here, so that a clinical head sees in training exactly what it sees on the device.

mod lesion;
mod line;

use std::path::PathBuf;

use anyhow::{Result, bail};

use super::{Outcome, bundle_choice::TrustChoice, labelled_set::LabelledSet, output::Printed, progress};
use crate::{evaluation::index::Row, explain::abc::Abc};

use lesion::{Asked, Lesions, Trouble};
use line::Line;

/// Arguments of `lentigo measure`.
#[derive(Debug, clap::Args)]
#[command(
    mut_arg("index", |arg| arg.required(false)),
    mut_arg("root", |arg| arg.requires("index")),
    mut_arg("datasets", |arg| arg.requires("index")),
    mut_arg("split", |arg| arg.requires("index")),
    mut_arg("keys", |arg| arg.requires("bundle")),
    mut_arg("unsigned", |arg| arg.requires("bundle")),
    after_long_help = line::help()
)]
pub(super) struct Args {
    /// Print one line of JSON a picture instead of a table
    #[arg(long)]
    json: bool,
    /// Mask of PICTURE, an image of its size that is light where the lesion is
    #[arg(long, value_name = "MASK", requires = "picture", conflicts_with = "index")]
    mask: Option<PathBuf>,
    /// Where the lesions come from
    #[arg(long, value_name = "WHOSE", default_value = "expert")]
    masks: Masks,
    /// The model bundle, a folder with a manifest.toml, whose network draws the lesions and whose settings count
    #[arg(long, value_name = "DIR")]
    bundle: Option<PathBuf>,
    #[command(flatten)]
    trust: TrustChoice,
    #[command(flatten)]
    set: Option<LabelledSet>,
    /// A picture (JPEG, PNG, TIFF, BMP, WebP) of a lesion
    #[arg(value_name = "PICTURE", conflicts_with = "index", required_unless_present = "index")]
    picture: Option<PathBuf>,
}

/// Whose outline of the lesion is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Masks {
    /// The mask files: --mask, or the table's column mask
    Expert,
    /// What the network of --bundle draws, as on the device
    Network,
}

pub(super) fn run(args: &Args) -> Result<Outcome> {
    let mut lesions = lesions(args)?;
    if let Some(set) = &args.set {
        let rows = set.rows()?;
        let bar = progress::bar(rows.len());
        let mut outcome = Outcome::Done;
        for row in &rows {
            bar.set_message(row.file.clone());
            let measured = lesions.measure(&asked(set, row));
            if let Err(Trouble::Unreadable(error)) = &measured {
                bar.suspend(|| eprintln!("lentigo: {error:#}"));
                outcome = Outcome::SomeUnreadable;
            }
            print(args.json, &row.file, &measured)?;
            bar.inc(1);
        }
        bar.finish_and_clear();
        return Ok(outcome);
    }
    let Some(picture) = &args.picture else { bail!("give a PICTURE, or a table of pictures with --index") };
    let asked = Asked { picture: picture.clone(), mask: args.mask.clone(), patient: Default::default() };
    let measured = lesions.measure(&asked);
    print(args.json, &picture.display().to_string(), &measured)?;
    match measured {
        Err(Trouble::Unreadable(error)) => {
            eprintln!("lentigo: {error:#}");
            Ok(Outcome::SomeUnreadable)
        }
        _ => Ok(Outcome::Done),
    }
}

/// Where lesions come from, by the arguments.
fn lesions(args: &Args) -> Result<Lesions> {
    match (args.masks, &args.bundle) {
        (Masks::Network, None) => bail!("--masks network needs a bundle that draws the lesion: give one with --bundle"),
        (Masks::Network, Some(_)) if args.mask.is_some() => {
            bail!("--mask and --masks network exclude each other: whose lesion is to be measured?")
        }
        (Masks::Network, Some(folder)) => Lesions::of_network(args.trust.analyser_of(folder)?),
        (Masks::Expert, folder) => {
            if args.picture.is_some() && args.mask.is_none() {
                bail!("a PICTURE needs its lesion: give --mask MASK, or --masks network with --bundle DIR");
            }
            folder.as_ref().map(|folder| args.trust.analyser_of(folder)).transpose().map(Lesions::of_files)
        }
    }
}

fn asked(set: &LabelledSet, row: &Row) -> Asked {
    Asked { picture: set.image(row), mask: set.mask(row), patient: row.person.context.clone() }
}

fn print(json: bool, file: &str, measured: &Result<Abc, Trouble>) -> Result<()> {
    let line = Line { file, measured };
    if json { Printed::json(&line) } else { Printed::line(line) }
}
