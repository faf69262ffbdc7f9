//! The pulse of a thread: what it does now and by when it will have made progress.
//!
//! Lock-free, because a thread that hangs with a lock in its hands must not take its supervisor along.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use thiserror::Error;

use super::{monotonic::Monotonic, stamp::Stamped};

/// The lower bits of a packed beat hold what the thread does, the rest the millisecond by which it promised progress.
const DOING_BITS: u32 = 8;
const NO_DEADLINE: u64 = u64::MAX >> DOING_BITS;

/// What a thread does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Doing {
    /// It begins; nothing was heard of it yet.
    Starting,
    /// It waits for work, which is not being stuck.
    Resting,
    /// It opens a device or a bundle.
    Opening,
    /// It waits for a frame.
    Capturing,
    /// It judges a live frame.
    Judging,
    /// It takes a picture through the whole chain.
    Assessing,
    /// It looks for a code in a frame.
    Scanning,
    /// It draws, and hands the picture to the glass.
    Drawing,
    /// It writes a record.
    Recording,
    /// It answers a person: a line on the console, a button.
    Answering,
    /// It turns over an event.
    Turning,
    /// It tests the device.
    Testing,
}

impl Doing {
    const ALL: [Self; 12] = [
        Self::Starting,
        Self::Resting,
        Self::Opening,
        Self::Capturing,
        Self::Judging,
        Self::Assessing,
        Self::Scanning,
        Self::Drawing,
        Self::Recording,
        Self::Answering,
        Self::Turning,
        Self::Testing,
    ];

    /// In a word, for logs and the console.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Resting => "resting",
            Self::Opening => "opening",
            Self::Capturing => "capturing",
            Self::Judging => "judging",
            Self::Assessing => "assessing",
            Self::Scanning => "scanning",
            Self::Drawing => "drawing",
            Self::Recording => "recording",
            Self::Answering => "answering",
            Self::Turning => "turning",
            Self::Testing => "testing",
        }
    }
}

impl fmt::Display for Doing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The thread is to end: it was replaced, or the device ends. Nobody waits for what it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("this thread is not wanted any more")]
pub struct Over;

/// How a thread is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// It waits for work.
    Resting,
    /// It works, and has time left.
    Working(Doing),
    /// It should have made progress `overdue` ago.
    Stuck {
        /// What it was about.
        doing: Doing,
        /// Time since its promise ran out.
        overdue: Duration,
    },
}

/// The pulse of one generation of a thread. Clones are the same pulse.
#[derive(Debug, Clone)]
pub struct Pulse(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    name: &'static str,
    generation: u32,
    clock: Monotonic,
    /// What the thread does and by when it promised progress.
    promise: AtomicU64,
    /// Milliseconds of the last progress.
    beat: AtomicU64,
    replaced: AtomicBool,
    dismissed: AtomicBool,
}

impl Pulse {
    /// The pulse of generation `generation` (from 1) of the thread `name`, which has `patience` for its first beat.
    #[must_use]
    pub fn new(name: &'static str, generation: u32, clock: Monotonic, patience: Duration) -> Self {
        let now = clock.now();
        Self(Arc::new(Inner {
            name,
            generation,
            clock,
            promise: AtomicU64::new(pack(Doing::Starting, deadline(now, patience))),
            beat: AtomicU64::new(millis(now)),
            replaced: AtomicBool::new(false),
            dismissed: AtomicBool::new(false),
        }))
    }

    /// Progress was made, and the next will be within `at_most`. To be called before each step that can take long.
    ///
    /// # Errors
    /// [`Over`] when the thread is to end; nothing that it still does is of use.
    pub fn beat(&self, doing: Doing, at_most: Duration) -> Result<(), Over> {
        let now = self.0.clock.now();
        let deadline = if doing == Doing::Resting { NO_DEADLINE } else { deadline(now, at_most) };
        self.0.beat.store(millis(now), Ordering::Release);
        self.0.promise.store(pack(doing, deadline), Ordering::Release);
        if self.over() { Err(Over) } else { Ok(()) }
    }

    /// All work is done; the thread waits for more as long as it takes.
    ///
    /// # Errors
    /// [`Over`] when the thread is to end.
    pub fn rest(&self) -> Result<(), Over> {
        self.beat(Doing::Resting, Duration::ZERO)
    }

    /// Another thread does this one's work now.
    #[must_use]
    pub fn replaced(&self) -> bool {
        self.0.replaced.load(Ordering::Acquire)
    }

    /// The thread is to end: it was replaced, or the device ends.
    #[must_use]
    pub fn over(&self) -> bool {
        self.replaced() || self.0.dismissed.load(Ordering::Acquire)
    }

    /// `value` as this generation's output: [`Stamped::current`] gives it out only as long as this thread is not replaced.
    #[must_use]
    pub fn stamp<T>(&self, value: T) -> Stamped<T> {
        Stamped::new(self.clone(), value)
    }

