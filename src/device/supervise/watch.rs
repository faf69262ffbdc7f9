//! Looks at every thread of the device and starts anew what is stuck or has panicked.

use std::time::{Duration, Instant};

use tracing::{error, info, warn};

use super::{
    monotonic::Monotonic,
    pulse::{Condition, Doing, Pulse},
    restarts::{Restarts, Ruling},
    thread::{Ended, Supervised},
};
use crate::device::ThreadStatus;

/// Why a thread failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// It made no progress in the time that it asked for.
    Stuck {
        /// What it was about.
        doing: Doing,
        /// Time since it last made progress.
        silent: Duration,
    },
    /// It panicked.
    Panicked {
        /// What it said.
        message: String,
    },
    /// The system gives no thread for its next generation.
    NoThread {
        /// What the system said.
        message: String,
    },
}

impl std::fmt::Display for Why {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Stuck { doing, silent } => write!(f, "no progress for {:.1} s while {doing}", silent.as_secs_f32()),
            Self::Panicked { message } => write!(f, "it panicked: {message}"),
            Self::NoThread { message } => write!(f, "the system gives no thread: {message}"),
        }
    }
}

/// What was noticed about a thread. Each thing is reported once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Report {
    /// It failed and was started anew.
    Restarted {
        /// The thread.
        name: &'static str,
        /// Why.
        why: Why,
        /// Restarts of this thread since the device started.
        restarts: u32,
    },
    /// It failed too often. The device must fault; [`Watch::try_again`] is the way back.
    GaveUp {
        /// The thread.
        name: &'static str,
        /// Why, the last time.
        why: Why,
    },
    /// It ended by itself: its work is done. It is not started anew.
    Finished {
        /// The thread.
        name: &'static str,
    },
    /// A thread that cannot be started anew is stuck. Nothing but the watchdog helps if it stays so.
    Stuck {
        /// The thread.
        name: &'static str,
        /// Why.
        why: Why,
    },
}

struct Worker {
    thread: Supervised,
    restarts: Restarts,
}

struct Observed {
    pulse: Pulse,
    reported: bool,
}

/// All threads of the device.
pub struct Watch {
    clock: Monotonic,
    workers: Vec<Worker>,
    observed: Vec<Observed>,
    dismissed: bool,
}

impl Watch {
    /// A watch over no thread, by this clock. The threads' pulses must go by the same one.
    #[must_use]
    pub fn new(clock: Monotonic) -> Self {
        Self { clock, workers: Vec::new(), observed: Vec::new(), dismissed: false }
    }

    /// Watches `thread` from now on and starts it anew when it fails.
    pub fn add(&mut self, thread: Supervised) {
        self.workers.push(Worker { thread, restarts: Restarts::default() });
    }

    /// Watches a thread that cannot be started anew, such as the conductor's.
    pub fn observe(&mut self, pulse: Pulse) {
        self.observed.push(Observed { pulse, reported: false });
    }

    /// Looks at every thread, and starts anew what failed. To be called a few times a second.
    pub fn look(&mut self) -> Vec<Report> {
        if self.dismissed {
            return Vec::new();
        }
        let now = self.clock.now();
        let mut reports: Vec<Report> = self.workers.iter_mut().filter_map(|worker| worker.look(now)).collect();
        reports.extend(self.observed.iter_mut().filter_map(|observed| observed.look(now)));
        reports.iter().for_each(log);
        reports
    }

    /// Starts the thread `name`, which was given up or has finished, once more, on a person's wish. Nothing happens when it runs well.
    pub fn try_again(&mut self, name: &str) {
        let wanted = |worker: &&mut Worker| worker.thread.name() == name && (worker.restarts.given_up() || !worker.thread.is_running());
        if let Some(worker) = self.workers.iter_mut().find(wanted) {
            worker.restarts.pardon();
            if let Err(error) = worker.thread.replace() {
                error!(thread = name, %error, "the system gives no thread");
            }
        }
    }

