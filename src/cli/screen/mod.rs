//! `lentigo screen`: one verdict an image.

mod line;
mod results;

use std::path::PathBuf;

use anyhow::Result;

use self::{line::line, results::Results};
use super::{
    Outcome,
    bundle_choice::BundleChoice,
    output::Printed,
    progress,
    size::{Size, parse_size},
};
use crate::{
    capture::{pictures_in, read_picture},
    case::Case,
    explain::{
        lesion::Scale,
        report::{Facts, Language, Report, write},
    },
    patient::{Context, Field, FieldError},
    quality::Reason,
    verdict::Verdict,
};

/// Arguments of `lentigo screen`.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "With --json each image gives one line of JSON; a refused image has \"reasons\" and no \"probability\".\n\
With --out the folder gets NAME.screen.png for each image, NAME.heatmap.png for each assessed one, and verdicts.csv; with a bundle that measures \
criteria also NAME.explanation.png, and NAME.explanation-2.png and so on for what has no room on one screen.\n\n\
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
    /// Language of the report: en, es, fr, pt, sw. When it is given, a short form stands under each row of the table; --json always has all of it
    #[arg(long, value_name = "LANGUAGE")]
    language: Option<Language>,
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
                let report = write(&Facts::of(&case, args.field_mm), args.language.unwrap_or_default());
                let kept = results.as_mut().map(|results| results.keep(file, &case, &report, &positive)).transpose()?.unwrap_or_default();
                bar.suspend(|| match args.json {
                    true => Printed::json(&line(&name, &case, args.field_mm, &report, kept)),
                    false => Printed::line(row(&name, &case, args.language.map(|_| &report))),
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

/// One row of the table for people, with the short form of a report that they asked for.
fn row(file: &str, case: &Case, report: Option<&Report>) -> String {
    let label = case.verdict.label().text();
    let row = match &case.verdict {
        Verdict::Assessed(assessment) => {
            let (probability, threshold) = (assessment.probability(), assessment.operating_point().threshold);
            format!("{label:<22} {probability:.3} (refer at {threshold:.3})  {file}")
        }
        Verdict::Retake { reasons } => {
            let reasons: Vec<_> = reasons.iter().map(|reason| reason.advice()).collect();
            format!("{label:<22} {}  {file}", reasons.join("; "))
        }
        Verdict::CannotAssess { cause } => format!("{label:<22} {cause}  {file}"),
    };
    report.map(|report| format!("{row}\n  {}", report.brief())).unwrap_or(row)
}
