//! What can go wrong with a panel on SPI, in words for the person who wires it.

use std::path::PathBuf;

use thiserror::Error;

/// Why a panel on SPI cannot be used. Causes are what the system or the bus said.
#[derive(Debug, Error)]
pub enum PanelError {
    /// The SPI device is not there or may not be used.
    #[error("{}: the SPI device cannot be opened: {cause}. Switch SPI on in the overlay (`ls /dev/spidev*`), and let the user into the group \"spi\"", path.display())]
    Device {
        /// Device node.
        path: PathBuf,
        /// What the system said.
        cause: String,
    },
    /// A GPIO line is not there or in use.
    #[error("{}: line {line} cannot be driven as {key}: {cause}. `gpioinfo` shows which lines there are and who uses them", chip.display())]
    Line {
        /// The GPIO chip.
        chip: PathBuf,
        /// The line's number on it.
        line: u32,
        /// The board file's key.
        key: &'static str,
        /// What the system said.
        cause: String,
    },
    /// Sizes or offsets that reach beyond the panel's memory.
    #[error("{panel}: {detail}. Check display.width, display.height, display.offset_x and display.offset_y")]
    Geometry {
        /// The panel, in words.
        panel: String,
        /// What is wrong.
        detail: &'static str,
    },
    /// The bus did not take a command or pixels.
    #[error("{panel}: the panel does not take {what}: {cause}. Check its cable; it is started anew with the next picture")]
    Lost {
        /// The panel, in words.
        panel: String,
        /// What was sent.
        what: &'static str,
        /// What the bus said.
        cause: String,
    },
}
