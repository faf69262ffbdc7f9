//! Where the time of an inference goes.

use std::time::Duration;

/// Time of one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepTime {
    /// Name of the step.
    pub name: String,
    /// Median wall time over the last runs.
    pub median: Duration,
}

/// Runs that are remembered.
const RUNS: usize = 256;

/// Wall times of the last runs.
#[derive(Debug)]
pub(super) struct Profile {
    /// Nanoseconds: of each step those of the last runs.
    times: Vec<Vec<u32>>,
    run: usize,
}

impl Profile {
    pub(super) fn new(steps: usize) -> Self {
        Self { times: vec![Vec::with_capacity(RUNS); steps], run: 0 }
    }

    pub(super) fn record(&mut self, step: usize, time: Duration) {
        let nanoseconds = u32::try_from(time.as_nanos()).unwrap_or(u32::MAX);
        let times = &mut self.times[step];
        match times.get_mut(self.run % RUNS) {
            Some(oldest) => *oldest = nanoseconds,
            None => times.push(nanoseconds),
        }
    }

    pub(super) fn end_run(&mut self) {
        self.run += 1;
    }

    pub(super) fn medians(&self) -> impl Iterator<Item = Duration> {
        self.times.iter().map(|times| {
            let mut times = times.clone();
            times.sort_unstable();
            Duration::from_nanos(times.get(times.len() / 2).copied().unwrap_or(0).into())
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Profile, RUNS};

    #[test]
    fn gives_the_median_of_the_last_runs() {
        let mut profile = Profile::new(2);
        for run in 0..RUNS as u64 + 100 {
            // The first runs are slow: pages are fetched, clocks rise.
            profile.record(0, Duration::from_nanos(if run < 100 { 1_000_000 } else { 1000 + run % 3 }));
            profile.end_run();
        }
        assert_eq!(profile.medians().collect::<Vec<_>>(), [Duration::from_nanos(1001), Duration::ZERO]);
    }
}
