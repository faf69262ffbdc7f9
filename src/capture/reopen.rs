//! When to try a camera again that failed: at once at first, then at growing intervals that never exceed half a second.
//!
//! Pure: it neither waits nor opens anything. A camera that is opened within half a second of coming back, and gives its first
//! frame within another second, is seen to work within the two seconds that a person is asked to wait.

use std::time::Duration;

use super::CaptureError;

/// The wait after the first failure that asks for one; doubled with each further one.
const FIRST: Duration = Duration::from_millis(50);

/// The longest wait between two tries.
pub const LONGEST: Duration = Duration::from_millis(500);

/// Counts failures in a row and says how long to wait after each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reopen {
    failures: u32,
}

impl Reopen {
    /// A frame came.
    pub fn worked(&mut self) {
        self.failures = 0;
    }

    /// How often in a row the camera failed.
    #[must_use]
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// The camera failed once more: how long to leave it alone, at most [`LONGEST`]; `None` when it will never work again
    /// because a replay has ended.
    ///
    /// The first time it is tried again at once: most failures are over when the camera has been opened anew.
    pub fn failed(&mut self, cause: &CaptureError) -> Option<Duration> {
        if matches!(cause, CaptureError::Finished { .. }) {
            return None;
        }
        self.failures = self.failures.saturating_add(1);
        let doubled = self.failures.checked_sub(2).map(|times| FIRST.saturating_mul(1 << times.min(16)));
        // Who has waited for a frame in vain has waited.
        let already = if let CaptureError::TimedOut { waited, .. } = cause { *waited } else { Duration::ZERO };
        Some(doubled.unwrap_or_default().min(LONGEST).saturating_sub(already))
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    fn gone() -> CaptureError {
        CaptureError::Gone { device: "/dev/video0".into(), cause: io::Error::from_raw_os_error(19) }
    }

    #[test]
    fn the_first_try_is_at_once_and_later_ones_are_at_most_half_a_second_apart() {
        let mut reopen = Reopen::default();
        let waits: Vec<u128> = (0..8).map(|_| reopen.failed(&gone()).unwrap().as_millis()).collect();
        assert_eq!(waits, [0, 50, 100, 200, 400, 500, 500, 500]);
        assert_eq!(reopen.failures(), 8);
        let mut endless = Reopen { failures: u32::MAX - 1 };
        assert_eq!([endless.failed(&gone()), endless.failed(&gone())], [Some(LONGEST); 2]);
    }

    #[test]
    fn the_time_that_went_by_without_a_frame_counts_as_waiting() {
        let mut reopen = Reopen { failures: 20 };
        let mut after = |milliseconds| {
            let waited = Duration::from_millis(milliseconds);
            reopen.failed(&CaptureError::TimedOut { device: "/dev/video0".into(), waited }).unwrap().as_millis()
        };
        assert_eq!([after(800), after(100)], [0, 400]);
    }

    #[test]
    fn a_frame_makes_the_next_failure_the_first() {
        let mut reopen = Reopen::default();
        for _ in 0..5 {
            reopen.failed(&gone());
        }
        reopen.worked();
        assert_eq!((reopen.failures(), reopen.failed(&gone())), (0, Some(Duration::ZERO)));
    }

    #[test]
    fn a_replay_that_has_ended_is_not_tried_again() {
        assert_eq!(Reopen::default().failed(&CaptureError::Finished { source_name: "folder".into() }), None);
    }
}
