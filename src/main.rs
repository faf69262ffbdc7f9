//! Parses the command line and hands over; as PID 1, runs the board.

use std::process::ExitCode;

use clap::Parser;
use lentigo::{
    cli::{self, Cli},
    init,
};

fn main() -> ExitCode {
    if init::is_init() {
        init::run();
    }
    cli::start(Cli::parse())
}
