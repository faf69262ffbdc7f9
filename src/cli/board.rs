//! `lentigo board`: check board files before they reach a device, or print what they may say.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Subcommand;

use super::{Outcome, output::Printed};
use crate::{device::board::Board, engine::int8::kernels::Family};

/// Arguments of `lentigo board`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Check board files and print what they say; with an error, which key, what is legal, and the nearest key that there is
    #[command(
        after_long_help = "Devices are not looked for, so that the file of any board can be checked on any computer; --present does look.\n\n\
Exit codes: 0 every file describes a board, 2 usage, 3 one does not: every problem of every file is on standard error.\n\n\
Example:\n  lentigo board check boards/*/board.toml"
    )]
    Check {
        /// The board files
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
        /// Also look whether the devices, files and kernels that they name are on this computer
        #[arg(long)]
        present: bool,
    },
    /// Print every key of a board file with what it may hold, its default and its meaning, as Markdown
    Reference,
}

pub(super) fn run(args: &Args) -> Result<Outcome> {
    match &args.action {
        Action::Check { files, present } => check_all(files, *present),
        Action::Reference => {
            Printed::line(Board::reference().trim_end())?;
            Ok(Outcome::Done)
        }
    }
}

/// Every file is checked, whatever is wrong with those before it.
fn check_all(files: &[PathBuf], present: bool) -> Result<Outcome> {
    let mut problems = Vec::new();
    for file in files {
        match check(file, present) {
            Ok(summary) => Printed::line(summary)?,
            Err(error) => problems.push(format!("{error:#}")),
        }
    }
    if problems.is_empty() { Ok(Outcome::Done) } else { Err(anyhow::anyhow!(problems.join("\n"))) }
}

fn check(file: &Path, present: bool) -> Result<String> {
    let board = Board::load(file)?;
    if present {
        board.check_attached()?;
        Family::choose(board.model.kernels).with_context(|| file.display().to_string())?;
    }
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read the board file {}", file.display()))?;
    let found = if present { ", and everything that it names is here" } else { "" };
    Ok(format!(
        "{} describes a board{found}\n{}  What it leaves out has its default: `lentigo board reference`",
        file.display(),
        says(&text)?
    ))
}

/// What a board file sets, a paragraph for each section, in the order of the reference.
fn says(text: &str) -> Result<String> {
    let table: toml::Table = toml::from_str(text)?;
    let mut set = Vec::new();
    flatten("", &table, &mut set);
    let known: Vec<String> = Board::keys().into_iter().map(|key| key.path).collect();
    // Keys that a section lets people name stand behind those that have names of their own.
    set.sort_by_key(|(path, _)| {
        let section = section_of(path);
        let of_section = known.iter().position(|key| section_of(key) == section).unwrap_or(known.len());
        (of_section, known.iter().position(|key| key == path).unwrap_or(known.len()))
    });
    let mut said = String::new();
    for group in set.chunk_by(|(a, _), (b, _)| section_of(a) == section_of(b)) {
        let section = section_of(&group[0].0);
        let keys = group.iter().map(|(path, value)| {
            let key = path.strip_prefix(section).unwrap_or(path).trim_start_matches('.');
            format!("{key} {value}")
        });
        said.push_str(&paragraph(section, keys));
    }
    Ok(said)
}

fn section_of(path: &str) -> &str {
    path.split('.').next().unwrap_or_default()
}

/// Every value with the path of its key: `inputs.buttons.capture`.
fn flatten(path: &str, table: &toml::Table, set: &mut Vec<(String, String)>) {
    for (key, value) in table {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        match value {
            toml::Value::Table(table) => flatten(&path, table, set),
            value => set.push((path, value.to_string())),
        }
    }
}

/// `  camera       kind "v4l2", width 1280,` and on, within 80 columns.
fn paragraph(section: &str, keys: impl Iterator<Item = String>) -> String {
    const INDENT: usize = 15;
    const WIDTH: usize = 80;
    let mut said = format!("  {section:<width$}", width = INDENT - 2);
    let (mut column, mut first) = (INDENT, true);
    for key in keys {
        let length = key.chars().count();
        if !first {
            said.push(',');
            column += 1;
            // Room for a blank before the key and a comma behind it.
            if column + length + 2 > WIDTH {
                said.push_str(&format!("\n{:INDENT$}", ""));
                column = INDENT;
            } else {
                said.push(' ');
                column += 1;
            }
        }
        said.push_str(&key);
        column += length;
        first = false;
    }
    said.push('\n');
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_file_sets_is_told_section_by_section_in_the_order_of_the_reference() {
        let text = "[records]\nfolder = \"r\"\n[camera]\nwidth = 640\nkind = \"phantom\"\npatients = [1, 2]\n";
        let expected = "  camera       kind \"phantom\", width 640, patients [1, 2]\n  records      folder \"r\"\n";
        assert_eq!(says(text).unwrap(), expected);
    }

    #[test]
    fn a_paragraph_keeps_within_eighty_columns_and_loses_nothing() {
        let keys: Vec<String> = (0..40).map(|n| format!("key{n} {}", n * n)).collect();
        let said = paragraph("inputs", keys.iter().cloned());
        assert!(said.lines().all(|line| line.len() <= 80), "{said}");
        assert!(keys.iter().all(|key| said.contains(key)), "{said}");
        assert_eq!(said.matches(',').count(), 39);
    }
}
