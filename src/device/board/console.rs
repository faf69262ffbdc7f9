//! `[console]`: the serial console.

use super::section::Section;

/// Where a technician's terminal is.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ConsoleBoard {}

impl ConsoleBoard {
    pub(super) fn read(section: Section<'_>) -> Self {
        section.finish("");
        Self {}
    }
}
