//! `[supervision]`: watchdog, heat and health.

use super::section::Section;

/// What is watched and when it is too much.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SupervisionBoard {}

impl SupervisionBoard {
    pub(super) fn read(section: Section<'_>) -> Self {
        section.finish("");
        Self {}
    }
}
