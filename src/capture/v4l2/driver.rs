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
pub(super) trait Stream: Controls + Send {
    /// Waits at most `wait` for a filled buffer and shows it to `look`, which is not called when none came.
    ///
    /// After an error the stream is good for nothing but dropping.
    fn next(&mut self, wait: Duration, look: &mut dyn FnMut(Filled<'_>)) -> io::Result<()>;
}

/// The adjustments of an open device, in the numbers of V4L2.
pub(super) trait Controls {
    /// What `control` can be; `None` when the device has no such control, or not one that can be set.
    fn span(&mut self, control: Control) -> io::Result<Option<Span>>;

    /// What `control` is now.
    fn read(&mut self, control: Control) -> io::Result<i32>;

    /// Sets `control`.
    fn write(&mut self, control: Control, value: i32) -> io::Result<()>;
}

/// The controls that a session knows, of those in the kernel's "Camera Control Reference" and "User Controls".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Control {
    /// Who chooses exposure time and aperture: 0 the camera, 1 nobody, 2 the camera the aperture, 3 the camera the time.
    ExposureMode,
    /// Exposure time in units of 100 microseconds.
    ExposureTime,
    /// Exposure in units of the sensor's own.
    ExposureSteps,
    /// 1: the camera chooses the gain.
    GainMode,
    /// Gain in units of the camera's own.
    Gain,
    /// 1: the camera chooses the white balance.
    WhiteBalanceMode,
    /// White balance as colour temperature in kelvin.
    WhiteBalanceKelvin,
    /// Weight of red in units of the camera's own.
    RedBalance,
    /// Weight of blue in units of the camera's own.
    BlueBalance,
    /// 1: the camera focuses all the time.
    FocusMode,
    /// Place of the lens in units of the camera's own; less is farther away.
    FocusPlace,
    /// Flicker of lamps to be evened out: 0 none, 1 of 50 Hz, 2 of 60 Hz, 3 what the camera finds.
    PowerLine,
}

/// What a control can be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) least: i32,
    pub(super) most: i32,
    /// From one legal value to the next, beginning at `least`; at least 1.
    pub(super) step: i32,
    /// The value before anybody set another.
    pub(super) usual: i32,
    /// The legal values of a menu, which can have gaps; `None` for a number.
    pub(super) choices: Option<Vec<i32>>,
}

impl Span {
    /// Whether `value` can be set.
    pub(super) fn allows(&self, value: i32) -> bool {
        let inside = (self.least..=self.most).contains(&value);
        let on_a_step = (i64::from(value) - i64::from(self.least)) % i64::from(self.step.max(1)) == 0;
        inside && self.choices.as_ref().map_or(on_a_step, |choices| choices.contains(&value))
    }

    /// The legal number nearest to `value`, the lower of two.
    pub(super) fn nearest(&self, value: i64) -> i32 {
        let (least, most) = (i64::from(self.least), i64::from(self.most.max(self.least)));
        let step = i64::from(self.step.max(1));
        let steps = (value.clamp(least, most) - least + (step - 1) / 2) / step;
        // The last step may not reach the upper end.
        let nearest = least + steps.min((most - least) / step) * step;
        i32::try_from(nearest).unwrap_or(self.least)
    }
}

/// Whether `cause` says that the device is not there any more.
pub(super) fn is_gone(cause: &io::Error) -> bool {
    /// `errno(3)`: no such device or address; no such device.
    const GONE: [i32; 2] = [6, 19];
    cause.raw_os_error().is_some_and(|code| GONE.contains(&code))
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
