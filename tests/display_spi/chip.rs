//! A panel's controller in memory, with the bus and the lines that lead to it.

use std::{
    convert::Infallible,
    fmt,
    sync::{Arc, Mutex, MutexGuard},
};

use embedded_hal::{delay::DelayNs, digital, spi};
use lentigo::display::spi::PanelSettings;

/// A controller: takes commands and keeps a picture, as its data sheet says.
pub(crate) struct Chip {
    width: u16,
    pub(crate) memory: Vec<u16>,
    columns: (u16, u16),
    rows: (u16, u16),
    cursor: (u16, u16),
    half: Option<u8>,
    command: u8,
    arguments: Vec<u8>,
    data: bool,
    pub(crate) awake: bool,
    pub(crate) on: bool,
    pub(crate) inverted: bool,
    pub(crate) blue_first: bool,
    pub(crate) lit: Option<bool>,
    pub(crate) resets: u32,
    pub(crate) opened: u32,
    pub(crate) pixel_bytes: u64,
    pub(crate) commands: u64,
    /// The bus fails after this many transfers.
    pub(crate) fails_in: Option<u32>,
}

#[derive(Clone)]
pub(crate) struct Handle(Arc<Mutex<Chip>>);

impl Handle {
    pub(crate) fn new((width, height): (u16, u16)) -> Self {
        Self(Arc::new(Mutex::new(Chip {
            width,
            memory: vec![0x1234; usize::from(width) * usize::from(height)],
            columns: (0, 0),
            rows: (0, 0),
            cursor: (0, 0),
            half: None,
            command: 0,
            arguments: Vec::new(),
            data: false,
            awake: false,
            on: false,
            inverted: false,
            blue_first: false,
            lit: None,
            resets: 0,
            opened: 0,
            pixel_bytes: 0,
            commands: 0,
            fails_in: None,
        })))
    }

    pub(crate) fn chip(&self) -> MutexGuard<'_, Chip> {
        self.0.lock().unwrap()
    }

    pub(crate) fn seen(&self, settings: &PanelSettings) -> Vec<u16> {
        let chip = self.chip();
        let at = |x: u16, y: u16| usize::from(y + settings.offset_y) * usize::from(chip.width) + usize::from(x + settings.offset_x);
        (0..settings.height).flat_map(|y| (0..settings.width).map(move |x| (x, y))).map(|(x, y)| chip.memory[at(x, y)]).collect()
    }
}

impl Chip {
    fn reset(&mut self) {
        (self.awake, self.on, self.inverted) = (false, false, false);
        self.resets += 1;
    }

    fn take(&mut self, bytes: &[u8]) {
        assert!(bytes.len() <= 4096, "spidev takes no more than 4096 bytes at once");
        for byte in bytes {
            if self.data { self.argument(*byte) } else { self.command(*byte) }
        }
    }

    fn command(&mut self, command: u8) {
        self.command = command;
        self.commands += 1;
        self.arguments.clear();
        match command {
            0x01 => self.reset(),
            0x10 => self.awake = false,
            0x11 => self.awake = true,
            0x13 => {}
            0x20 => self.inverted = false,
            0x21 => self.inverted = true,
            0x29 => self.on = true,
            0x2A | 0x2B | 0x36 | 0x3A | 0xB4 | 0xB6 => {}
            0x2C => {
                assert!(self.awake, "pixels are sent to a panel that sleeps");
                self.cursor = (self.columns.0, self.rows.0);
                self.half = None;
            }
            // What else the ST7796 is told at start is its maker's own.
            other => assert!(other >= 0xB0, "unknown command {other:#04x}"),
        }
    }

    fn argument(&mut self, byte: u8) {
        if self.command == 0x2C {
            return self.pixel(byte);
        }
        self.arguments.push(byte);
        match (self.command, self.arguments.as_slice()) {
            (0x2A, [a, b, c, d]) => self.columns = (u16::from_be_bytes([*a, *b]), u16::from_be_bytes([*c, *d])),
            (0x2B, [a, b, c, d]) => self.rows = (u16::from_be_bytes([*a, *b]), u16::from_be_bytes([*c, *d])),
            (0x36, [mode]) => {
                assert_eq!(mode & 0b1110_0000, 0, "the panel is used upright");
                self.blue_first = mode & 0b1000 != 0;
            }
            (0x3A, [format]) => assert_eq!(format & 0b111, 0b101, "16 bits a pixel"),
            _ => {}
        }
    }

    fn pixel(&mut self, byte: u8) {
        self.pixel_bytes += 1;
        let Some(high) = self.half.take() else {
            self.half = Some(byte);
            return;
        };
        let (x, y) = self.cursor;
        assert!(y <= self.rows.1, "more pixels than the window holds");
        self.memory[usize::from(y) * usize::from(self.width) + usize::from(x)] = u16::from_be_bytes([high, byte]);
        self.cursor = if x == self.columns.1 { (self.columns.0, y + 1) } else { (x + 1, y) };
    }
}

#[derive(Debug)]
pub(crate) struct Broken;

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the bus is broken")
    }
}

impl spi::Error for Broken {
    fn kind(&self) -> spi::ErrorKind {
        spi::ErrorKind::Other
    }
}

pub(crate) struct Bus(pub(crate) Handle);

impl spi::ErrorType for Bus {
    type Error = Broken;
}

impl spi::SpiDevice for Bus {
    fn transaction(&mut self, operations: &mut [spi::Operation<'_, u8>]) -> Result<(), Broken> {
        let mut chip = self.0.chip();
        match &mut chip.fails_in {
            Some(0) => return Err(Broken),
            Some(left) => *left -= 1,
            None => {}
        }
        for operation in operations {
            let spi::Operation::Write(bytes) = operation else { panic!("a panel is only written to") };
            chip.take(bytes);
        }
        Ok(())
    }
}

#[derive(Clone, Copy)]
pub(crate) enum Role {
    DataCommand,
    Reset,
    Backlight,
}

pub(crate) struct Line(pub(crate) Handle, pub(crate) Role);

impl Line {
    fn set(&mut self, high: bool) {
        let mut chip = self.0.chip();
        match self.1 {
            Role::DataCommand => chip.data = high,
            Role::Reset if high => chip.reset(),
            Role::Reset => {}
            Role::Backlight => chip.lit = Some(high),
        }
    }
}

impl digital::ErrorType for Line {
    type Error = Infallible;
}

impl digital::OutputPin for Line {
    fn set_low(&mut self) -> Result<(), Infallible> {
        self.set(false);
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), Infallible> {
        self.set(true);
        Ok(())
    }
}

/// Time does not pass.
pub(crate) struct NoDelay;

impl DelayNs for NoDelay {
    fn delay_ns(&mut self, _nanoseconds: u32) {}
}
