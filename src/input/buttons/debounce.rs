//! One press out of the many edges that a bouncing contact gives. Pure: works on the kernel's timestamps, however late they are read.

use std::time::Duration;

/// Follows one line. A level counts once it has stood still for the period, so that a spike shorter than that is nothing.
#[derive(Debug, Clone)]
pub(super) struct Debouncer {
    period: Duration,
    /// The level that counts.
    settled: bool,
    /// The level after the last edge, and the time of that edge.
    last: bool,
    since: Duration,
}

impl Debouncer {
    /// A line that stands at `level` now. A period of zero takes every edge as it comes.
    pub(super) fn new(period: Duration, level: bool) -> Self {
        Self { period, settled: level, last: level, since: Duration::ZERO }
    }

    /// The level that counts.
    pub(super) fn level(&self) -> bool {
        self.settled
    }

    /// The level after the last edge, whether it counts yet or not.
    pub(super) fn last(&self) -> bool {
        self.last
    }

    /// The line changed to `level` at `at`; gives the level that has come to count, if one has.
    ///
    /// A second edge to the same level means that one in between was lost: the line did not stand still.
    pub(super) fn edge(&mut self, level: bool, at: Duration) -> Option<bool> {
        let before = self.settle(at);
        self.last = level;
        self.since = at;
        let after = if self.period.is_zero() { self.settle(at) } else { None };
        before.or(after)
    }

    /// No edge came until `now`; gives the level that has come to count, if one has.
    pub(super) fn settle(&mut self, now: Duration) -> Option<bool> {
        if self.due()? > now {
            return None;
        }
        self.settled = self.last;
        Some(self.settled)
    }

    /// When [`Debouncer::settle`] has something to say, should no edge come before.
    pub(super) fn due(&self) -> Option<Duration> {
        (self.last != self.settled).then(|| self.since.saturating_add(self.period))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[test]
    fn a_clean_edge_counts_after_the_period() {
        let mut line = Debouncer::new(ms(10), false);
        assert_eq!(line.edge(true, ms(100)), None);
        assert_eq!(line.due(), Some(ms(110)));
        assert_eq!(line.settle(ms(109)), None);
        assert_eq!(line.settle(ms(110)), Some(true));
        assert_eq!((line.settle(ms(500)), line.due(), line.level()), (None, None, true));
    }

    #[test]
    fn a_spike_is_nothing() {
        let mut line = Debouncer::new(ms(10), false);
        assert_eq!(line.edge(true, ms(100)), None);
        assert_eq!(line.edge(false, ms(109)), None);
        assert_eq!((line.settle(ms(1000)), line.due()), (None, None));
    }

    #[test]
    fn edges_that_are_read_long_after_count_by_their_own_times() {
        let mut line = Debouncer::new(ms(10), false);
        assert_eq!(line.edge(true, ms(100)), None);
        assert_eq!(line.edge(false, ms(200)), Some(true));
        assert_eq!(line.edge(true, ms(300)), Some(false));
    }

    #[test]
    fn without_a_period_every_edge_counts_at_once() {
        let mut line = Debouncer::new(Duration::ZERO, false);
        assert_eq!(
            (line.edge(true, ms(1)), line.edge(true, ms(2)), line.edge(false, ms(2)), line.due()),
            (Some(true), None, Some(false), None)
        );
    }

    #[test]
    fn time_that_runs_backwards_is_borne() {
        let mut line = Debouncer::new(ms(10), false);
        line.edge(true, ms(100));
        assert_eq!(line.edge(true, ms(50)), None);
        assert_eq!(line.settle(ms(60)), Some(true));
    }

    /// Times between the edges of one bouncing contact in microseconds: even two together are under the period of 10 ms.
    fn bounces() -> impl Strategy<Value = Vec<u64>> {
        proptest::collection::vec(1_u64..5_000, 0..12)
    }

    proptest! {
        /// Presses that last, and pauses that last, with a contact that bounces any number of times at each change; single edges are lost,
        /// but never the last one of a change.
        #[test]
        fn every_real_press_counts_exactly_once(
            changes in proptest::collection::vec((bounces(), 20_000_u64..200_000), 1..40),
            lost in proptest::collection::vec(any::<bool>(), 64),
            looks in 500_u64..50_000,
        ) {
            let mut line = Debouncer::new(ms(10), false);
            let (mut heard, mut now, mut looked, mut edges) = (Vec::new(), 1_000_000_u64, 1_000_000_u64, 0);
            let (mut meant, mut level, mut lost_before) = (Vec::new(), false, false);
            for (bounces, rest) in changes {
                level = !level;
                meant.push(level);
                // An even number of bounces returns to the new level.
                let pairs = bounces.len() / 2;
                let mut times = vec![now];
                for bounce in &bounces[..pairs * 2] {
                    now += bounce;
                    times.push(now);
                }
                for (index, time) in times.iter().enumerate() {
                    edges += 1;
                    while looked + looks <= *time {
                        looked += looks;
                        heard.extend(line.settle(Duration::from_micros(looked)));
                    }
                    let last = index + 1 == times.len();
                    lost_before = !last && !lost_before && lost[edges % lost.len()];
                    if !lost_before {
                        heard.extend(line.edge(if index % 2 == 0 { level } else { !level }, Duration::from_micros(*time)));
                    }
                }
                now += rest;
            }
            heard.extend(line.settle(Duration::from_micros(now)));
            prop_assert_eq!(heard, meant);
        }

        #[test]
        fn any_edges_at_any_times_alternate_and_never_panic(edges in proptest::collection::vec((any::<bool>(), any::<u64>()), 0..60), period in 0_u64..100) {
            let mut line = Debouncer::new(ms(period), false);
            let mut before = false;
            for (level, at) in edges {
                if let Some(now) = line.edge(level, Duration::from_nanos(at)) {
                    prop_assert!(now != before);
                    before = now;
                }
            }
        }
    }
}
