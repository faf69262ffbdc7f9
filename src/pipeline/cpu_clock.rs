//! CPU time of a thread or the process: how long a step really worked, whatever else the machine does.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// A running stopwatch on CPU time. One of a thread must be read on that thread.
#[derive(Debug, Clone, Copy)]
pub struct CpuClock {
    clock: ClockId,
    last: Duration,
}

impl CpuClock {
    /// Starts now, on the CPU time of the calling thread.
    #[must_use]
    pub fn start() -> Self {
        Self::on(ClockId::ThreadCPUTime)
    }

    /// Starts now, on the CPU time of all threads of the process together.
    #[must_use]
    pub fn start_process() -> Self {
        Self::on(ClockId::ProcessCPUTime)
    }

    fn on(clock: ClockId) -> Self {
        Self { clock, last: now(clock) }
    }

    /// CPU time since the start or the last lap, and starts anew.
    pub fn lap(&mut self) -> Duration {
        let now = now(self.clock);
        let since = now.saturating_sub(self.last);
        self.last = now;
        since
    }
}

fn now(clock: ClockId) -> Duration {
    let time = clock_gettime(clock);
    // The kernel never gives negative CPU time.
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sleeping_takes_no_cpu_time_and_working_does() {
        let mut clock = CpuClock::start();
        std::thread::sleep(Duration::from_millis(40));
        let slept = clock.lap();
        let mut sum = 0_u64;
        while clock.last + Duration::from_millis(5) > now(clock.clock) {
            sum = std::hint::black_box(sum.wrapping_add(1));
        }
        assert!(slept < Duration::from_millis(30), "{slept:?}");
        assert!(clock.lap() >= Duration::from_millis(5));
    }
}
