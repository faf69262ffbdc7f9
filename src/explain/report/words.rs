//! The few words of the explanation's screen, in every language.

use std::sync::OnceLock;

use super::{Language, keys::Message, text::Text};
use crate::{
    explain::{abc::Dermoscopic, severity::Level},
    verdict::Label,
};

/// What there is a word for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Key {
    /// Heading of the explanation: "Why".
    Title,
    /// A.
    Asymmetry,
    /// B.
    Border,
    /// C.
    Colours,
    /// A, B and C together.
    Overall,
    /// "level 3 of 5"
    Level(Level),
    /// The lower end of a scale.
    Low,
    /// The upper end of a scale.
    High,
    /// Beside a criterion that was not measured.
    NotMeasured,
    /// Beside a lesion that reaches the edge of the picture.
    CutOff,
    /// What the scene is not.
    NotADiagnosis,
    /// The name of a colour, in lower case.
    Dermoscopic(Dermoscopic),
    /// What the device advises, in lower case: the only four labels, the same in every sentence.
    Label(Label),
}

impl Key {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        let plain = [
            Self::Title,
            Self::Asymmetry,
            Self::Border,
            Self::Colours,
            Self::Overall,
            Self::Low,
            Self::High,
            Self::NotMeasured,
            Self::CutOff,
            Self::NotADiagnosis,
        ];
        let labels = [Label::Refer, Label::NoReferralIndicated, Label::Retake, Label::CannotAssess];
        let levels = (1..=5).filter_map(Level::new).map(Self::Level);
        plain.into_iter().chain(levels).chain(Dermoscopic::ALL.map(Self::Dermoscopic)).chain(labels.map(Self::Label))
    }

    fn message(self) -> Message {
        match self {
            Self::Title => Message::Title,
            Self::Asymmetry => Message::Asymmetry,
            Self::Border => Message::Border,
            Self::Colours => Message::Colours,
            Self::Overall => Message::Overall,
            Self::Level(_) => Message::Level,
            Self::Low => Message::Low,
            Self::High => Message::High,
            Self::NotMeasured => Message::NotMeasured,
            Self::CutOff => Message::CutOff,
            Self::NotADiagnosis => Message::NotADiagnosis,
            Self::Dermoscopic(Dermoscopic::White) => Message::White,
            Self::Dermoscopic(Dermoscopic::Red) => Message::Red,
            Self::Dermoscopic(Dermoscopic::LightBrown) => Message::LightBrown,
            Self::Dermoscopic(Dermoscopic::DarkBrown) => Message::DarkBrown,
            Self::Dermoscopic(Dermoscopic::BlueGrey) => Message::BlueGrey,
            Self::Dermoscopic(Dermoscopic::Black) => Message::Black,
            Self::Label(Label::Refer) => Message::LabelRefer,
            Self::Label(Label::NoReferralIndicated) => Message::LabelNoReferralIndicated,
            Self::Label(Label::Retake) => Message::LabelRetake,
            Self::Label(Label::CannotAssess) => Message::LabelCannotAssess,
        }
    }

    fn written(self, text: &Text) -> String {
        match self {
            Self::Level(level) => text.say(self.message(), [("level", level.number().into())]),
            _ => text.word(self.message()),
        }
    }
}

/// The word for `key` in `language`.
#[must_use]
pub fn label(language: Language, key: Key) -> &'static str {
    static WORDS: [OnceLock<Vec<(Key, String)>>; Language::ALL.len()] = [const { OnceLock::new() }; Language::ALL.len()];
    let words = WORDS[language as usize].get_or_init(|| {
        let text = Text::of(language);
        Key::all().map(|key| (key, key.written(text))).collect()
    });
    words.iter().find(|(named, _)| *named == key).map_or("", |(_, word)| word.as_str())
}

/// Which of so many pages this is, from 1: "Page 1 of 4".
#[must_use]
pub fn page(language: Language, page: usize, pages: usize) -> String {
    Text::of(language).say(Message::Page, [("page", page.into()), ("pages", pages.into())])
}

/// A share as `language` writes it on a chip or beside a bar: `12 %`, `less than 1 %`.
#[must_use]
pub fn share(language: Language, share: f64) -> String {
    Text::of(language).share(super::numerals::Share::whole(share))
}

/// A number as `language` writes it: `3,4`.
#[must_use]
pub fn decimal(language: Language, number: f64, decimals: usize) -> String {
    super::numerals::decimal(language, number, decimals)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_a_word_in_every_language() {
        for language in Language::ALL {
            for key in Key::all() {
                let word = label(language, key);
                assert!(!word.is_empty() && word.trim() == word && !word.contains('{'), "{language} {key:?}: {word:?}");
            }
            let different: std::collections::HashSet<_> = Key::all().map(|key| label(language, key)).collect();
            assert_eq!(different.len(), Key::all().count(), "{language}");
        }
    }

    #[test]
    fn english_has_the_labels_of_the_verdict() {
        for label in [Label::Refer, Label::NoReferralIndicated, Label::Retake, Label::CannotAssess] {
            assert_eq!(super::label(Language::English, Key::Label(label)), label.text());
        }
    }
}
