//! CPU time of one thread: how long a step really worked, whatever else the machine does.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// A running stopwatch on the CPU time of the thread that started it. It must be read on that thread.
#[derive(Debug, Clone, Copy)]
pub struct CpuClock(Duration);

impl CpuClock {
    /// Starts now.
    #[must_use]
    pub fn start() -> Self {
        Self(now())
    }

    /// CPU time since the start or the last lap, and starts anew.
    pub fn lap(&mut self) -> Duration {
        let now = now();
        let since = now.saturating_sub(self.0);
        self.0 = now;
        since
    }
}

fn now() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
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
        while clock.0 + Duration::from_millis(5) > now() {
            sum = std::hint::black_box(sum.wrapping_add(1));
        }
        assert!(slept < Duration::from_millis(30), "{slept:?}");
        assert!(clock.lap() >= Duration::from_millis(5));
    }
}
