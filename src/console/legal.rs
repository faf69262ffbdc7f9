//! Keys and values of settings that may be typed, for completion.

use crate::settings::{PROTECTED, Settings, Source};

/// Keys that can be set with the kinds of camera and display that are chosen.
pub(super) fn settable(settings: &Settings) -> Vec<String> {
    let open = |key: &str| PROTECTED.iter().all(|(protected, _)| *protected != key);
    let mut keys: Vec<String> =
        settings.shown().iter().filter(|shown| shown.legal && open(&shown.info.path)).map(|shown| shown.info.path.clone()).collect();
    keys.dedup();
    keys
}

/// Keys that are set over the board file.
pub(super) fn overlaid(settings: &Settings) -> Vec<String> {
    let over = |source: Source| matches!(source, Source::Committed | Source::Staged);
    settings.shown().iter().filter(|shown| over(shown.source)).map(|shown| shown.info.path.clone()).collect()
}

/// The words that `key` may hold, when it is a choice among words.
pub(super) fn values(settings: &Settings, key: &str) -> Vec<String> {
    let Some(shown) = settings.shown().into_iter().find(|shown| shown.legal && shown.info.path == key) else { return Vec::new() };
    words_of(&shown.info.legal)
}

/// What `key` may hold, in words.
pub(super) fn hint(settings: &Settings, key: &str) -> Option<String> {
    settings.shown().into_iter().find(|shown| shown.legal && shown.info.path == key).map(|shown| shown.info.legal.clone())
}

/// The words of `"a", "b" or "c"` and of `true or false`; nothing for a description such as `an integer from 1 to 3`.
fn words_of(legal: &str) -> Vec<String> {
    if legal == "true or false" {
        return vec!["true".to_owned(), "false".to_owned()];
    }
    let parts: Vec<&str> = legal.split('"').collect();
    let between_is_plain = parts.iter().step_by(2).all(|between| matches!(between.trim(), "" | "," | "or"));
    if parts.len() < 3 || !between_is_plain {
        return Vec::new();
    }
    parts.iter().skip(1).step_by(2).map(|word| (*word).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_are_words_and_descriptions_are_not() {
        assert_eq!(words_of("\"steady\" or \"press\""), ["steady", "press"]);
        assert_eq!(words_of("\"a\", \"b\" or \"c\""), ["a", "b", "c"]);
        assert_eq!(words_of("true or false"), ["true", "false"]);
        assert_eq!(words_of("an integer from 1 to 3 frames"), Vec::<String>::new());
        assert_eq!(words_of("a text such as \"x\", at least"), Vec::<String>::new());
    }
}
