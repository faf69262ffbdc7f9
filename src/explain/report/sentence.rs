//! What a report is made of: sentences, each with the numbers that it came from.

use serde::Serialize;

use super::Language;

/// A written explanation of one case.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// What it is written in.
    pub language: Language,
    /// In the order in which they are read; never empty.
    pub sentences: Vec<Sentence>,
}

/// One statement, whole in itself.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sentence {
    /// What it is about.
    pub topic: Topic,
    /// As people read it, ended by a full stop.
    pub text: String,
    /// The numbers that it came from, in the order of its making; each stands in `text` as [`Number::written`].
    pub numbers: Vec<Number>,
    /// Belongs to the short form too.
    pub brief: bool,
}

/// A number in a sentence.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Number {
    /// What was measured: one of [`Abc::KEYS`](crate::explain::abc::Abc::KEYS) where it is one, else a name of the report's own (`probability`).
    pub name: &'static str,
    /// As it was measured; shares and probabilities in [0, 1].
    pub value: f64,
    /// As it stands in the sentence: `31 %`.
    pub written: String,
}

/// What a sentence is about, in the order of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Topic {
    /// What the device advises, with probability and threshold, or why it has no answer.
    Advice,
    /// How large the lesion is.
    Size,
    /// A, as measured.
    Asymmetry,
    /// B, as measured.
    Border,
    /// C, as measured.
    Colour,
    /// The ABCD rule's score without its D.
    Score,
    /// Where A, B and C lie among the lesions that the model was made with.
    Severity,
    /// How far picture and measurements agree.
    Agreement,
    /// What the picture is most like.
    Prototype,
    /// What the network reads from the picture of A, B and C.
    Reading,
    /// How far the model agrees with itself.
    Uncertainty,
    /// What does not fit together.
    Contradiction,
    /// What could not be measured, and why.
    NotMeasured,
    /// What to do next, and what the device is for.
    NextStep,
}

impl Report {
    /// Two or three sentences for a screen, in the order of the full report.
    #[must_use]
    pub fn brief(&self) -> String {
        join(self.sentences.iter().filter(|sentence| sentence.brief))
    }

    /// All of it, for the record: one paragraph.
    #[must_use]
    pub fn full(&self) -> String {
        join(self.sentences.iter())
    }
}

fn join<'a>(sentences: impl Iterator<Item = &'a Sentence>) -> String {
    sentences.map(|sentence| sentence.text.as_str()).collect::<Vec<_>>().join(" ")
}
