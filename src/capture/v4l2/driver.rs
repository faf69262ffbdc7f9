//! The seam between a camera session and the kernel: as little as a session needs, so that a fake can stand in for it.

use std::{fmt, io, path::Path, time::Duration};

use crate::capture::PixelFormat;

/// Opens device nodes.
pub(super) trait Driver: Send {
    /// Opens `path`, which must be a streaming video capture device.
    fn open(&self, path: &Path) -> io::Result<Box<dyn Node>>;

    /// The clock that dates buffers: `CLOCK_MONOTONIC`.
    fn now(&self) -> Duration;
}

/// An open device that does not stream yet.
pub(super) trait Node {
    /// Asks for a format without padding and returns what the device settled on.
    fn set_format(&mut self, format: PixelFormat, width: u32, height: u32) -> io::Result<Given>;

    /// What the device offers, for a person to choose from.
    fn offers(&mut self) -> Vec<Offer>;

    /// Asks for a frame rate, where one is wanted; returns the interval that the device then has, if it says.
    fn interval(&mut self, frames_per_second: Option<u32>) -> Option<Duration>;

    /// Hands `buffers` buffers to the driver and starts streaming. `patience` bounds every later wait, whatever goes wrong.
    fn start(self: Box<Self>, buffers: u32, patience: Duration) -> io::Result<Box<dyn Stream>>;
}

/// A device that streams; dropping it stops the stream.
pub(super) trait Stream: Send {
    /// Waits at most `wait` for a filled buffer and shows it to `look`, which is not called when none came.
    ///
    /// After an error the stream is good for nothing but dropping.
    fn next(&mut self, wait: Duration, look: &mut dyn FnMut(Filled<'_>)) -> io::Result<()>;
}

/// One filled buffer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Filled<'a> {
    /// The bytes that the driver says it used.
    pub(super) bytes: &'a [u8],
    /// The driver says that data was lost, or claims more bytes than the buffer has.
    pub(super) damaged: bool,
    /// The driver's frame counter.
    pub(super) sequence: u32,
    /// When the frame was taken, if the driver dates frames by [`Driver::now`]'s clock.
    pub(super) taken_at: Option<Duration>,
}

/// What a device settled on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Given {
    pub(super) fourcc: [u8; 4],
    pub(super) width: u32,
    pub(super) height: u32,
    /// Bytes a line; 0 for compressed formats.
    pub(super) stride: u32,
    /// Bytes that a frame takes at most.
    pub(super) size: u32,
    /// Whole pictures, not fields of every second line.
    pub(super) progressive: bool,
    /// Y from 0 to 255 where 16 to 235 is usual.
    pub(super) full_range: bool,
}

/// A format that a device offers, with its sizes as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Offer {
    pub(super) fourcc: [u8; 4],
    pub(super) sizes: Vec<String>,
}

impl fmt::Display for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.progressive { "" } else { " interlaced" };
        write!(
            f,
            "{} {}x{}{kind} ({} bytes a line, {} a frame)",
            self.fourcc.escape_ascii(),
            self.width,
            self.height,
            self.stride,
            self.size
        )
    }
}

impl fmt::Display for Offer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.fourcc.escape_ascii(), self.sizes.join(", "))
    }
}
