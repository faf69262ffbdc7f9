//! The table of a labelled set: which files there are and what is true of them.
//!
//! Only `file` must be there; other columns are read where there are any, and ignored where they are not known: `dataset`,
//! `split`, `lesion_id`, `isic_id`, `dx` (a class name), `mask` (an image of the file's size, light where the lesion is), `age`,
//! `sex`, `site`, one 0/1 column a label (`malignant`, `melanoma`, `seborrheic_keratosis`), empty where unknown, and ratings of the ABC
//! criteria ([`Ratings`]).

mod error;
mod filter;
mod person;
mod ratings;

use std::{collections::BTreeMap, path::Path};

pub use error::IndexError;
pub use filter::{Choice, ChoiceError, Filter};
pub use person::{Person, UNKNOWN};
pub use ratings::Ratings;

/// One labelled image.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Path relative to the set's root, as it stands in the table.
    pub file: String,
    /// The set it belongs to; empty where the table does not say.
    pub dataset: String,
    /// `train`, `val` or another split; empty where the table does not say.
    pub split: String,
    /// Images with the same name show the same lesion; the image's own name where unknown.
    pub lesion: String,
    /// Name of the true class among several, lower case.
    pub dx: Option<String>,
    /// Path of the lesion's mask, relative to the set's root.
    pub mask: Option<String>,
    /// Age, sex and site.
    pub person: Person,
    /// Labels that are known: column name to truth.
    pub labels: BTreeMap<String, bool>,
    /// What people said of the ABC criteria.
    pub ratings: Ratings,
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
    let columns = Columns::find(reader.headers().map_err(unreadable)?);
    if !columns.0.contains_key("file") {
        return Err(IndexError::Column { path: path.to_owned(), column: "file" });
    }
    let (mut rows, mut datasets, mut splits) = (vec![], vec![], vec![]);
    for record in reader.records() {
        let record = record.map_err(unreadable)?;
        let row = columns.row(&record, path)?;
        remember(&mut datasets, &row.dataset);
        remember(&mut splits, &row.split);
        if filter.wants(&row) {
            rows.push(row);
        }
    }
    if rows.is_empty() {
        let (datasets, splits) = (datasets.join(", "), splits.join(", "));
        return Err(IndexError::Nothing { path: path.to_owned(), filter: filter.to_string(), datasets, splits });
    }
    Ok(rows)
}

/// Where each column stands.
struct Columns(BTreeMap<String, usize>);

impl Columns {
    fn find(headers: &csv::StringRecord) -> Self {
        // Spreadsheets write a byte order mark before the first name.
        let name = |header: &str| header.trim_start_matches('\u{feff}').trim().to_owned();
        Self(headers.iter().enumerate().map(|(at, header)| (name(header), at)).collect())
    }

    fn cell<'a>(&self, record: &'a csv::StringRecord, column: &str) -> &'a str {
        self.0.get(column).and_then(|at| record.get(*at)).unwrap_or_default().trim()
    }

    fn row(&self, record: &csv::StringRecord, path: &Path) -> Result<Row, IndexError> {
        let line = record.position().map_or(0, csv::Position::line);
        let cell = |column| self.cell(record, column);
        let known = |column| Some(cell(column)).filter(|text| !text.is_empty());
        for file in std::iter::once(cell("file")).chain(known("mask")) {
            if !is_inside(file) {
                return Err(IndexError::Escapes { path: path.to_owned(), line, file: file.to_owned() });
            }
        }
        let mut labels = BTreeMap::new();
        for column in LABELS {
            let value = cell(column);
            match truth(value) {
                Ok(Some(known)) => drop(labels.insert(column.to_owned(), known)),
                Ok(None) => {}
                Err(()) => {
                    return Err(IndexError::Label { path: path.to_owned(), line, column: column.to_owned(), value: value.to_owned() });
                }
            }
        }
        let ratings = Ratings::read(cell).map_err(|column| IndexError::Rating {
            path: path.to_owned(),
            line,
            column,
            value: cell(column).to_owned(),
        })?;
        Ok(Row {
            file: cell("file").to_owned(),
            dataset: cell("dataset").to_owned(),
            split: cell("split").to_owned(),
            lesion: known("lesion_id").or(known("isic_id")).unwrap_or(cell("file")).to_owned(),
            dx: known("dx").map(str::to_lowercase).filter(|dx| !matches!(dx.as_str(), UNKNOWN | "nan")),
            mask: known("mask").map(str::to_owned),
            person: Person::read(cell("age"), cell("sex"), cell("site")),
            labels,
            ratings,
        })
    }
}

