//! The threads that speak with a person, from what the board file says of them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use super::{
    board::{Board, InputsBoard},
    run::Talk,
    supervise::Doing,
};
use crate::{
    console::{self, Desk, LogSource, Pins, SerialDevice},
    input::{self, Pressed, Presses},
    log::Ring,
    settings::{Settings, Storage},
};

/// How long to wait for a press at a time.
const WAIT: Duration = Duration::from_millis(100);
/// A press waits for a device that is busy, but not for ever.
const HANDING_OVER: Duration = Duration::from_secs(10);

/// What the console does for a person may take: an export over a slow line.
const CONSOLE_ANSWER: Duration = Duration::from_secs(900);

/// The serial console; `None` when the board has none.
pub(super) fn console(board: &Board) -> Option<Arc<Talk>> {
    let device = SerialDevice::of(&board.console)?;
    let board = board.clone();
    Some(Arc::new(move |pulse, port| {
        pulse.beat(Doing::Opening, HANDING_OVER)?;
        let started = Instant::now();
        let disk = Arc::new(Storage);
        let settings = match Settings::open(&board, Arc::clone(&disk) as _) {
            Ok(settings) => settings,
            Err(error) => {
                tracing::error!(%error, "there is no console: settings cannot be read");
                return Ok(());
            }
        };
        let pins = Pins::open(&board.state, disk, Duration::ZERO);
        let desk = Desk { board: board.clone(), link: port.link(), settings, pins, logs: Arc::new(Journal) };
        let stop = AtomicBool::new(false);
        let heard = |doing| {
            let beat = match doing {
                console::Doing::Resting => pulse.rest(),
                console::Doing::Answering => pulse.beat(Doing::Answering, CONSOLE_ANSWER),
            };
            if beat.is_err() {
                stop.store(true, Ordering::Relaxed);
            }
        };
        console::run(&mut device.clone(), desk, started, &stop, &heard);
        Ok(())
    }))
}

/// The log of this process.
struct Journal;

impl LogSource for Journal {
    fn lines(&self, count: usize) -> Vec<String> {
        let ring: &Ring = crate::log::ring();
        ring.lines(count)
    }
}

/// Buttons, keys and touch.
pub(super) fn inputs(board: &InputsBoard) -> Arc<Talk> {
    let board = board.clone();
    Arc::new(move |pulse, port| {
        pulse.beat(Doing::Opening, HANDING_OVER)?;
        let mut inputs = input::open(&board);
        let mut told = Vec::new();
        loop {
            let troubles = inputs.troubles();
            if troubles != told {
                troubles.iter().for_each(|trouble| tracing::warn!(cause = trouble.detail, "{}", trouble.cause));
                told = troubles;
            }
            pulse.rest()?;
            match inputs.next(WAIT) {
                Ok(None) => {}
                Ok(Some(press)) => {
                    pulse.beat(Doing::Answering, HANDING_OVER)?;
                    match press.what {
                        Pressed::Command(command) => port.press(command),
                        Pressed::Tap(tap) => port.tap(tap.x, tap.y),
                    }
                }
                Err(error) => {
                    tracing::error!(%error, "presses cannot be waited for");
                    std::thread::sleep(WAIT);
                }
            }
        }
    })
}
