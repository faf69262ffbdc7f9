//! The table of a labelled set: which files there are and what is true of them.
//!
//! Columns (others are ignored): `file`, `dataset`, `split`, `lesion_id`, `isic_id`, `dx`, and one 0/1 column a label
//! (`malignant`, `melanoma`, `seborrheic_keratosis`), empty where unknown.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

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
    #[error("the table {} has no column '{column}'; it needs at least 'file', 'dataset', 'split' and one 0/1 column a label", path.display())]
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

/// Which rows of a table are wanted.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only these datasets; all when empty.
    pub datasets: Vec<String>,
    /// Only this split; all when `None`.
    pub split: Option<String>,
}

impl std::fmt::Display for Filter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.datasets.as_slice(), &self.split) {
            ([], None) => f.write_str("a file"),
            ([], Some(split)) => write!(f, "split '{split}'"),
            (datasets, None) => write!(f, "dataset '{}'", datasets.join("' or '")),
            (datasets, Some(split)) => write!(f, "dataset '{}' and split '{split}'", datasets.join("' or '")),
        }
    }
}

/// One labelled image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Path relative to the set's root, as it stands in the table.
    pub file: String,
    /// The set it belongs to.
    pub dataset: String,
    /// `train`, `val` or another split.
    pub split: String,
    /// Images with the same name show the same lesion; the image's own name where unknown.
    pub lesion: String,
    /// Labels that are known: column name to truth.
    pub labels: BTreeMap<String, bool>,
}

/// Columns that hold a 0/1 label.
const LABELS: [&str; 3] = ["malignant", "melanoma", "seborrheic_keratosis"];

/// Reads a table and keeps the rows that `filter` wants, in the table's order.
///
/// # Errors
/// [`IndexError`], naming table, line and column.
pub fn read(path: &Path, filter: &Filter) -> Result<Vec<Row>, IndexError> {
    let unreadable = |cause| IndexError::Read { path: path.to_owned(), cause };
    let mut reader = csv::Reader::from_path(path).map_err(unreadable)?;
    let headers = reader.headers().map_err(unreadable)?.clone();
    let column = |name: &str| headers.iter().position(|header| header == name);
    let needed = |name: &'static str| column(name).ok_or(IndexError::Column { path: path.to_owned(), column: name });
    let (file_at, dataset_at, split_at) = (needed("file")?, needed("dataset")?, needed("split")?);
    let lesion_at: Vec<usize> = ["lesion_id", "isic_id"].iter().filter_map(|name| column(name)).collect();
    let label_at: Vec<(&str, usize)> = LABELS.iter().filter_map(|name| Some((*name, column(name)?))).collect();
    if label_at.is_empty() {
        return Err(IndexError::Column { path: path.to_owned(), column: LABELS[0] });
    }

    let (mut rows, mut datasets, mut splits) = (vec![], vec![], vec![]);
    for record in reader.records() {
        let record = record.map_err(unreadable)?;
        let line = record.position().map_or(0, csv::Position::line);
        let cell = |at: usize| record.get(at).unwrap_or_default();
        let (file, dataset, split) = (cell(file_at).to_owned(), cell(dataset_at).to_owned(), cell(split_at).to_owned());
        if !is_inside(&file) {
            return Err(IndexError::Escapes { path: path.to_owned(), line, file });
        }
        let mut labels = BTreeMap::new();
        for (name, at) in &label_at {
            match cell(*at) {
                "" => {}
                "0" => drop(labels.insert((*name).to_owned(), false)),
                "1" => drop(labels.insert((*name).to_owned(), true)),
                value => {
                    return Err(IndexError::Label { path: path.to_owned(), line, column: (*name).to_owned(), value: value.to_owned() });
                }
            }
        }
        remember(&mut datasets, &dataset);
        remember(&mut splits, &split);
        let wanted = (filter.datasets.is_empty() || filter.datasets.contains(&dataset))
            && filter.split.as_ref().is_none_or(|wanted| *wanted == split);
        if wanted {
            let lesion = lesion_at.iter().map(|at| cell(*at)).find(|name| !name.is_empty()).unwrap_or(&file).to_owned();
            rows.push(Row { file, dataset, split, lesion, labels });
        }
    }
    if rows.is_empty() {
        let (datasets, splits) = (datasets.join(", "), splits.join(", "));
        return Err(IndexError::Nothing { path: path.to_owned(), filter: filter.to_string(), datasets, splits });
    }
    Ok(rows)
}

fn is_inside(file: &str) -> bool {
    use std::path::Component;
    !file.is_empty() && Path::new(file).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
}

fn remember(seen: &mut Vec<String>, name: &str) {
    if !seen.iter().any(|known| known == name) {
        seen.push(name.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index.csv");
        std::fs::write(&path, text).unwrap();
        (folder, path)
    }

    const HEAD: &str = "file,dataset,split,isic_id,lesion_id,malignant,melanoma\n";

    #[test]
    fn rows_are_filtered_and_unknown_labels_stay_unknown() {
        let (_folder, path) = table(&format!("{HEAD}a.jpg,x,val,I1,L1,1,\nb.jpg,x,train,I2,,0,0\nc.jpg,y,val,,,,1\n"));
        let filter = Filter { datasets: vec!["x".into()], split: Some("val".into()) };
        let rows = read(&path, &filter).unwrap();
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].labels, BTreeMap::from([("malignant".to_owned(), true)]));
        let lesions: Vec<String> = read(&path, &Filter::default()).unwrap().into_iter().map(|row| row.lesion).collect();
        assert_eq!(lesions, ["L1", "I2", "c.jpg"]);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        let (_folder, path) = table(&format!("{HEAD}a.jpg,x,val,I1,L1,yes,\n"));
        assert!(read(&path, &Filter::default()).unwrap_err().to_string().contains("line 2: column 'malignant' holds 'yes'"));
        let (_folder, path) = table(&format!("{HEAD}../a.jpg,x,val,I1,L1,1,\n"));
        assert!(read(&path, &Filter::default()).unwrap_err().to_string().contains("'../a.jpg' must be a relative path"));
        let (_folder, path) = table("file,dataset,malignant\n");
        assert!(read(&path, &Filter::default()).unwrap_err().to_string().contains("no column 'split'"));
        let (_folder, path) = table(&format!("{HEAD}a.jpg,x,val,I1,L1,1,\n"));
        let filter = Filter { datasets: vec!["z".into()], split: None };
        let message = read(&path, &filter).unwrap_err().to_string();
        assert!(message.contains("dataset 'z'; datasets there: x; splits there: val"), "{message}");
    }
}
