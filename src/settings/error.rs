//! What can go wrong with settings.

use std::{io, path::PathBuf};

use thiserror::Error;

use crate::device::board::BoardError;

/// Why a setting was not changed.
#[derive(Debug, Error)]
pub enum SettingsError {
    /// There is no such key.
    #[error("{key} is not a key{}", nearest.as_ref().map_or(String::new(), |near| format!("; did you mean {near}?")))]
    UnknownKey {
        /// What was given.
        key: String,
        /// The known key that is most like it.
        nearest: Option<String>,
    },
    /// The key is one that only the board file may set.
    #[error("{key} cannot be set here: {reason}. Edit the board file {}", board.display())]
    Protected {
        /// The key.
        key: String,
        /// Why.
        reason: &'static str,
        /// The board file.
        board: PathBuf,
    },
    /// The value is not legal for this key, or the key not legal beside the others.
    #[error("{}", problems.join("\n"))]
    Illegal {
        /// What is wrong; never empty.
        problems: Vec<String>,
    },
    /// What is staged does not make a whole yet.
    #[error("these settings are not complete, nothing was committed\n{}", problems.join("\n"))]
    Incomplete {
        /// What is wrong; never empty.
        problems: Vec<String>,
    },
    /// The key has no setting of its own.
    #[error("{key} is not set here: it is as the board file or its default says")]
    NotSet {
        /// The key.
        key: String,
    },
    /// Nothing is staged.
    #[error("nothing is staged")]
    NothingStaged,
    /// There are no settings before these.
    #[error("there are no settings to go back to")]
    NoPrevious,
    /// The board file itself cannot be read any more.
    #[error(transparent)]
    Board(#[from] BoardError),
    /// Storage refuses.
    #[error("{}: {cause}; the settings in force are as before", path.display())]
    Storage {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// The settings before these are no table.
    #[error("{}: {detail}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        detail: String,
    },
}
