//! `[capture]`: when a picture is taken and how often it is tried.

use std::time::Duration;

use super::section::Section;

/// When a picture is taken and how often it is tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CapturePolicy {
    /// A picture is taken once this many preview frames in a row were good.
    pub steady_frames: u32,
    /// A picture is taken after this many preview frames even when they were not good; never when `None`.
    pub preview_limit: Option<u32>,
    /// Pictures taken of one lesion before it is "cannot assess".
    pub attempts: u32,
    /// The next case begins only after this many preview frames in a row were refused, that is, the lens was lifted.
    pub lift_frames: u32,
    /// How long a verdict, or the request to take the picture again, stays on the screen.
    pub hold: Duration,
    /// The run ends after this many cases; it goes on until it is stopped when `None`.
    pub patients: Option<u32>,
    /// The run ends with a fault when the camera failed this many times in a row.
    pub camera_tries: u32,
}

impl CapturePolicy {
    pub(super) fn read(mut section: Section<'_>) -> Self {
        let policy = Self {
            steady_frames: section.integer("steady_frames", 1..=100, "frames").or(5),
            preview_limit: section.integer("preview_limit", 1..=10_000, "frames").optional(),
            attempts: section.integer("attempts", 1..=20, "pictures").or(3),
            lift_frames: section.integer("lift_frames", 0..=100, "frames").or(3),
            hold: Duration::from_millis(section.integer("hold_ms", 0..=600_000, "milliseconds").or(5000)),
            patients: section.integer("patients", 1..=1_000_000, "patients").optional(),
            camera_tries: section.integer("camera_tries", 1..=100, "tries").or(5),
        };
        section.finish("");
        policy
    }
}