/// A label, also as programs write it where a column has gaps.
fn truth(cell: &str) -> Result<Option<bool>, ()> {
    match cell {
        "" | "nan" | "NaN" => Ok(None),
        "0" | "0.0" => Ok(Some(false)),
        "1" | "1.0" => Ok(Some(true)),
        _ => Err(()),
    }
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

    use std::path::PathBuf;

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
        let filter = Filter { datasets: vec!["x".parse().unwrap()], split: Some("val".into()) };
        let rows = read(&path, &filter).unwrap();
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].labels, BTreeMap::from([("malignant".to_owned(), true)]));
        let lesions: Vec<String> = read(&path, &Filter::default()).unwrap().into_iter().map(|row| row.lesion).collect();
        assert_eq!(lesions, ["L1", "I2", "c.jpg"]);
    }

    #[test]
    fn a_table_with_nothing_but_files_is_read_and_everything_else_is_unknown() {
        let (_folder, path) = table("\u{feff}file\nb/c.jpg\n");
        let rows = read(&path, &Filter::default()).unwrap();
        assert_eq!((rows[0].lesion.as_str(), rows[0].dx.as_deref(), rows[0].labels.len()), ("b/c.jpg", None, 0));
        assert!(rows[0].person.context.is_empty());
    }

    #[test]
    fn classes_masks_and_persons_are_read_and_labels_also_as_programs_write_them() {
        let (_folder, path) =
            table("file,dx,mask,age,sex,site,malignant,melanoma\na.jpg,MEL,m/a.png,45.0,male,back,1.0,\nb.jpg,,,,,,0.0,nan\n");
        let rows = read(&path, &Filter::default()).unwrap();
        assert_eq!((rows[0].dx.as_deref(), rows[0].mask.as_deref(), rows[0].person.context.age), (Some("mel"), Some("m/a.png"), Some(45)));
        assert_eq!(rows[0].labels, BTreeMap::from([("malignant".to_owned(), true)]));
        assert_eq!((rows[1].dx.clone(), rows[1].mask.clone()), (None, None));
        assert_eq!(rows[1].labels, BTreeMap::from([("malignant".to_owned(), false)]));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        let (_folder, path) = table(&format!("{HEAD}a.jpg,x,val,I1,L1,yes,\n"));
        assert!(read(&path, &Filter::default()).unwrap_err().to_string().contains("line 2: column 'malignant' holds 'yes'"));
        let (_folder, path) = table(&format!("{HEAD}../a.jpg,x,val,I1,L1,1,\n"));
        assert!(read(&path, &Filter::default()).unwrap_err().to_string().contains("'../a.jpg' must be a relative path"));
        let (_folder, path) = table(&format!("{HEAD}a.jpg,x,val,I1,L1,1,\n").replace("lesion_id", "mask").replace("L1", "/etc/m.png"));
        assert!(read(&path, &Filter::default()).unwrap_err().to_string().contains("'/etc/m.png' must be a relative path"));
        let (_folder, path) = table("file,abc_border\na.jpg,3|2|1\nb.jpg,3|2|?\n");
        assert!(read(&path, &Filter::default()).unwrap_err().to_string().contains("line 3: column 'abc_border' holds '3|2|?'"));
        let (_folder, path) = table("image,dataset,malignant\n");
        assert!(read(&path, &Filter::default()).unwrap_err().to_string().contains("no column 'file'"));
        let (_folder, path) = table(&format!("{HEAD}a.jpg,x,val,I1,L1,1,\n"));
        let filter = Filter { datasets: vec!["z".parse().unwrap()], split: None };
        let message = read(&path, &filter).unwrap_err().to_string();
        assert!(message.contains("dataset 'z'; datasets there: x; splits there: val"), "{message}");
    }
}
