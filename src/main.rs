//! Parses the command line and hands over.

use std::process::ExitCode;

use clap::Parser;
use lentigo::cli::{self, Cli};

fn main() -> ExitCode {
    cli::start(Cli::parse())
}
