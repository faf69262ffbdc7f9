//! Reading one field from what a person, a code or a file says. Takes any text; must never panic.

use super::{Context, Field, FieldError, words::Words};

/// The word for what is not known.
pub(super) const UNKNOWN: &str = "unknown";

/// An age in years: `54`, `54 years`.
pub(super) fn age(text: &str) -> Result<Option<u8>, FieldError> {
    let plain = plain(text);
    if plain == UNKNOWN {
        return Ok(None);
    }
    let text = text.trim();
    let number = ["years", "year", "y"].iter().find_map(|unit| text.strip_suffix(unit)).unwrap_or(text).trim_end();
    let years = number.parse::<i128>().map_err(|_| FieldError::of(Field::Age))?;
    let nearest = years.clamp(0, i128::from(Context::OLDEST));
    match u8::try_from(years) {
        Ok(age) if i128::from(age) == nearest => Ok(Some(age)),
        _ => Err(FieldError::near(Field::Age, Some(nearest.to_string()))),
    }
}

/// One of a few values, by any of its words.
pub(super) fn choice<T: Words>(field: Field, text: &str) -> Result<Option<T>, FieldError> {
    let plain = plain(text);
    if plain == UNKNOWN {
        return Ok(None);
    }
    let words = || T::ALL.iter().flat_map(|value| words_of(*value).map(move |word| (word, *value)));
    match words().find(|(word, _)| *word == plain) {
        Some((_, value)) => Ok(Some(value)),
        None => Err(FieldError::near(field, nearest(&plain, words()).map(|value| value.word().to_owned()))),
    }
}

/// Text of the clinic's own: trimmed, 1 to `longest` characters of any script.
pub(super) fn free(field: Field, text: &str, longest: usize) -> Result<Option<String>, FieldError> {
    let trimmed = text.trim();
    let length = trimmed.chars().take(longest + 1).count();
    if length == 0 || length > longest || trimmed.chars().any(unprintable) {
        return Err(FieldError::of(field));
    }
    Ok((!trimmed.eq_ignore_ascii_case(UNKNOWN)).then(|| trimmed.to_owned()))
}

/// Controls, line separators, and the signs that turn the direction of the text around them, so that a screen would show another number.
pub(super) fn unprintable(character: char) -> bool {
    character.is_control() || matches!(character, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Lower case, letters and digits only, so that `Head/Neck`, `head-neck` and `HEAD_NECK` are one word.
pub(super) fn plain(text: &str) -> String {
    // Longer than any word; the rest of a long text need not be looked at.
    text.chars().filter(|character| character.is_alphanumeric()).take(64).flat_map(char::to_lowercase).collect()
}

/// What the word most like `plain` stands for, when one is like it at all.
pub(super) fn nearest<T>(plain: &str, words: impl Iterator<Item = (String, T)>) -> Option<T> {
    const LIKE: f64 = 0.8;
    let rated = words.map(|(word, value)| (strsim::jaro_winkler(plain, &word), value));
    rated.filter(|(likeness, _)| *likeness >= LIKE).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, value)| value)
}

fn words_of<T: Words>(value: T) -> impl Iterator<Item = String> {
    [plain(value.word()), plain(value.screen())].into_iter().chain(value.aliases().iter().map(|alias| (*alias).to_owned()))
}
