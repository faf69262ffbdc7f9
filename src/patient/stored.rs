//! Fields as they stand in JSON, held to the same rules as what a person types. Errors do not repeat values: they may be logged.

use serde::{Deserialize, Deserializer, de::Error};

use super::{Context, Field, text};

/// An age in years.
pub(super) fn age<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u8>, D::Error> {
    match Option::<i64>::deserialize(from)? {
        None => Ok(None),
        Some(years) => {
            let age = u8::try_from(years).ok().filter(|age| *age <= Context::OLDEST);
            age.map(Some).ok_or_else(|| refused(Field::Age))
        }
    }
}

/// Who holds the device.
pub(super) fn operator<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    free(from, Field::Operator, Context::LONGEST_OPERATOR)
}

/// The clinic's own number of the case.
pub(super) fn case_number<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    free(from, Field::Case, Context::LONGEST_CASE_NUMBER)
}

fn free<'de, D: Deserializer<'de>>(from: D, field: Field, longest: usize) -> Result<Option<String>, D::Error> {
    match Option::<String>::deserialize(from)? {
        None => Ok(None),
        Some(text) => text::free(field, &text, longest).map_err(|_| refused(field)),
    }
}

fn refused<E: Error>(field: Field) -> E {
    E::custom(format_args!("{} must be {}", field.name(), field.legal()))
}
