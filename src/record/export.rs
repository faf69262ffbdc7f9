//! Taking records out: all or some, as CSV or as lines of JSON, without what is known of patients unless it is asked for.
//!
//! Works on the lines as they stand in the file, not on this version's [`super::Line`], so that a log that was begun by an
//! earlier version comes out whole. What may leave is a list of known keys: one that is not on it stays here, and is named.

use std::{
    collections::BTreeSet,
    fs::File,
    io::{BufRead, BufReader, ErrorKind, Read},
    ops::RangeInclusive,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::RecordError;

/// Keys of a line that say nothing about who the patient is.
const IMPERSONAL: [&str; 17] = [
    "time",
    "case",
    "attempt",
    "label",
    "probability",
    "operating_point",
    "reasons",
    "cause",
    "bundle",
    "measurements",
    "lesion",
    "reliability",
    "criteria",
    "report",
    "timings_ms",
    "source",
    "closed",
];

/// A longer line is damage.
const LONGEST_LINE: usize = 1 << 20;

/// Which records.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Selection {
    /// Cases by number; all when `None`.
    pub cases: Option<RangeInclusive<u64>>,
    /// Not before this.
    pub since: Option<Timestamp>,
    /// Before this.
    pub until: Option<Timestamp>,
    /// Also what is known of the patients.
    pub with_context: bool,
}

/// How records are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A head with the names of the columns, then a row for each record; nested keys as `bundle.name`.
    Csv,
    /// A JSON object on each line.
    JsonLines,
}

/// Records that are ready to be taken out. The log is read again while they are, so that any number fits into memory.
#[derive(Debug)]
pub struct Export {
    path: PathBuf,
    selection: Selection,
    form: Form,
    /// Bytes of the log that belong to this export; what is appended later does not.
    length: u64,
    columns: Vec<String>,
    records: usize,
    damaged: usize,
    withheld: BTreeSet<String>,
}

impl Export {
    /// Counts what the log `path` has. No log is an empty one.
    ///
    /// # Errors
    /// [`RecordError::Read`].
    pub fn open(path: &Path, selection: Selection, form: Form) -> Result<Self, RecordError> {
        let length = match std::fs::metadata(path) {
            Ok(found) => found.len(),
            Err(error) if error.kind() == ErrorKind::NotFound => 0,
            Err(cause) => return Err(RecordError::Read { path: path.to_owned(), cause }),
        };
        let mut export =
            Self { path: path.to_owned(), selection, form, length, columns: Vec::new(), records: 0, damaged: 0, withheld: BTreeSet::new() };
        let mut columns = Vec::new();
        for line in export.lines()? {
            match line? {
                None => export.damaged += 1,
                Some(record) if !export.selection.takes(&record) => {}
                Some(record) => {
                    export.records += 1;
                    let (kept, withheld) = export.selection.strip(record);
                    export.withheld.extend(withheld);
                    for (name, _) in flat(&kept) {
                        if !columns.contains(&name) {
                            columns.push(name);
                        }
                    }
                }
            }
        }
        export.columns = columns;
        Ok(export)
    }

    /// How many records it has.
    #[must_use]
    pub fn records(&self) -> usize {
        self.records
    }

    /// How many lines of the log are no records; they are left out.
    #[must_use]
    pub fn damaged(&self) -> usize {
        self.damaged
    }

    /// Keys that stay here.
    #[must_use]
    pub fn withheld(&self) -> &BTreeSet<String> {
        &self.withheld
    }

