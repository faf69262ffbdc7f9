//! The line itself: a serial device, opened for this program only, and opened again after it was lost.
//!
//! The only code of the console that knows a device. Nothing here waits for longer than it is told to.

use std::{
    io::{self, ErrorKind, Read, Write},
    os::fd::{AsRawFd, BorrowedFd},
    time::{Duration, Instant},
};

use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use serialport::{ClearBuffer, DataBits, FlowControl, Parity, SerialPort, StopBits, TTYPort};

use crate::device::board::{ConsoleBoard, Flow};

/// A line that is open.
pub trait Port {
    /// Takes what has come, waiting for it for `wait` at most; 0 when nothing came.
    ///
    /// # Errors
    /// The line is lost.
    fn receive(&mut self, bytes: &mut [u8], wait: Duration) -> io::Result<usize>;

    /// Sends as much as fits, waiting for room for `wait` at most; 0 when there is none.
    ///
    /// # Errors
    /// The line is lost.
    fn send(&mut self, bytes: &[u8], wait: Duration) -> io::Result<usize>;

    /// Whether somebody is at the other end, where the wires tell.
    fn carrier(&mut self) -> Option<bool>;

    /// Gives what was sent `patience` to get out, and drops the rest.
    fn finish(&mut self, patience: Duration);
}

/// Where lines come from.
pub trait Lines {
    /// Opens the line.
    ///
    /// # Errors
    /// It cannot be opened now.
    fn open(&mut self) -> io::Result<Box<dyn Port>>;

    /// Its name for logs: `/dev/ttyS0`.
    fn name(&self) -> String;
}

/// The serial device of a board.
#[derive(Debug, Clone)]
pub struct SerialDevice {
    path: String,
    baud: u32,
    flow: Flow,
}

impl SerialDevice {
    /// The console of `board`; `None` when it has none.
    #[must_use]
    pub fn of(board: &ConsoleBoard) -> Option<Self> {
        let path = board.device.as_ref()?.to_string_lossy().into_owned();
        Some(Self { path, baud: board.baud, flow: board.flow })
    }
}

impl Lines for SerialDevice {
    fn open(&mut self) -> io::Result<Box<dyn Port>> {
        let flow = match self.flow {
            Flow::None => FlowControl::None,
            Flow::Hardware => FlowControl::Hardware,
        };
        let port = serialport::new(&self.path, self.baud)
            .data_bits(DataBits::Eight)
            .parity(Parity::None)
            .stop_bits(StopBits::One)
            .flow_control(flow)
            .open_native()?;
        // serialport waits for room and then writes as if everything fitted, which holds the console up for as long as
        // nobody reads. A write that takes what fits and comes back needs this flag.
        // SAFETY: the descriptor belongs to `port`, which is open and outlives this borrow.
        let descriptor = unsafe { BorrowedFd::borrow_raw(port.as_raw_fd()) };
        fcntl_setfl(descriptor, fcntl_getfl(descriptor)? | OFlags::NONBLOCK)?;
        Ok(Box::new(Serial(port)))
    }

    fn name(&self) -> String {
        self.path.clone()
    }
}

struct Serial(TTYPort);

impl Port for Serial {
    fn receive(&mut self, bytes: &mut [u8], wait: Duration) -> io::Result<usize> {
        self.0.set_timeout(wait)?;
        match self.0.read(bytes) {
            // A line that is hung up reads as an end of file.
            Ok(0) => Err(ErrorKind::UnexpectedEof.into()),
            other => nothing_yet(other),
        }
    }

    fn send(&mut self, bytes: &[u8], wait: Duration) -> io::Result<usize> {
        self.0.set_timeout(wait)?;
        nothing_yet(self.0.write(bytes))
    }

    fn carrier(&mut self) -> Option<bool> {
        self.0.read_carrier_detect().ok()
    }

    fn finish(&mut self, patience: Duration) {
        let begun = Instant::now();
        while self.0.bytes_to_write().is_ok_and(|left| left > 0) && begun.elapsed() < patience {
            std::thread::sleep(Duration::from_millis(5));
        }
        // Closing a serial device waits for what is left to be sent, half a minute when the other side holds it back.
        // A line that is lost cannot be cleared, and need not be.
        let _ = self.0.clear(ClearBuffer::Output);
    }
}

/// That nothing came, or nothing fitted, is no error.
fn nothing_yet(result: io::Result<usize>) -> io::Result<usize> {
    match result {
        Err(error) if matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::WouldBlock | ErrorKind::Interrupted) => Ok(0),
        other => other,
    }
}
