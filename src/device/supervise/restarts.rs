//! When a thread that failed is started anew, and when that has been tried often enough.

use std::{collections::VecDeque, time::Duration};

/// Restarts that one thread is granted within [`WINDOW`].
const GRANTED: usize = 3;
/// Restarts longer ago than this are forgotten.
const WINDOW: Duration = Duration::from_secs(60);

/// What happens to a thread that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ruling {
    /// It is started anew.
    Restart,
    /// It was started anew often enough; the device must tell the person.
    GiveUp,
}

/// The restarts of one thread.
#[derive(Debug, Clone, Default)]
pub struct Restarts {
    recent: VecDeque<Duration>,
    total: u32,
    given_up: bool,
}

impl Restarts {
    /// A thread failed at `now`, which was noticed after `allowed`: the time that it had for what it did (zero when it panicked).
    ///
    /// Three restarts are granted within a minute. A thread that is given long for its work fails less often in a minute, so the window is
    /// at least as long as five such failures take.
    pub fn failed(&mut self, now: Duration, allowed: Duration) -> Ruling {
        let window = WINDOW.max(allowed.saturating_mul(5));
        while self.recent.front().is_some_and(|restart| now.saturating_sub(*restart) >= window) {
            self.recent.pop_front();
        }
        if self.given_up || self.recent.len() >= GRANTED {
            self.given_up = true;
            return Ruling::GiveUp;
        }
        self.recent.push_back(now);
        self.total = self.total.saturating_add(1);
        Ruling::Restart
    }

    /// A person asks for another try: what was is forgotten, but for the total.
    pub fn pardon(&mut self) {
        self.recent.clear();
        self.given_up = false;
        self.total = self.total.saturating_add(1);
    }

    /// No further try, however few there were.
    pub(super) fn give_up(&mut self) {
        self.given_up = true;
    }

    /// Whether it was given up.
    #[must_use]
    pub fn given_up(&self) -> bool {
        self.given_up
    }

    /// Restarts since the device started.
    #[must_use]
    pub fn total(&self) -> u32 {
        self.total
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_fourth_failure_within_a_minute_is_one_too_many() {
        let mut restarts = Restarts::default();
        for second in [0, 20, 40] {
            assert_eq!(restarts.failed(second * SECOND, Duration::ZERO), Ruling::Restart);
        }
        assert_eq!(restarts.clone().failed(60 * SECOND, Duration::ZERO), Ruling::Restart, "the first is a minute ago");
        assert_eq!(restarts.failed(59 * SECOND, Duration::ZERO), Ruling::GiveUp);
    }

    #[test]
    fn a_thread_that_takes_long_to_fail_is_given_up_too() {
        let (mut restarts, allowed) = (Restarts::default(), 30 * SECOND);
        let rulings: Vec<_> = (1..=4).map(|failure| restarts.failed(failure * allowed, allowed)).collect();
        assert_eq!(rulings, [Ruling::Restart, Ruling::Restart, Ruling::Restart, Ruling::GiveUp]);
    }

    #[test]
    fn a_pardon_gives_all_tries_back() {
        let mut restarts = Restarts::default();
        while restarts.failed(SECOND, Duration::ZERO) == Ruling::Restart {}
        restarts.pardon();
        assert!(!restarts.given_up());
        assert_eq!(restarts.failed(SECOND, Duration::ZERO), Ruling::Restart);
        assert_eq!(restarts.total(), 5);
    }

    proptest! {
        /// Never more than three restarts in any minute, never a restart after giving up, and no giving up without three restarts just before.
        #[test]
        fn restarts_are_granted_three_a_minute_and_no_more(gaps in prop::collection::vec(0_u64..90_000, 1..60)) {
            let (mut restarts, mut now, mut granted, mut given_up) = (Restarts::default(), Duration::ZERO, Vec::new(), false);
            for gap in gaps {
                now += Duration::from_millis(gap);
                let within_a_minute = granted.iter().filter(|restart| now - **restart < WINDOW).count();
                match restarts.failed(now, Duration::ZERO) {
                    Ruling::Restart => {
                        prop_assert!(!given_up && within_a_minute < GRANTED);
                        granted.push(now);
                    }
                    Ruling::GiveUp => {
                        prop_assert!(given_up || within_a_minute == GRANTED);
                        given_up = true;
                    }
                }
                prop_assert_eq!(restarts.given_up(), given_up);
                prop_assert_eq!(restarts.total() as usize, granted.len());
            }
        }
    }
}
