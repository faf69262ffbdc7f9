//! What the commands work with, and who is sitting there.

use std::sync::Arc;

use serde::Serialize;

use super::pins::Pins;
use crate::{
    device::{Link, board::Board},
    settings::Settings,
};

/// Everything that commands work with.
pub struct Desk {
    /// The board as it runs: where records, bundles and state are, and how the console is to behave.
    pub board: Board,
    /// The device.
    pub link: Arc<dyn Link>,
    /// Settings, committed and staged.
    pub settings: Settings,
    /// The technician's PIN.
    pub pins: Pins,
    /// What was logged last.
    pub logs: Arc<dyn LogSource>,
}

/// The last lines of the log, in memory.
pub trait LogSource: Send + Sync {
    /// The last `count` lines, oldest first; fewer when there are not so many.
    fn lines(&self, count: usize) -> Vec<String>;
}

/// Who is sitting at the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Whoever has a cable: examines patients, looks at everything.
    Operator,
    /// Whoever knows the PIN: changes settings, takes records out, boots the board.
    Technician,
}

impl Role {
    /// Its name on the console and in the documentation.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Technician => "technician",
        }
    }
}
