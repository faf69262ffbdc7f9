//! Buttons on lines that a test moves.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use super::{lines::Edge, *};
use crate::device::board::Pull;

/// What a test does to the lines, and what it finds out.
#[derive(Default)]
struct Bench {
    /// The chip is there and free.
    there: bool,
    debounced: bool,
    poll_every: Option<Duration>,
    pressed: Vec<u32>,
    edges: VecDeque<Edge>,
    lost: bool,
    /// Reading fails from now on.
    broken: bool,
    taken: usize,
}

#[derive(Clone, Default)]
struct Wires(Arc<Mutex<Bench>>);

impl Wires {
    fn bench(&self) -> std::sync::MutexGuard<'_, Bench> {
        self.0.lock().unwrap()
    }

    fn edge(&self, line: u32, pressed: bool, at: u64) {
        let mut bench = self.bench();
        bench.pressed.retain(|other| *other != line);
        if pressed {
            bench.pressed.push(line);
        }
        bench.edges.push_back(Edge { line, pressed, at: ms(at) });
    }
}

fn broken() -> InputError {
    InputError::Device { what: "/dev/gpiochip9".to_owned(), cause: "No such device".to_owned() }
}

impl TakeLines for Wires {
    fn take(&mut self, _: &ButtonsBoard) -> Result<Box<dyn Lines>, InputError> {
        let mut bench = self.bench();
        if !bench.there {
            return Err(InputError::Busy { what: "line 17 of /dev/gpiochip9".to_owned(), user: "gpio-keys".to_owned() });
        }
        bench.taken += 1;
        Ok(Box::new(self.clone()))
    }
}

impl Lines for Wires {
    fn edges(&mut self, _: Duration) -> Result<Vec<Edge>, InputError> {
        let mut bench = self.bench();
        if bench.broken { Err(broken()) } else { Ok(bench.edges.drain(..).collect()) }
    }

    fn levels(&mut self) -> Result<Vec<(u32, bool)>, InputError> {
        let bench = self.bench();
        Ok([17, 27].map(|line| (line, bench.pressed.contains(&line))).to_vec())
    }

    fn lost_edges(&mut self) -> bool {
        std::mem::take(&mut self.bench().lost)
    }

    fn debounced(&self) -> bool {
        self.bench().debounced
    }

    fn poll_every(&self) -> Option<Duration> {
        self.bench().poll_every
    }

    fn descriptor(&self) -> Option<BorrowedFd<'_>> {
        None
    }

    fn name(&self) -> String {
        "/dev/gpiochip9".to_owned()
    }
}

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// Capture on line 17, Down on line 27; holding Capture for two seconds means Sleep.
fn buttons(wires: &Wires) -> Buttons {
    let board = ButtonsBoard {
        chip: "/dev/gpiochip9".to_owned(),
        lines: vec![(Command::Capture, 17), (Command::Down, 27)],
        active_low: true,
        pull: Pull::Up,
        debounce: ms(10),
    };
    let holding = HoldingBoard { long: vec![(Command::Capture, Command::Sleep)], long_after: ms(2000), ..HoldingBoard::default() };
    Buttons::on(Box::new(wires.clone()), &board, &holding)
}

fn on_the_bench() -> (Wires, Buttons) {
    let wires = Wires::default();
    wires.bench().there = true;
    let buttons = buttons(&wires);
    (wires, buttons)
}

fn heard(buttons: &mut Buttons, now: u64) -> Vec<Command> {
    let mut heard = Vec::new();
    buttons.tend(ms(now), &mut heard);
    heard
        .iter()
        .map(|press| match press {
            Press { what: Pressed::Command(command), source: Source::Button, .. } => *command,
            other => panic!("{other:?}"),
        })
        .collect()
}

#[test]
fn a_bouncing_press_is_one_press() {
    let (wires, mut buttons) = on_the_bench();
    assert_eq!(heard(&mut buttons, 0), []);
    for (level, at) in [(true, 100), (false, 102), (true, 103), (false, 104), (true, 108)] {
        wires.edge(27, level, at);
    }
    assert_eq!(heard(&mut buttons, 110), []);
    assert_eq!(buttons.due(), Some(ms(118)));
    assert_eq!(heard(&mut buttons, 118), [Command::Down]);
    wires.edge(27, false, 200);
    assert_eq!(heard(&mut buttons, 5000), []);
    assert_eq!(buttons.due(), None);
}

