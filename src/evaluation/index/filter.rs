//! Which rows of a table are wanted.

use std::{fmt, str::FromStr};

use thiserror::Error;

use super::Row;

/// Which rows of a table are wanted.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only these datasets, or some classes of them; all when empty.
    pub datasets: Vec<Choice>,
    /// Only this split; all when `None`.
    pub split: Option<String>,
}

impl Filter {
    /// Whether `row` is wanted.
    #[must_use]
    pub fn wants(&self, row: &Row) -> bool {
        (self.datasets.is_empty() || self.datasets.iter().any(|choice| choice.holds(row)))
            && self.split.as_ref().is_none_or(|wanted| *wanted == row.split)
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let datasets = || self.datasets.iter().map(ToString::to_string).collect::<Vec<_>>().join("' or '");
        match (self.datasets.is_empty(), &self.split) {
            (true, None) => f.write_str("a file"),
            (true, Some(split)) => write!(f, "split '{split}'"),
            (false, None) => write!(f, "dataset '{}'", datasets()),
            (false, Some(split)) => write!(f, "dataset '{}' and split '{split}'", datasets()),
        }
    }
}

/// A dataset, or some classes of it: `isic2017`, `ham10000:nv,mel`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The dataset's name.
    pub dataset: String,
    /// Only rows of these classes (column `dx`), lower case; all rows when empty.
    pub classes: Vec<String>,
}

/// A choice that names nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("'{0}' names no dataset or no class: write NAME for all of a dataset, or NAME:DX,DX for some of its classes")]
pub struct ChoiceError(String);

impl Choice {
    fn holds(&self, row: &Row) -> bool {
        let is_named = || row.dx.as_ref().is_some_and(|dx| self.classes.contains(dx));
        self.dataset == row.dataset && (self.classes.is_empty() || is_named())
    }
}

impl FromStr for Choice {
    type Err = ChoiceError;

    fn from_str(text: &str) -> Result<Self, ChoiceError> {
        let (dataset, classes) = match text.split_once(':') {
            Some((dataset, classes)) => (dataset, classes.split(',').map(|class| class.trim().to_lowercase()).collect()),
            None => (text, vec![]),
        };
        if dataset.is_empty() || classes.iter().any(String::is_empty) {
            return Err(ChoiceError(text.to_owned()));
        }
        Ok(Self { dataset: dataset.to_owned(), classes })
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.dataset)?;
        if self.classes.is_empty() { Ok(()) } else { write!(f, ":{}", self.classes.join(",")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluation::answer::examples::answer;

    fn row(dataset: &str, dx: Option<&str>) -> Row {
        let mut row = answer("a", 0.5, None).row;
        (row.dataset, row.dx) = (dataset.to_owned(), dx.map(str::to_owned));
        row
    }

    #[test]
    fn datasets_are_joined_and_each_has_its_own_classes() {
        let filter = Filter { datasets: vec!["one".parse().unwrap(), "two:NV, mel".parse().unwrap()], split: None };
        let wanted = [("one", Some("bcc")), ("one", None), ("two", Some("nv")), ("two", Some("mel"))];
        assert!(wanted.iter().all(|(dataset, dx)| filter.wants(&row(dataset, *dx))));
        let others = [("two", Some("bcc")), ("two", None), ("three", Some("nv"))];
        assert!(!others.iter().any(|(dataset, dx)| filter.wants(&row(dataset, *dx))));
        assert_eq!(filter.to_string(), "dataset 'one' or 'two:nv,mel'");
    }

    #[test]
    fn a_choice_of_nothing_is_refused() {
        for text in ["", ":nv", "one:", "one:nv,,mel"] {
            assert!(text.parse::<Choice>().unwrap_err().to_string().contains("NAME:DX,DX"), "{text}");
        }
    }
}
