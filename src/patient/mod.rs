//! What is known of the patient before the lens: [`Context`]. Everything is optional; "unknown" is an ordinary value.
//!
//! - [`Field`] names the parts, reads each from text and says what is legal.
//! - [`form`] changes them with buttons only.
//! - [`code`](mod@code) is what a clinic prints as a QR code.
//!
//! Never logged: whoever reads a journal must learn nothing about a patient. So nothing here prints a value by `Debug`.

use serde::{Deserialize, Serialize};

pub mod code;
mod error;
mod field;
pub mod form;
mod stored;
mod text;
mod words;

pub use error::{FieldError, NoSuchField};
pub use field::Field;

/// What is known of the patient and the case. `None` is "unknown".
///
/// Reading one from JSON refuses what [`Field`] does not allow.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Context {
    /// Age in full years, 0 to 120.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "stored::age")]
    pub age: Option<u8>,
    /// Sex as recorded by the clinic.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "stored::sex")]
    pub sex: Option<Sex>,
    /// Where the lesion is on the body.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "stored::site")]
    pub site: Option<Site>,
    /// Fitzpatrick's skin phototype.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "stored::phototype")]
    pub phototype: Option<Phototype>,
    /// Who holds the device: initials or a number of the clinic's own, 1 to 32 characters.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "stored::operator")]
    pub operator: Option<String>,
    /// The clinic's own number of the case, 1 to 64 characters.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "stored::case_number")]
    pub case_number: Option<String>,
}

impl Context {
    /// The greatest age in years.
    pub const OLDEST: u8 = 120;
    /// The most characters of an operator.
    pub const LONGEST_OPERATOR: usize = 32;
    /// The most characters of a case number.
    pub const LONGEST_CASE_NUMBER: usize = 64;

    /// Reads `field` from what a person or a code says: `54`, `back`, `unknown`. Unchanged after an error.
    ///
    /// # Errors
    /// [`FieldError`] names the legal values and the nearest one.
    pub fn set(&mut self, field: Field, text: &str) -> Result<(), FieldError> {
        match field {
            Field::Age => self.age = text::age(text)?,
            Field::Sex => self.sex = text::choice(field, text)?,
            Field::Site => self.site = text::choice(field, text)?,
            Field::Phototype => self.phototype = text::choice(field, text)?,
            Field::Operator => self.operator = text::free(field, text, Self::LONGEST_OPERATOR)?,
            Field::Case => self.case_number = text::free(field, text, Self::LONGEST_CASE_NUMBER)?,
        }
        Ok(())
    }

    /// Nothing is known of `field` any more.
    pub fn clear(&mut self, field: Field) {
        match field {
            Field::Age => self.age = None,
            Field::Sex => self.sex = None,
            Field::Site => self.site = None,
            Field::Phototype => self.phototype = None,
            Field::Operator => self.operator = None,
            Field::Case => self.case_number = None,
        }
    }

    /// The stable form of `field`, as codes and records have it: `54`, `posterior-torso`; `None` when it is unknown.
    /// [`Context::set`] reads it.
    #[must_use]
    pub fn get(&self, field: Field) -> Option<String> {
        match field {
            Field::Age => self.age.map(|age| age.to_string()),
            Field::Sex => self.sex.map(|sex| sex.name().to_owned()),
            Field::Site => self.site.map(|site| site.name().to_owned()),
            Field::Phototype => self.phototype.map(|phototype| phototype.name().to_owned()),
            Field::Operator => self.operator.clone(),
            Field::Case => self.case_number.clone(),
        }
    }

    /// What a screen says of `field`: `54 years`, `back`, `phototype III`, `unknown`. [`Context::set`] reads it.
    #[must_use]
    pub fn shown(&self, field: Field) -> String {
        let known = match field {
            Field::Age => self.age.map(|age| format!("{age} {}", if age == 1 { "year" } else { "years" })),
            Field::Sex => self.sex.map(|sex| sex.to_string()),
            Field::Site => self.site.map(|site| site.to_string()),
            Field::Phototype => self.phototype.map(|phototype| phototype.to_string()),
            Field::Operator => self.operator.clone(),
            Field::Case => self.case_number.clone(),
        };
        known.unwrap_or_else(|| text::UNKNOWN.to_owned())
    }

    /// Whether anything is known of `field`.
    #[must_use]
    pub fn knows(&self, field: Field) -> bool {
        match field {
            Field::Age => self.age.is_some(),
            Field::Sex => self.sex.is_some(),
            Field::Site => self.site.is_some(),
            Field::Phototype => self.phototype.is_some(),
            Field::Operator => self.operator.is_some(),
            Field::Case => self.case_number.is_some(),
        }
    }

    /// Whether nothing at all is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        Field::ALL.iter().all(|field| !self.knows(*field))
    }

    /// Takes over everything that `other` knows; the rest stays.
    pub fn learn(&mut self, other: &Self) {
        fn take<T: Clone>(here: &mut Option<T>, there: &Option<T>) {
            if there.is_some() {
                here.clone_from(there);
            }
        }
        take(&mut self.age, &other.age);
        take(&mut self.sex, &other.sex);
        take(&mut self.site, &other.site);
        take(&mut self.phototype, &other.phototype);
        take(&mut self.operator, &other.operator);
        take(&mut self.case_number, &other.case_number);
    }

    /// Whether everything in it is as [`Context::set`] would have it. Code can put anything into the public fields.
    ///
    /// # Errors
    /// [`FieldError`] for the first field that is not.
    pub fn check(&self) -> Result<(), FieldError> {
        let mut copy = Self::default();
        for field in Field::ALL {
            if let Some(text) = self.get(field) {
                copy.set(field, &text)?;
                if copy.get(field).as_ref() != Some(&text) {
                    return Err(FieldError::of(field));
                }
            }
        }
        Ok(())
    }
}

/// Says which fields are known and not what is in them, because `Debug` is what gets into logs.
impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let known: Vec<&str> = Field::ALL.into_iter().filter(|field| self.knows(*field)).map(Field::name).collect();
        write!(f, "Context(knows {})", if known.is_empty() { "nothing".to_owned() } else { known.join(", ") })
    }
}

/// Sex as recorded by the clinic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sex {
    /// Female.
    Female,
    /// Male.
    Male,
}

/// Where the lesion is on the body: the sites of the ISIC archive's metadata, which the models know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Site {
    /// Head or neck.
    HeadNeck,
    /// Chest and belly.
    AnteriorTorso,
    /// Back.
    PosteriorTorso,
    /// Side of the trunk.
    LateralTorso,
    /// Shoulder to wrist.
    UpperExtremity,
    /// Hip to ankle.
    LowerExtremity,
    /// Palms and soles.
    PalmsSoles,
    /// Mouth and genitals.
    OralGenital,
}

/// Fitzpatrick's skin phototype (Fitzpatrick, "The validity and practicality of sun-reactive skin types I through VI", 1988).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Phototype {
    /// Always burns, never tans.
    I,
    /// Usually burns, tans little.
    II,
    /// Sometimes burns, tans evenly.
    III,
    /// Burns little, tans well.
    IV,
    /// Rarely burns, tans deeply.
    V,
    /// Never burns.
    VI,
}
