//! Reading the small files of `/sys` and `/proc`. What is absent or not understood is `None`: boards differ.

use std::{
    fs,
    path::{Path, PathBuf},
    str::FromStr,
};

/// The value that a file holds, without the white space around it.
pub(super) fn value<T: FromStr>(path: impl AsRef<Path>) -> Option<T> {
    fs::read_to_string(path).ok()?.trim().parse().ok()
}

/// The entries of `folder` whose names begin with `prefix`, by name.
pub(super) fn entries(folder: impl AsRef<Path>, prefix: &str) -> Vec<PathBuf> {
    let named = |path: &PathBuf| path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with(prefix));
    let mut found: Vec<PathBuf> = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).filter(named).collect();
    found.sort();
    found
}
