//! A real camera through Video4Linux2: opens, negotiates, hands over the newest whole frame, and starts again after any trouble.
//!
//! What a camera session must do stands here and is tested against a fake driver; [`driver`] is the seam, `kernel` the
//! thin edge to the `v4l` crate. Nothing outside this folder knows V4L2. It must never hand over a frame that was taken
//! before another one already handed over, nor one that waited in the driver's queue while nobody asked.

mod driver;
#[cfg(target_os = "linux")]
mod kernel;
mod negotiate;
mod order;

use std::{io, path::PathBuf, time::Duration};

use tracing::{debug, info};

use self::{
    driver::{Driver, Filled, Stream},
    negotiate::Layout,
    order::Order,
};
use super::{Camera, CaptureError, Captured, PixelFormat, format::FormatError};
use crate::frame::Frame;

/// A frame found waiting is fresh when it is at most this many frame intervals old: one to expose and send it, one in the queue.
const FRESH_INTERVALS: u32 = 2;
/// The frame interval of a device that does not say.
const USUAL_INTERVAL: Duration = Duration::from_millis(50);
/// The JPEG start marker, without which an MJPG buffer is not looked at further.
const JPEG_START: [u8; 2] = [0xff, 0xd8];

/// What is asked of a camera.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct V4l2Settings {
    /// Device node, best one that stays the same when plugged again: `/dev/v4l/by-id/...`.
    pub device: PathBuf,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// How pixels are sent.
    pub format: PixelFormat,
    /// Frames a second; `None` leaves it to the device. A device that cannot do it uses its nearest rate.
    pub frames_per_second: Option<u32>,
    /// How long to wait for a frame before giving up on the session.
    pub timeout: Duration,
    /// How many frame buffers the driver gets, 2 to 32.
    pub buffers: u32,
}

impl V4l2Settings {
    /// Settings with a time-out of 2 seconds, 4 buffers, and the device's own frame rate.
    #[must_use]
    pub fn new(device: impl Into<PathBuf>, width: u32, height: u32, format: PixelFormat) -> Self {
        Self { device: device.into(), width, height, format, frames_per_second: None, timeout: Duration::from_secs(2), buffers: 4 }
    }

    fn device_name(&self) -> String {
        self.device.display().to_string()
    }
}

/// A V4L2 capture device.
pub struct V4l2Camera {
    settings: V4l2Settings,
    driver: Box<dyn Driver>,
    session: Option<Session>,
    order: Order,
}

/// One time of streaming, from opening to the first trouble.
struct Session {
    stream: Box<dyn Stream>,
    layout: Layout,
    interval: Duration,
}

/// A whole buffer, copied out so that the driver can have it back.
#[derive(Default)]
struct Kept {
    bytes: Vec<u8>,
    sequence: u64,
    taken_at: Duration,
    /// `taken_at` is the driver's word and not the time of arrival.
    dated: bool,
}

impl V4l2Camera {
    /// Opens the device and starts it, so that a camera that cannot do what the board file asks is known at once.
    ///
    /// # Errors
    /// [`CaptureError::Open`] when it is not there, busy, or no capture device; [`CaptureError::Format`] when it would give another
    /// format or size (the message lists what it offers); [`CaptureError::Frame`] for a size that no picture can have.
    #[cfg(target_os = "linux")]
    pub fn open(settings: V4l2Settings) -> Result<Self, CaptureError> {
        Self::with_driver(settings, Box::new(kernel::Kernel))
    }

    fn with_driver(settings: V4l2Settings, driver: Box<dyn Driver>) -> Result<Self, CaptureError> {
        let mut camera = Self { settings, driver, session: None, order: Order::default() };
        camera.session = Some(camera.start()?);
        Ok(camera)
    }

    fn start(&mut self) -> Result<Session, CaptureError> {
        let settings = &self.settings;
        let refuse = |cause: io::Error| CaptureError::Open { source_name: settings.device_name(), cause };
        let mut node = self.driver.open(&settings.device).map_err(refuse)?;
        let layout = negotiate::agree(node.as_mut(), settings)?;
        let interval = node.interval(settings.frames_per_second).unwrap_or(USUAL_INTERVAL);
        let stream = node.start(settings.buffers.clamp(2, 32), settings.timeout).map_err(refuse)?;
        info!(device = %settings.device.display(), format = %settings.format, ?layout, ?interval, "camera started");
        self.order.new_session();
        Ok(Session { stream, layout, interval })
    }

