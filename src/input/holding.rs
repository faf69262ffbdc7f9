//! What pressing, holding and letting go mean: a press, a long press, repeats. Pure: time is a value.

use std::time::Duration;

use crate::device::{Command, board::HoldingBoard};

/// The buttons or keys of one device that are down.
#[derive(Debug)]
pub(super) struct Holding {
    rules: HoldingBoard,
    down: Vec<Down>,
}

#[derive(Debug)]
struct Down {
    /// Line or key code.
    id: u32,
    command: Command,
    then: Then,
}

/// What happens to a button that stays down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    /// It means `meant` from `due` on; let go before, it is a press.
    Long { due: Duration, meant: Command },
    /// It is pressed again at `due`.
    Repeat { due: Duration },
    /// Nothing more.
    Rest,
}

impl Holding {
    pub(super) fn new(rules: &HoldingBoard) -> Self {
        Self { rules: rules.clone(), down: Vec::new() }
    }

    /// Button `id` went down at `at`; gives the command that this means at once. One that is down already does nothing.
    pub(super) fn press(&mut self, id: u32, command: Command, at: Duration) -> Option<Command> {
        if self.down.iter().any(|down| down.id == id) {
            return None;
        }
        let long = self.rules.long.iter().find(|(held, _)| *held == command);
        let then = match (long, command) {
            (Some((_, meant)), _) => Then::Long { due: at + self.rules.long_after, meant: *meant },
            (None, Command::Up | Command::Down) => Then::Repeat { due: at + self.rules.repeat_after },
            (None, _) => Then::Rest,
        };
        self.down.push(Down { id, command, then });
        long.is_none().then_some(command)
    }

    /// Button `id` was let go at `at`; gives the command that this means.
    pub(super) fn release(&mut self, id: u32, at: Duration) -> Option<Command> {
        let index = self.down.iter().position(|down| down.id == id)?;
        let Down { command, then, .. } = self.down.swap_remove(index);
        match then {
            Then::Long { due, meant } => Some(if at >= due { meant } else { command }),
            Then::Repeat { .. } | Then::Rest => None,
        }
    }

    /// What has become due by `now`: at most one command a button, however late this is called.
    pub(super) fn tick(&mut self, now: Duration) -> Vec<Command> {
        let every = self.rules.repeat_every;
        self.down.iter_mut().filter_map(|down| down.tick(now, every)).collect()
    }

    /// When [`Holding::tick`] has something to do next.
    pub(super) fn due(&self) -> Option<Duration> {
        self.down.iter().filter_map(|down| down.then.due()).min()
    }

    /// The device is gone: nothing is down, and what was being held means nothing.
    pub(super) fn forget(&mut self) {
        self.down.clear();
    }
}

impl Down {
    fn tick(&mut self, now: Duration, every: Duration) -> Option<Command> {
        if self.then.due().is_none_or(|due| due > now) {
            return None;
        }
        match self.then {
            Then::Long { meant, .. } => {
                self.then = Then::Rest;
                Some(meant)
            }
            Then::Repeat { due } => {
                // Repeats that were missed are not made up for: the person sees the value and lets go by it.
                let next = due + every;
                self.then = Then::Repeat { due: if next > now { next } else { now + every } };
                Some(self.command)
            }
            Then::Rest => None,
        }
    }
}

impl Then {
    fn due(self) -> Option<Duration> {
        match self {
            Self::Long { due, .. } | Self::Repeat { due } => Some(due),
            Self::Rest => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    fn sleep_by_holding_capture() -> Holding {
        Holding::new(&HoldingBoard { long: vec![(Command::Capture, Command::Sleep)], long_after: ms(2000), ..HoldingBoard::default() })
    }

    #[test]
    fn a_press_means_its_command_at_once_and_only_once() {
        let mut holding = Holding::new(&HoldingBoard::default());
        assert_eq!(holding.press(17, Command::Capture, ms(0)), Some(Command::Capture));
        assert_eq!(holding.press(17, Command::Capture, ms(5)), None);
        assert_eq!(holding.due(), None);
        assert_eq!(holding.release(17, ms(90_000)), None);
        assert_eq!(holding.press(17, Command::Capture, ms(90_001)), Some(Command::Capture));
    }

    #[test]
    fn a_button_with_a_long_press_means_its_command_when_it_is_let_go_early() {
        let mut holding = sleep_by_holding_capture();
        assert_eq!(holding.press(17, Command::Capture, ms(0)), None);
        assert_eq!(holding.tick(ms(1999)), []);
        assert_eq!(holding.release(17, ms(1999)), Some(Command::Capture));
    }

    #[test]
    fn a_long_press_means_the_other_command_as_soon_as_it_is_long() {
        let mut holding = sleep_by_holding_capture();
        holding.press(17, Command::Capture, ms(0));
        assert_eq!(holding.due(), Some(ms(2000)));
        assert_eq!(holding.tick(ms(2000)), [Command::Sleep]);
        assert_eq!((holding.tick(ms(9000)), holding.release(17, ms(9000))), (vec![], None));
        holding.press(17, Command::Capture, ms(10_000));
        assert_eq!(holding.release(17, ms(12_000)), Some(Command::Sleep), "let go before anybody looked at the clock");
    }

    #[test]
    fn up_and_down_repeat_while_held_without_making_up_for_lost_time() {
        let mut holding = Holding::new(&HoldingBoard::default());
        assert_eq!(holding.press(5, Command::Down, ms(0)), Some(Command::Down));
        assert_eq!(holding.tick(ms(499)), []);
        assert_eq!(holding.tick(ms(500)), [Command::Down]);
        assert_eq!(holding.due(), Some(ms(650)));
        assert_eq!(holding.tick(ms(30_000)), [Command::Down]);
        assert_eq!((holding.tick(ms(30_000)), holding.due()), (vec![], Some(ms(30_150))));
        assert_eq!(holding.release(5, ms(30_001)), None);
        assert_eq!(holding.tick(ms(40_000)), []);
    }

    #[test]
    fn what_was_held_on_a_device_that_is_gone_means_nothing() {
        let mut holding = sleep_by_holding_capture();
        holding.press(17, Command::Capture, ms(0));
        holding.forget();
        assert_eq!((holding.due(), holding.tick(ms(5000)), holding.release(17, ms(5000))), (None, vec![], None));
    }

    proptest! {
        #[test]
        fn every_press_of_a_button_without_repeats_means_exactly_one_command(
            holds in proptest::collection::vec((1_u64..4000, 1_u64..500), 1..30), ticks in 1_u64..400,
        ) {
            let mut holding = sleep_by_holding_capture();
            let (mut now, mut heard) = (0, Vec::new());
            let mut meant = Vec::new();
            for (hold, gap) in holds {
                heard.extend(holding.press(1, Command::Capture, ms(now)));
                let end = now + hold;
                while now + ticks < end {
                    now += ticks;
                    heard.extend(holding.tick(ms(now)));
                }
                heard.extend(holding.release(1, ms(end)));
                heard.extend(holding.tick(ms(end)));
                now = end + gap;
                meant.push(if hold >= 2000 { Command::Sleep } else { Command::Capture });
            }
            prop_assert_eq!(heard, meant);
        }
    }
}
