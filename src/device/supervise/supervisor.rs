//! The supervisor's turn: look at all pulses, at the board's health when it is time, and tell that the device makes progress.

use std::{sync::Arc, time::Duration};

use tracing::{info, warn};

use super::{
    feeder::{Part, Progress},
    lifeline::Lifeline,
    monotonic::Monotonic,
    watch::{Report, Watch},
};
use crate::{
    device::board::SupervisionBoard,
    health::{Judge, Level, Reading, Sampler, Slowing},
};

/// Watch, lifeline and health together.
pub struct Supervisor {
    /// All threads.
    pub watch: Watch,
    /// systemd or the board's watchdog.
    pub lifeline: Lifeline,
    clock: Monotonic,
    progress: Arc<Progress>,
    sampler: Sampler,
    judge: Judge,
    every: Duration,
    next_sample: Duration,
    slowed_by: Vec<Slowing>,
}

/// What a turn found.
#[derive(Debug, Clone, PartialEq)]
pub struct Turn {
    /// Threads that failed.
    pub reports: Vec<Report>,
    /// The board's health with what it means, when it was time to look.
    pub health: Option<(Reading, Level)>,
}

impl Supervisor {
    /// A supervisor that takes its first sample at its first turn.
    #[must_use]
    pub fn new(
        board: &SupervisionBoard,
        watch: Watch,
        lifeline: Lifeline,
        sampler: Sampler,
        clock: Monotonic,
        progress: Arc<Progress>,
    ) -> Self {
        Self {
            watch,
            lifeline,
            next_sample: clock.now(),
            clock,
            progress,
            sampler,
            judge: Judge::new(board.limits()),
            every: board.sample,
            slowed_by: Vec::new(),
        }
    }

    /// One turn, to be taken a few times a second; `state` is the device's state in a word.
    pub fn turn(&mut self, state: &str) -> Turn {
        let reports = self.watch.look();
        self.progress.made(Part::Supervisor);
        let now = self.clock.now();
        let health = (now >= self.next_sample).then(|| {
            self.next_sample = now.saturating_add(self.every);
            self.sample()
        });
        self.lifeline.turn(now, state);
        Turn { reports, health }
    }

    /// How the board was at the last look.
    #[must_use]
    pub fn level(&self) -> Level {
        self.judge.level()
    }

    fn sample(&mut self) -> (Reading, Level) {
        let reading = self.sampler.sample();
        let before = self.judge.level();
        let level = self.judge.judge(&reading);
        if level != before {
            info!(
                heat = ?level.heat,
                storage = ?level.storage,
                memory = ?level.memory,
                degrees = reading.temperature_c,
                storage_free = reading.storage_free_bytes,
                resident = reading.resident_bytes,
                "the board's health has changed"
            );
        }
        if self.sampler.slowed_by() != self.slowed_by {
            self.slowed_by = self.sampler.slowed_by().to_owned();
            match self.slowed_by.as_slice() {
                [] => info!("the processor is not slowed down any more"),
                signs if signs.contains(&Slowing::LowVoltage) => warn!("the supply's voltage is too low and the processor slowed down"),
                signs => warn!(?signs, "the processor is slowed down"),
            }
        }
        (reading, level)
    }
}
