//! Lines that were typed, in memory only: the last hundred, never one with a PIN or with a patient's data in it.

use rustyline::{
    Config,
    history::{History as _, MemHistory, SearchDirection},
};

/// Lines that are kept.
const KEPT: usize = 100;

/// Commands whose lines are not kept, since they may hold a PIN or say something about a patient.
const UNKEPT: [&str; 3] = ["login", "pin", "case"];

/// The lines that were typed.
pub(super) struct History {
    lines: MemHistory,
    /// Which one is looked at; as many as there are for the line being typed.
    at: usize,
    /// The line that was being typed when looking back began.
    typed: String,
}

impl Default for History {
    fn default() -> Self {
        let config = Config::builder().max_history_size(KEPT).map(|builder| builder.auto_add_history(false).build()).unwrap_or_default();
        Self { lines: MemHistory::with_config(&config), at: 0, typed: String::new() }
    }
}

impl History {
    /// Keeps `line`, unless it must not be.
    pub(super) fn add(&mut self, line: &str) {
        let first = line.split_whitespace().next().unwrap_or_default();
        // A line of digits is a PIN that was typed at the wrong moment.
        if !first.is_empty() && !UNKEPT.contains(&first) && !first.bytes().all(|byte| byte.is_ascii_digit()) {
            // Only a file could fail here.
            let _ = self.lines.add(line);
        }
        self.at = self.lines.len();
        self.typed.clear();
    }

    /// The line before; `current` is kept to come back to.
    pub(super) fn older(&mut self, current: &str) -> Option<String> {
        if self.at == self.lines.len() {
            current.clone_into(&mut self.typed);
        }
        let at = self.at.checked_sub(1)?;
        let line = self.line(at)?;
        self.at = at;
        Some(line)
    }

    /// The line after, and last the one that was being typed.
    pub(super) fn newer(&mut self) -> Option<String> {
        if self.at >= self.lines.len() {
            return None;
        }
        self.at += 1;
        if self.at == self.lines.len() { Some(std::mem::take(&mut self.typed)) } else { self.line(self.at) }
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    fn line(&self, at: usize) -> Option<String> {
        self.lines.get(at, SearchDirection::Reverse).ok().flatten().map(|found| found.entry.into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_back_in_order_and_the_typed_one_last() {
        let mut history = History::default();
        history.add("show status");
        history.add("show health");
        assert_eq!(history.older("sh").as_deref(), Some("show health"));
        assert_eq!(history.older("").as_deref(), Some("show status"));
        assert_eq!(history.older(""), None);
        assert_eq!(history.newer().as_deref(), Some("show health"));
        assert_eq!(history.newer().as_deref(), Some("sh"));
        assert_eq!(history.newer(), None);
    }

    #[test]
    fn nothing_secret_or_about_a_patient_is_kept() {
        let mut history = History::default();
        for line in ["login 271828", "pin 271828", "271828", "case set age 61", "  login"] {
            history.add(line);
        }
        assert_eq!(history.older(""), None);
    }

    #[test]
    fn a_hundred_lines_are_kept() {
        let mut history = History::default();
        (0..300).for_each(|number| history.add(&format!("show {number}")));
        let mut found = 0;
        while history.older("").is_some() {
            found += 1;
        }
        assert_eq!(found, KEPT);
    }
}
