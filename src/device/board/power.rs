//! `[power]`: when the device sleeps.

use std::time::Duration;

use super::section::Section;

/// When the device sleeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PowerBoard {
    /// Sleep after this long without a press, a verdict or a good frame; never when `None`.
    pub sleep_after: Option<Duration>,
}

impl PowerBoard {
    pub(super) fn read(mut section: Section<'_>) -> Self {
        let sleep_after = section
            .integer("sleep_after_s", 10..=86_400, "seconds")
            .means("Camera and screen rest after this long without a press or a good picture; any press wakes them. Left out: never.")
            .optional()
            .map(Duration::from_secs);
        section.finish("");
        Self { sleep_after }
    }
}
