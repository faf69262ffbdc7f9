//! The newest lines of the log, kept in memory for the console. Bounded in lines and in bytes.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;
use tracing::{Event, Subscriber};
use tracing_subscriber::{Layer, layer::Context};

use super::line::line;

/// The newest lines, oldest first.
#[derive(Debug)]
pub struct Ring {
    kept: Mutex<Kept>,
    most_lines: usize,
    most_bytes: usize,
}

#[derive(Debug, Default)]
struct Kept {
    lines: VecDeque<String>,
    bytes: usize,
}

impl Default for Ring {
    /// A thousand lines, a quarter of a megabyte: some hours of an ordinary day.
    fn default() -> Self {
        Self::new(1000, 256 * 1024)
    }
}

impl Ring {
    /// The longest line in bytes; a longer one is cut.
    pub const LONGEST: usize = 1000;

    /// A ring of at most so many lines that have at most so many bytes together.
    #[must_use]
    pub fn new(most_lines: usize, most_bytes: usize) -> Self {
        Self { kept: Mutex::default(), most_lines, most_bytes }
    }

    /// Adds a line, in place of the oldest if it must be.
    pub fn push(&self, mut line: String) {
        line.truncate(line.floor_char_boundary(Self::LONGEST.min(self.most_bytes)));
        let mut kept = self.kept();
        kept.bytes += line.len();
        kept.lines.push_back(line);
        while kept.lines.len() > self.most_lines || kept.bytes > self.most_bytes {
            let Some(oldest) = kept.lines.pop_front() else { break };
            kept.bytes -= oldest.len();
        }
    }

    /// The newest `count` lines, oldest first.
    #[must_use]
    pub fn lines(&self, count: usize) -> Vec<String> {
        let kept = self.kept();
        kept.lines.iter().skip(kept.lines.len().saturating_sub(count)).cloned().collect()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // Nothing panics while it holds the lock; and if it did, the lines would still be lines.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Puts every event into a ring.
pub(super) struct Keep(pub(super) &'static Ring);

impl<S: Subscriber> Layer<S> for Keep {
    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        let seconds = Timestamp::from_second(Timestamp::now().as_second()).unwrap_or_default();
        self.0.push(format!("{seconds} {:5} {}", event.metadata().level(), line(event)));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever is pushed: the bounds hold, and what is kept are the newest lines in their order.
        #[test]
        fn the_newest_lines_are_kept_within_the_bounds(
            lines in prop::collection::vec(".{0,40}", 0..80),
            most_lines in 1_usize..20,
            most_bytes in 1_usize..400,
        ) {
            let ring = Ring::new(most_lines, most_bytes);
            lines.iter().cloned().for_each(|line| ring.push(line));
            let kept = ring.lines(usize::MAX);
            prop_assert!(kept.len() <= most_lines && kept.iter().map(String::len).sum::<usize>() <= most_bytes);
            let newest = &lines[lines.len() - kept.len()..];
            prop_assert!(kept.iter().zip(newest).all(|(kept, pushed)| pushed.starts_with(kept.as_str())));
            prop_assert_eq!(ring.lines(3), kept[kept.len().saturating_sub(3)..].to_vec());
        }
    }

    #[test]
    fn a_line_that_is_too_long_is_cut_between_two_characters() {
        let ring = Ring::default();
        ring.push("ä".repeat(Ring::LONGEST));
        assert_eq!(ring.lines(1)[0], "ä".repeat(Ring::LONGEST / 2));
    }
}