#[test]
fn where_the_kernel_debounces_an_edge_counts_at_once() {
    let (wires, mut buttons) = on_the_bench();
    wires.bench().debounced = true;
    heard(&mut buttons, 0);
    wires.edge(27, true, 100);
    assert_eq!(heard(&mut buttons, 100), [Command::Down]);
}

#[test]
fn holding_means_something_else_and_down_repeats() {
    let (wires, mut buttons) = on_the_bench();
    heard(&mut buttons, 0);
    wires.edge(17, true, 100);
    assert_eq!(heard(&mut buttons, 150), []);
    assert_eq!(heard(&mut buttons, 2200), [Command::Sleep]);
    wires.edge(17, false, 2300);
    wires.edge(27, true, 3000);
    assert_eq!(heard(&mut buttons, 3020), [Command::Down]);
    assert_eq!(heard(&mut buttons, 3600), [Command::Down]);
    wires.edge(27, false, 3610);
    assert_eq!(heard(&mut buttons, 9000), []);
    wires.edge(17, true, 10_000);
    wires.edge(17, false, 10_200);
    assert_eq!(heard(&mut buttons, 11_000), [Command::Capture]);
}

#[test]
fn a_chip_that_is_busy_or_absent_is_told_and_tried_again_each_second() {
    let wires = Wires::default();
    let mut buttons = buttons(&wires);
    assert!(buttons.troubles().is_empty(), "nothing was tried yet");
    heard(&mut buttons, 0);
    let troubles = buttons.troubles();
    assert_eq!(troubles[0].detail, "line 17 of /dev/gpiochip9 is in use by gpio-keys");
    assert_eq!((buttons.due(), buttons.describe().len()), (Some(ms(1000)), 0));
    wires.bench().there = true;
    heard(&mut buttons, 999);
    assert_eq!(buttons.troubles().len(), 1);
    heard(&mut buttons, 1000);
    assert!(buttons.troubles().is_empty());
    assert_eq!(buttons.describe(), ["2 buttons on /dev/gpiochip9"]);
}

#[test]
fn lines_that_break_are_taken_anew_and_what_was_held_is_forgotten() {
    let (wires, mut buttons) = on_the_bench();
    heard(&mut buttons, 0);
    wires.edge(17, true, 100);
    heard(&mut buttons, 200);
    wires.bench().broken = true;
    assert_eq!(heard(&mut buttons, 300), []);
    assert_eq!(buttons.troubles()[0].detail, "/dev/gpiochip9 does not work: No such device");
    wires.bench().broken = false;
    assert_eq!(heard(&mut buttons, 1300), []);
    assert_eq!((wires.bench().taken, buttons.troubles().len()), (2, 0));
    assert_eq!(heard(&mut buttons, 5000), [], "a press that began before the break must not become a long one");
}

#[test]
fn a_button_that_is_down_when_the_device_starts_counts_from_its_next_press() {
    let (wires, mut buttons) = on_the_bench();
    wires.bench().pressed = vec![27];
    assert_eq!(heard(&mut buttons, 0), []);
    wires.edge(27, false, 1000);
    assert_eq!(heard(&mut buttons, 2000), []);
    wires.edge(27, true, 3000);
    assert_eq!(heard(&mut buttons, 3020), [Command::Down]);
}

#[test]
fn a_button_that_stays_down_is_told() {
    let (wires, mut buttons) = on_the_bench();
    heard(&mut buttons, 0);
    wires.edge(17, true, 100);
    heard(&mut buttons, 29_000);
    assert!(buttons.troubles().is_empty());
    heard(&mut buttons, 60_000);
    assert_eq!(buttons.troubles()[0].detail, "line 17 of /dev/gpiochip9");
    wires.edge(17, false, 60_500);
    heard(&mut buttons, 61_000);
    assert!(buttons.troubles().is_empty());
}

#[test]
fn after_lost_edges_the_levels_are_believed() {
    let (wires, mut buttons) = on_the_bench();
    heard(&mut buttons, 0);
    wires.edge(27, true, 100);
    assert_eq!(heard(&mut buttons, 200), [Command::Down]);
    // The release is among what was lost, or it would repeat for ever.
    wires.bench().pressed.clear();
    wires.bench().lost = true;
    heard(&mut buttons, 300);
    assert_eq!(heard(&mut buttons, 310), []);
    assert_eq!(heard(&mut buttons, 5000), []);
}

#[test]
fn a_chip_without_edges_is_read_often() {
    let (wires, mut buttons) = on_the_bench();
    wires.bench().poll_every = Some(ms(5));
    heard(&mut buttons, 0);
    assert_eq!(buttons.due(), Some(ms(5)));
}
