//! Everything that a board file names, as one source of presses.

use std::{collections::VecDeque, time::Duration};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
    time::{ClockId, clock_gettime},
};

use super::{InputError, Press, Presses, buttons::Buttons, keys::Keys, port::Port};
use crate::device::{Trouble, board::InputsBoard};

/// Every button, key and touch panel of the device.
pub struct Inputs {
    ports: Vec<Box<dyn Port>>,
    ready: VecDeque<Press>,
}

impl std::fmt::Debug for Inputs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Inputs({})", self.describe().join(", "))
    }
}

/// Listens to everything that `board` names. Never fails: what is not there yet is told by [`Inputs::troubles`] and tried every second.
#[must_use]
pub fn open(board: &InputsBoard) -> Inputs {
    let mut ports: Vec<Box<dyn Port>> = Vec::new();
    if let Some(buttons) = &board.buttons {
        ports.push(Box::new(Buttons::new(buttons, &board.holding)));
    }
    if board.keys.is_some() || board.touch.is_some() {
        ports.push(Box::new(Keys::new(board.keys.as_ref(), board.touch.as_ref(), &board.holding)));
    }
    Inputs::listen(ports)
}

impl Inputs {
    fn listen(ports: Vec<Box<dyn Port>>) -> Self {
        let mut inputs = Self { ports, ready: VecDeque::new() };
        inputs.tend();
        inputs
    }

    /// What does not work now, for the status; empty when everything does.
    #[must_use]
    pub fn troubles(&self) -> Vec<Trouble> {
        self.ports.iter().flat_map(|port| port.troubles()).collect()
    }

    /// What works now: `3 buttons on /dev/gpiochip0`.
    #[must_use]
    pub fn describe(&self) -> Vec<String> {
        self.ports.iter().flat_map(|port| port.describe()).collect()
    }

    /// Whether anything was heard.
    fn tend(&mut self) -> bool {
        let (now, mut heard) = (now(), Vec::new());
        self.ports.iter_mut().for_each(|port| port.tend(now, &mut heard));
        let anything = !heard.is_empty();
        self.ready.extend(heard);
        anything
    }

    /// Waits until something can be read or `until` has come; true when something can.
    fn rest(&self, until: Duration) -> Result<bool, InputError> {
        let mut waited: Vec<PollFd<'_>> = self
            .ports
            .iter()
            .flat_map(|port| port.descriptors())
            .map(|descriptor| PollFd::from_borrowed_fd(descriptor, PollFlags::IN))
            .collect();
        let left = until.saturating_sub(now());
        let left = Timespec { tv_sec: left.as_secs().min(3600) as i64, tv_nsec: i64::from(left.subsec_nanos()) };
        match poll(&mut waited, Some(&left)) {
            Ok(readable) => Ok(readable > 0),
            Err(Errno::INTR) => Ok(false),
            Err(cause) => Err(InputError::Wait(cause.into())),
        }
    }
}

impl Presses for Inputs {
    fn next(&mut self, wait: Duration) -> Result<Option<Press>, InputError> {
        /// A descriptor that is always readable but gives nothing must not take the whole processor.
        const BREATH: Duration = Duration::from_millis(5);
        let end = now().saturating_add(wait);
        loop {
            if let Some(press) = self.ready.pop_front() {
                return Ok(Some(press));
            }
            let due = self.ports.iter().filter_map(|port| port.due()).min();
            let readable = self.rest(due.map_or(end, |due| due.min(end)))?;
            let heard = self.tend();
            if now() >= end && !heard {
                return Ok(None);
            }
            if readable && !heard {
                std::thread::sleep(BREATH);
            }
        }
    }
}

/// Now, on the monotonic clock.
fn now() -> Duration {
    let time = clock_gettime(ClockId::Monotonic);
    // The monotonic clock begins at or after zero.
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec.unsigned_abs() as u32)
}

