//! A real camera through Video4Linux2: opens, negotiates, hands over the newest whole frame, and starts again after any trouble.
//!
//! What a camera session must do stands here and is tested against a fake driver; [`driver`] is the seam, `kernel` the
//! thin edge to the `v4l` crate. Nothing outside this folder knows V4L2. It must never hand over a frame that was taken
//! before another one already handed over, nor one that waited in the driver's queue while nobody asked.

mod controls;
mod driver;
mod hold;
#[cfg(target_os = "linux")]
mod kernel;
mod negotiate;
mod order;

use std::{io, path::PathBuf, time::Duration};

use tracing::{debug, info, warn};

pub use self::controls::{Adjustment, ControlSettings, PowerLine};
use self::{
    driver::{Driver, Filled, Stream},
    hold::Hold,
    negotiate::Layout,
    order::Order,
};
use super::{Camera, CaptureError, Captured, ControlReading, PixelFormat, format::FormatError};
use crate::frame::Frame;

/// A frame found waiting is fresh when it is at most this many frame intervals old: one to expose and send it, one in the queue.
const FRESH_INTERVALS: u32 = 2;
/// The frame interval of a device that does not say.
const USUAL_INTERVAL: Duration = Duration::from_millis(50);
/// A camera that has given frames and then gives none for this many of its intervals has stalled.
const STALLED_INTERVALS: u32 = 8;
/// The least time that is called a stall: four frames of the slowest rate that cameras fall to by themselves in the dark, 5 a second.
const LEAST_STALL: Duration = Duration::from_millis(800);
/// A frame rate that differs by more than this share from the one asked for is another one. Cameras count 29.97 as 30.
const RATE_TOLERANCE: f64 = 0.02;
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
    /// How long to wait for a frame before giving up on the session. Once a session has given frames, it is given up earlier, after
    /// eight frames' time or 0.8 seconds, whichever is longer.
    pub timeout: Duration,
    /// How many frame buffers the driver gets, 2 to 32.
    pub buffers: u32,
    /// Exposure, white balance, focus, gain and flicker; set whenever the camera is opened.
    pub controls: ControlSettings,
}

impl V4l2Settings {
    /// How long to wait for the first frame where nothing else is asked for. One session that never gives a frame, and the start
    /// of the next one, fit into the two seconds within which a camera that works again has to be seen to work.
    pub const USUAL_TIMEOUT: Duration = Duration::from_millis(1500);

    /// Settings with the usual time-out, 4 buffers, and the device's own frame rate and controls.
    #[must_use]
    pub fn new(device: impl Into<PathBuf>, width: u32, height: u32, format: PixelFormat) -> Self {
        Self {
            device: device.into(),
            width,
            height,
            format,
            frames_per_second: None,
            timeout: Self::USUAL_TIMEOUT,
            buffers: 4,
            controls: ControlSettings::default(),
        }
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
    hold: Hold,
    readings: Vec<ControlReading>,
}

/// One time of streaming, from opening to the first trouble.
struct Session {
    stream: Box<dyn Stream>,
    layout: Layout,
    interval: Duration,
    /// It has given a frame.
    proven: bool,
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
        let mut camera = Self { settings, driver, session: None, order: Order::default(), hold: Hold::default(), readings: Vec::new() };
        camera.session = Some(camera.start()?);
        Ok(camera)
    }

    fn start(&mut self) -> Result<Session, CaptureError> {
        let settings = &self.settings;
        let refuse = |cause: io::Error| CaptureError::Open { source_name: settings.device_name(), cause };
        let mut node = self.driver.open(&settings.device).map_err(refuse)?;
        let layout = negotiate::agree(node.as_mut(), settings)?;
        let interval = node.interval(settings.frames_per_second);
        let mut stream = node.start(settings.buffers.clamp(2, 32), settings.timeout).map_err(refuse)?;
        info!(device = %settings.device.display(), format = %settings.format, ?layout, ?interval, "camera started");
        // Now and not before: there are cameras that forget what they were told when they start to stream.
        let mut readings: Vec<_> = settings.frames_per_second.map(|asked| rate_reading(asked, interval)).into_iter().collect();
        self.hold.release(stream.as_mut()).map_err(|cause| self.gone(cause))?;
        self.hold.forget();
        readings.extend(controls::apply(&self.settings.controls, stream.as_mut()).map_err(|cause| self.gone(cause))?);
        // Once, not twice a second while a camera comes and goes.
        if readings != self.readings {
            controls::log(&readings);
        }
        self.readings = readings;
        self.order.new_session();
        Ok(Session { stream, layout, interval: interval.unwrap_or(USUAL_INTERVAL), proven: false })
    }

    /// Takes the newest whole frame of a running session; any error means that the session is over.
    fn newest(&mut self, session: &mut Session) -> Result<Captured, CaptureError> {
        let asked = self.driver.now();
        let patience = session.patience(self.settings.timeout);
        let deadline = asked + patience;
        // What the queue holds was taken while nobody asked; a full queue makes the driver drop the newer frames instead of these.
        let mut kept = Kept::default();
        let mut waiting = false;
        for _ in 0..=self.settings.buffers.clamp(2, 32) {
            match self.take(session, Duration::ZERO, patience, &mut kept)? {
                Taken::Whole => waiting = true,
                Taken::Flawed(_) | Taken::Stale => {}
                Taken::Nothing => break,
            }
        }
        let waited = |kept: &Kept| asked.saturating_sub(kept.taken_at);
        let fresh = waiting && kept.dated && waited(&kept) <= session.interval * FRESH_INTERVALS;
        let mut trouble = None;
        if fresh {
            match self.decode(session, &kept) {
                Ok(frame) => return Ok(kept.with(frame)),
                Err(error) => trouble = Some(error),
            }
        }
        loop {
            let left = deadline.saturating_sub(self.driver.now());
            match self.take(session, left, patience, &mut kept)? {
                // From before a stall, however it comes that it arrives only now.
                Taken::Whole if waited(&kept) > session.stall() => {
                    debug!(sequence = kept.sequence, old = ?waited(&kept), "a camera frame from long ago dropped");
                }
                Taken::Whole => match self.decode(session, &kept) {
                    Ok(frame) => return Ok(kept.with(frame)),
                    Err(error) => trouble = Some(error),
                },
                Taken::Flawed(flaw) => trouble = Some(self.damaged(flaw)),
                Taken::Stale | Taken::Nothing => {}
            }
            if self.driver.now() >= deadline {
                return Err(trouble.unwrap_or_else(|| self.timed_out(patience)));
            }
        }
    }

