//! Buttons on GPIO lines: taken when the chip is there and free, debounced, and followed while they are held.

use std::{os::fd::BorrowedFd, time::Duration};

use super::{
    InputError, Press, Pressed, Source,
    holding::Holding,
    port::{LOOK_EVERY, Port},
};
use crate::device::{
    Command, Trouble,
    board::{ButtonsBoard, HoldingBoard},
};

mod debounce;
#[cfg(target_os = "linux")]
mod gpio;
mod lines;
#[cfg(test)]
mod tests;

use debounce::Debouncer;
use lines::{Lines, TakeLines};

/// A button that is down for longer than this is stuck, or something lies on it.
const STUCK_AFTER: Duration = Duration::from_secs(30);

/// The buttons of a board.
pub(super) struct Buttons {
    board: ButtonsBoard,
    from: Box<dyn TakeLines>,
    state: State,
    holding: Holding,
}

enum State {
    Taken {
        lines: Box<dyn Lines>,
        buttons: Vec<Button>,
        /// When the lines were read last.
        read: Duration,
    },
    /// Tried again at `again`.
    Missing { why: Option<InputError>, again: Duration },
}

struct Button {
    line: u32,
    command: Command,
    contact: Debouncer,
    /// Since when it is down.
    down: Option<Duration>,
}

impl Buttons {
    /// Takes nothing yet: that is the first [`Port::tend`]'s.
    pub(super) fn new(board: &ButtonsBoard, holding: &HoldingBoard) -> Self {
        #[cfg(target_os = "linux")]
        let from = gpio::Chips;
        #[cfg(not(target_os = "linux"))]
        let from = lines::NoChips;
        Self::on(Box::new(from), board, holding)
    }

    fn on(from: Box<dyn TakeLines>, board: &ButtonsBoard, holding: &HoldingBoard) -> Self {
        let state = State::Missing { why: None, again: Duration::ZERO };
        Self { board: board.clone(), from, state, holding: Holding::new(holding) }
    }

    /// Takes the lines. A button that is down at that time counts only once it has been let go: nobody pressed it for this device.
    fn take(&mut self, now: Duration) -> Result<State, InputError> {
        let mut lines = self.from.take(&self.board)?;
        let period = if lines.debounced() { Duration::ZERO } else { self.board.debounce };
        let levels = lines.levels()?;
        let button = |(command, line): &(Command, u32)| {
            let pressed = levels.iter().any(|(other, pressed)| other == line && *pressed);
            Button { line: *line, command: *command, contact: Debouncer::new(period, pressed), down: pressed.then_some(now) }
        };
        let buttons = self.board.lines.iter().map(button).collect();
        Ok(State::Taken { lines, buttons, read: now })
    }

    fn lose(&mut self, error: InputError, now: Duration) {
        // Told once, not at every try.
        if !matches!(&self.state, State::Missing { why: Some(before), .. } if before.to_string() == error.to_string()) {
            tracing::warn!("buttons: {error}; trying again every second");
        }
        self.holding.forget();
        self.state = State::Missing { why: Some(error), again: now + LOOK_EVERY };
    }

    /// What the lines say since the last time.
    fn listen(&mut self, now: Duration, heard: &mut Vec<Press>) -> Result<(), InputError> {
        let State::Taken { lines, buttons, read } = &mut self.state else { return Ok(()) };
        *read = now;
        let holding = &mut self.holding;
        for edge in lines.edges(now)? {
            if let Some(button) = buttons.iter_mut().find(|button| button.line == edge.line) {
                let change = button.contact.edge(edge.pressed, edge.at);
                button.follow(change, edge.at, holding, heard);
            }
        }
        if lines.lost_edges() {
            for (line, pressed) in lines.levels()? {
                if let Some(button) = buttons.iter_mut().find(|button| button.line == line && button.contact.last() != pressed) {
                    let change = button.contact.edge(pressed, now);
                    button.follow(change, now, holding, heard);
                }
            }
        }
        for button in buttons {
            let change = button.contact.settle(now);
            button.follow(change, now, holding, heard);
        }
        heard.extend(holding.tick(now).into_iter().map(|command| press(command, now)));
        Ok(())
    }
}

impl Button {
    /// The contact has come to a new level, if `change` is one.
    fn follow(&mut self, change: Option<bool>, at: Duration, holding: &mut Holding, heard: &mut Vec<Press>) {
        let command = match change {
            Some(true) => holding.press(self.line, self.command, at),
            Some(false) => holding.release(self.line, at),
            None => return,
        };
        self.down = self.contact.level().then_some(at);
        heard.extend(command.map(|command| press(command, at)));
    }
}

fn press(command: Command, at: Duration) -> Press {
    Press { what: Pressed::Command(command), source: Source::Button, at }
}

impl Port for Buttons {
    fn tend(&mut self, now: Duration, heard: &mut Vec<Press>) {
        if let State::Missing { again, .. } = &self.state {
            if *again > now {
                return;
            }
            match self.take(now) {
                Ok(taken) => {
                    self.state = taken;
                    tracing::info!("buttons: {}", self.describe().concat());
                }
                Err(error) => return self.lose(error, now),
            }
        }
        if let Err(error) = self.listen(now, heard) {
            self.lose(error, now);
        }
    }

    fn due(&self) -> Option<Duration> {
        match &self.state {
            State::Missing { again, .. } => Some(*again),
            State::Taken { lines, buttons, read } => {
                let poll = lines.poll_every().map(|every| *read + every);
                buttons.iter().filter_map(|button| button.contact.due()).chain(self.holding.due()).chain(poll).min()
            }
        }
    }

    fn descriptors(&self) -> Vec<BorrowedFd<'_>> {
        match &self.state {
            State::Taken { lines, .. } => lines.descriptor().into_iter().collect(),
            State::Missing { .. } => Vec::new(),
        }
    }

    fn troubles(&self) -> Vec<Trouble> {
        match &self.state {
            State::Missing { why: None, .. } => Vec::new(),
            State::Missing { why: Some(error), .. } => vec![Trouble {
                cause: "The buttons do not work.".to_owned(),
                next_step: "Go on over the console or another input; have the wiring and `[inputs.buttons]` checked.".to_owned(),
                detail: error.to_string(),
            }],
            State::Taken { lines, buttons, read } => {
                let stuck = buttons.iter().filter(|button| button.down.is_some_and(|since| read.saturating_sub(since) >= STUCK_AFTER));
                stuck
                    .map(|button| Trouble {
                        cause: format!("The {} button has been down for more than {} seconds.", button.command, STUCK_AFTER.as_secs()),
                        next_step: "Look whether it is stuck or something lies on it.".to_owned(),
                        detail: format!("line {} of {}", button.line, lines.name()),
                    })
                    .collect()
            }
        }
    }

    fn describe(&self) -> Vec<String> {
        match &self.state {
            State::Taken { lines, buttons, .. } => vec![format!("{} buttons on {}", buttons.len(), lines.name())],
            State::Missing { .. } => Vec::new(),
        }
    }
}