    /// The text, line by line, without line ends; for CSV the head first.
    ///
    /// # Errors
    /// [`RecordError::Read`], also in the place of a line.
    pub fn text(&self) -> Result<impl Iterator<Item = Result<String, RecordError>> + Send + use<>, RecordError> {
        let (form, columns, selection) = (self.form, self.columns.clone(), self.selection.clone());
        let head = (form == Form::Csv && !columns.is_empty()).then(|| Ok(row(columns.iter().map(String::as_str))));
        let lines = self.lines()?.filter_map(move |line| match line {
            Err(error) => Some(Err(error)),
            Ok(None) => None,
            Ok(Some(record)) if !selection.takes(&record) => None,
            Ok(Some(record)) => {
                let (kept, _) = selection.strip(record);
                Some(Ok(match form {
                    Form::JsonLines => Value::Object(kept).to_string(),
                    Form::Csv => {
                        let cells = flat(&kept);
                        let cell = |column: &String| cells.iter().find(|(name, _)| name == column).map_or("", |(_, text)| text.as_str());
                        row(columns.iter().map(cell))
                    }
                }))
            }
        });
        Ok(head.into_iter().chain(lines))
    }

    /// Every line of the log; `None` for one that is no record.
    fn lines(&self) -> Result<impl Iterator<Item = Result<Option<Map<String, Value>>, RecordError>> + Send + use<>, RecordError> {
        let path = self.path.clone();
        let file = match File::open(&path) {
            Ok(file) => Some(file),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(cause) => return Err(RecordError::Read { path, cause }),
        };
        let mut reader = file.map(|file| BufReader::new(file.take(self.length)));
        Ok(std::iter::from_fn(move || {
            let mut bytes = Vec::new();
            match reader.as_mut()?.read_until(b'\n', &mut bytes) {
                Ok(0) => None,
                Ok(_) => {
                    let whole = bytes.last() == Some(&b'\n') && bytes.len() <= LONGEST_LINE;
                    Some(Ok(whole.then(|| serde_json::from_slice(&bytes).ok()).flatten()))
                }
                Err(cause) => {
                    reader = None;
                    Some(Err(RecordError::Read { path: path.clone(), cause }))
                }
            }
        }))
    }
}

impl Selection {
    fn takes(&self, record: &Map<String, Value>) -> bool {
        let case = record.get("case").and_then(Value::as_u64);
        let time = record.get("time").and_then(Value::as_str).and_then(|time| time.parse::<Timestamp>().ok());
        self.cases.as_ref().is_none_or(|cases| case.is_some_and(|case| cases.contains(&case)))
            && self.since.is_none_or(|since| time.is_some_and(|time| time >= since))
            && self.until.is_none_or(|until| time.is_some_and(|time| time < until))
    }

    /// What may leave, and the keys of what stays.
    fn strip(&self, record: Map<String, Value>) -> (Map<String, Value>, Vec<String>) {
        if self.with_context {
            return (record, Vec::new());
        }
        let (kept, stays): (Map<_, _>, Map<_, _>) = record.into_iter().partition(|(key, _)| IMPERSONAL.contains(&key.as_str()));
        (kept, stays.into_iter().map(|(key, _)| key).collect())
    }
}

/// Every value with its path, as text.
fn flat(record: &Map<String, Value>) -> Vec<(String, String)> {
    let mut cells = Vec::new();
    gather(record, "", &mut cells);
    cells
}

fn gather(record: &Map<String, Value>, prefix: &str, cells: &mut Vec<(String, String)>) {
    for (key, value) in record {
        let name = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
        match value {
            Value::Object(inner) => gather(inner, &name, cells),
            Value::Null => {}
            Value::String(text) => cells.push((name, text.clone())),
            Value::Array(list) if list.iter().all(Value::is_string) => {
                let words: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
                cells.push((name, words.join(" ")));
            }
            other => cells.push((name, other.to_string())),
        }
    }
}

/// A row of CSV, without its end.
fn row<'a>(cells: impl Iterator<Item = &'a str>) -> String {
    let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
    // A row in memory cannot fail to be written, and is the only one, so that no length can differ.
    let _ = writer.write_record(cells);
    let bytes = writer.into_inner().unwrap_or_default();
    String::from_utf8_lossy(&bytes).trim_end_matches(['\r', '\n']).to_owned()
}
