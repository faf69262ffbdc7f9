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
    device::{ThreadStatus, board::SupervisionBoard},
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
    /// Every thread, for status screens.
    pub threads: Vec<ThreadStatus>,
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

    /// One turn, to be taken a few times a second. `state` is the device's state in a word; `in_trouble` means that camera or screen has
    /// reported trouble itself, or was started anew, and has not recovered yet.
    pub fn turn(&mut self, state: &str, in_trouble: bool) -> Turn {
        let reports = self.watch.look();
        self.progress.made(Part::Supervisor);
        let now = self.clock.now();
        let health = (now >= self.next_sample).then(|| {
            self.next_sample = now.saturating_add(self.every);
            self.sample()
        });
        self.lifeline.turn(now, state, in_trouble);
        Turn { reports, threads: self.watch.threads(), health }
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

#[cfg(test)]
mod tests {
    use super::{
        super::{notify::fake::Heard, pulse::Pulse},
        *,
    };
    use crate::{device::board::Board, health::Heat};

    const BOARD: &str = "[camera]\nkind = \"phantom\"\n[display]\nkind = \"png\"\nfolder = \"s\"\n[model]\nbundle = \"b\"\n[records]\nfolder = \"r\"\n\
                         [supervision]\nsample_s = 2\n";
    const STEP: Duration = Duration::from_millis(500);

    #[test]
    fn a_turn_looks_at_threads_and_health_and_feeds_as_long_as_the_conductor_turns() {
        let (root, heard) = (tempfile::tempdir().unwrap(), Heard::default());
        let zone = root.path().join("sys/class/thermal/thermal_zone0");
        std::fs::create_dir_all(&zone).unwrap();
        std::fs::write(zone.join("temp"), "79000\n").unwrap();
        let board = Board::parse(BOARD).unwrap().supervision;
        let ((clock, hand), progress) = (Monotonic::by_hand(), Arc::new(Progress::default()));
        let conductor = Pulse::new("conductor", 1, clock.clone(), Duration::from_secs(1));
        let mut watch = Watch::new(clock.clone());
        watch.observe(conductor);
        let lifeline = Lifeline::new(Arc::clone(&progress), Some(Box::new(heard.clone())), None, Duration::from_secs(8));
        let sampler = Sampler::rooted(root.path(), root.path());
        let mut supervisor = Supervisor::new(&board, watch, lifeline, sampler, clock, Arc::clone(&progress));
        let (mut samples, mut stuck) = (Vec::new(), 0);
        for step in 0..40 {
            if step < 16 {
                progress.made(Part::Conductor);
            }
            let turn = supervisor.turn("verdict", false);
            samples.extend(turn.health.map(|(reading, level)| (step, reading.temperature_c, level.heat)));
            stuck += turn.reports.len();
            assert_eq!(turn.threads[0].age_ms, 500 * step);
            hand.pass(STEP);
        }
        assert_eq!(samples, (0..10).map(|sample| (4 * sample, Some(79.0), Heat::Hot)).collect::<Vec<_>>());
        assert_eq!(stuck, 1, "the conductor never beat");
        let fed = heard.take().iter().filter(|news| *news == "Alive").count();
        assert_eq!(fed, 5, "at 0, 2, 4, 6 s, and at 8 s for the turns until 7.5 s; never again");
        assert_eq!(supervisor.level().heat, Heat::Hot);
    }
}
