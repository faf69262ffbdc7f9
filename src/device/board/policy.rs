//! `[capture]`: when a picture is taken and how often it is tried.

use std::time::Duration;

use super::section::Section;

/// When a picture is taken and how often it is tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CapturePolicy {
    /// What takes a picture.
    pub trigger: Trigger,
    /// What closes a case.
    pub closing: Closing,
    /// Frames that are taken for one picture, of which the sharpest counts; 1 takes the frame that was shown last.
    pub burst: u32,
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
}

/// What takes a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// The device, once the live picture is good for a while; a press works too.
    Steady,
    /// Only a press.
    Press,
}

/// What closes a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closing {
    /// Time: the verdict has been shown long enough and the lens was lifted. A press works too.
    Lift,
    /// Only a press: a verdict stays until it is accepted or taken again.
    Press,
}

impl CapturePolicy {
    pub(super) fn read(mut section: Section<'_>) -> Self {
        let policy = Self {
            trigger: section
                .choice("trigger", &[("steady", Trigger::Steady), ("press", Trigger::Press)])
                .means("What takes a picture: a live picture that stays good (a press works too), or only a press.")
                .or_shown(Trigger::Steady, "\"steady\""),
            closing: section
                .choice("closing", &[("lift", Closing::Lift), ("press", Closing::Press)])
                .means("What closes a case: the lens is lifted once the verdict was shown for `hold_ms` (a press works too), or only a press: accept or retake.")
                .or_shown(Closing::Lift, "\"lift\""),
            burst: section
                .integer("burst", 1..=15, "frames")
                .means("Frames that are taken for one picture, of which the sharpest counts; exposure, white balance and focus stand still meanwhile. 1 takes the frame that was shown last. A replay takes that one always.")
                .or(5),
            steady_frames: section
                .integer("steady_frames", 1..=100, "frames")
                .means("A picture is taken once this many preview frames in a row were good.")
                .or(5),
            preview_limit: section
                .integer("preview_limit", 1..=10_000, "frames")
                .means("A picture is taken after this many preview frames even if they were not good. Left out: the preview goes on until they are.")
                .optional(),
            attempts: section
                .integer("attempts", 1..=20, "pictures")
                .means("After this many refused pictures of one lesion the verdict is \"cannot assess\".")
                .or(3),
            lift_frames: section
                .integer("lift_frames", 0..=100, "frames")
                .means("The next case begins once this many frames in a row were refused, that is, the lens was lifted; until then the verdict stays on the screen. 0: at once.")
                .or(3),
            hold: Duration::from_millis(
                section
                    .integer("hold_ms", 0..=600_000, "milliseconds")
                    .means("How long at least a verdict, or the request to take the picture again, stays on the screen.")
                    .or(5000),
            ),
            patients: section
                .integer("patients", 1..=1_000_000, "patients")
                .means("The run ends after this many cases. Left out: it goes on until it is stopped.")
                .optional(),
        };
        section.finish("");
        policy
    }
}
