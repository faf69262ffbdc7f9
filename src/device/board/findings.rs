//! What is found out while a board file is read: problems, unknown keys, and the list of legal keys.

use super::error::Problem;

/// One legal key of a board file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyInfo {
    /// Full path: `camera.width`.
    pub path: String,
    /// What it may hold: `an integer from 16 to 8192 pixels`.
    pub legal: String,
    /// What it is when the file does not set it; `None` when it must be set, or when leaving it out means something of its own.
    pub default: Option<String>,
    /// What it is for.
    pub meaning: &'static str,
    /// When it is legal: `kind = "png"`; empty for always.
    pub variant: String,
}

/// Everything found so far.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// Byte offset in the file with the problem there; `usize::MAX` for what is missing.
    pub(super) problems: Vec<(usize, Problem)>,
    pub(super) unknown: Vec<Unknown>,
    pub(super) keys: Vec<KeyInfo>,
}

/// A key that nobody asked for.
#[derive(Debug)]
pub(super) struct Unknown {
    pub(super) section: String,
    pub(super) key: String,
    pub(super) variant: String,
    pub(super) offset: usize,
    pub(super) place: Option<(usize, usize)>,
    pub(super) legal: Vec<&'static str>,
}

impl Findings {
    /// Every problem, in the order of the file, missing keys last.
    pub(super) fn into_problems(self) -> Vec<Problem> {
        let unknown = self.unknown.iter().map(|unknown| {
            let message = unknown.message(&self.keys);
            (unknown.offset, Problem { place: unknown.place, message })
        });
        let mut problems: Vec<_> = unknown.chain(self.problems.iter().cloned()).collect();
        problems.sort_by_key(|(offset, _)| *offset);
        problems.into_iter().map(|(_, problem)| problem).collect()
    }
}

impl Unknown {
    fn message(&self, keys: &[KeyInfo]) -> String {
        let Self { section, key, variant, legal, .. } = self;
        let path = join(section, key);
        let owner = if section.is_empty() { "a board file".to_owned() } else { format!("[{section}]{variant}") };
        // The commonest slip in TOML is a good key under the wrong header: an exact match elsewhere beats a likeness here.
        let elsewhere = keys.iter().find(|info| info.path.rsplit('.').next() == Some(key)).map(|info| info.path.clone());
        let nearest = legal.iter().max_by(|a, b| likeness(a, key).total_cmp(&likeness(b, key))).map(|near| join(section, near));
        let hint = elsewhere.or(nearest).map_or(".".to_owned(), |near| format!("; did you mean {near}?"));
        format!("{path} is not a key of {owner}{hint} Its keys are: {}", legal.join(", "))
    }
}

/// From 0 (nothing in common) to 1 (equal), not minding case nor `-` for `_`.
pub(super) fn likeness(a: &str, b: &str) -> f64 {
    let plain = |text: &str| text.chars().take(64).collect::<String>().to_lowercase().replace('-', "_");
    let (a, b) = (plain(a), plain(b));
    strsim::normalized_damerau_levenshtein(&a, &b).max(0.9 * strsim::jaro_winkler(&a, &b))
}

/// The full path of a key.
pub(super) fn join(section: &str, key: &str) -> String {
    if section.is_empty() { key.to_owned() } else { format!("{section}.{key}") }
}

/// Line and column, from 1, of a byte offset.
pub(super) fn place(text: &str, offset: usize) -> Option<(usize, usize)> {
    let before = text.get(..offset)?;
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    Some((before.matches('\n').count() + 1, before[line_start..].chars().count() + 1))
}
