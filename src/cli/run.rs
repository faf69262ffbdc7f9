//! `lentigo run`: the device that a board file describes.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::{Outcome, log_to_stderr, output::Printed};
use crate::{
    device::{Device, End, Event, Summary, board::Board, signals},
    verdict::Verdict,
};

/// Arguments of `lentigo run`.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "boards/README.md says what each key of a board file means. Ctrl-C ends the run after the current step.\n\n\
Exit codes: 0 the run ended as it should (or was stopped), 2 usage, 3 a fault: its cause is on the screen and on standard error.")]
pub(super) struct Args {
    /// The board file
    #[arg(long, value_name = "FILE")]
    board: PathBuf,
}

pub(super) fn run(args: &Args) -> Result<Outcome> {
    let board = Board::load(&args.board)?;
    log_to_stderr(board.log_level);
    let stop = signals::stop_flag().context("cannot listen to signals")?;
    let mut device = Device::start(&board, stop)?;
    let recorded = device.records.path().to_owned();
    if let Some(path) = device.records.set_apart() {
        Printed::line(format_args!("A line was cut short by the last power cut; it is set apart in {}", path.display()))?;
    }
    Printed::line(format_args!("{}: {}", board.file.display(), device.camera.describe()))?;
    let mut printed = Ok(());
    // A reader who leaves must not stop the device: the first failure to print is kept until the end.
    let summary = device.run(&mut |event| {
        if printed.is_ok() {
            printed = tell(&event);
        }
    })?;
    printed.and_then(|()| close(&summary, &recorded))?;
    Ok(Outcome::Done)
}

fn tell(event: &Event) -> Result<()> {
    match event {
        Event::Retake { patient, reasons, picture, .. } => {
            let reasons: Vec<_> = reasons.iter().map(|reason| reason.advice()).collect();
            Printed::line(format_args!("patient {patient}: retake: {}{}", reasons.join("; "), seen_at(picture.as_deref())))
        }
        Event::Closed { patient, verdict, picture, .. } => {
            let label = verdict.label();
            let what = match verdict {
                Verdict::Assessed(assessment) => {
                    let (probability, threshold) = (assessment.probability(), assessment.operating_point().threshold);
                    format!("{label} (probability {probability:.2}, refer at {threshold:.2})")
                }
                Verdict::CannotAssess { cause } => format!("{label}: {cause}"),
                Verdict::Retake { .. } => label.to_string(),
            };
            Printed::line(format_args!("patient {patient}: {what}{}", seen_at(picture.as_deref())))
        }
        Event::CameraTrouble { cause, failures, wait } => {
            Printed::line(format_args!("camera: {cause} (failure {failures}, next try in {wait:?})"))
        }
    }
}

fn seen_at(picture: Option<&Path>) -> String {
    picture.map(|path| format!("\n  screen: {}", path.display())).unwrap_or_default()
}

fn close(summary: &Summary, records: &Path) -> Result<()> {
    let why = match summary.end {
        End::Patients => "as many as the board file asks for",
        End::CameraFinished => "the camera has no more frames",
        End::Stopped => "stopped",
    };
    Printed::line(format_args!("{} case(s), {why}. Records: {}", summary.cases, records.display()))
}
