//! Sentences as they are being made: a message, what fills it, and the numbers that it then shows.

use fluent::FluentValue;

use crate::explain::report::{
    Number, Sentence, Topic,
    keys::Message,
    numerals::{self, Share},
    text::Text,
};

/// What fills a variable of a message, which has the same name.
pub(super) enum Filling {
    /// Words of the same language.
    Words(&'static str, String),
    /// A whole number, which may decide on the form of the words around it.
    Count(&'static str, u8),
    /// A number as it is written.
    Figure(Number),
    /// Several numbers with words around them.
    List(&'static str, String, Vec<Number>),
}

/// The sentences so far.
pub(super) struct Drafts {
    pub(super) text: &'static Text,
    messages: Vec<Message>,
    sentences: Vec<Sentence>,
}

impl Drafts {
    pub(super) fn new(text: &'static Text) -> Self {
        Self { text, messages: Vec::new(), sentences: Vec::new() }
    }

    /// Adds a sentence.
    pub(super) fn say<const N: usize>(&mut self, topic: Topic, message: Message, fillings: [Filling; N]) {
        let text = self.text.say(message, fillings.iter().map(Filling::value));
        let numbers = fillings.into_iter().flat_map(Filling::numbers).collect();
        self.messages.push(message);
        self.sentences.push(Sentence { topic, text, numbers, brief: false });
    }

    /// What was said, and the message behind each sentence.
    pub(super) fn into_sentences(self) -> (Vec<Message>, Vec<Sentence>) {
        (self.messages, self.sentences)
    }

    /// A number with `decimals`.
    pub(super) fn decimal(&self, name: &'static str, value: f64, decimals: usize) -> Filling {
        Filling::Figure(Number { name, value, written: numerals::decimal(self.text.language(), value, decimals) })
    }

    /// A share of a whole.
    pub(super) fn share(&self, name: &'static str, value: f64) -> Filling {
        Filling::Figure(self.share_number(name, value))
    }

    pub(super) fn share_number(&self, name: &'static str, value: f64) -> Number {
        Number { name, value, written: self.text.share(Share::whole(value)) }
    }

    /// A length.
    pub(super) fn millimetres(&self, name: &'static str, value: f64) -> Filling {
        Filling::Figure(Number { name, value, written: numerals::millimetres(self.text.language(), value) })
    }
}

impl Filling {
    fn value(&self) -> (&'static str, FluentValue<'_>) {
        match self {
            Self::Words(name, words) | Self::List(name, words, _) => (name, words.as_str().into()),
            Self::Count(name, count) => (name, (*count).into()),
            Self::Figure(Number { name, written, .. }) => (name, written.as_str().into()),
        }
    }

    fn numbers(self) -> Vec<Number> {
        match self {
            Self::Words(..) => Vec::new(),
            Self::Count(name, count) => vec![Number { name, value: f64::from(count), written: count.to_string() }],
            Self::Figure(number) => vec![number],
            Self::List(_, _, numbers) => numbers,
        }
    }
}
