//! What can be wrong with a board file, said so that the person who edits it can put it right.

use std::{fmt, path::PathBuf};

use thiserror::Error;

/// Why there is no board to run on.
#[derive(Debug, Error)]
pub enum BoardError {
    /// The file cannot be read at all.
    #[error("cannot read the board file {}: {cause}. Give the path of a board file with --board; boards/simulated/board.toml needs no hardware", path.display())]
    Read {
        /// The board file.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// The text is no TOML. TOML allows no recovery in general, so only the first place is named.
    #[error("{} is not valid TOML\n  {problem}", path.display())]
    Syntax {
        /// The board file.
        path: PathBuf,
        /// Where and why.
        problem: Problem,
    },
    /// The text is TOML, but it does not describe a board. All problems are listed at once, in the order of the file.
    #[error("{} does not describe a board\n{}", path.display(), lines(problems))]
    Invalid {
        /// The board file.
        path: PathBuf,
        /// Every problem found; never empty.
        problems: Vec<Problem>,
    },
    /// The board file names devices, files or folders that are not there. All are listed at once.
    #[error("{} names things that are not there\n{}", path.display(), lines(problems))]
    Absent {
        /// The board file.
        path: PathBuf,
        /// Every absent thing; never empty.
        problems: Vec<Problem>,
    },
}

/// One thing that is wrong, with its place in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Line and column, both from 1, the column in characters; `None` for what is missing.
    pub place: Option<(usize, usize)>,
    /// What is wrong with which key, and what would be right.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((line, column)) = self.place {
            write!(f, "line {line}, column {column}: ")?;
        }
        f.write_str(&self.message)
    }
}

fn lines(problems: &[Problem]) -> String {
    problems.iter().map(|problem| format!("  {problem}")).collect::<Vec<_>>().join("\n")
}
