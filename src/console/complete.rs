//! Completion with Tab: commands, the words of their usages, keys of settings, legal values, names of bundles and fields.

use rustyline::completion::longest_common_prefix;

use super::{commands, desk::Desk, legal, line::COLUMNS};

/// What Tab does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Completion {
    /// Nothing fits.
    Nothing,
    /// This is to be put in at the cursor.
    Insert(String),
    /// The word may go on in these ways, or this may stand there.
    Rows(Vec<String>),
}

/// Completes the word that `before`, the line up to the cursor, ends with.
#[must_use]
pub(super) fn complete(desk: &Desk, before: &str) -> Completion {
    let start = before.rfind(char::is_whitespace).map_or(0, |at| at + 1);
    let begun = before.get(start..).unwrap_or_default();
    let words: Vec<&str> = before.get(..start).unwrap_or_default().split_whitespace().collect();
    let mut candidates: Vec<String> = match words.split_first() {
        None => commands::COMMANDS.iter().map(|command| command.name.to_owned()).collect(),
        Some((name, rest)) => after(desk, name, rest),
    };
    candidates.retain(|candidate| candidate.starts_with(begun));
    candidates.sort();
    candidates.dedup();
    match candidates.as_slice() {
        [] => hint(desk, &words).map_or(Completion::Nothing, |hint| Completion::Rows(vec![hint])),
        [only] => Completion::Insert(format!("{} ", only.get(begun.len()..).unwrap_or_default())),
        several => match longest_common_prefix(several).and_then(|prefix| prefix.get(begun.len()..)).filter(|more| !more.is_empty()) {
            Some(more) => Completion::Insert(more.to_owned()),
            None => Completion::Rows(in_columns(several)),
        },
    }
}

fn after(desk: &Desk, name: &str, words: &[&str]) -> Vec<String> {
    let Some(command) = commands::find(name) else { return Vec::new() };
    let mut all = (command.complete)(desk, words);
    if words.is_empty() {
        all.extend(command.usages.iter().filter_map(|usage| usage.own_word()).map(str::to_owned));
    }
    all
}

/// What may stand in the place of a value that is no choice among words.
fn hint(desk: &Desk, words: &[&str]) -> Option<String> {
    match words {
        ["set", key] => legal::hint(&desk.settings, key),
        _ => None,
    }
}

/// Words in as many columns as fit, read downwards.
fn in_columns(words: &[String]) -> Vec<String> {
    let widest = words.iter().map(|word| super::line::width(word)).max().unwrap_or(0) + 2;
    let columns = (COLUMNS / widest).max(1);
    let rows = words.len().div_ceil(columns);
    let row = |row: usize| {
        let cells = words.iter().skip(row).step_by(rows.max(1)).map(|word| format!("{word:<widest$}"));
        cells.collect::<String>().trim_end().to_owned()
    };
    (0..rows).map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_hold_every_word_once() {
        let words: Vec<String> = (0..50).map(|number| format!("capture.key_{number}")).collect();
        let rows = in_columns(&words);
        assert!(rows.iter().all(|row| row.len() <= COLUMNS), "{rows:?}");
        let mut found: Vec<&str> = rows.iter().flat_map(|row| row.split_whitespace()).collect();
        found.sort_unstable();
        let mut expected: Vec<&str> = words.iter().map(String::as_str).collect();
        expected.sort_unstable();
        assert_eq!(found, expected);
    }
}
