//! The device as its console sees it: requests go to the conductor, the rest is read from what it publishes.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use crossbeam_channel::{Receiver, Sender, bounded};

use super::message::{Live, Message, Request};
use crate::{
    capture::Captured,
    device::{
        command::Command,
        link::{Answer, Check, Link, Refusal, Restart, Status},
    },
    patient::Context,
};

/// A picture on the smallest board, with the largest network and a slow card.
const LONG: Duration = Duration::from_secs(90);
/// What the conductor answers at once.
const SHORT: Duration = Duration::from_secs(5);

/// The device as its console sees it. Clones are the same device.
#[derive(Debug, Clone)]
pub(super) struct Handle {
    pub(super) channel: Sender<Message>,
    pub(super) status: Arc<Mutex<Status>>,
    pub(super) last: Arc<Mutex<Option<Live>>>,
}

impl Handle {
    fn ask<T>(&self, patience: Duration, request: impl FnOnce(Sender<T>) -> Request) -> Result<T, Refusal> {
        let (reply, answer): (Sender<T>, Receiver<T>) = bounded(1);
        let silent = || Refusal::Silent { waited: patience };
        self.channel.send_timeout(Message::Request(request(reply)), SHORT).map_err(|_| silent())?;
        answer.recv_timeout(patience).map_err(|_| silent())
    }
}

impl Link for Handle {
    fn status(&self) -> Status {
        self.status.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn press(&self, command: Command) -> Result<Answer, Refusal> {
        self.ask(LONG, |reply| Request::Press(command, reply))?
    }

    fn describe_patient(&self, context: Context) -> Result<(), Refusal> {
        self.ask(SHORT, |reply| Request::Describe(context, reply))?
    }

    fn newest_frame(&self) -> Option<Arc<Captured>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(|live| Arc::clone(&live.captured))
    }

    fn self_test(&self) -> Result<Vec<Check>, Refusal> {
        self.ask(LONG, Request::SelfTest)?
    }

    fn show_pattern(&self, duration: Duration) -> Result<(), Refusal> {
        self.ask(SHORT, |reply| Request::Pattern(duration, reply))?
    }

    fn restart(&self, what: Restart) -> Result<(), Refusal> {
        self.ask(SHORT, |reply| Request::Restart(what, reply))?
    }
}
