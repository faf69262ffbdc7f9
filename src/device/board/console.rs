//! `[console]`: the serial console.

use std::{path::PathBuf, time::Duration};

use super::section::Section;

/// Where a technician's terminal is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsoleBoard {
    /// The serial device; no console when `None`.
    pub device: Option<PathBuf>,
    /// Bits a second.
    pub baud: u32,
    /// What holds the other side back.
    pub flow: Flow,
    /// A technician who types nothing for this long is an operator again.
    pub idle: Duration,
    /// Said first at the start of each session.
    pub banner: Option<String>,
}

/// What holds the other side of a serial line back while this one is busy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Flow {
    /// Nothing: three wires.
    None,
    /// RTS and CTS.
    Hardware,
}

/// Rates that UARTs and USB adapters have in common.
const RATES: [u32; 9] = [9600, 19_200, 38_400, 57_600, 115_200, 230_400, 460_800, 500_000, 921_600];

impl ConsoleBoard {
    pub(super) fn read(mut section: Section<'_>) -> Self {
        let device = section
            .path("device", "a serial device such as /dev/ttyS0, /dev/ttyUSB0 or /dev/ttyGS0")
            .means("Where the console is. Left out: there is no console. It is opened again whenever it was lost.")
            .optional();
        let baud = section
            .integer("baud", 9600..=921_600, "bits a second")
            .means("One of 9600, 19200, 38400, 57600, 115200, 230400, 460800, 500000 and 921600; 8 data bits, no parity, 1 stop bit. A USB gadget takes any.")
            .or(115_200);
        if !RATES.contains(&baud) {
            let rates: Vec<String> = RATES.iter().map(u32::to_string).collect();
            section.conflict("baud", &format!("must be a rate that both ends of a line can have: {}", rates.join(", ")));
        }
        let flow = section
            .choice("flow", &[("none", Flow::None), ("hardware", Flow::Hardware)])
            .means("What holds the other side back: nothing, or RTS and CTS. XON and XOFF would take two characters out of the line.")
            .or_shown(Flow::None, "\"none\"");
        let idle = section
            .integer("idle_s", 30..=3600, "seconds")
            .means("A technician who types nothing for this long is an operator again.")
            .or(300);
        let fits = |text: &str| (1..=400).contains(&text.len()) && !text.chars().any(char::is_control);
        let banner = section
            .text("banner", "1 to 400 characters of text on one line", fits)
            .means("Said first at the start of each session, such as whose device this is. Left out: nothing.")
            .optional();
        section.finish("");
        Self { device, baud, flow, idle: Duration::from_secs(idle), banner }
    }
}
