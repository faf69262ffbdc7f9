//! Printing to standard output, where the reader may leave at any time, and writing result files.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use serde::Serialize;

/// Standard output, line by line.
pub(super) struct Printed;

impl Printed {
    /// Prints one line.
    pub(super) fn line(text: impl std::fmt::Display) -> Result<()> {
        let mut out = io::stdout().lock();
        writeln!(out, "{text}").and_then(|()| out.flush()).context("standard output")
    }

    /// Prints one value as one line of JSON.
    pub(super) fn json(value: &impl Serialize) -> Result<()> {
        Self::line(serde_json::to_string(value)?)
    }

    /// Whether an error only means that the reader of standard output is gone.
    pub(super) fn reader_left(error: &anyhow::Error) -> bool {
        error.chain().any(|cause| cause.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe))
    }
}

/// A folder that results go to, made when missing.
#[derive(Debug, Clone)]
pub(super) struct OutputFolder(PathBuf);

impl OutputFolder {
    /// Makes the folder and proves that it can be written, before any work is done.
    pub(super) fn create(path: &Path) -> Result<Self> {
        let advice = || format!("cannot write into the output folder {}: choose another with --out", path.display());
        fs::create_dir_all(path).with_context(advice)?;
        let probe = path.join(".lentigo-probe");
        fs::write(&probe, b"").with_context(advice)?;
        fs::remove_file(&probe).with_context(advice)?;
        Ok(Self(path.to_owned()))
    }

    /// A path inside the folder.
    pub(super) fn join(&self, name: impl AsRef<Path>) -> PathBuf {
        self.0.join(name)
    }

    /// Writes a whole file or leaves none: what was there before stays when the disk is full.
    pub(super) fn write(&self, name: &str, content: &[u8]) -> Result<PathBuf> {
        let path = self.join(name);
        let unfinished = self.join(format!(".{name}.part"));
        fs::write(&unfinished, content).and_then(|()| fs::rename(&unfinished, &path)).map_err(|error| {
            // The half-written file is worth nothing; that it cannot be removed either adds nothing to the message.
            let _ = fs::remove_file(&unfinished);
            anyhow::Error::new(error).context(format!("cannot write {}: is the disk full?", path.display()))
        })?;
        Ok(path)
    }
}
