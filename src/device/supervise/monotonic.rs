//! Time that only goes forward, given from outside, so that whatever depends on it is tested without waiting.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// A clock that only goes forward. Clones show the same time.
#[derive(Debug, Clone)]
pub struct Monotonic(Kind);

#[derive(Debug, Clone)]
enum Kind {
    Running(Instant),
    ByHand(Arc<AtomicU64>),
}

impl Monotonic {
    /// The clock of the system, counted from now on.
    #[must_use]
    pub fn running() -> Self {
        Self(Kind::Running(Instant::now()))
    }

    /// A clock that stands still but for its [`Hand`].
    #[must_use]
    pub fn by_hand() -> (Self, Hand) {
        let nanos = Arc::new(AtomicU64::new(0));
        (Self(Kind::ByHand(Arc::clone(&nanos))), Hand(nanos))
    }

    /// Time since this clock began.
    #[must_use]
    pub fn now(&self) -> Duration {
        match &self.0 {
            Kind::Running(begin) => begin.elapsed(),
            Kind::ByHand(nanos) => Duration::from_nanos(nanos.load(Ordering::Acquire)),
        }
    }
}

/// What moves a clock that stands still.
#[derive(Debug, Clone)]
pub struct Hand(Arc<AtomicU64>);

impl Hand {
    /// Lets `duration` pass.
    pub fn pass(&self, duration: Duration) {
        self.0.fetch_add(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX), Ordering::AcqRel);
    }
}
