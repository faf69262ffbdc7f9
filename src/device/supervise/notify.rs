//! What the service manager is told: readiness, a line of status, that the device lives, and that it ends.

use std::{io, time::Duration};

use sd_notify::NotifyState;
use tracing::warn;

/// One message to the service manager.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News<'a> {
    /// The device shows the live picture.
    Ready,
    /// What it does, for `systemctl status`. One line.
    Status(&'a str),
    /// It made progress.
    Alive,
    /// It is not ready yet but makes progress; it should get this much more time to become so.
    MoreTime(Duration),
    /// It ends.
    Stopping,
}

/// A service manager.
pub trait Manager: Send {
    /// Passes `news` on.
    ///
    /// # Errors
    /// What the system says.
    fn tell(&mut self, news: &[News<'_>]) -> io::Result<()>;
}

/// systemd, or whoever else listens at the socket that `NOTIFY_SOCKET` names. Without one, telling does nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Systemd;

impl Systemd {
    /// Whether somebody listens.
    #[must_use]
    pub fn listens() -> bool {
        std::env::var_os("NOTIFY_SOCKET").is_some_and(|socket| !socket.is_empty())
    }

    /// Time after which it ends this program for want of progress (`WatchdogSec=`); `None` when it does not.
    #[must_use]
    pub fn watchdog_timeout() -> Option<Duration> {
        sd_notify::watchdog_enabled().filter(|timeout| !timeout.is_zero())
    }
}

impl Manager for Systemd {
    fn tell(&mut self, news: &[News<'_>]) -> io::Result<()> {
        let states: Vec<NotifyState<'_>> = news
            .iter()
            .map(|news| match news {
                News::Ready => NotifyState::Ready,
                News::Status(line) => NotifyState::Status(line),
                News::Alive => NotifyState::Watchdog,
                News::MoreTime(time) => NotifyState::ExtendTimeoutUsec(u32::try_from(time.as_micros()).unwrap_or(u32::MAX)),
                News::Stopping => NotifyState::Stopping,
            })
            .collect();
        sd_notify::notify(&states)
    }
}

/// Tells the manager each thing once, at the right time.
pub struct Notifier {
    manager: Box<dyn Manager>,
    ready: bool,
    stopping: bool,
    status: String,
    failed: bool,
}

impl Notifier {
    /// A notifier that has told nothing yet.
    #[must_use]
    pub fn new(manager: Box<dyn Manager>) -> Self {
        Self { manager, ready: false, stopping: false, status: String::new(), failed: false }
    }

    /// The device is in this state, by its word. It is ready when it reaches the live picture for the first time: a device that starts
    /// into a fault is not.
    pub fn state(&mut self, state: &str) {
        if state == "preview" && !std::mem::replace(&mut self.ready, true) {
            self.tell(&[News::Ready]);
        }
    }

    /// What the device does, in a line; the same line is told once. Must say nothing about a patient.
    pub fn status(&mut self, line: &str) {
        // A line break would begin another assignment of the protocol.
        let line: String = line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        if line != self.status {
            self.tell(&[News::Status(&line)]);
            self.status = line;
        }
    }

    /// The device made progress, and will again within `timeout`, or it is to be ended.
    pub fn alive(&mut self, timeout: Duration) {
        if self.ready {
            self.tell(&[News::Alive]);
        } else {
            // Until it is ready, the manager counts its time to start, not its watchdog's.
            self.tell(&[News::Alive, News::MoreTime(timeout.saturating_mul(2))]);
        }
    }

    /// The device ends.
    pub fn stopping(&mut self) {
        if !std::mem::replace(&mut self.stopping, true) {
            self.tell(&[News::Stopping]);
        }
    }

    fn tell(&mut self, news: &[News<'_>]) {
        let outcome = self.manager.tell(news);
        // One line in the log, not one for each of a day's failures.
        if let Err(error) = &outcome
            && !self.failed
        {
            warn!(%error, "the service manager cannot be told how the device is");
        }
        self.failed = outcome.is_err();
    }
}

#[cfg(test)]
pub(super) mod fake {
    use std::sync::{Arc, Mutex};

    use super::*;

    /// Writes down what it is told.
    #[derive(Debug, Clone, Default)]
    pub(in super::super) struct Heard(pub(in super::super) Arc<Mutex<Vec<String>>>);

    impl Manager for Heard {
        fn tell(&mut self, news: &[News<'_>]) -> io::Result<()> {
            self.0.lock().unwrap().extend(news.iter().map(|news| format!("{news:?}")));
            Ok(())
        }
    }

    impl Heard {
        pub(in super::super) fn take(&self) -> Vec<String> {
            std::mem::take(&mut self.0.lock().unwrap())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{fake::Heard, *};

    #[test]
    fn ready_is_told_once_and_only_at_the_live_picture() {
        let heard = Heard::default();
        let mut notifier = Notifier::new(Box::new(heard.clone()));
        for state in ["boot", "self-test", "fault", "self-test"] {
            notifier.state(state);
        }
        assert!(heard.take().is_empty());
        for state in ["preview", "verdict", "preview"] {
            notifier.state(state);
        }
        assert_eq!(heard.take(), ["Ready"]);
    }

    #[test]
    fn before_it_is_ready_progress_buys_time_to_start() {
        let heard = Heard::default();
        let mut notifier = Notifier::new(Box::new(heard.clone()));
        notifier.alive(Duration::from_secs(10));
        assert_eq!(heard.take(), ["Alive", "MoreTime(20s)"]);
        notifier.state("preview");
        notifier.alive(Duration::from_secs(10));
        assert_eq!(heard.take(), ["Ready", "Alive"]);
    }

    #[test]
    fn a_status_is_one_line_and_told_when_it_changes() {
        let heard = Heard::default();
        let mut notifier = Notifier::new(Box::new(heard.clone()));
        for line in ["preview", "preview", "fault\nWATCHDOG=trigger"] {
            notifier.status(line);
        }
        assert_eq!(heard.take(), ["Status(\"preview\")", "Status(\"fault WATCHDOG=trigger\")"]);
    }
}
