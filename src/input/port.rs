//! What a kind of input device is to the one thread that listens to all of them.

use std::{os::fd::BorrowedFd, time::Duration};

use super::Press;
use crate::device::Trouble;

/// How long after a device was not to be had, or after the last look for others, the next look comes.
pub(super) const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A kind of input device. Nothing here waits or fails: what does not work is told as trouble, and tried again.
/// Times are on the monotonic clock.
pub(super) trait Port: Send {
    /// Opens what is not open, reads what there is to read, and adds what it means to `heard`.
    fn tend(&mut self, now: Duration, heard: &mut Vec<Press>);

    /// When [`Port::tend`] has something to do even if no descriptor has anything to read.
    fn due(&self) -> Option<Duration>;

    /// What to wait on.
    fn descriptors(&self) -> Vec<BorrowedFd<'_>>;

    /// What does not work now.
    fn troubles(&self) -> Vec<Trouble>;

    /// What works now: `6 buttons on /dev/gpiochip0`.
    fn describe(&self) -> Vec<String>;
}
