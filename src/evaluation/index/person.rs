//! What a table says of the person and the place: for the bundle as a [`Context`], and for sub-groups in the table's own words.
//!
//! Tables come from many hands. What cannot be read is unknown here and never an error: a figure must not fail over a `57?`.

use crate::patient::{Context, Field};

/// The word for what a table does not say.
pub const UNKNOWN: &str = "unknown";

/// Age, sex and site of one row.
#[derive(Debug, Clone, PartialEq)]
pub struct Person {
    /// What a bundle is told; what the device cannot be told stays unknown.
    pub context: Context,
    /// Sex, lower case, as the table says it; [`UNKNOWN`] where it says nothing.
    pub sex: String,
    /// Site, lower case, as the table says it; [`UNKNOWN`] where it says nothing.
    pub site: String,
}

impl Person {
    /// Reads three cells.
    #[must_use]
    pub fn read(age: &str, sex: &str, site: &str) -> Self {
        let mut context = Context { age: years(age), ..Context::default() };
        // What the device has no word for is unknown to it.
        let _ = context.set(Field::Sex, sex);
        let _ = context.set(Field::Site, place(site));
        Self { context, sex: word(sex), site: word(site) }
    }

    /// The age band of sub-groups: `<30`, `30-44`, `45-59`, `60-74`, `>=75` or [`UNKNOWN`].
    #[must_use]
    pub fn age_band(&self) -> &'static str {
        match self.context.age {
            None => UNKNOWN,
            Some(0..=29) => "<30",
            Some(30..=44) => "30-44",
            Some(45..=59) => "45-59",
            Some(60..=74) => "60-74",
            Some(75..) => ">=75",
        }
    }
}

/// Full years, also where a program wrote them as `45.0`.
fn years(cell: &str) -> Option<u8> {
    let years: f64 = cell.trim().parse().ok()?;
    (0.0..=f64::from(Context::OLDEST)).contains(&years).then_some(years as u8)
}

/// The device's word for places that tables name otherwise.
fn place(cell: &str) -> &str {
    match word(cell).as_str() {
        // HAM10000's word for the palm or sole of acral lesions (Tschandl et al. 2018).
        "acral" => "palms-soles",
        // HAM10000's word for a trunk without saying where; bundles hear it as the same (see `system::Metadata`).
        "trunk" => "lateral-torso",
        _ => cell,
    }
}

fn word(cell: &str) -> String {
    match cell.trim().to_lowercase() {
        none if matches!(none.as_str(), "" | "unknown" | "nan" | "na" | "n/a" | "none" | "null") => UNKNOWN.to_owned(),
        word => word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::patient::{Sex, Site};

    #[test]
    fn ages_are_read_as_programs_write_them_and_fall_into_bands() {
        for (cell, age, band) in [
            ("45.0", Some(45), "45-59"),
            ("29", Some(29), "<30"),
            ("29.9", Some(29), "<30"),
            (" 30 ", Some(30), "30-44"),
            ("74", Some(74), "60-74"),
            ("75.0", Some(75), ">=75"),
            ("0.0", Some(0), "<30"),
            ("", None, UNKNOWN),
            ("57?", None, UNKNOWN),
            ("nan", None, UNKNOWN),
            ("-1", None, UNKNOWN),
            ("121", None, UNKNOWN),
        ] {
            let person = Person::read(cell, "", "");
            assert_eq!((person.context.age, person.age_band()), (age, band), "{cell:?}");
        }
    }

    #[test]
    fn words_are_the_devices_where_it_has_them_and_the_tables_for_groups() {
        let person = Person::read("", "Male", "Lower extremity");
        assert_eq!((person.context.sex, person.context.site), (Some(Sex::Male), Some(Site::LowerExtremity)));
        assert_eq!((person.sex.as_str(), person.site.as_str()), ("male", "lower extremity"));
        assert_eq!(Person::read("", "", "acral").context.site, Some(Site::PalmsSoles));
        assert_eq!(Person::read("", "", "palms/soles").context.site, Some(Site::PalmsSoles));
    }

    #[test]
    fn what_cannot_be_read_is_unknown() {
        let person = Person::read("old", "?", "left of centre");
        assert!(person.context.is_empty());
        assert_eq!((person.sex.as_str(), person.site.as_str()), ("?", "left of centre"));
        let nothing = Person::read("", "", "NaN");
        assert_eq!((nothing.sex.as_str(), nothing.site.as_str()), (UNKNOWN, UNKNOWN));
    }
}