#[cfg(test)]
mod tests {
    use std::{
        io::{PipeReader, PipeWriter, Read, Write},
        os::fd::{AsFd, BorrowedFd},
    };

    use super::*;
    use crate::{
        device::Command,
        input::{Pressed, Source},
    };

    /// Presses capture once for each byte in a pipe.
    struct Pipe(PipeReader);

    fn piped() -> (Inputs, PipeWriter) {
        let (reader, writer) = std::io::pipe().unwrap();
        (Inputs::listen(vec![Box::new(Pipe(reader))]), writer)
    }

    impl Port for Pipe {
        fn tend(&mut self, now: Duration, heard: &mut Vec<Press>) {
            let mut waited = [PollFd::new(&self.0, PollFlags::IN)];
            if poll(&mut waited, Some(&Timespec { tv_sec: 0, tv_nsec: 0 })).unwrap() == 0 {
                return;
            }
            let mut bytes = [0; 8];
            let read = self.0.read(&mut bytes).unwrap();
            let press = Press { what: Pressed::Command(Command::Capture), source: Source::Button, at: now };
            heard.extend(std::iter::repeat_n(press, read));
        }

        fn due(&self) -> Option<Duration> {
            None
        }

        fn descriptors(&self) -> Vec<BorrowedFd<'_>> {
            vec![self.0.as_fd()]
        }

        fn troubles(&self) -> Vec<Trouble> {
            Vec::new()
        }

        fn describe(&self) -> Vec<String> {
            Vec::new()
        }
    }

    #[test]
    fn presses_come_one_by_one_in_their_order() {
        let (mut inputs, mut writer) = piped();
        writer.write_all(b"ab").unwrap();
        let long = Duration::from_secs(60);
        let first = inputs.next(long).unwrap().unwrap();
        let second = inputs.next(long).unwrap().unwrap();
        assert_eq!((first.what, first.at), (Pressed::Command(Command::Capture), second.at));
        assert_eq!(inputs.next(Duration::ZERO).unwrap(), None);
    }

    #[test]
    fn a_press_ends_the_wait() {
        let (mut inputs, mut writer) = piped();
        let sender = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(20));
            writer.write_all(b"a").unwrap();
        });
        assert!(inputs.next(Duration::from_secs(60)).unwrap().is_some());
        sender.join().unwrap();
    }

    #[test]
    fn a_descriptor_that_is_readable_but_empty_does_not_keep_anybody_waiting() {
        let (mut inputs, writer) = piped();
        drop(writer);
        assert_eq!(inputs.next(Duration::from_millis(20)).unwrap(), None);
    }

    #[test]
    fn a_board_without_inputs_has_neither_presses_nor_troubles() {
        let mut inputs = open(&InputsBoard::default());
        assert_eq!(inputs.next(Duration::from_millis(1)).unwrap(), None);
        assert!(inputs.troubles().is_empty());
    }

    #[test]
    fn devices_that_are_not_there_are_troubles_and_not_errors() {
        let board = crate::device::board::Board::parse(
            "[camera]\nkind = 'phantom'\n[display]\nkind = 'png'\nfolder = 'x'\n[model]\nbundle = 'x'\n[records]\nfolder = 'x'\n\
             [inputs.buttons]\nchip = '/dev/gpiochip-none'\ncapture = 17\n[inputs.keys]\ndevice = '/dev/input/none'\n",
        )
        .unwrap();
        let mut inputs = open(&board.inputs);
        assert_eq!(inputs.next(Duration::from_millis(1)).unwrap(), None);
        let troubles = inputs.troubles();
        assert_eq!(troubles.len(), 2, "{troubles:?}");
        assert!(troubles.iter().all(|trouble| !trouble.next_step.is_empty()));
        assert!(troubles[0].detail.contains("/dev/gpiochip-none") && troubles[1].detail.contains("/dev/input/none"), "{troubles:?}");
    }
}
