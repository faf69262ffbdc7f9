//! A thread that can be started anew.
//!
//! A thread cannot be killed. One that is stuck is abandoned: its pulse is marked as replaced, what it still says is ignored
//! ([`Stamped`](super::Stamped)), and it ends at its next beat. So a worker must share nothing under a lock that it holds while it asks a
//! device, and must open its devices itself, in its own thread.

use std::{
    any::Any,
    fmt, io,
    thread::{Builder, JoinHandle},
    time::Duration,
};

use super::{
    monotonic::Monotonic,
    pulse::{Over, Pulse},
};

/// How the present generation of a thread ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// It returned: its work is done, or it was told to end.
    Finished,
    /// It panicked.
    Panicked {
        /// What it said.
        message: String,
    },
}

/// A thread that can be started anew.
pub struct Supervised {
    name: &'static str,
    patience: Duration,
    clock: Monotonic,
    work: std::sync::Arc<Work>,
    pulse: Pulse,
    running: Option<JoinHandle<()>>,
    abandoned: Vec<JoinHandle<()>>,
}

type Work = dyn Fn(&Pulse) -> Result<(), Over> + Send + Sync;

impl fmt::Debug for Supervised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Supervised").field("pulse", &self.pulse).field("abandoned", &self.abandoned.len()).finish_non_exhaustive()
    }
}

impl Supervised {
    /// Starts the thread `name`, of at most 11 characters, which has `patience` for its first beat.
    ///
    /// `work` is the whole life of one generation: it opens what it needs, beats, and returns when its work is done or a beat gives
    /// [`Over`]. It is called anew, in a new thread, each time that the thread is replaced, maybe while an abandoned generation
    /// still runs: so it can be called many times.
    ///
    /// # Errors
    /// What the system says when it gives no thread.
    pub fn spawn(
        name: &'static str,
        patience: Duration,
        clock: &Monotonic,
        work: impl Fn(&Pulse) -> Result<(), Over> + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let pulse = Pulse::new(name, 1, clock.clone(), patience);
        let mut supervised = Self {
            name,
            patience,
            clock: clock.clone(),
            work: std::sync::Arc::new(work),
            pulse: pulse.clone(),
            running: None,
            abandoned: Vec::new(),
        };
        supervised.start(pulse)?;
        Ok(supervised)
    }

    /// Abandons the present generation, whatever it does, and starts the next.
    ///
    /// # Errors
    /// What the system says when it gives no thread; it can be tried again.
    pub fn replace(&mut self) -> io::Result<()> {
        self.pulse.replace();
        self.abandoned.extend(self.running.take());
        self.abandoned.retain(|thread| !thread.is_finished());
        self.start(Pulse::new(self.name, self.pulse.generation().saturating_add(1), self.clock.clone(), self.patience))
    }

    fn start(&mut self, pulse: Pulse) -> io::Result<()> {
        // Threads are found by name in `top -H` and in a debugger; Linux keeps 15 characters.
        let name = match pulse.generation() {
            1 => self.name.to_owned(),
            generation => format!("{}.{generation}", self.name),
        };
        let (work, beats) = (std::sync::Arc::clone(&self.work), pulse.clone());
        let thread = Builder::new().name(name).spawn(move || {
            let _: Result<(), Over> = work(&beats);
        })?;
        self.pulse = pulse;
        self.running = Some(thread);
        Ok(())
    }

    /// How the present generation ended; `None` while it runs, and after it was told once.
    pub fn ended(&mut self) -> Option<Ended> {
        let thread = self.running.take_if(|thread| thread.is_finished())?;
        Some(match thread.join() {
            Ok(()) => Ended::Finished,
            Err(payload) => Ended::Panicked { message: said(payload.as_ref()) },
        })
    }

    /// Whether the present generation runs.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.running.as_ref().is_some_and(|thread| !thread.is_finished())
    }

    /// Generations that were replaced and have not come back yet.
    #[must_use]
    pub fn abandoned(&self) -> usize {
        self.abandoned.iter().filter(|thread| !thread.is_finished()).count()
    }

    /// Pulse of the present generation.
    #[must_use]
    pub fn pulse(&self) -> &Pulse {
        &self.pulse
    }

    /// Name of the thread.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }
}

/// What a panic said.
fn said(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("it said nothing").to_owned()
}
