//! What is wrong with something that was said of a patient.

use std::fmt::{Debug, Display, Formatter};

use thiserror::Error;

use super::Field;

/// A field cannot hold what was said.
///
/// What was said is not repeated: whoever said it knows it, and nobody else should. The guess at what was meant is for that person too,
/// so `Display` has it and `Debug` has not. Never log the `Display` of this error.
#[derive(Clone, PartialEq, Eq)]
pub struct FieldError {
    field: Field,
    nearest: Option<String>,
}

impl FieldError {
    /// Without a guess at what was meant.
    pub(super) fn of(field: Field) -> Self {
        Self { field, nearest: None }
    }

    /// With the legal value that is nearest to what was said, if one is near.
    pub(super) fn near(field: Field, nearest: Option<String>) -> Self {
        Self { field, nearest }
    }

    /// The field.
    #[must_use]
    pub fn field(&self) -> Field {
        self.field
    }

    /// The legal value that is nearest to what was said, if one is near.
    #[must_use]
    pub fn nearest(&self) -> Option<&str> {
        self.nearest.as_deref()
    }
}

impl Display for FieldError {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} must be {}", self.field.name(), self.field.legal())?;
        self.nearest.as_ref().map_or(Ok(()), |nearest| write!(f, "; did you mean {nearest}?"))
    }
}

impl Debug for FieldError {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        write!(f, "FieldError({})", self.field.name())
    }
}

impl std::error::Error for FieldError {}

/// There is no field of that name.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the fields of a case are age, sex, site, phototype, operator and case{}", guess(*nearest))]
pub struct NoSuchField {
    /// The field whose name is nearest, if one is near.
    pub nearest: Option<Field>,
}

fn guess(nearest: Option<Field>) -> String {
    nearest.map_or(String::new(), |field| format!("; did you mean {}?", field.name()))
}
