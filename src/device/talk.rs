//! The threads that speak with a person, from what the board file says of them.

use std::{sync::Arc, time::Duration};

use super::{
    board::InputsBoard,
    run::Talk,
    supervise::Doing,
};
use crate::input::{self, Pressed, Presses};

/// How long to wait for a press at a time.
const WAIT: Duration = Duration::from_millis(250);
/// A press waits for a device that is busy, but not for ever.
const HANDING_OVER: Duration = Duration::from_secs(10);

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
