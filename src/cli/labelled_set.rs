//! The labelled set that a command works on: its table, the folder of its images, and which rows are wanted.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::evaluation::index::{self, Choice, Filter, Row};

/// Which images, from which table.
#[derive(Debug, clap::Args)]
pub(super) struct LabelledSet {
    /// Table of images and labels (CSV)
    #[arg(long, value_name = "FILE")]
    pub(super) index: PathBuf,
    /// Folder that the table's paths start from; the table's own folder by default
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
    /// Only rows of this dataset, or of some of its classes (column dx); may be given again: the sets are joined
    #[arg(long = "dataset", value_name = "NAME[:DX,...]")]
    datasets: Vec<Choice>,
    /// Only rows of this split
    #[arg(long, value_name = "NAME")]
    split: Option<String>,
}

impl LabelledSet {
    /// Which rows are wanted.
    pub(super) fn filter(&self) -> Filter {
        Filter { datasets: self.datasets.clone(), split: self.split.clone() }
    }

    /// The rows that are wanted, in the table's order.
    pub(super) fn rows(&self) -> Result<Vec<Row>> {
        Ok(index::read(&self.index, &self.filter())?)
    }

    /// Where the image of a row lies.
    pub(super) fn image(&self, row: &Row) -> PathBuf {
        self.folder().join(&row.file)
    }

    /// Where the mask of a row lies, where it has one.
    pub(super) fn mask(&self, row: &Row) -> Option<PathBuf> {
        Some(self.folder().join(row.mask.as_ref()?))
    }

    fn folder(&self) -> &Path {
        self.root.as_deref().or(self.index.parent()).unwrap_or(Path::new("."))
    }
}
