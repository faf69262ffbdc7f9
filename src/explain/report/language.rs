//! The languages that a report can be written in, and how each writes numbers.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A language that all texts of the report exist in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Spanish.
    Spanish,
    /// French.
    French,
    /// Portuguese.
    Portuguese,
    /// Swahili.
    Swahili,
}

/// No language has that code.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{0}` is no language of the report: give en (English), es (Spanish), fr (French), pt (Portuguese) or sw (Swahili)")]
pub struct UnknownLanguage(String);

impl Language {
    /// All of them, English first.
    pub const ALL: [Self; 5] = [Self::English, Self::Spanish, Self::French, Self::Portuguese, Self::Swahili];

    /// Its code in ISO 639-1: `sw`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Spanish => "es",
            Self::French => "fr",
            Self::Portuguese => "pt",
            Self::Swahili => "sw",
        }
    }

    /// What its speakers call it: `Kiswahili`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Spanish => "Español",
            Self::French => "Français",
            Self::Portuguese => "Português",
            Self::Swahili => "Kiswahili",
        }
    }

    /// Between whole units and decimals (CLDR).
    pub(super) fn decimal_mark(self) -> char {
        match self {
            Self::English | Self::Swahili => '.',
            Self::Spanish | Self::French | Self::Portuguese => ',',
        }
    }

    /// Between a number and its percent sign: as CLDR has it, but for English, where every other screen of the device keeps the SI's space.
    /// A no-break space throughout: the face of the screens has no narrow one.
    pub(super) fn before_percent(self) -> &'static str {
        match self {
            Self::English | Self::Spanish | Self::French => "\u{a0}",
            Self::Portuguese | Self::Swahili => "",
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Language {
    type Err = UnknownLanguage;

    fn from_str(code: &str) -> Result<Self, UnknownLanguage> {
        Self::ALL.into_iter().find(|language| language.code() == code).ok_or_else(|| UnknownLanguage(code.to_owned()))
    }
}

impl TryFrom<String> for Language {
    type Error = UnknownLanguage;

    fn try_from(code: String) -> Result<Self, UnknownLanguage> {
        code.parse()
    }
}

impl From<Language> for &'static str {
    fn from(language: Language) -> Self {
        language.code()
    }
}
