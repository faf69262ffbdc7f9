//! What was found, in words: a deterministic grammar from measurements, severity levels, the model's output and its uncertainty to sentences
//! in five languages, each with the numbers that it came from.
//!
//! ```text
//! Case -> Facts -> grammar -> Sentence (topic, text, numbers) -> Report { brief: the screen, full: the record }
//! ```
//!
//! No sentence exists but those of the language files (`text/*.ftl`, Project Fluent), and no number but those of [`Facts`]: nothing here can
//! invent. What does not fit together is said and not smoothed over; what could not be measured is said too. It advises, in the device's four
//! labels, and never names a disease. Which messages there are stands in `keys.rs`; the build fails when a language lacks one, has one too many,
//! or does not show a variable.

mod brief;
#[cfg(test)]
mod check;
mod facts;
mod grammar;
mod keys;
mod language;
mod numerals;
mod sentence;
mod text;
pub mod words;

pub use facts::{Decision, Extent, Facts, Outline};
pub use grammar::write;
pub use language::{Language, UnknownLanguage};
pub(crate) use numerals::Share;
pub use sentence::{Number, Report, Sentence, Topic};
