//! `lentigo screen`: one verdict an image.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

use anyhow::Result;
use serde::Serialize;

use super::{
    Outcome,
    bundle_choice::BundleChoice,
    output::{OutputFolder, Printed},
    progress,
};
use crate::{
    capture::replay,
    case::Case,
    display::{png, scene},
    explain::overlay,
    frame::Frame,
    pipeline::Analyser,
    record::{Entry, Timestamp},
    verdict::Verdict,
};

/// Arguments of `lentigo screen`.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "With --json each image gives one line of JSON; a refused image has \"reasons\" and no \"probability\".\n\
With --out the folder gets NAME.screen.png and NAME.heatmap.png for each image, and verdicts.csv.\n\n\
Exit codes: 0 all images read, 1 some could not be read (each named on standard error), 2 usage, 3 bundle or output folder.")]
pub(super) struct Args {
    #[command(flatten)]
    bundle: BundleChoice,
    /// Print one line of JSON an image instead of a table
    #[arg(long)]
    json: bool,
    /// Also write the rendered screen, the heatmap overlay and verdicts.csv into this folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Size of the rendered screens in pixels
    #[arg(long, value_name = "WxH", default_value = "800x480", value_parser = parse_size)]
    size: (u32, u32),
    /// Images (JPEG, PNG, TIFF, BMP, WebP) or folders of images
    #[arg(required = true, value_name = "IMAGE|FOLDER")]
    inputs: Vec<PathBuf>,
}

/// One line of `--json`.
#[derive(Debug, Serialize)]
struct Line<'a> {
    file: String,
    #[serde(flatten)]
    entry: &'a Entry,
    next_step: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    screen: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    heatmap: Option<String>,
}
