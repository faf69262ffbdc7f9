//! The trait [`Card`]: what is asked of a DRM/KMS driver, in plain types, so that everything above it runs against a fake.

use std::{io, path::Path, time::Duration};

use crate::frame::Region;

/// A socket or fixed panel of a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connector {
    /// The kernel's number for it.
    pub id: u32,
    /// `HDMI-A-1`, `DSI-1`, as in `/sys/class/drm`.
    pub name: String,
    /// Whether a screen is there.
    pub connected: bool,
    /// What the screen can show, best first.
    pub modes: Vec<Mode>,
    /// The CRTCs that can feed it.
    pub crtcs: Vec<u32>,
    /// The CRTC that feeds it now.
    pub current: Option<u32>,
    /// Whether pictures go over a thin wire (SPI, USB), so that flipping whole pictures would be slow.
    pub thin: bool,
}

/// A size and refresh rate that a screen can show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mode {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Pictures a second, rounded.
    pub refresh: u32,
    /// Whether the screen says that this is its own.
    pub preferred: bool,
}

/// A picture in memory that a CRTC can read: a dumb buffer with a framebuffer object, XRGB8888.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Buffer {
    /// The card's number for it.
    pub id: u32,
    /// Bytes from one line to the next.
    pub pitch: usize,
}

/// A card with screens. Errors are the system's; whoever calls gives them meaning.
///
/// What the card showed before is restored, and every buffer freed, when it is dropped.
pub trait Card: Send {
    /// Its device node, for messages.
    fn path(&self) -> &Path;

    /// Opens the same device node anew, after it was gone. Buffers are gone with it.
    ///
    /// # Errors
    /// The system's.
    fn reopen(&mut self) -> io::Result<()>;

    /// Makes this program the one that says what the card shows.
    ///
    /// # Errors
    /// The system's; `EBUSY` and `EACCES` when another program is.
    fn become_master(&self) -> io::Result<()>;

    /// All connectors. `probe` looks at the wires anew, which may take a tenth of a second and flicker.
    ///
    /// # Errors
    /// The system's.
    fn connectors(&self, probe: bool) -> io::Result<Vec<Connector>>;

    /// Whether a screen is there, as far as the kernel has noticed. Quick.
    ///
    /// # Errors
    /// The system's.
    fn is_connected(&self, connector: u32) -> io::Result<bool>;

    /// A black buffer.
    ///
    /// # Errors
    /// The system's.
    fn make_buffer(&mut self, width: u32, height: u32) -> io::Result<Buffer>;

    /// Frees a buffer. A screen that shows it goes dark.
    fn free_buffer(&mut self, buffer: Buffer);

    /// Lets `draw` write into the buffer's memory. The memory may be slow to read.
    ///
    /// # Errors
    /// The system's.
    fn draw(&mut self, buffer: Buffer, draw: &mut dyn FnMut(&mut [u8])) -> io::Result<()>;

    /// Sets a mode and shows `buffer` with it.
    ///
    /// # Errors
    /// The system's.
    fn set_mode(&mut self, connector: u32, crtc: u32, mode: &Mode, buffer: Buffer) -> io::Result<()>;

    /// Stops feeding the screens of a CRTC.
    ///
    /// # Errors
    /// The system's.
    fn switch_off(&self, crtc: u32) -> io::Result<()>;

    /// Asks for `buffer` to be shown from the next refresh on.
    ///
    /// # Errors
    /// The system's; `EBUSY` while an earlier flip is outstanding.
    fn flip(&self, crtc: u32, buffer: Buffer) -> io::Result<()>;

    /// When the flip that was asked for happened, on `CLOCK_MONOTONIC`; `None` when it did not within `limit`.
    ///
    /// # Errors
    /// The system's.
    fn await_flip(&self, crtc: u32, limit: Duration) -> io::Result<Option<Duration>>;

    /// Says that `regions` of a buffer that is being shown have changed. Few drivers need to be told.
    ///
    /// # Errors
    /// The system's; `ENOSYS` or `EINVAL` when the driver need not be told.
    fn mark_dirty(&self, buffer: Buffer, regions: &[Region]) -> io::Result<()>;

    /// Switches the screen's power saving off (`on`) or on.
    ///
    /// # Errors
    /// The system's; `Unsupported` when the screen has none.
    fn power(&self, connector: u32, on: bool) -> io::Result<()>;
}