    /// Threads that were given up: the device cannot leave its fault before [`Watch::try_again`] was called for each.
    pub fn given_up(&self) -> impl Iterator<Item = &'static str> {
        self.workers.iter().filter(|worker| worker.restarts.given_up()).map(|worker| worker.thread.name())
    }

    /// Every thread, for status screens.
    #[must_use]
    pub fn threads(&self) -> Vec<ThreadStatus> {
        let now = self.clock.now();
        let status = |pulse: &Pulse, restarts| ThreadStatus {
            name: pulse.name(),
            age_ms: u64::try_from(pulse.age(now).as_millis()).unwrap_or(u64::MAX),
            restarts,
        };
        let workers = self.workers.iter().map(|worker| status(worker.thread.pulse(), worker.restarts.total()));
        workers.chain(self.observed.iter().map(|observed| status(&observed.pulse, 0))).collect()
    }

    /// Tells all threads to end at their next beat. Nothing is started anew after this.
    pub fn dismiss(&mut self) {
        self.dismissed = true;
        self.workers.iter().for_each(|worker| worker.thread.pulse().dismiss());
    }

    /// [`Watch::dismiss`], and waits for the threads, but not longer than `patience` (by the system's clock): returns who still runs then.
    /// Those end with the process.
    #[must_use]
    pub fn end(mut self, patience: Duration) -> Vec<&'static str> {
        const SLICE: Duration = Duration::from_millis(5);
        self.dismiss();
        let begin = Instant::now();
        loop {
            self.workers.retain(|worker| worker.thread.is_running());
            if self.workers.is_empty() || begin.elapsed() >= patience {
                return self.workers.iter().map(|worker| worker.thread.name()).collect();
            }
            std::thread::sleep(SLICE);
        }
    }
}

impl Worker {
    fn look(&mut self, now: Duration) -> Option<Report> {
        if self.restarts.given_up() {
            return None;
        }
        let name = self.thread.name();
        let (pulse, allowed) = (self.thread.pulse(), self.thread.pulse().allowed());
        let why = match (pulse.condition(now), pulse.age(now)) {
            // Whoever returned cannot be late: what it did last is of no interest any more.
            _ if !self.thread.is_running() => match self.thread.ended()? {
                Ended::Finished => return Some(Report::Finished { name }),
                Ended::Panicked { message } => Why::Panicked { message },
            },
            (Condition::Stuck { doing, .. }, silent) => Why::Stuck { doing, silent },
            _ => return None,
        };
        let allowed = if matches!(why, Why::Stuck { .. }) { allowed.unwrap_or_default() } else { Duration::ZERO };
        if self.restarts.failed(now, allowed) == Ruling::GiveUp {
            self.thread.pulse().replace();
            return Some(Report::GaveUp { name, why });
        }
        match self.thread.replace() {
            Ok(()) => Some(Report::Restarted { name, why, restarts: self.restarts.total() }),
            Err(error) => {
                self.restarts.give_up();
                Some(Report::GaveUp { name, why: Why::NoThread { message: error.to_string() } })
            }
        }
    }
}

impl Observed {
    fn look(&mut self, now: Duration) -> Option<Report> {
        let (Condition::Stuck { doing, .. }, silent) = (self.pulse.condition(now), self.pulse.age(now)) else {
            self.reported = false;
            return None;
        };
        let first = !std::mem::replace(&mut self.reported, true);
        first.then(|| Report::Stuck { name: self.pulse.name(), why: Why::Stuck { doing, silent } })
    }
}

fn log(report: &Report) {
    match report {
        Report::Restarted { name, why, restarts } => warn!(thread = name, %why, restarts, "a thread was started anew"),
        Report::GaveUp { name, why } => error!(thread = name, %why, "a thread failed too often and is given up"),
        Report::Finished { name } => info!(thread = name, "a thread has finished"),
        Report::Stuck { name, why } => error!(thread = name, %why, "a thread is stuck that cannot be started anew"),
    }
}
