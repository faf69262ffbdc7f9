//! The command line: one file a command. Only this room prints, and only `main` ends the process.

mod bench;
mod board;
mod bundle;
mod bundle_choice;
mod evaluate;
mod gate;
mod labelled_set;
mod manual;
mod measure;
mod output;
mod prepare;
mod progress;
mod run;
mod screen;
mod size;

use std::{io::IsTerminal, process::ExitCode};

use clap::{Parser, Subcommand};
use tracing::level_filters::LevelFilter;

use output::Printed;

use crate::device::signals;

/// Screens dermoscopic images for referral, offline. An adjunct to a clinician; not a diagnosis.
///
/// A frame comes from a camera or a file, must pass a quality gate, goes through an int8 model, and leaves as one of four
/// answers: refer, no referral indicated, retake, cannot assess.
#[derive(Debug, Parser)]
#[command(
    name = "lentigo",
    version,
    arg_required_else_help = true,
    after_long_help = "Exit codes:\n  0  everything was done\n  1  some images could not be read (each is named on standard error)\n  \
2  the command line is not right\n  3  could not start or go on: bundle, board, camera, output folder\n\n\
Environment:\n  LENTIGO_LOG  what to log to standard error: error, warn (default), info, debug, or module=level,...\n\n\
Examples:\n  lentigo run --board boards/simulated/board.toml\n  lentigo screen --bundle models/bundles/dual-network-edge --out screens lesion.jpg\n  \
lentigo screen --bundle models/bundles/dual-network-edge --json images/ | jq .label"
)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the device that a board file describes: preview, capture, assess, show, record
    Run(run::Args),
    /// Assess image files: one verdict an image
    Screen(screen::Args),
    /// Measure a bundle on a labelled set of images
    Evaluate(evaluate::Args),
    /// Time each stage of one assessment
    Bench(bench::Args),
    /// Check board files, or print what they may say
    Board(board::Args),
    /// Look into, check or seal a model bundle
    Bundle(bundle::Args),
    /// Measure the ABC criteria of lesions, as the device does
    Measure(measure::Args),
    /// Measure the quality gate on a labelled set and propose limits
    Gate(gate::Args),
    /// Write the squares that a network would see, to train on exactly what the device sees
    Prepare(prepare::Args),
    /// Print shell completions
    Completions(manual::CompletionsArgs),
    /// Write the manual pages
    Man(manual::ManArgs),
}

/// How a command ended, short of failing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// Everything was done.
    Done,
    /// Some images could not be read; each has been named on standard error.
    SomeUnreadable,
}

/// Runs a parsed command line and says how the process should end.
#[must_use]
pub fn start(cli: Cli) -> ExitCode {
    if !matches!(cli.command, Command::Run(_)) {
        log_to_stderr(LevelFilter::WARN);
    }
    // Without this a full disk (a file-size limit) would end the process before it could say what happened.
    if let Err(error) = signals::report_file_size_limit() {
        tracing::warn!(%error, "a file-size limit will end the process");
    }
    let outcome = match cli.command {
        Command::Run(args) => run::run(&args),
        Command::Screen(args) => screen::run(&args),
        Command::Evaluate(args) => evaluate::run(&args),
        Command::Bench(args) => bench::run(&args),
        Command::Board(args) => board::run(&args),
        Command::Bundle(args) => bundle::run(&args),
        Command::Measure(args) => measure::run(&args),
        Command::Gate(args) => gate::run(&args),
        Command::Prepare(args) => prepare::run(&args),
        Command::Completions(args) => manual::completions(&args),
        Command::Man(args) => manual::pages(&args),
    };
    match outcome {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::SomeUnreadable) => ExitCode::from(1),
        // The reader of a pipe had enough (`lentigo screen --json ... | head`): nothing went wrong.
        Err(error) if Printed::reader_left(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("lentigo: {error:#}");
            ExitCode::from(3)
        }
    }
}

/// Logs to standard error what `LENTIGO_LOG` asks for, else `level`; `run` calls it once it has read its board file.
fn log_to_stderr(level: LevelFilter) {
    use tracing_subscriber::{EnvFilter, fmt};
    let filter = EnvFilter::try_from_env("LENTIGO_LOG").unwrap_or_else(|_| EnvFilter::new(level.to_string()));
    // A second initialisation (several commands in one test process) keeps the first.
    let colours = std::io::stderr().is_terminal();
    let log = fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(colours).with_target(false).without_time();
    let _ = log.try_init();
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}