    /// Takes one buffer off the queue, waiting at most `wait` for it; copies it to `kept` when it can be a whole new frame.
    fn take(&mut self, session: &mut Session, wait: Duration, patience: Duration, kept: &mut Kept) -> Result<Taken, CaptureError> {
        let format = self.settings.format;
        let (order, driver) = (&mut self.order, &self.driver);
        let mut taken = Taken::Nothing;
        let filled = session.stream.next(wait, &mut |filled| {
            taken = match flaw(&filled, format, session.layout.bytes) {
                Some(flaw) => {
                    debug!(sequence = filled.sequence, flaw, "camera buffer dropped");
                    Taken::Flawed(flaw)
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
                        Taken::Stale
                    }
                },
            };
        });
        match filled {
            Ok(()) => Ok(taken),
            Err(cause) if cause.kind() == io::ErrorKind::TimedOut => Err(self.timed_out(patience)),
            Err(cause) => Err(self.gone(cause)),
        }
    }

    fn decode(&self, session: &Session, kept: &Kept) -> Result<Frame, CaptureError> {
        let V4l2Settings { format, width, height, .. } = self.settings;
        format.decode(&kept.bytes, width, height, session.layout.stride).map_err(|error: FormatError| {
            debug!(sequence = kept.sequence, %error, "camera frame dropped");
            self.damaged(error)
        })
    }

    fn damaged(&self, detail: impl ToString) -> CaptureError {
        let format = self.settings.format;
        CaptureError::Damaged { source_name: self.settings.device_name(), format: format.to_string(), detail: detail.to_string() }
    }

    fn timed_out(&self, waited: Duration) -> CaptureError {
        CaptureError::TimedOut { device: self.settings.device_name(), waited }
    }

    fn gone(&self, cause: io::Error) -> CaptureError {
        CaptureError::Gone { device: self.settings.device_name(), cause }
    }

    /// Asks the running session's device something; a session whose device is gone is over.
    fn ask(&mut self, what: impl FnOnce(&mut Hold, &mut dyn Stream) -> io::Result<()>) -> Result<(), CaptureError> {
        let Some(session) = &mut self.session else { return Ok(()) };
        what(&mut self.hold, session.stream.as_mut()).map_err(|cause| {
            self.session = None;
            self.gone(cause)
        })
    }
}

/// What came of asking for one buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Taken {
    /// A buffer that can be a whole new frame was kept.
    Whole,
    /// A buffer came that is not one, and why.
    Flawed(&'static str),
    /// A buffer came that is no newer than one before it.
    Stale,
    /// No buffer came.
    Nothing,
}

impl Session {
    /// How long to wait for a frame.
    fn patience(&self, timeout: Duration) -> Duration {
        if self.proven { timeout.min(self.stall()) } else { timeout }
    }

    /// How long a camera that works may take for a frame, or a frame for its way through the camera.
    fn stall(&self) -> Duration {
        (self.interval * STALLED_INTERVALS).max(LEAST_STALL)
    }
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
        session.proven = true;
        self.session = Some(session);
        Ok(captured)
    }

    /// The camera keeps whatever it has chosen by itself. An error of [`capture`](Camera::capture) ends it: a camera that had to be
    /// opened again has to find its exposure again.
    fn hold_still(&mut self) -> Result<(), CaptureError> {
        if self.session.is_none() {
            self.session = Some(self.start()?);
        }
        self.ask(|hold, camera| hold.take(camera))
    }

    fn let_go(&mut self) -> Result<(), CaptureError> {
        // Without a session, this is done as soon as there is one.
        self.ask(|hold, camera| hold.release(camera))
    }

    fn controls(&self) -> Vec<ControlReading> {
        self.readings.clone()
    }

    fn now(&self) -> Option<Duration> {
        Some(self.driver.now())
    }

    fn describe(&self) -> String {
        let V4l2Settings { format, width, height, .. } = self.settings;
        format!("{}, {width}x{height} {format}", self.settings.device.display())
    }
}

impl Drop for V4l2Camera {
    fn drop(&mut self) {
        if !self.hold.is_empty()
            && let Err(error) = self.let_go()
        {
            warn!(%error, "the camera keeps exposure, white balance, focus and gain where they are");
        }
    }
}

/// What came of asking for a frame rate.
fn rate_reading(asked: u32, interval: Option<Duration>) -> ControlReading {
    let found = interval.map(|interval| 1.0 / interval.as_secs_f64());
    let same = found.is_none_or(|found| (found / f64::from(asked) - 1.0).abs() <= RATE_TOLERANCE);
    let found = found.map(|found| if same { asked.to_string() } else { format!("{}", (found * 100.0).round() / 100.0) });
    ControlReading { name: "fps", asked: asked.to_string(), found }
}

#[cfg(test)]
mod control_tests;
#[cfg(test)]
mod fake;
#[cfg(test)]
mod recovery_tests;
#[cfg(test)]
mod tests;
