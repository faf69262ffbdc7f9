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
    size::{Size, parse_size},
};
use crate::{
    capture::{pictures_in, read_picture},
    case::{BundleId, Case},
    display::{
        png,
        scene::{self, Scene, StatusBar},
    },
    explain::{lesion::Scale, overlay::overlay},
    patient::{Context, Field, FieldError},
    quality::{Measurements, Reason},
    record::{self, LesionSize, Reliability, StepTimes},
    verdict::Verdict,
};

/// Arguments of `lentigo screen`.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "With --json each image gives one line of JSON; a refused image has \"reasons\" and no \"probability\".\n\
With --out the folder gets NAME.screen.png for each image, NAME.heatmap.png for each assessed one, and verdicts.csv.\n\n\
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
    /// Size of the rendered screens in pixels, at least 320x240
    #[arg(long, value_name = "WxH", default_value = "800x480", value_parser = parse_size)]
    size: Size,
    /// Compare with this operating point of the bundle instead of its default: sensitivity-90, ...
    #[arg(long, value_name = "NAME")]
    operating_point: Option<String>,
    /// Side of the centred square of each image on the skin, in millimetres; without it no millimetres are said
    #[arg(long, value_name = "MM", value_parser = parse_scale)]
    field_mm: Option<Scale>,
    #[command(flatten)]
    patient: Patient,
    /// Images (JPEG, PNG, TIFF, BMP, WebP) or folders of images, with their sub-folders
    #[arg(required = true, value_name = "IMAGE|FOLDER")]
    inputs: Vec<PathBuf>,
}

/// What is known of the patient of all images, for a bundle that takes it into account.
#[derive(Debug, clap::Args)]
struct Patient {
    /// Age of the patient in years
    #[arg(long, value_name = "YEARS", value_parser = known(Field::Age))]
    age: Option<Context>,
    /// Sex of the patient: female, male
    #[arg(long, value_name = "SEX", value_parser = known(Field::Sex))]
    sex: Option<Context>,
    /// Where the lesion is: head-neck, anterior-torso, posterior-torso, lateral-torso, upper-extremity, lower-extremity, palms-soles, oral-genital
    #[arg(long, value_name = "SITE", value_parser = known(Field::Site))]
    site: Option<Context>,
}

impl Patient {
    fn context(&self) -> Context {
        let mut context = Context::default();
        [&self.age, &self.sex, &self.site].into_iter().flatten().for_each(|known| context.learn(known));
        context
    }
}

/// Reads `field` alone.
fn known(field: Field) -> impl Fn(&str) -> Result<Context, FieldError> + Clone + Send + Sync + 'static {
    move |text| {
        let mut context = Context::default();
        context.set(field, text)?;
        Ok(context)
    }
}

/// `20` or `18.5`.
fn parse_scale(text: &str) -> Result<Scale, String> {
    text.parse().ok().and_then(Scale::of_field).ok_or_else(|| "a width in millimetres, above 0, such as 20".to_owned())
}

/// One line of `--json`.
#[derive(Debug, Serialize)]
struct Line<'a> {
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
    bundle: &'a BundleId,
    timings_ms: StepTimes,
    #[serde(skip_serializing_if = "Option::is_none")]
    screen: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    heatmap: Option<PathBuf>,
}

