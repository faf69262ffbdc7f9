//! What a QR code says of a patient, so that a clinic can print one on its forms.
//!
//! ```text
//! LENTIGO1;age=54;sex=female;site=back;phototype=III;operator=AB;case=C-1042
//! ```
//!
//! - `LENTIGO` and the version of the format, then `key=value` pairs in any order, apart by `;`. Keys are [`Field::name`]s, values whatever
//!   [`Context::set`] reads. What is left out, empty or `unknown` is unknown.
//! - In a value, `%XX` is the byte `XX` (hexadecimal) of UTF-8 text; `%` and `;` must be written so. [`encode`] writes everything beyond ASCII so
//!   too, because programs that print codes do not agree on a character set.
//! - A key that is not known, a second one of the same name and a value that is not legal are each left out with a [`Notice`]; the rest counts.
//! - Any other text of 1 to 64 printable characters is a case number.
//!
//! ```
//! use lentigo::patient::{Field, code};
//! let said = code::decode("LENTIGO1;age=54;site=back;shoe=43")?;
//! assert_eq!(said.context.shown(Field::Age), "54 years");
//! assert_eq!(said.notices.len(), 1);
//! assert_eq!(code::encode(&said.context), "LENTIGO1;age=54;site=posterior-torso");
//! # Ok::<(), lentigo::patient::code::CodeError>(())
//! ```
//!
//! Takes any text and must never panic. What a code says is never logged.

use std::fmt::Write;

use thiserror::Error;

use super::{Context, Field, FieldError};

mod percent;

/// How every payload of this kind begins; the version follows.
const MAGIC: &str = "LENTIGO";

/// The version that is read and written.
const VERSION: u32 = 1;

/// What a code says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// What is known from it.
    pub context: Context,
    /// What in it did not count, in its order; for the person who holds the device, never for a log.
    pub notices: Vec<Notice>,
}

/// Something in a code that does not count.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Notice {
    /// A key that is not known.
    #[error("the code says something that is not used here: its part {part} was left out")]
    Foreign {
        /// Which part of the code, from 1 after the version.
        part: usize,
    },
    /// A field for the second time.
    #[error("the code says {} twice: the first counts", field.name())]
    Repeated {
        /// The field.
        field: Field,
    },
    /// A value that is not legal.
    #[error("left out from the code: {0}")]
    Illegal(FieldError),
}

/// A code that says nothing about a case.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CodeError {
    /// It is of another version of the format.
    #[error(
        "this code has version {found} of the format, this device reads version {VERSION}: enter the case by hand, and have the code printed anew"
    )]
    Version {
        /// The version that it claims.
        found: String,
    },
    /// It is neither of the format nor a case number.
    #[error("this code is no case: it must begin with LENTIGO1 or be a case number of 1 to 64 characters")]
    Foreign,
}

/// Reads the text of a code.
///
/// # Errors
/// [`CodeError`] when it is of another version, or neither of the format nor a case number.
pub fn decode(text: &str) -> Result<Said, CodeError> {
    let text = text.trim();
    match version(text) {
        Some((found, rest)) if found.parse() == Ok(VERSION) => Ok(read_pairs(rest)),
        Some((found, _)) => Err(CodeError::Version { found: found.chars().take(8).collect() }),
        None => {
            let mut context = Context::default();
            context.set(Field::Case, text).map_err(|_| CodeError::Foreign)?;
            Ok(Said { context, notices: Vec::new() })
        }
    }
}

/// Whether `text` is of the format, in any version.
#[must_use]
pub fn is_ours(text: &str) -> bool {
    version(text.trim()).is_some()
}

/// The text of a code that says what `context` knows. Plain ASCII; [`decode`] gives the same context again if it is legal ([`Context::check`]).
#[must_use]
pub fn encode(context: &Context) -> String {
    let mut text = format!("{MAGIC}{VERSION}");
    for field in Field::ALL {
        if let Some(value) = context.get(field) {
            // Writing to a String cannot fail.
            let _ = write!(text, ";{}={}", field.name(), percent::encode(&value));
        }
    }
    text
}

/// The digits of the version and what comes after the `;`; `None` when `text` is not of the format.
fn version(text: &str) -> Option<(&str, &str)> {
    let head = text.get(..MAGIC.len()).filter(|head| head.eq_ignore_ascii_case(MAGIC))?;
    let (digits, rest) = text[head.len()..].split_once(';').unwrap_or((&text[head.len()..], ""));
    (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some((digits, rest))
}

fn read_pairs(text: &str) -> Said {
    let mut said = Said::default();
    let mut seen: Vec<Field> = Vec::new();
    for (index, pair) in text.split(';').enumerate().filter(|(_, pair)| !pair.trim().is_empty()) {
        let Some((field, value)) = pair.split_once('=').and_then(|(key, value)| Some((Field::by_name(key).ok()?, value))) else {
            said.notices.push(Notice::Foreign { part: index + 1 });
            continue;
        };
        if seen.contains(&field) {
            said.notices.push(Notice::Repeated { field });
            continue;
        }
        seen.push(field);
        if value.trim().is_empty() {
            continue;
        }
        let read = percent::decode(value).ok_or_else(|| FieldError::of(field)).and_then(|value| said.context.set(field, &value));
        if let Err(error) = read {
            said.notices.push(Notice::Illegal(error));
        }
    }
    said
}
