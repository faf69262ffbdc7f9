//! `lentigo completions` and `lentigo man`: made from the same definitions as the command line itself.

use std::{io, path::PathBuf};

use anyhow::{Context, Result};
use clap::CommandFactory;
use clap_complete::Shell;

use super::{Cli, Outcome, output::OutputFolder};

/// Arguments of `lentigo completions`.
#[derive(Debug, clap::Args)]
pub(super) struct CompletionsArgs {
    /// Which shell
    shell: Shell,
}

/// Arguments of `lentigo man`.
#[derive(Debug, clap::Args)]
pub(super) struct ManArgs {
    /// Write one page a command into this folder; without it the main page goes to standard output
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

pub(super) fn completions(args: &CompletionsArgs) -> Result<Outcome> {
    let mut script = vec![];
    clap_complete::generate(args.shell, &mut Cli::command(), "lentigo", &mut script);
    io::copy(&mut script.as_slice(), &mut io::stdout().lock()).context("standard output")?;
    Ok(Outcome::Done)
}

pub(super) fn pages(args: &ManArgs) -> Result<Outcome> {
    match &args.out {
        Some(folder) => {
            let folder = OutputFolder::create(folder)?;
            clap_mangen::generate_to(Cli::command(), folder.join("")).context("the manual pages could not be written")?;
        }
        None => clap_mangen::Man::new(Cli::command()).render(&mut io::stdout().lock()).context("standard output")?,
    }
    Ok(Outcome::Done)
}