pub(super) fn run(args: &Args) -> Result<Outcome> {
    let patient = args.patient.context();
    let mut results = args.out.as_deref().map(|folder| Results::create(folder, args.size, args.field_mm)).transpose()?;
    let mut analyser = args.bundle.analyser()?;
    if let Some(name) = &args.operating_point {
        analyser = analyser.with_operating_point(name)?;
    }
    let mut unreadable = 0_usize;
    let mut files = vec![];
    for input in &args.inputs {
        match pictures_in(input, true) {
            Ok(found) if found.is_empty() => {
                unreadable += 1;
                eprintln!("lentigo: {} holds no picture", input.display());
            }
            Ok(found) => files.extend(found),
            Err(error) => {
                unreadable += 1;
                eprintln!("lentigo: {error}");
            }
        }
    }
    let positive = analyser.manifest().classes.label.clone();
    let bar = progress::bar(files.len());
    for file in &files {
        bar.set_message(file.display().to_string());
        match read_picture(file) {
            Ok(frame) => {
                let case = analyser.assess(frame, &patient)?;
                let name = file.display().to_string();
                let (screen, heatmap) =
                    results.as_mut().map(|results| results.keep(file, &case, &positive)).transpose()?.unwrap_or_default();
                bar.suspend(|| match args.json {
                    true => Printed::json(&line(&name, &case, args.field_mm, screen, heatmap)),
                    false => Printed::line(row(&name, &case)),
                })?;
            }
            Err(error) => {
                unreadable += 1;
                bar.suspend(|| eprintln!("lentigo: {error}"));
            }
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    if let Some(results) = results {
        results.finish()?;
    }
    Ok(if unreadable == 0 { Outcome::Done } else { Outcome::SomeUnreadable })
}

fn reasons(case: &Case) -> &[Reason] {
    match &case.verdict {
        Verdict::Retake { reasons } => reasons,
        Verdict::Assessed(_) | Verdict::CannotAssess { .. } => &[],
    }
}

fn line<'a>(file: &'a str, case: &'a Case, scale: Option<Scale>, screen: Option<PathBuf>, heatmap: Option<PathBuf>) -> Line<'a> {
    Line {
        file,
        outcome: record::Outcome::from(&case.verdict),
        advice: reasons(case).iter().map(|reason| reason.advice()).collect(),
        next_step: case.verdict.label().next_step(),
        measurements: case.measurements,
        lesion: LesionSize::of(case, scale),
        reliability: case.numbers.as_ref().and_then(Reliability::of),
        bundle: &case.bundle,
        timings_ms: case.timings.into(),
        screen,
        heatmap,
    }
}

/// One row of the table for people.
fn row(file: &str, case: &Case) -> String {
    let label = case.verdict.label().text();
    match &case.verdict {
        Verdict::Assessed(assessment) => {
            let (probability, threshold) = (assessment.probability(), assessment.operating_point().threshold);
            format!("{label:<22} {probability:.3} (refer at {threshold:.3})  {file}")
        }
        Verdict::Retake { reasons } => {
            let reasons: Vec<_> = reasons.iter().map(|reason| reason.advice()).collect();
            format!("{label:<22} {}  {file}", reasons.join("; "))
        }
        Verdict::CannotAssess { cause } => format!("{label:<22} {cause}  {file}"),
    }
}

/// Columns of `verdicts.csv` for what else was found; empty where it was not.
const FOUND: [&str; 10] = [
    "area_mm2",
    "diameter_mm",
    "width_mm",
    "area_share",
    "diameter_share",
    "width_share",
    "at_least",
    "novelty",
    "disagreement",
    "abstention",
];

/// The cells under [`FOUND`].
fn found(case: &Case, scale: Option<Scale>) -> [String; 10] {
    let (lesion, reliability) = (LesionSize::of(case, scale), case.numbers.as_ref().and_then(Reliability::of));
    let size = |of: fn(&LesionSize) -> Option<f64>| lesion.as_ref().and_then(of).map(|value| value.to_string()).unwrap_or_default();
    let measured =
        |of: fn(&Reliability) -> Option<f32>| reliability.as_ref().and_then(of).map(|value| value.to_string()).unwrap_or_default();
    [
        size(|lesion| lesion.area_mm2),
        size(|lesion| lesion.diameter_mm),
        size(|lesion| lesion.width_mm),
        size(|lesion| lesion.area_share),
        size(|lesion| lesion.diameter_share),
        size(|lesion| lesion.width_share),
        lesion.as_ref().map(|lesion| lesion.at_least.to_string()).unwrap_or_default(),
        measured(|found| found.novelty),
        measured(|found| found.disagreement),
        reliability.as_ref().and_then(|found| found.abstention.clone()).unwrap_or_default(),
    ]
}

/// The folder of `--out`.
struct Results {
    folder: OutputFolder,
    size: Size,
    scale: Option<Scale>,
    table: csv::Writer<Vec<u8>>,
    taken: HashSet<String>,
}

impl Results {
    fn create(folder: &Path, size: Size, scale: Option<Scale>) -> Result<Self> {
        let mut table = csv::Writer::from_writer(vec![]);
        table.write_record(
            [&["file", "label", "probability", "operating_point", "threshold", "reasons", "screen", "heatmap"][..], &FOUND].concat(),
        )?;
        Ok(Self { folder: OutputFolder::create(folder)?, size, scale, table, taken: HashSet::new() })
    }

    /// Writes screen and heatmap of one case and says where they are.
    fn keep(&mut self, file: &Path, case: &Case, positive: &str) -> Result<(Option<PathBuf>, Option<PathBuf>)> {
        let name = self.free_name(file);
        let screen = self.folder.join(format!("{name}.screen.png"));
        let scene = Scene::of(case, positive, self.scale, StatusBar::default());
        png::save(scene::draw(&scene, self.size.width, self.size.height)?.frame(), &screen)?;
        let heatmap = match case.evidence.as_ref().and_then(|evidence| overlay(&case.frame, evidence)) {
            Some(picture) => {
                let path = self.folder.join(format!("{name}.heatmap.png"));
                png::save(&picture, &path)?;
                Some(path)
            }
            None => None,
        };
        let mut cells = vec![file.display().to_string(), case.verdict.label().text().to_owned()];
        cells.extend(match &case.verdict {
            Verdict::Assessed(assessment) => {
                let point = assessment.operating_point();
                [format!("{:.6}", assessment.probability()), point.name.clone(), point.threshold.to_string()]
            }
            Verdict::Retake { .. } | Verdict::CannotAssess { .. } => [String::new(), String::new(), String::new()],
        });
        cells.push(reasons(case).iter().map(|reason| reason.code()).collect::<Vec<_>>().join("|"));
        cells.push(screen.display().to_string());
        cells.push(heatmap.as_ref().map(|path| path.display().to_string()).unwrap_or_default());
        cells.extend(found(case, self.scale));
        self.table.write_record(&cells)?;
        Ok((Some(screen), heatmap))
    }

    /// The file's own name without its ending; pictures of the same name in other folders get a number.
    fn free_name(&mut self, file: &Path) -> String {
        let stem = file.file_stem().unwrap_or(file.as_os_str()).to_string_lossy().into_owned();
        let mut name = stem.clone();
        let mut number = 2;
        while !self.taken.insert(name.clone()) {
            name = format!("{stem}-{number}");
            number += 1;
        }
        name
    }

    fn finish(self) -> Result<()> {
        self.folder.write("verdicts.csv", &self.table.into_inner()?)?;
        Ok(())
    }
}
