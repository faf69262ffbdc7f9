//! Tells systemd, or the board's watchdog where there is no systemd, that the device makes progress.

use std::{sync::Arc, time::Duration};

use tracing::{error, warn};

use super::{
    feeder::{Feeder, Phase, Progress},
    notify::{Manager, Notifier, Systemd},
    watchdog::{DeviceWatchdog, Watchdog},
};
use crate::device::board::SupervisionBoard;

/// For a manager that does not watch: how often its time to start is extended.
const UNWATCHED: Duration = Duration::from_secs(20);

/// Whoever ends or resets the device when it makes no progress.
pub struct Lifeline {
    progress: Arc<Progress>,
    feeder: Feeder,
    timeout: Duration,
    notifier: Option<Notifier>,
    watchdog: Option<Box<dyn Watchdog>>,
    failed: bool,
}

impl Lifeline {
    /// systemd when it has started this program, else the watchdog that the board file names, else nobody. A watchdog that does not work
    /// is logged: a device without one is better than none.
    #[must_use]
    pub fn open(board: &SupervisionBoard, progress: Arc<Progress>) -> Self {
        if Systemd::listens() {
            let timeout = Systemd::watchdog_timeout();
            return Self::new(progress, Some(Box::new(Systemd)), None, timeout.unwrap_or(UNWATCHED));
        }
        let opened = board.watchdog.as_ref().map(|path| DeviceWatchdog::open(path, board.watchdog_timeout));
        let watchdog = opened.and_then(|opened| opened.inspect_err(|error| error!(%error, "the device runs without a watchdog")).ok());
        let timeout = watchdog.as_ref().map_or(board.watchdog_timeout, Watchdog::timeout);
        Self::new(progress, None, watchdog.map(|dog| Box::new(dog) as Box<dyn Watchdog>), timeout)
    }

    /// A lifeline to these two; whoever acts on silence does so after `timeout`.
    #[must_use]
    pub fn new(progress: Arc<Progress>, manager: Option<Box<dyn Manager>>, watchdog: Option<Box<dyn Watchdog>>, timeout: Duration) -> Self {
        Self { progress, feeder: Feeder::new(timeout), timeout, notifier: manager.map(Notifier::new), watchdog, failed: false }
    }

    /// To be called a few times a second: passes on that the device is alive if it has made progress. `state` is its state in a word,
    /// `in_trouble` as for [`Phase::of`].
    pub fn turn(&mut self, now: Duration, state: &str, in_trouble: bool) {
        if let Some(notifier) = &mut self.notifier {
            notifier.state(state);
        }
        if !self.feeder.look(now, self.progress.counts(), Phase::of(state, in_trouble)) {
            return;
        }
        if let Some(notifier) = &mut self.notifier {
            notifier.alive(self.timeout);
        }
        if let Some(watchdog) = &mut self.watchdog {
            let outcome = watchdog.feed();
            if let Err(error) = &outcome
                && !self.failed
            {
                error!(%error, "the watchdog cannot be fed: it will reset the board");
            }
            self.failed = outcome.is_err();
        }
    }

    /// What the device does, in a line for `systemctl status`, without anything about a patient.
    pub fn status(&mut self, line: &str) {
        if let Some(notifier) = &mut self.notifier {
            notifier.status(line);
        }
    }

    /// The device begins to end: a service manager now counts the time that it takes.
    pub fn stopping(&mut self) {
        if let Some(notifier) = &mut self.notifier {
            notifier.stopping();
        }
    }

    /// The device has ended cleanly and nobody goes on: the watchdog is switched off. A lifeline that is merely dropped leaves it running,
    /// which is right before a restart: whoever comes next must feed it in time.
    pub fn end(mut self) {
        self.stopping();
        if let Some(Err(error)) = self.watchdog.take().map(Watchdog::dismiss) {
            warn!(%error, "the watchdog cannot be switched off: it will reset the board");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            feeder::Part,
            notify::fake::Heard,
            watchdog::fake::{Bowl, Dog},
        },
        *,
    };

    const TIMEOUT: Duration = Duration::from_secs(8);

    fn lifeline() -> (Lifeline, Arc<Progress>, Heard, Bowl) {
        let (progress, heard, bowl) = (Arc::new(Progress::default()), Heard::default(), Bowl::default());
        let dog = Box::new(Dog(bowl.clone(), TIMEOUT));
        (Lifeline::new(Arc::clone(&progress), Some(Box::new(heard.clone())), Some(dog), TIMEOUT), progress, heard, bowl)
    }

    #[test]
    fn progress_reaches_both_and_its_end_is_heard_by_neither() {
        let (mut lifeline, progress, heard, bowl) = lifeline();
        for second in 0..60 {
            if second < 30 {
                Part::ALL.into_iter().for_each(|part| progress.made(part));
            }
            lifeline.turn(Duration::from_secs(second), "preview", false);
        }
        // At 0, 2, 4 ... 28 s, and at 30 s for what was achieved at 29 s.
        assert_eq!(bowl.0.lock().unwrap().0, 16);
        let told = heard.take();
        assert_eq!(told.iter().filter(|news| *news == "Alive").count(), 16);
        assert_eq!(told.first().unwrap(), "Ready");
    }

    #[test]
    fn only_an_end_switches_the_watchdog_off() {
        let (dropped, _, _, bowl) = lifeline();
        drop(dropped);
        assert!(!bowl.0.lock().unwrap().1);
        let (ended, _, heard, bowl) = lifeline();
        ended.end();
        assert!(bowl.0.lock().unwrap().1);
        assert_eq!(heard.take(), ["Stopping"]);
    }
}
