//! Reading one table of a board file, key by key.
//!
//! Asking for a key is what makes it known: the code that reads the file *is* the schema, so the list of legal keys,
//! their ranges and defaults can never drift from what is read. Problems are collected, not thrown, so that a person
//! sees all of them at once; after a problem a placeholder is handed out and the board is thrown away at the end.
//!
//! Must never open a file, look at the system or panic: its input is arbitrary text.

use std::{
    fmt::Display,
    ops::{Range, RangeInclusive},
    path::PathBuf,
};

use toml::de::{DeInteger, DeTable, DeValue};

use super::{
    error::Problem,
    findings::{Findings, KeyInfo, Unknown, join, likeness, place},
};

/// One table of the file.
pub(super) struct Section<'a> {
    text: &'a str,
    name: String,
    table: Option<&'a DeTable<'a>>,
    known: Vec<&'static str>,
    /// How many keys were listed before this section's first.
    listed: usize,
    findings: &'a mut Findings,
}

impl<'a> Section<'a> {
    /// The table that the whole file is.
    pub(super) fn root(text: &'a str, table: &'a DeTable<'a>, findings: &'a mut Findings) -> Self {
        Self { text, name: String::new(), table: Some(table), known: Vec::new(), listed: 0, findings }
    }

    /// The table `[name]`; an absent one reads as an empty one.
    pub(super) fn section(&mut self, name: &'static str) -> Section<'_> {
        self.known.push(name);
        let path = join(&self.name, name);
        let mut table = None;
        match self.find(name) {
            Some((_, DeValue::Table(found))) => table = Some(found),
            Some((span, other)) => {
                let given = describe(other);
                self.problem(span.start, format!("{path} must be a table, written [{path}]; here it is {given}"));
            }
            None => {}
        }
        let listed = self.findings.keys.len();
        Section { text: self.text, name: path, table, known: Vec::new(), listed, findings: self.findings }
    }

    /// Reports every key that nobody asked for. `variant` says when the list of legal keys holds: ` with kind = "png"`.
    pub(super) fn finish(self, variant: &str) {
        for info in self.findings.keys.iter_mut().skip(self.listed).filter(|info| info.variant.is_empty()) {
            // `kind` itself chooses the variant.
            if !info.path.ends_with(".kind") {
                variant.trim_start_matches(" with ").clone_into(&mut info.variant);
            }
        }
        for (key, _) in self.table.into_iter().flat_map(|table| table.iter()) {
            let name: &str = key.get_ref();
            if !self.known.contains(&name) {
                let offset = key.span().start;
                self.findings.unknown.push(Unknown {
                    section: self.name.clone(),
                    key: name.escape_debug().to_string(),
                    variant: variant.to_owned(),
                    offset,
                    place: place(self.text, offset),
                    legal: self.known.clone(),
                });
            }
        }
    }

    /// An integer in `range`; `unit` names what is counted, or is empty.
    pub(super) fn integer<T: TryFrom<i64>>(&mut self, key: &'static str, range: RangeInclusive<i64>, unit: &str) -> Entry<'_, 'a, T> {
        let (low, high) = (*range.start(), *range.end());
        let legal = format!("an integer from {low} to {high} {unit}").trim_end().to_owned();
        self.entry(key, legal, |value| {
            let DeValue::Integer(integer) = value else { return Err(Wrong::Plain) };
            to_i64(integer).filter(|value| range.contains(value)).and_then(|value| T::try_from(value).ok()).ok_or(Wrong::Plain)
        })
    }

    /// A number in `range`, with or without a fraction; `unit` names what is counted, or is empty.
    pub(super) fn number(&mut self, key: &'static str, range: RangeInclusive<f64>, unit: &str) -> Entry<'_, 'a, f64> {
        let legal = format!("a number from {} to {} {unit}", range.start(), range.end()).trim_end().to_owned();
        self.entry(key, legal, |value| {
            let number = match value {
                DeValue::Float(float) => float.as_str().parse().ok(),
                DeValue::Integer(integer) => to_i64(integer).map(|integer| integer as f64),
                _ => None,
            };
            number.filter(|number| range.contains(number)).ok_or(Wrong::Plain)
        })
    }

    /// `"auto"`, which reads as `None`, or an integer in `range`; `unit` names what is counted, or is empty.
    pub(super) fn auto_or_integer<T: TryFrom<i64>>(
        &mut self,
        key: &'static str,
        range: RangeInclusive<i64>,
        unit: &str,
    ) -> Entry<'_, 'a, Option<T>> {
        let legal = format!("\"auto\" or an integer from {} to {} {unit}", range.start(), range.end()).trim_end().to_owned();
        self.entry(key, legal, |value| match value {
            DeValue::Integer(integer) => {
                let value = to_i64(integer).filter(|value| range.contains(value)).and_then(|value| T::try_from(value).ok());
                value.map(Some).ok_or(Wrong::Plain)
            }
            other => choose(other, &[("auto", ())]).map(|()| None),
        })
    }

    /// A list of at least one integer in `range`.
    pub(super) fn integers<T: TryFrom<i64>>(&mut self, key: &'static str, range: RangeInclusive<i64>) -> Entry<'_, 'a, Vec<T>> {
        let legal = format!("a list of one or more integers from {} to {}", range.start(), range.end());
        self.entry(key, legal, |value| {
            let list = value.as_array().filter(|list| !list.is_empty()).ok_or(Wrong::Plain)?;
            let element = |value: &DeValue<'_>| {
                to_i64(value.as_integer()?).filter(|value| range.contains(value)).and_then(|value| T::try_from(value).ok())
            };
            list.iter().map(|value| element(value.get_ref()).ok_or(Wrong::Plain)).collect()
        })
    }

