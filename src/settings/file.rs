//! The files that hold settings.

use std::{
    io,
    path::{Path, PathBuf},
};

use toml::Table;

use super::{
    disk::{Disk, replace},
    error::SettingsError,
};

/// Name of the file with the committed settings.
pub const CURRENT: &str = "settings.toml";
/// Name of the file with those before.
pub const PREVIOUS: &str = "settings.previous.toml";

/// Said at the top of the file, for the person who finds it.
const HEADER: &str =
    "# Settings committed over the console, laid over the board file. Delete this file to run with the board file alone.\n";

/// Reads a file of settings; `None` when there is none.
pub(super) fn read(disk: &dyn Disk, path: &Path) -> Result<Option<Table>, SettingsError> {
    let bytes = disk.read(path).map_err(|cause| SettingsError::Storage { path: path.to_owned(), cause })?;
    let damaged = |detail: String| SettingsError::Damaged { path: path.to_owned(), detail };
    let Some(bytes) = bytes else { return Ok(None) };
    let text = String::from_utf8(bytes).map_err(|error| damaged(error.to_string()))?;
    toml::from_str(&text).map(Some).map_err(|error| damaged(error.message().to_owned()))
}

/// Makes `new` the committed settings and `old` those before.
///
/// The former is one rename and so happens or does not; the latter comes first, so that there always is a way back.
pub(super) fn commit(disk: &dyn Disk, folder: &Path, old: &Table, new: &Table) -> Result<(), SettingsError> {
    for (name, table) in [(PREVIOUS, old), (CURRENT, new)] {
        let path = folder.join(name);
        replace(disk, &path, format!("{HEADER}{table}").as_bytes()).map_err(|cause| SettingsError::Storage { path, cause })?;
    }
    Ok(())
}

/// Puts the committed settings where they do not count and nothing overwrites them.
pub(super) fn set_apart(disk: &dyn Disk, folder: &Path) -> io::Result<PathBuf> {
    let mut number = 1_u32;
    loop {
        let apart = folder.join(format!("settings.refused-{number}.toml"));
        if !apart.exists() {
            disk.rename(&folder.join(CURRENT), &apart)?;
            disk.sync_folder(folder)?;
            return Ok(apart);
        }
        number = number.saturating_add(1);
    }
}
