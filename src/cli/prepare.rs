//! `lentigo prepare`: the squares that a network would see, for training on exactly what the device sees.
//!
//! Decoders of JPEG differ by a grey level here and there, and an int8 network feels it: figures taken on pixels of
//! another decoder differ by more than a thousandth of ROC AUC. So the trainer takes its pixels from here.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::PathBuf,
};

use anyhow::{Context, Result};

use super::{Outcome, labelled_set::LabelledSet, output::Printed, progress};
use crate::{
    capture::read_picture,
    prepare::{ColourConstancy, Filter, Geometry, Preparer, Recipe},
};

/// Arguments of `lentigo prepare`.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "The file holds one square after another in the table's order, rows from the top, RGB, 8 bits a channel, and no header:\n\
numpy.memmap(FILE, numpy.uint8).reshape(-1, SIZE, SIZE, 3). An image that cannot be read ends the command: no row may be missing."
)]
pub(super) struct Args {
    #[command(flatten)]
    set: LabelledSet,
    /// Side of the squares in pixels
    #[arg(long, value_name = "PIXELS", default_value_t = 224, value_parser = sizes())]
    size: u32,
    /// File that the squares are written to
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

pub(super) fn run(args: &Args) -> Result<Outcome> {
    let rows = args.set.rows()?;
    let unwritable = || format!("cannot write {}", args.out.display());
    let mut file = BufWriter::new(File::create(&args.out).with_context(unwritable)?);
    let mut preparer = Preparer::new(Recipe {
        geometry: Geometry::CentreSquare,
        size: args.size,
        filter: Filter::Bilinear,
        // The squares are written before they would be normalised.
        mean: [0.0; 3],
        scale: [1.0; 3],
        colour_constancy: ColourConstancy::None,
    });
    let bar = progress::bar(rows.len());
    for row in &rows {
        let prepared = preparer.prepare(&read_picture(&args.set.image(row))?)?;
        file.write_all(prepared.square.pixels()).with_context(unwritable)?;
        bar.inc(1);
    }
    file.flush().with_context(unwritable)?;
    bar.finish_and_clear();
    Printed::line(format_args!("{}: {} squares of {size}x{size}", args.out.display(), rows.len(), size = args.size))?;
    Ok(Outcome::Done)
}

fn sizes() -> impl clap::builder::TypedValueParser<Value = u32> {
    clap::value_parser!(u32).range(i64::from(*Recipe::SIZES.start())..=i64::from(*Recipe::SIZES.end()))
}
