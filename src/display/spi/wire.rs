//! The way to a panel: SPI for bytes, one line that tells commands from data. What mipidsi asks of it is its trait `Interface`.
//!
//! mipidsi's own wire borrows its buffer; this one owns it, so that a panel can be kept in a `Box` and be started anew.

use std::fmt::Display;

use embedded_hal::{digital::OutputPin, spi::SpiDevice};
use mipidsi::interface::{Interface, InterfaceKind};

/// Bytes that are sent in one go: what the kernel's spidev takes unless it is told otherwise.
const BUFFER: usize = 4096;

pub(super) struct Wire<S, P> {
    spi: S,
    data_command: P,
    buffer: Vec<u8>,
}

impl<S, P> Wire<S, P> {
    pub(super) fn new(spi: S, data_command: P) -> Self {
        Self { spi, data_command, buffer: Vec::with_capacity(BUFFER) }
    }
}

/// What the bus said, in words.
#[derive(Debug)]
pub(super) struct WireError(pub(super) String);

fn words(cause: impl Display) -> WireError {
    WireError(cause.to_string())
}

impl<S, P> Interface for Wire<S, P>
where
    S: SpiDevice<Error: Display>,
    P: OutputPin<Error: Display>,
{
    type Word = u8;
    type Error = WireError;

    const KIND: InterfaceKind = InterfaceKind::Serial4Line;

    fn send_command(&mut self, command: u8, arguments: &[u8]) -> Result<(), WireError> {
        self.data_command.set_low().map_err(words)?;
        self.spi.write(&[command]).map_err(words)?;
        self.data_command.set_high().map_err(words)?;
        if arguments.is_empty() { Ok(()) } else { self.spi.write(arguments).map_err(words) }
    }

    fn send_pixels<const N: usize>(&mut self, pixels: impl IntoIterator<Item = [u8; N]>) -> Result<(), WireError> {
        self.buffer.clear();
        for pixel in pixels {
            if self.buffer.len() + N > BUFFER {
                self.spi.write(&self.buffer).map_err(words)?;
                self.buffer.clear();
            }
            self.buffer.extend_from_slice(&pixel);
        }
        if self.buffer.is_empty() { Ok(()) } else { self.spi.write(&self.buffer).map_err(words) }
    }

    fn send_repeated_pixel<const N: usize>(&mut self, pixel: [u8; N], count: u32) -> Result<(), WireError> {
        self.send_pixels((0..count).map(|_| pixel))
    }
}
