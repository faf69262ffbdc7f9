//! What a person can ask of the device, whichever way: button, key, touch or console.

use serde::{Deserialize, Serialize};

/// One wish of a person. What it does depends on the state; one that does nothing there is answered with the reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Command {
    /// Take the picture. In a form: on to the next field.
    Capture,
    /// Accept the verdict and close the case. In a form: keep what it says.
    Accept,
    /// Throw the verdict away and take another picture of the same lesion. In a form: this field is unknown.
    Retake,
    /// Show more or less: the details of a verdict, or the case form from the live picture.
    Details,
    /// The previous value or page.
    Up,
    /// The next value or page.
    Down,
    /// Look for a code with the patient's data before the lens.
    Scan,
    /// Sleep, or wake up.
    Sleep,
}

impl Command {
    /// All of them, in the order in which help lists them.
    pub const ALL: [Self; 8] = [Self::Capture, Self::Accept, Self::Retake, Self::Details, Self::Up, Self::Down, Self::Scan, Self::Sleep];

    /// Its name in board files, on the console and in logs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Capture => "capture",
            Self::Accept => "accept",
            Self::Retake => "retake",
            Self::Details => "details",
            Self::Up => "up",
            Self::Down => "down",
            Self::Scan => "scan",
            Self::Sleep => "sleep",
        }
    }
}

impl std::fmt::Display for Command {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
