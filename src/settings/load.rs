//! What the device starts with: the board file, and the committed settings over it when they fit.

use std::path::{Path, PathBuf};

use super::{
    disk::{Disk, Storage},
    error::SettingsError,
    file::{self, CURRENT},
    protected, value,
};
use crate::device::board::{Board, BoardError};

/// A board with what became of the settings.
#[derive(Debug)]
pub struct Loaded {
    /// What the device is made of, settings included.
    pub board: Board,
    /// What became of the settings.
    pub outcome: Outcome,
}

/// What became of the committed settings at start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// There are none: the board file alone holds.
    BoardFileAlone,
    /// They are in force.
    Applied {
        /// How many keys they set.
        keys: usize,
    },
    /// They do not fit. The board file alone holds, and nothing is lost.
    Refused {
        /// What is wrong with them.
        problem: String,
        /// Where they were put; `None` when they had to stay where they are, because storage cannot be written.
        apart: Option<PathBuf>,
    },
}

/// Reads the board file with the settings that were committed on this device.
///
/// # Errors
/// [`BoardError`] of the board file itself, as [`Board::load`]. Settings are never a reason not to start.
pub fn load(board_file: &Path) -> Result<Loaded, BoardError> {
    load_from(board_file, &Storage)
}

/// As [`load`], from another storage.
///
/// # Errors
/// As [`load`].
pub fn load_from(board_file: &Path, disk: &dyn Disk) -> Result<Loaded, BoardError> {
    let alone = Board::load(board_file)?;
    let folder = alone.state.clone();
    let refused = match file::read(disk, &folder.join(CURRENT)) {
        Ok(None) => return Ok(Loaded { board: alone, outcome: Outcome::BoardFileAlone }),
        Ok(Some(table)) => {
            let all = value::flat(&table);
            let protected = all.iter().find_map(|(key, _)| Some((key, protected::reason(key)?)));
            match protected {
                Some((key, reason)) => format!("{key} cannot be set there: {reason}"),
                None => match Board::load_with(board_file, &table) {
                    Ok(board) => return Ok(Loaded { board, outcome: Outcome::Applied { keys: all.len() } }),
                    Err(error) => error.to_string(),
                },
            }
        }
        // Storage that cannot be read now may be read next time: the file stays.
        Err(SettingsError::Storage { path, cause }) if cause.kind() != std::io::ErrorKind::InvalidData => {
            let problem = format!("{} cannot be read: {cause}", path.display());
            return Ok(Loaded { board: alone, outcome: Outcome::Refused { problem, apart: None } });
        }
        Err(error) => error.to_string(),
    };
    let apart = file::set_apart(disk, &folder).ok();
    tracing::warn!(problem = %refused, "the committed settings were refused; the board file alone holds");
    Ok(Loaded { board: alone, outcome: Outcome::Refused { problem: refused, apart } })
}
