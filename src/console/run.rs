//! The console's thread: one line after the other, each with its session, for as long as the device runs.

use std::{
    io,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use super::{
    desk::Desk,
    port::{Lines, Port},
    session::Session,
};

/// The longest wait for a byte; how late the console can be to stop.
const WAIT: Duration = Duration::from_millis(40);
/// Waits for room on the line are this short, so that Ctrl-C is seen while output flows.
const ROOM: Duration = Duration::from_millis(20);
/// Output that nobody takes for this long is dropped.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often the wires are asked whether somebody is there.
const CARRIER: Duration = Duration::from_millis(500);
/// How long the last words may take at the end.
const LAST_WORDS: Duration = Duration::from_millis(80);
/// First wait before a lost line is opened again; doubled each time.
const FIRST_RETRY: Duration = Duration::from_millis(200);
/// The longest of those waits.
const LONGEST_RETRY: Duration = Duration::from_secs(5);

/// What the console's thread does at the moment, for whoever watches over it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doing {
    /// It waits for a line or a key.
    Resting,
    /// It carries out what was typed, which takes as long as that takes.
    Answering,
}

/// Why a line was left.
enum Left {
    Lost(io::Error),
    Stopped,
}

/// Runs the console until `stop` is set. `heard` is told what it does, several times a second.
///
/// `started` is the beginning of the clock that the PIN's waits are counted on: what [`super::Pins::open`] was given as zero.
pub fn run(lines: &mut dyn Lines, desk: Desk, started: Instant, stop: &AtomicBool, heard: &dyn Fn(Doing)) {
    let mut session = Session::new(desk, started.elapsed());
    let mut retry = FIRST_RETRY;
    let mut told = false;
    while !stop.load(Ordering::Relaxed) {
        heard(Doing::Resting);
        let lost = match lines.open() {
            Ok(mut port) => {
                tracing::info!(line = %lines.name(), "the console is open");
                told = false;
                let opened = Instant::now();
                let left = attend(&mut *port, &mut session, started, stop, heard);
                port.finish(if matches!(left, Left::Stopped) { LAST_WORDS } else { Duration::ZERO });
                session.hang_up();
                // A line that fails as soon as it is open must not be opened without end.
                if opened.elapsed() > LONGEST_RETRY {
                    retry = FIRST_RETRY;
                }
                match left {
                    Left::Stopped => return,
                    Left::Lost(error) => error,
                }
            }
            Err(error) => error,
        };
        if !told {
            tracing::warn!(line = %lines.name(), error = %lost, "the console's line is not there; it is tried again and again");
            told = true;
        }
        pause(retry, stop, heard, &mut session, started);
        retry = (retry * 2).min(LONGEST_RETRY);
    }
}

/// Serves one line until it is lost.
fn attend(port: &mut dyn Port, session: &mut Session, started: Instant, stop: &AtomicBool, heard: &dyn Fn(Doing)) -> Left {
    let mut bytes = [0; 512];
    let (mut taken, mut asked, mut carrier) = (Instant::now(), Instant::now(), false);
    session.greet();
    while !stop.load(Ordering::Relaxed) {
        heard(Doing::Resting);
        session.tick(started.elapsed());
        let waiting = !session.pending().is_empty();
        if waiting {
            match port.send(session.pending(), ROOM) {
                Ok(0) if taken.elapsed() > PATIENCE => session.drop_output(),
                Ok(0) => {}
                Ok(count) => {
                    session.sent(count, started.elapsed());
                    taken = Instant::now();
                }
                Err(error) => return Left::Lost(error),
            }
        } else {
            taken = Instant::now();
        }
        let wait = if session.pending().is_empty() { WAIT } else { Duration::ZERO };
        match port.receive(&mut bytes, wait) {
            Ok(0) => {}
            Ok(count) => {
                heard(Doing::Answering);
                session.feed(bytes.get(..count).unwrap_or_default(), started.elapsed());
            }
            Err(error) => return Left::Lost(error),
        }
        if asked.elapsed() > CARRIER {
            asked = Instant::now();
            match port.carrier() {
                Some(true) => carrier = true,
                // Three wires never have a carrier; only one that was there can be lost.
                Some(false) if carrier => return Left::Lost(io::Error::other("the carrier is gone")),
                _ => {}
            }
        }
    }
    last_words(port, session, started);
    Left::Stopped
}

/// The answer to `restart` is still to be sent when the device stops.
fn last_words(port: &mut dyn Port, session: &mut Session, started: Instant) {
    let begun = Instant::now();
    while !session.pending().is_empty() && begun.elapsed() < LAST_WORDS {
        match port.send(session.pending(), ROOM) {
            Ok(count) => session.sent(count, started.elapsed()),
            Err(_) => return,
        }
    }
}

fn pause(wait: Duration, stop: &AtomicBool, heard: &dyn Fn(Doing), session: &mut Session, started: Instant) {
    let begun = Instant::now();
    while begun.elapsed() < wait && !stop.load(Ordering::Relaxed) {
        heard(Doing::Resting);
        session.tick(started.elapsed());
        std::thread::sleep(WAIT.min(wait.saturating_sub(begun.elapsed())));
    }
}
