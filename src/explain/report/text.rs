//! The texts of one language, compiled in, parsed once and shared by all threads.
//!
//! Says nothing that is not in a language file: what a file lacks or has too much `build.rs` has refused.

use std::sync::OnceLock;

use fluent::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};

use super::{
    Language,
    keys::Message,
    numerals::{self, Share},
};

/// The texts of one language.
pub(super) struct Text {
    language: Language,
    bundle: FluentBundle<FluentResource>,
}

impl Text {
    /// The texts of `language`.
    pub(super) fn of(language: Language) -> &'static Self {
        static TEXTS: [OnceLock<Text>; Language::ALL.len()] = [const { OnceLock::new() }; Language::ALL.len()];
        TEXTS[language as usize].get_or_init(|| Self::read(language))
    }

    fn read(language: Language) -> Self {
        // What does not parse is left out by Fluent; the build has refused it.
        let resource = FluentResource::try_new(language.source().to_owned()).unwrap_or_else(|(resource, _)| resource);
        let mut bundle = FluentBundle::new_concurrent(vec![language.code().parse().unwrap_or_default()]);
        // All five languages are written from the left: marks for a mixed direction would only be boxes on a screen.
        bundle.set_use_isolating(false);
        bundle.add_resource_overriding(resource);
        Self { language, bundle }
    }

    /// What it is written in.
    pub(super) fn language(&self) -> Language {
        self.language
    }

    /// `message` with its variables filled in.
    pub(super) fn say<'a>(&'a self, message: Message, variables: impl IntoIterator<Item = (&'static str, FluentValue<'a>)>) -> String {
        let mut values = FluentArgs::with_capacity(message.variables().len());
        variables.into_iter().for_each(|(name, value)| values.set(name, value));
        debug_assert!(values.iter().map(|(name, _)| name).eq(sorted(message.variables())), "{message:?} with {values:?}");
        let pattern = self.bundle.get_message(message.id()).and_then(|message| message.value());
        let mut errors = Vec::new();
        let text = pattern.map(|pattern| self.bundle.format_pattern(pattern, Some(&values), &mut errors).into_owned());
        debug_assert!(text.is_some() && errors.is_empty(), "{} {message:?}: {errors:?}", self.language);
        text.unwrap_or_default()
    }

    /// A message without variables.
    pub(super) fn word(&self, message: Message) -> String {
        self.say(message, [])
    }

    /// `31 %`, `less than 1 %`
    pub(super) fn share(&self, share: Share) -> String {
        let whole = |percent| numerals::percent(self.language, percent, 0).into();
        match share {
            Share::Percent(percent, decimals) => numerals::percent(self.language, percent, decimals),
            Share::NearlyNone => self.say(Message::LessThan, [("number", whole(1.0))]),
            Share::NearlyAll => self.say(Message::MoreThan, [("number", whole(99.0))]),
        }
    }
}

/// Fluent keeps variables in this order.
fn sorted(names: &[&'static str]) -> Vec<&'static str> {
    let mut names = names.to_vec();
    names.sort_unstable();
    names
}

impl Language {
    fn source(self) -> &'static str {
        match self {
            Self::English => include_str!("text/en.ftl"),
            Self::Spanish => include_str!("text/es.ftl"),
            Self::French => include_str!("text/fr.ftl"),
            Self::Portuguese => include_str!("text/pt.ftl"),
            Self::Swahili => include_str!("text/sw.ftl"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_is_said_somewhere() {
        let sources = [
            include_str!("grammar/advice.rs"),
            include_str!("grammar/criteria.rs"),
            include_str!("grammar/doubts.rs"),
            include_str!("words.rs"),
            include_str!("text.rs"),
        ];
        let said: Vec<&str> =
            sources.iter().flat_map(|source| source.split(|letter: char| !letter.is_alphanumeric() && letter != ':')).collect();
        for message in Message::ALL {
            assert!(said.contains(&format!("Message::{message:?}").as_str()), "{message:?} stands in keys.rs and is never said");
        }
    }

    #[test]
    fn plural_forms_follow_each_language() {
        let axes = |language, axes: u8| Text::of(language).say(Message::AsymmetryAxes, [("asymmetry_points", axes.into())]);
        for (axes_count, french, swahili) in
            [(0, "0 axe sur", "mihimili 0"), (1, "1 axe sur", "mhimili 1"), (2, "2 axes sur", "mihimili 2")]
        {
            assert!(axes(Language::French, axes_count).contains(french), "{}", axes(Language::French, axes_count));
            assert!(axes(Language::Swahili, axes_count).contains(swahili), "{}", axes(Language::Swahili, axes_count));
        }
    }
}