    /// How the thread is at `now`.
    #[must_use]
    pub fn condition(&self, now: Duration) -> Condition {
        let (doing, deadline) = unpack(self.0.promise.load(Ordering::Acquire));
        match millis(now).checked_sub(deadline) {
            _ if doing == Doing::Resting => Condition::Resting,
            Some(overdue) if overdue > 0 => Condition::Stuck { doing, overdue: Duration::from_millis(overdue) },
            _ => Condition::Working(doing),
        }
    }

    /// Time since the last progress.
    #[must_use]
    pub fn age(&self, now: Duration) -> Duration {
        Duration::from_millis(millis(now).saturating_sub(self.0.beat.load(Ordering::Acquire)))
    }

    /// How long what it does now may take altogether; `None` while it rests.
    #[must_use]
    pub fn allowed(&self) -> Option<Duration> {
        let (_, deadline) = unpack(self.0.promise.load(Ordering::Acquire));
        (deadline != NO_DEADLINE).then(|| Duration::from_millis(deadline.saturating_sub(self.0.beat.load(Ordering::Acquire))))
    }

    /// Name of the thread.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.0.name
    }

    /// Which start of the thread this is, from 1.
    #[must_use]
    pub fn generation(&self) -> u32 {
        self.0.generation
    }

    /// From now on another thread does this one's work, and nothing that it says counts.
    pub(super) fn replace(&self) {
        self.0.replaced.store(true, Ordering::Release);
    }

    /// The device ends. What the thread says until it ends counts.
    pub fn dismiss(&self) {
        self.0.dismissed.store(true, Ordering::Release);
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn deadline(now: Duration, at_most: Duration) -> u64 {
    millis(now.saturating_add(at_most)).min(NO_DEADLINE - 1)
}

fn pack(doing: Doing, deadline: u64) -> u64 {
    (deadline << DOING_BITS) | u64::from(doing as u8)
}

fn unpack(promise: u64) -> (Doing, u64) {
    let index = usize::try_from(promise & ((1 << DOING_BITS) - 1)).unwrap_or(0);
    (Doing::ALL.get(index).copied().unwrap_or(Doing::Starting), promise >> DOING_BITS)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn every_activity_survives_packing_and_has_a_name_of_its_own() {
        for (index, doing) in Doing::ALL.into_iter().enumerate() {
            assert_eq!(doing as usize, index);
            assert_eq!(unpack(pack(doing, 123_456)), (doing, 123_456));
            assert_eq!(Doing::ALL.iter().filter(|other| other.name() == doing.name()).count(), 1);
        }
    }

    #[test]
    fn a_thread_is_stuck_only_after_the_time_it_asked_for() {
        let (clock, hand) = Monotonic::by_hand();
        let pulse = Pulse::new("camera", 1, clock.clone(), SECOND);
        hand.pass(SECOND);
        assert_eq!(pulse.condition(clock.now()), Condition::Working(Doing::Starting));
        hand.pass(SECOND);
        assert_eq!(pulse.condition(clock.now()), Condition::Stuck { doing: Doing::Starting, overdue: SECOND });
        pulse.beat(Doing::Capturing, 3 * SECOND).unwrap();
        hand.pass(3 * SECOND);
        assert_eq!(pulse.condition(clock.now()), Condition::Working(Doing::Capturing));
        assert_eq!(pulse.age(clock.now()), 3 * SECOND);
        assert_eq!(pulse.allowed(), Some(3 * SECOND));
    }

    #[test]
    fn who_rests_is_never_stuck() {
        let (clock, hand) = Monotonic::by_hand();
        let pulse = Pulse::new("screen", 1, clock.clone(), SECOND);
        pulse.rest().unwrap();
        hand.pass(Duration::from_secs(1_000_000_000));
        assert_eq!(pulse.condition(clock.now()), Condition::Resting);
        assert_eq!(pulse.allowed(), None);
    }

    #[test]
    fn a_thread_that_was_replaced_or_dismissed_learns_it_at_its_next_beat() {
        let (clock, _hand) = Monotonic::by_hand();
        let (replaced, dismissed) = (Pulse::new("a", 1, clock.clone(), SECOND), Pulse::new("b", 1, clock, SECOND));
        replaced.replace();
        dismissed.dismiss();
        assert_eq!((replaced.rest(), dismissed.beat(Doing::Drawing, SECOND)), (Err(Over), Err(Over)));
        assert!(replaced.replaced() && !dismissed.replaced());
    }

    proptest! {
        /// Whatever is promised and however much time passes: stuck means that the promise was broken, and nothing else does.
        #[test]
        fn stuck_is_exactly_a_broken_promise(steps in prop::collection::vec((0_u64..10_000, 0_u64..10_000, 0_usize..12), 1..40)) {
            let (clock, hand) = Monotonic::by_hand();
            let pulse = Pulse::new("camera", 1, clock.clone(), SECOND);
            for (promised, passed, doing) in steps {
                let doing = Doing::ALL[doing];
                pulse.beat(doing, Duration::from_millis(promised)).unwrap();
                hand.pass(Duration::from_millis(passed));
                let broken = doing != Doing::Resting && passed > promised;
                prop_assert_eq!(matches!(pulse.condition(clock.now()), Condition::Stuck { .. }), broken);
                prop_assert_eq!(pulse.age(clock.now()), Duration::from_millis(passed));
            }
        }
    }
}
