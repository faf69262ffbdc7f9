//! `[optics]`: how large things are before the lens.

use super::section::Section;
use crate::explain::lesion::Scale;

/// Widths of the field that a dermatoscope may have, in millimetres: contact plates have 10 to 30, macro attachments more.
const FIELD_MM: std::ops::RangeInclusive<f64> = 2.0..=200.0;

/// How large things are before the lens.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct OpticsBoard {
    /// How wide the assessed square is on the skin; not known when `None`.
    pub scale: Option<Scale>,
}

impl OpticsBoard {
    pub(super) fn read(mut section: Section<'_>) -> Self {
        let field = section
            .number("field_mm", FIELD_MM, "millimetres")
            .means("Side of the largest centred square of a frame on the skin, with the lens in contact: the width on a ruler held before the lens, read from the upper edge of the picture to the lower one. It is the same at every resolution of the camera, but not at another zoom or distance. Left out: no millimetres are shown or recorded anywhere.")
            .optional();
        section.finish("");
        Self { scale: field.and_then(Scale::of_field) }
    }
}
