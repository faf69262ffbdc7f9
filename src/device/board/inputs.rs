//! `[inputs]`: buttons, keys and touch.

use super::section::Section;

/// How a person presses something.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct InputsBoard {}

impl InputsBoard {
    pub(super) fn read(section: Section<'_>) -> Self {
        section.finish("");
        Self {}
    }
}