    /// `true` or `false`.
    pub(super) fn boolean(&mut self, key: &'static str) -> Entry<'_, 'a, bool> {
        self.entry(key, "true or false".to_owned(), |value| value.as_bool().ok_or(Wrong::Plain))
    }

    /// One of a few words.
    pub(super) fn choice<T: Copy>(&mut self, key: &'static str, choices: &[(&'static str, T)]) -> Entry<'_, 'a, T> {
        self.entry(key, one_of(choices), |value| choose(value, choices))
    }

    /// A text that `check` accepts; `legal` says what that is.
    pub(super) fn text(&mut self, key: &'static str, legal: &str, check: impl Fn(&str) -> bool) -> Entry<'_, 'a, String> {
        self.entry(key, legal.to_owned(), |value| value.as_str().filter(|text| check(text)).map(str::to_owned).ok_or(Wrong::Plain))
    }

    /// A list of texts, each of which `check` accepts; `legal` says what that is.
    pub(super) fn texts(&mut self, key: &'static str, legal: &str, check: impl Fn(&str) -> bool) -> Entry<'_, 'a, Vec<String>> {
        self.entry(key, legal.to_owned(), |value| {
            let texts = value.as_array().ok_or(Wrong::Plain)?.iter();
            texts.map(|text| text.get_ref().as_str().filter(|text| check(text)).map(str::to_owned).ok_or(Wrong::Plain)).collect()
        })
    }

    /// The path of `what`. Only the text is looked at, not the system.
    pub(super) fn path(&mut self, key: &'static str, what: &str) -> Entry<'_, 'a, PathBuf> {
        self.entry(key, format!("the path of {what}, as text"), |value| {
            value.as_str().filter(|text| !text.is_empty() && !text.contains('\0')).map(PathBuf::from).ok_or(Wrong::Plain)
        })
    }

    /// Reports that `key`, though legal by itself, does not go with the others.
    pub(super) fn conflict(&mut self, key: &str, message: &str) {
        let offset = self.find(key).map_or(usize::MAX, |(span, _)| span.start);
        self.problem(offset, format!("{} {message}", join(&self.name, key)));
    }

    fn entry<T>(&mut self, key: &'static str, legal: String, read: impl FnOnce(&DeValue<'a>) -> Result<T, Wrong>) -> Entry<'_, 'a, T> {
        self.known.push(key);
        let found = match self.find(key) {
            None => Found::Absent,
            Some((span, value)) => match read(value) {
                Ok(value) => Found::Good(value),
                Err(wrong) => {
                    let hint = match wrong {
                        Wrong::Near(word) => format!("; did you mean \"{word}\"?"),
                        Wrong::Plain => String::new(),
                    };
                    let message = format!("{} must be {legal}; here it is {}{hint}", join(&self.name, key), describe(value));
                    self.problem(span.start, message);
                    Found::Bad
                }
            },
        };
        Entry { section: self, key, legal, meaning: "", found }
    }

    fn find(&self, key: &str) -> Option<(Range<usize>, &'a DeValue<'a>)> {
        self.table?.get(key).map(|value| (value.span(), value.get_ref()))
    }

    fn problem(&mut self, offset: usize, message: String) {
        self.findings.problems.push((offset, Problem { place: place(self.text, offset), message }));
    }
}

