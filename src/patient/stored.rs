//! Fields as they stand in JSON, held to the same rules as what a person types. Errors do not repeat values: they may be logged.

use serde::{Deserialize, Deserializer, de::Error};

use super::{Context, Field, Phototype, Sex, Site, text};

/// An age in years.
pub(super) fn age<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u8>, D::Error> {
    let years: Option<u8> = read(from, Field::Age)?;
    if years.is_some_and(|years| years > Context::OLDEST) { Err(refused(Field::Age)) } else { Ok(years) }
}

/// Sex by its stable name.
pub(super) fn sex<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Sex>, D::Error> {
    read(from, Field::Sex)
}

/// A site by its stable name.
pub(super) fn site<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Site>, D::Error> {
    read(from, Field::Site)
}

/// A phototype by its stable name.
pub(super) fn phototype<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Phototype>, D::Error> {
    read(from, Field::Phototype)
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
    match read::<_, String>(from, field)? {
        None => Ok(None),
        Some(text) => text::free(field, &text, longest).map_err(|_| refused(field)),
    }
}

/// The error of the format itself would repeat the value.
fn read<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D, field: Field) -> Result<Option<T>, D::Error> {
    Option::<T>::deserialize(from).map_err(|_| refused(field))
}

fn refused<E: Error>(field: Field) -> E {
    E::custom(format_args!("{} must be {}", field.name(), field.legal()))
}
