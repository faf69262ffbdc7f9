//! What is known of the patient before the lens: [`Context`]. Everything is optional; "unknown" is an ordinary value.
//!
//! Never logged: whoever reads a journal must learn nothing about a patient.

use serde::{Deserialize, Serialize};

/// What is known of the patient and the case. `None` is "unknown".
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Context {
    /// Age in full years, 0 to 120.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age: Option<u8>,
    /// Sex as recorded by the clinic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sex: Option<Sex>,
    /// Where the lesion is on the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub site: Option<Site>,
    /// Fitzpatrick's skin phototype.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phototype: Option<Phototype>,
    /// Who holds the device: initials or a number of the clinic's own, 1 to 32 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    /// The clinic's own number of the case, 1 to 64 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case_number: Option<String>,
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
