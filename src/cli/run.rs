//! `lentigo run`: the device that a board file describes.

use std::{
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::Command,
    sync::{Arc, atomic::Ordering},
};

use anyhow::{Context, Result};

use super::{Outcome, output::Printed};
use crate::{
    device::{
        Device, End, News, Summary,
        signals::{self, Asked},
    },
    init::Ending,
    log,
    settings::{self, Loaded, Outcome::Refused},
    verdict::Verdict,
};

/// Arguments of `lentigo run`.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "boards/README.md says what each key of a board file means. Ctrl-C ends the run after the current step.\n\n\
Exit codes: 0 the run ended as it should (or was stopped), 2 usage, 3 a fault: its cause is on the screen and \
on standard error, 86 somebody asked over the console that the board boot anew.\n\nSIGHUP starts the program anew, with the settings as they are then.")]
pub(super) struct Args {
    /// The board file
    #[arg(long, value_name = "FILE")]
    board: PathBuf,
}

pub(super) fn run(args: &Args) -> Result<Outcome> {
    let Loaded { board, outcome } = settings::load(&args.board)?;
    log::init(board.log_level);
    log::report_panics();
    if let Refused { problem, apart } = &outcome {
        let place = apart.as_deref().map_or("still in their place".to_owned(), |path| format!("set apart in {}", path.display()));
        tracing::error!(problem, place, "the committed settings do not fit; the board file alone holds");
    }
    let stop = signals::stop_flag().context("cannot listen to signals")?;
    let mut device = Device::of(&board, Arc::clone(&stop))?;
    let restart = Arc::clone(&device.restart);
    signals::on_signal(stop, move |asked| restart.store(asked == Asked::Restart, Ordering::Release)).context("cannot listen to signals")?;
    Printed::line(format_args!("{}", board.file.display()))?;
    let mut printed = Ok(());
    // A reader who leaves must not stop the device: the first failure to print is kept until the end.
    let summary = device.run(&mut |news| {
        if printed.is_ok() {
            printed = tell(news);
        }
    })?;
    printed.and_then(|()| close(&summary, &board.records))?;
    match summary.end {
        End::Restart => Err(start_anew()),
        // Whoever started the device boots the board: systemd by this exit code, or lentigo's own init.
        End::Reboot => std::process::exit(Ending::REBOOT.into()),
        End::Patients | End::CameraFinished | End::Stopped => Ok(Outcome::Done),
    }
}

/// Becomes the same program once more, with the settings as they are now. Only returns when that fails.
fn start_anew() -> anyhow::Error {
    let program = std::env::current_exe().unwrap_or_else(|_| PathBuf::from("/proc/self/exe"));
    let cause = Command::new(&program).args(std::env::args_os().skip(1)).exec();
    anyhow::Error::new(cause).context(format!("cannot start {} anew", program.display()))
}

fn tell(news: &News) -> Result<()> {
    match news {
        News::Retake { patient, reasons, picture, .. } => {
            let reasons: Vec<_> = reasons.iter().map(|reason| reason.advice()).collect();
            Printed::line(format_args!("patient {patient}: retake: {}{}", reasons.join("; "), seen_at(picture.as_deref())))
        }
        News::Verdict { patient, verdict, picture, .. } => {
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
        News::CameraTrouble(trouble) => Printed::line(format_args!("camera: {} {} ({})", trouble.cause, trouble.next_step, trouble.detail)),
        News::TornRecord(path) => {
            Printed::line(format_args!("A line was cut short by the last power cut; it is set apart in {}", path.display()))
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
        End::Restart => "starts anew",
        End::Reboot => "the board boots anew",
    };
    Printed::line(format_args!("{} case(s), {why}. Records: {}", summary.cases, records.display()))
}
