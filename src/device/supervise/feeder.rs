//! Whether the device makes progress, from counts of what it achieved: the only thing that a watchdog is fed for.
//!
//! A timer would go on feeding while the camera thread hangs. Here each part that must progress in the present phase has to have
//! achieved something since the last feeding, and not too long ago.

use std::{
    array,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// Part of the device whose progress counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Frames from the camera.
    Camera,
    /// Scenes that have reached the glass.
    Screen,
    /// Turns of the conductor.
    Conductor,
    /// Looks of the supervisor at all pulses.
    Supervisor,
}

impl Part {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Camera, Self::Screen, Self::Conductor, Self::Supervisor];
}

/// What must make progress at present.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// The live picture is shown: every part must progress.
    Live,
    /// Anything else, such as a verdict that waits for a person, a fault, or sleep: nothing need be seen or drawn.
    Waiting,
}

impl Phase {
    /// The phase of a state, by its word: `preview`. `in_trouble` means that a part has said so itself, or was started anew, and has
    /// not recovered yet: a camera that is unplugged is no reason for a reset, one that hangs in silence is.
    #[must_use]
    pub fn of(state: &str, in_trouble: bool) -> Self {
        if matches!(state, "preview" | "scanning") && !in_trouble { Self::Live } else { Self::Waiting }
    }

    fn needs(self, part: Part) -> bool {
        self == Self::Live || matches!(part, Part::Conductor | Part::Supervisor)
    }
}

/// How much each part has achieved since the start.
pub type Counts = [u64; Part::ALL.len()];

/// Counts what the parts achieve, from any thread.
#[derive(Debug, Default)]
pub struct Progress([AtomicU64; Part::ALL.len()]);

impl Progress {
    /// `part` has achieved something: a frame, a scene, a turn.
    pub fn made(&self, part: Part) {
        self.0[part as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// What was achieved so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        array::from_fn(|part| self.0[part].load(Ordering::Relaxed))
    }
}

/// Decides when there is something to feed for.
#[derive(Debug, Clone)]
pub struct Feeder {
    interval: Duration,
    budget: Duration,
    fed: Option<(Duration, Counts)>,
    seen: Counts,
    advanced: [Option<Duration>; Part::ALL.len()],
}

impl Feeder {
    /// A feeder for a watchdog that bites after `timeout`: it feeds at most four times in that time, and stops at most half of it after
    /// the first part that must progress has stopped.
    #[must_use]
    pub fn new(timeout: Duration) -> Self {
        Self { interval: timeout / 4, budget: timeout / 2, fed: None, seen: Counts::default(), advanced: [None; Part::ALL.len()] }
    }

    /// Longest time after the end of a part's progress at which the watchdog is still fed.
    #[must_use]
    pub fn budget(&self) -> Duration {
        self.budget
    }

    /// Whether the watchdog is to be fed at `now`, with these counts. To be called more often than four times in the time-out.
    pub fn look(&mut self, now: Duration, counts: Counts, phase: Phase) -> bool {
        for part in Part::ALL {
            let index = part as usize;
            if counts[index] != self.seen[index] {
                self.advanced[index] = Some(now);
            }
        }
        self.seen = counts;
        let recent = |part: Part| self.advanced[part as usize].is_some_and(|advance| now.saturating_sub(advance) < self.budget);
        let since_fed = |part: Part| self.fed.is_none_or(|(_, fed)| fed[part as usize] != counts[part as usize]);
        let due = self.fed.is_none_or(|(at, _)| now.saturating_sub(at) >= self.interval);
        let feed = due && Part::ALL.into_iter().filter(|part| phase.needs(*part)).all(|part| recent(part) && since_fed(part));
        if feed {
            self.fed = Some((now, counts));
        }
        feed
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TIMEOUT: Duration = Duration::from_millis(8_000);
    const STEP: Duration = Duration::from_millis(250);

    /// Runs `steps` looks; `alive` says which parts achieve something before a look. Returns the steps at which it fed.
    fn fed(steps: usize, phase: impl Fn(usize) -> Phase, alive: impl Fn(usize, Part) -> bool) -> Vec<usize> {
        let (progress, mut feeder) = (Progress::default(), Feeder::new(TIMEOUT));
        let feeds = |step: &usize| {
            Part::ALL.into_iter().filter(|part| alive(*step, *part)).for_each(|part| progress.made(part));
            feeder.look(u32::try_from(*step).unwrap() * STEP, progress.counts(), phase(*step))
        };
        (0..steps).filter(feeds).collect()
    }

    #[test]
    fn a_device_that_works_feeds_four_times_in_the_timeout() {
        assert_eq!(fed(33, |_| Phase::Live, |_, _| true), [0, 8, 16, 24, 32]);
    }

    #[test]
    fn a_device_that_does_nothing_never_feeds() {
        assert!(fed(100, |_| Phase::Live, |_, _| false).is_empty());
        assert!(fed(100, |_| Phase::Waiting, |_, _| false).is_empty());
    }

    #[test]
    fn in_sleep_and_fault_neither_camera_nor_screen_need_move_but_the_conductor_must() {
        for state in ["sleep", "fault", "verdict", "analysing"] {
            let phase = Phase::of(state, false);
            assert_eq!(fed(33, |_| phase, |_, part| matches!(part, Part::Conductor | Part::Supervisor)).len(), 5, "{state}");
            assert!(fed(33, |_| phase, |_, part| part != Part::Conductor).is_empty(), "{state}");
        }
        for stopped in [Part::Camera, Part::Screen] {
            assert!(fed(33, |_| Phase::of("preview", false), |_, part| part != stopped).is_empty());
            assert_eq!(fed(33, |_| Phase::of("preview", true), |_, part| part != stopped).len(), 5, "an unplugged camera");
        }
    }

    #[test]
    fn a_slow_device_is_fed_for_as_long_as_each_part_moves_within_the_budget() {
        // Every part once in 3 s, but the supervisor always.
        let feeds = fed(400, |_| Phase::Live, |step, part| part == Part::Supervisor || step % 12 == part as usize);
        let longest = feeds.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap();
        assert!(feeds.len() > 10 && u32::try_from(longest).unwrap() * STEP < TIMEOUT, "{feeds:?}");
    }

    proptest! {
        /// Whatever the others do: when a part that must progress stops, feeding stops within the budget and with one feeding at most.
        #[test]
        fn when_a_needed_part_stops_so_does_feeding(
            stop in 1_usize..60,
            dead in 0_usize..4,
            live in any::<bool>(),
            noise in prop::collection::vec(any::<[bool; 4]>(), 120),
        ) {
            let phase = if live { Phase::Live } else { Phase::Waiting };
            let dead = Part::ALL[dead];
            prop_assume!(phase.needs(dead));
            let feeds = fed(120, |_| phase, |step, part| if part == dead { step < stop } else { noise[step][part as usize] });
            let late: Vec<_> = feeds.into_iter().filter(|step| *step >= stop).collect();
            prop_assert!(late.len() <= 1);
            let last_progress = stop - 1;
            prop_assert!(late.iter().all(|step| u32::try_from(step - last_progress).unwrap() * STEP < TIMEOUT / 2));
        }

        /// Feedings are never closer to each other than a quarter of the time-out.
        #[test]
        fn feeding_is_never_hurried(noise in prop::collection::vec(any::<[bool; 4]>(), 1..200)) {
            let feeds = fed(noise.len(), |_| Phase::Live, |step, part| noise[step][part as usize]);
            prop_assert!(feeds.windows(2).all(|pair| u32::try_from(pair[1] - pair[0]).unwrap() * STEP >= TIMEOUT / 4));
        }
    }
}
