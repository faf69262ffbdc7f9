//! What can be wrong with a table of labels.

use std::path::PathBuf;

use thiserror::Error;

/// What is wrong with a table of labels.
#[derive(Debug, Error)]
pub enum IndexError {
    /// The table cannot be read.
    #[error("cannot read the table {}: {cause}", path.display())]
    Read {
        /// The table.
        path: PathBuf,
        /// What the system or the CSV reader said, with the line.
        cause: csv::Error,
    },
    /// A column that is needed is not there.
    #[error("the table {} has no column '{column}': give one with the path of every image, from --root or the table's folder", path.display())]
    Column {
        /// The table.
        path: PathBuf,
        /// The missing column.
        column: &'static str,
    },
    /// A label that is neither 0, 1 nor empty.
    #[error("{} line {line}: column '{column}' holds '{value}'; a label is 0, 1 or empty (unknown)", path.display())]
    Label {
        /// The table.
        path: PathBuf,
        /// Line in the file.
        line: u64,
        /// The column.
        column: String,
        /// What stands there.
        value: String,
    },
    /// A rating that is none.
    #[error(
        "{} line {line}: column '{column}' holds '{value}'; ratings are one number a rater with | between them (ph2_asymmetry: 0, 1 or 2), or empty",
        path.display()
    )]
    Rating {
        /// The table.
        path: PathBuf,
        /// Line in the file.
        line: u64,
        /// The column.
        column: &'static str,
        /// What stands there.
        value: String,
    },
    /// A path that leaves the root folder.
    #[error("{} line {line}: '{file}' must be a relative path without '..'", path.display())]
    Escapes {
        /// The table.
        path: PathBuf,
        /// Line in the file.
        line: u64,
        /// What stands there.
        file: String,
    },
    /// The filters leave nothing.
    #[error("no row of {} has {filter}; datasets there: {datasets}; splits there: {splits}", path.display())]
    Nothing {
        /// The table.
        path: PathBuf,
        /// The filter in words.
        filter: String,
        /// Datasets in the table.
        datasets: String,
        /// Splits in the table.
        splits: String,
    },
}