/// A key that was looked up; its end says what happens when the file does not set it.
#[must_use]
pub(super) struct Entry<'s, 'a, T> {
    section: &'s mut Section<'a>,
    key: &'static str,
    legal: String,
    meaning: &'static str,
    found: Found<T>,
}

enum Found<T> {
    Good(T),
    /// Already reported.
    Bad,
    Absent,
}

impl<T> Entry<'_, '_, T> {
    /// What the key is for, in a sentence or two for the person who sets it.
    pub(super) fn means(mut self, meaning: &'static str) -> Self {
        self.meaning = meaning;
        self
    }

    /// `default` stands in; people read it as `shown`.
    pub(super) fn or_shown(mut self, default: T, shown: impl Into<String>) -> T {
        self.list(Some(shown.into()));
        match self.found {
            Found::Good(value) => value,
            Found::Bad | Found::Absent => default,
        }
    }

    /// Leaving it out means something of its own.
    pub(super) fn optional(mut self) -> Option<T> {
        self.list(None);
        match self.found {
            Found::Good(value) => Some(value),
            Found::Bad | Found::Absent => None,
        }
    }

    /// Must be set; `None` after a problem.
    pub(super) fn required(mut self) -> Option<T> {
        self.list(None);
        match self.found {
            Found::Good(value) => Some(value),
            Found::Bad => None,
            Found::Absent => {
                let message = format!("{} is missing; it must be {}", join(&self.section.name, self.key), self.legal);
                self.section.findings.problems.push((usize::MAX, Problem { place: None, message }));
                None
            }
        }
    }

    fn list(&mut self, default: Option<String>) {
        let path = join(&self.section.name, self.key);
        self.section.findings.keys.push(KeyInfo {
            path,
            legal: self.legal.clone(),
            default,
            meaning: self.meaning,
            variant: String::new(),
        });
    }
}

impl<T: Display> Entry<'_, '_, T> {
    /// `default` stands in.
    pub(super) fn or(self, default: T) -> T {
        let shown = default.to_string();
        self.or_shown(default, shown)
    }
}

enum Wrong {
    Plain,
    Near(&'static str),
}

fn choose<T: Copy>(value: &DeValue<'_>, choices: &[(&'static str, T)]) -> Result<T, Wrong> {
    let word = value.as_str().ok_or(Wrong::Plain)?;
    if let Some((_, choice)) = choices.iter().find(|(name, _)| *name == word) {
        return Ok(*choice);
    }
    let nearest = choices.iter().map(|(name, _)| (likeness(name, word), *name)).max_by(|a, b| a.0.total_cmp(&b.0));
    Err(nearest.filter(|(likeness, _)| *likeness > 0.6).map_or(Wrong::Plain, |(_, name)| Wrong::Near(name)))
}

fn one_of<T>(choices: &[(&'static str, T)]) -> String {
    let words: Vec<String> = choices.iter().map(|(name, _)| format!("\"{name}\"")).collect();
    match words.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => words.concat(),
    }
}

/// `None` beyond 64 bits, which no range allows anyway.
fn to_i64(integer: &DeInteger<'_>) -> Option<i64> {
    i64::from_str_radix(integer.as_str(), integer.radix()).ok()
}

/// What a person wrote: `the text "fast"`, `the integer 7`.
fn describe(value: &DeValue<'_>) -> String {
    const LONGEST: usize = 40;
    match value {
        DeValue::String(text) => {
            let cut: String = text.chars().take(LONGEST).collect();
            let more = if cut.len() < text.len() { "..." } else { "" };
            format!("the text \"{}{more}\"", cut.escape_debug())
        }
        DeValue::Integer(integer) => format!("the integer {}", integer.to_string().chars().take(LONGEST).collect::<String>()),
        DeValue::Float(float) => format!("the number {}", float.to_string().chars().take(LONGEST).collect::<String>()),
        DeValue::Boolean(flag) => flag.to_string(),
        DeValue::Datetime(_) => "a date or time".to_owned(),
        DeValue::Array(list) => format!("a list of {}", list.len()),
        DeValue::Table(_) => "a table".to_owned(),
    }
}
