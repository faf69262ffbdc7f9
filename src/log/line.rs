//! One event as one line: the message, its fields in brackets, and the cause at the end.
//!
//! `a thread was started anew (thread=camera, restarts=1): no progress for 2.0 s while capturing`

use std::{
    error::Error,
    fmt::{self, Write},
};

use tracing::{
    Event,
    field::{Field, Visit},
};

use super::chain::chain;

/// Fields that say why; they stand at the end.
const CAUSES: [&str; 3] = ["error", "cause", "why"];

/// The line of `event`, without level, time and line end.
pub(super) fn line(event: &Event<'_>) -> String {
    let mut parts = Parts::default();
    event.record(&mut parts);
    let fields = if parts.fields.is_empty() { String::new() } else { format!(" ({})", parts.fields) };
    one_line(&[parts.message.as_str(), fields.as_str(), parts.causes.as_str()].concat())
}

/// `text` in one line and without anything that a terminal obeys: what a camera or a cable says may be in it.
pub(super) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() {
            line.extend(c.escape_default());
        } else {
            line.push(c);
        }
    }
    line
}

#[derive(Default)]
struct Parts {
    message: String,
    fields: String,
    causes: String,
}

impl Parts {
    fn add(&mut self, field: &Field, value: fmt::Arguments<'_>) {
        // Writing into a string does not fail.
        let _ = match field.name() {
            "message" => write!(self.message, "{value}"),
            name if CAUSES.contains(&name) => write!(self.causes, ": {value}"),
            name => {
                let comma = if self.fields.is_empty() { "" } else { ", " };
                write!(self.fields, "{comma}{name}={value}")
            }
        };
    }
}

impl Visit for Parts {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.add(field, format_args!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, format_args!("{value}"));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.add(field, format_args!("{}", chain(value)));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn whatever_is_logged_is_one_line_of_text(text in any::<String>()) {
            let line = one_line(&text);
            prop_assert!(!line.chars().any(char::is_control));
            prop_assert!(text.chars().any(char::is_control) || line == text);
        }
    }
}
