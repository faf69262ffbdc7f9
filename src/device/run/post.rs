//! How a thread tells the conductor something, with the generation of the thread on it.

use std::time::Duration;

use crossbeam_channel::{SendTimeoutError, Sender};

use super::message::Message;
use crate::device::supervise::{Over, Pulse, Stamped};

/// How long a thread waits at a time for room in the conductor's channel before it looks whether it is still wanted.
const SLICE: Duration = Duration::from_millis(100);

/// A thread's way to the conductor.
pub(super) struct Post<'a, N> {
    pulse: &'a Pulse,
    channel: &'a Sender<Message>,
    wrap: fn(Stamped<N>) -> Message,
}

impl<'a, N> Post<'a, N> {
    pub(super) fn new(pulse: &'a Pulse, channel: &'a Sender<Message>, wrap: fn(Stamped<N>) -> Message) -> Self {
        Self { pulse, channel, wrap }
    }

    /// Tells `news`. It counts only while this thread is not replaced.
    ///
    /// # Errors
    /// [`Over`] when the thread is to end, or nobody listens any more.
    pub(super) fn tell(&self, news: N) -> Result<(), Over> {
        let mut message = (self.wrap)(self.pulse.stamp(news));
        loop {
            // Waiting for the conductor is not this thread's fault, so it is no reason to replace it.
            self.pulse.rest()?;
            match self.channel.send_timeout(message, SLICE) {
                Ok(()) => return Ok(()),
                Err(SendTimeoutError::Timeout(back)) => message = back,
                Err(SendTimeoutError::Disconnected(_)) => return Err(Over),
            }
        }
    }
}
