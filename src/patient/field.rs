//! The parts of a [`Context`](super::Context): their names, labels and legal values.

use super::{NoSuchField, Phototype, Sex, Site, text};

/// One part of what is known of a patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    /// Age in full years.
    Age,
    /// Sex as recorded by the clinic.
    Sex,
    /// Where the lesion is.
    Site,
    /// Fitzpatrick's skin phototype.
    Phototype,
    /// Who holds the device.
    Operator,
    /// The clinic's own number of the case.
    Case,
}

impl Field {
    /// All of them, in the order of forms, codes and help.
    pub const ALL: [Self; 6] = [Self::Age, Self::Sex, Self::Site, Self::Phototype, Self::Operator, Self::Case];

    /// Its name on the console and in codes: `phototype`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Age => "age",
            Self::Sex => "sex",
            Self::Site => "site",
            Self::Phototype => "phototype",
            Self::Operator => "operator",
            Self::Case => "case",
        }
    }

    /// What a screen calls it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Age => "Age",
            Self::Sex => "Sex",
            Self::Site => "Site",
            Self::Phototype => "Phototype",
            Self::Operator => "Operator",
            Self::Case => "Case number",
        }
    }

    /// What it may hold, to come after "must be".
    #[must_use]
    pub fn legal(self) -> &'static str {
        match self {
            Self::Age => "a whole number of years from 0 to 120, or unknown",
            Self::Sex => "female, male or unknown",
            Self::Site => {
                "head-neck, anterior-torso, posterior-torso, lateral-torso, upper-extremity, lower-extremity, palms-soles, oral-genital or unknown"
            }
            Self::Phototype => "I, II, III, IV, V, VI or unknown",
            Self::Operator => "1 to 32 characters without control characters, or unknown",
            Self::Case => "1 to 64 characters without control characters, or unknown",
        }
    }

    /// Its values where there are only a few, stable names, for completion; empty for age, operator and case number. "unknown" is legal too.
    #[must_use]
    pub fn values(self) -> Vec<&'static str> {
        match self {
            Self::Sex => Sex::ALL.map(Sex::name).to_vec(),
            Self::Site => Site::ALL.map(Site::name).to_vec(),
            Self::Phototype => Phototype::ALL.map(Phototype::name).to_vec(),
            Self::Age | Self::Operator | Self::Case => Vec::new(),
        }
    }

    /// The field that `name` names, not minding case: `age`; the case number also as `case-number` or `case_number`.
    ///
    /// # Errors
    /// [`NoSuchField`] lists the names and guesses which was meant.
    pub fn by_name(name: &str) -> Result<Self, NoSuchField> {
        let plain = text::plain(name);
        if plain == "casenumber" {
            return Ok(Self::Case);
        }
        Self::ALL.into_iter().find(|field| field.name() == plain).ok_or_else(|| NoSuchField { nearest: nearest(&plain) })
    }
}

fn nearest(plain: &str) -> Option<Field> {
    let names = Field::ALL.map(|field| (field.name().to_owned(), field));
    text::nearest(plain, names.into_iter())
}
