//! What can go wrong with records.

use std::{io, path::PathBuf};

use thiserror::Error;

/// Why a record could not be written or read.
#[derive(Debug, Error)]
pub enum RecordError {
    /// The folder or the file in it cannot be made or opened.
    #[error("no records can be kept in {}: {cause}. Make that folder writable or name another under [records] in the board file", folder.display())]
    Unwritable {
        /// The folder of the records.
        folder: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// Another process writes to this log.
    #[error("{} is in use by another lentigo. Stop that one first, or name another folder under [records] in the board file", path.display())]
    Busy {
        /// The log.
        path: PathBuf,
    },
    /// There is no room for another line.
    #[error("case {case} is not recorded: {} has no room left ({cause}). Free some space on that storage; earlier records are safe", path.display())]
    Full {
        /// The log.
        path: PathBuf,
        /// The case of the lost line.
        case: u64,
        /// What the system said.
        cause: io::Error,
    },
    /// The line could not be written for another reason.
    #[error("case {case} is not recorded: writing to {} failed: {cause}. Check that storage; earlier records are safe", path.display())]
    Write {
        /// The log.
        path: PathBuf,
        /// The case of the lost line.
        case: u64,
        /// What the system said.
        cause: io::Error,
    },
    /// The log cannot be read.
    #[error("cannot read the records {}: {cause}", path.display())]
    Read {
        /// The log.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// A line is no record. The lines before and after it are not affected.
    #[error("{} line {number} is not a record: {detail}", path.display())]
    Damaged {
        /// The log.
        path: PathBuf,
        /// Which line, from 1.
        number: usize,
        /// What is wrong with it.
        detail: String,
    },
}
