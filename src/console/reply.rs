//! What a command answers: text for a person and the same as JSON for a script.

use serde::Serialize;
use serde_json::{Map, Value};

use super::line::{COLUMNS, width};

/// Columns of the names of [`Reply::row`].
const NAMES: usize = 18;

/// Lines that are made as the terminal takes them.
pub(super) type Stream = Box<dyn Iterator<Item = String> + Send>;

/// What came of a command.
#[derive(Default)]
pub struct Reply {
    /// What a person reads, line by line; wrapped and paged.
    pub lines: Vec<String>,
    /// What a script reads.
    pub data: Map<String, Value>,
    /// What follows `lines`: raw, neither wrapped nor paged. In machine mode the pieces of one array, the value of the key.
    pub stream: Option<(&'static str, Stream)>,
    /// What happens next.
    pub next: Option<Next>,
}

/// What happens after an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Ask for the PIN, then be a technician.
    LogIn,
    /// Ask for a PIN, the old one first when there is one, and set it.
    SetPin,
    /// Be an operator again.
    LogOut,
    /// Ask, then restart the program.
    Restart,
    /// Ask, then boot the board anew.
    Reboot,
    /// Answer scripts from now on, or people again.
    Machine(bool),
    /// Stop after each page, or never.
    Paging(bool),
}

/// Why a command came to nothing, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Complaint {
    /// What is wrong.
    pub error: String,
    /// What the person can do; may be empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub hint: String,
}

impl Complaint {
    /// What is wrong, and what to do.
    pub fn new(error: impl ToString, hint: impl Into<String>) -> Self {
        Self { error: error.to_string(), hint: hint.into() }
    }
}

impl Reply {
    /// One sentence.
    pub fn say(text: impl Into<String>) -> Self {
        let text = text.into();
        Self::default().with("message", &text).line(text)
    }

    /// One more line for a person.
    #[must_use]
    pub fn line(mut self, text: impl Into<String>) -> Self {
        self.lines.push(text.into());
        self
    }

    /// A name with its value on a line of its own, for a person.
    #[must_use]
    pub fn row(self, name: &str, value: impl std::fmt::Display) -> Self {
        let room = COLUMNS - NAMES;
        let rows = wrapped(&value.to_string(), room);
        rows.iter().enumerate().fold(self, |reply, (number, row)| {
            let name = if number == 0 { name } else { "" };
            reply.line(format!("{name:<NAMES$}{}", row.trim_start()))
        })
    }

    /// One more key for a script.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Serialize) -> Self {
        self.data.insert(key.to_owned(), as_json(value));
        self
    }

    /// The keys of `value` for a script, in the place of those so far.
    #[must_use]
    pub fn with_all(mut self, value: impl Serialize) -> Self {
        if let Value::Object(data) = as_json(value) {
            self.data = data;
        }
        self
    }

    /// What happens next.
    #[must_use]
    pub fn then(mut self, next: Next) -> Self {
        self.next = Some(next);
        self
    }
}

/// As JSON, by way of text, which keeps 32-bit numbers at their own few digits; as 64-bit numbers they would grow a tail of noise.
pub(super) fn as_json(value: impl Serialize) -> Value {
    // Only a map with keys that are no text could fail here, and none is given.
    serde_json::to_string(&value).and_then(|text| serde_json::from_str(&text)).unwrap_or_default()
}

/// `text` in rows of at most `columns`, broken at blanks where there are any; rows after the first keep the indentation.
#[must_use]
pub(super) fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let indent: String = text.chars().take_while(|character| *character == ' ').take(columns / 2).collect();
    if width(text) <= columns {
        return vec![text.to_owned()];
    }
    let mut rows = Vec::new();
    let mut row = indent.clone();
    for word in text.trim().split(' ') {
        let apart = usize::from(row.len() > indent.len());
        if apart == 1 && width(&row) + apart + width(word) > columns {
            rows.push(std::mem::replace(&mut row, indent.clone()));
        } else if apart == 1 {
            row.push(' ');
        }
        for character in word.chars() {
            if width(&row) + width(character.encode_utf8(&mut [0; 4])) > columns {
                rows.push(std::mem::replace(&mut row, indent.clone()));
            }
            row.push(character);
        }
    }
    rows.push(row);
    rows
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn long_text_breaks_at_blanks_and_stays_indented() {
        assert_eq!(wrapped("  one two three", 9), ["  one two", "  three"]);
        assert_eq!(wrapped("abcdefghij", 4), ["abcd", "efgh", "ij"]);
    }

    proptest! {
        #[test]
        fn no_row_is_too_long_and_no_word_is_lost(text in "[a-z é]{0,200}", columns in 8_usize..80) {
            let rows = wrapped(&text, columns);
            for row in &rows {
                prop_assert!(crate::console::line::width(row) <= columns, "{row:?}");
            }
            let letters = |text: &str| text.chars().filter(|character| *character != ' ').collect::<String>();
            prop_assert_eq!(letters(&rows.concat()), letters(&text));
        }
    }
}