    /// Takes the newest whole frame of a running session; any error means that the session is over.
    fn newest(&mut self, session: &mut Session) -> Result<Captured, CaptureError> {
        let asked = self.driver.now();
        let deadline = asked + self.settings.timeout;
        // What the queue holds was taken while nobody asked; a full queue makes the driver drop the newer frames instead of these.
        let mut kept = Kept::default();
        let mut waiting = false;
        for _ in 0..=self.settings.buffers.clamp(2, 32) {
            match self.take(session, Duration::ZERO, &mut kept)? {
                Taken::Whole => waiting = true,
                Taken::Dropped => {}
                Taken::Nothing => break,
            }
        }
        let fresh = waiting && kept.dated && asked.saturating_sub(kept.taken_at) <= session.interval * FRESH_INTERVALS;
        let mut trouble = None;
        if fresh {
            match self.decode(session, &kept) {
                Ok(frame) => return Ok(kept.with(frame)),
                Err(error) => trouble = Some(error),
            }
        }
        loop {
            let left = deadline.saturating_sub(self.driver.now());
            match self.take(session, left, &mut kept)? {
                Taken::Whole => match self.decode(session, &kept) {
                    Ok(frame) => return Ok(kept.with(frame)),
                    Err(error) => trouble = Some(error),
                },
                Taken::Dropped => {}
                Taken::Nothing => return Err(trouble.unwrap_or_else(|| self.timed_out())),
            }
            if self.driver.now() >= deadline {
                return Err(trouble.unwrap_or_else(|| self.timed_out()));
            }
        }
    }

    /// Takes one buffer off the queue, waiting at most `wait` for it; copies it to `kept` when it can be a whole new frame.
    fn take(&mut self, session: &mut Session, wait: Duration, kept: &mut Kept) -> Result<Taken, CaptureError> {
        let format = self.settings.format;
        let (order, driver) = (&mut self.order, &self.driver);
        let mut taken = Taken::Nothing;
        let filled = session.stream.next(wait, &mut |filled| {
            taken = match flaw(&filled, format, session.layout.bytes) {
                Some(flaw) => {
                    debug!(sequence = filled.sequence, flaw, "camera buffer dropped");
                    Taken::Dropped
                }
                None => match order.place(filled.sequence, filled.taken_at) {
                    Some(sequence) => {
                        kept.bytes.clear();
                        kept.bytes.extend_from_slice(filled.bytes);
                        kept.sequence = sequence;
                        kept.dated = filled.taken_at.is_some();
                        kept.taken_at = filled.taken_at.unwrap_or_else(|| driver.now());
                        Taken::Whole
                    }
                    None => {
                        debug!(sequence = filled.sequence, "stale camera buffer dropped");
                        Taken::Dropped
                    }
                },
            };
        });
        match filled {
            Ok(()) => Ok(taken),
            Err(cause) if cause.kind() == io::ErrorKind::TimedOut => Err(self.timed_out()),
            Err(cause) => Err(CaptureError::Gone { device: self.settings.device_name(), cause }),
        }
    }

    fn decode(&self, session: &Session, kept: &Kept) -> Result<Frame, CaptureError> {
        let V4l2Settings { format, width, height, .. } = self.settings;
        format.decode(&kept.bytes, width, height, session.layout.stride).map_err(|error: FormatError| {
            debug!(sequence = kept.sequence, %error, "camera frame dropped");
            CaptureError::Damaged { source_name: self.settings.device_name(), format: format.to_string(), detail: error.to_string() }
        })
    }

    fn timed_out(&self) -> CaptureError {
        CaptureError::TimedOut { device: self.settings.device_name(), waited: self.settings.timeout }
    }
}

/// What came of asking for one buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Taken {
    /// A buffer that can be a whole new frame was kept.
    Whole,
    /// A buffer came that is not one.
    Dropped,
    /// No buffer came.
    Nothing,
}

impl Kept {
    fn with(&self, frame: Frame) -> Captured {
        Captured { frame, sequence: self.sequence, taken_at: self.taken_at }
    }
}

/// What shows, before decoding, that a buffer is no whole frame.
fn flaw(filled: &Filled<'_>, format: PixelFormat, bytes: usize) -> Option<&'static str> {
    if filled.damaged {
        Some("the driver marks it as damaged")
    } else if filled.bytes.len() < bytes {
        Some("too few bytes")
    } else if format == PixelFormat::Mjpg && !filled.bytes.starts_with(&JPEG_START) {
        Some("no JPEG start marker")
    } else {
        None
    }
}

impl Camera for V4l2Camera {
    fn capture(&mut self) -> Result<Captured, CaptureError> {
        let mut session = match self.session.take() {
            Some(session) => session,
            None => self.start()?,
        };
        // A session that had trouble is dropped, which stops the stream: after a time-out the `v4l` crate would queue a buffer twice.
        let captured = self.newest(&mut session)?;
        self.session = Some(session);
        Ok(captured)
    }

    fn describe(&self) -> String {
        let V4l2Settings { format, width, height, .. } = self.settings;
        format!("{}, {width}x{height} {format}", self.settings.device.display())
    }
}

#[cfg(test)]
mod fake;
#[cfg(test)]
mod tests;
