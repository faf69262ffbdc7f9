//! The lines that buttons are on, as [`Buttons`](super::Buttons) sees them.

use std::{os::fd::BorrowedFd, time::Duration};

use crate::{device::board::ButtonsBoard, input::InputError};

/// A line changed its level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Edge {
    pub(super) line: u32,
    /// The button is pressed from now on.
    pub(super) pressed: bool,
    /// When, on the monotonic clock.
    pub(super) at: Duration,
}

/// Lines that have been taken. Thrown away after any error.
pub(super) trait Lines: Send {
    /// The edges since the last call, in their order; does not wait. `now` is the time for a chip that gives none.
    fn edges(&mut self, now: Duration) -> Result<Vec<Edge>, InputError>;

    /// Every line with whether its button is pressed now.
    fn levels(&mut self) -> Result<Vec<(u32, bool)>, InputError>;

    /// Edges were lost since the last call, so that [`Lines::levels`] must be asked.
    fn lost_edges(&mut self) -> bool;

    /// The kernel debounces.
    fn debounced(&self) -> bool;

    /// Edges must be asked for this often, because the chip does not report them.
    fn poll_every(&self) -> Option<Duration>;

    /// What to wait on.
    fn descriptor(&self) -> Option<BorrowedFd<'_>>;

    /// The chip: `/dev/gpiochip0`.
    fn name(&self) -> String;
}

/// Takes the lines of a board's buttons.
pub(super) trait TakeLines: Send {
    fn take(&mut self, board: &ButtonsBoard) -> Result<Box<dyn Lines>, InputError>;
}

/// A system without GPIO character devices.
#[cfg(not(target_os = "linux"))]
pub(super) struct NoChips;

#[cfg(not(target_os = "linux"))]
impl TakeLines for NoChips {
    fn take(&mut self, board: &ButtonsBoard) -> Result<Box<dyn Lines>, InputError> {
        Err(InputError::Absent { what: "on this system, the GPIO chip", name: board.chip.clone() })
    }
}
