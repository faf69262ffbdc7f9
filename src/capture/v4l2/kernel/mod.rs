//! The edge to the kernel: the `v4l` crate behind [`Driver`].
//!
//! Only translation and the care that crate needs; decisions belong to the session. Known of `v4l` 0.14:
//! a wait that times out inside its `next` leaves it queueing a buffer twice, so waiting is done here by `poll`;
//! it panics on device answers it does not know and on failures when dropped, so both are caught.

mod controls;

use std::{
    io,
    mem::ManuallyDrop,
    os::fd::BorrowedFd,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    time::{Duration, Instant},
};

use rustix::{
    fs::{FileType, major, stat},
    io::{FdFlags, fcntl_setfd},
};
use tracing::warn;
use v4l::{
    Device, Format, FourCC,
    buffer::{Flags, Type},
    capability,
    device::Handle,
    format::{FieldOrder, Quantization},
    framesize::FrameSizeEnum,
    io::{
        mmap,
        traits::{CaptureStream, Stream as _},
    },
    video::{Capture, capture::Parameters},
};

use super::driver::{Control, Controls, Driver, Filled, Given, Node, Offer, Span, Stream};
use crate::capture::PixelFormat;

/// `poll(2)`: there is data to read. The `v4l` crate takes the bare number.
const POLLIN: i16 = 0x001;
/// `errno(3)`: the device is gone.
const ENODEV: i32 = 19;
/// `errno(3)`: no such buffer or control.
const EINVAL: i32 = 22;
/// The most buffers that V4L2 gives (`VIDEO_MAX_FRAME`).
const MOST_BUFFERS: usize = 32;

/// The major number of every video device (`VIDEO_MAJOR`).
const VIDEO_MAJOR: u32 = 81;
/// The longest single wait: not every driver wakes those who wait when its device goes away, but every new wait then ends at once.
const LONGEST_WAIT: Duration = Duration::from_millis(100);

/// The kernel's V4L2 devices.
pub(super) struct Kernel;

impl Driver for Kernel {
    fn open(&self, path: &Path) -> io::Result<Box<dyn Node>> {
        // Opening is not harmless for every kind of device: `/dev/watchdog` begins to count down.
        let about = stat(path)?;
        if FileType::from_raw_mode(about.st_mode) != FileType::CharacterDevice || major(about.st_rdev) != VIDEO_MAJOR {
            return Err(io::Error::new(io::ErrorKind::Unsupported, "it is no video device"));
        }
        let device = caught(|| Device::with_path(path))?;
        // The program restarts itself by `exec`, and a camera that stays open is busy for the next run.
        fcntl_setfd(descriptor(&device.handle()), FdFlags::CLOEXEC)?;
        let able = caught(|| device.query_caps())
            .map_err(|cause| io::Error::new(io::ErrorKind::Unsupported, format!("it is no video device ({cause})")))?
            .capabilities;
        if !able.contains(capability::Flags::VIDEO_CAPTURE | capability::Flags::STREAMING) {
            return Err(io::Error::new(
                io::ErrorKind::Unsupported,
                format!("it does not stream video in a single plane (it can do {able})"),
            ));
        }
        Ok(Box::new(Open { device }))
    }

    fn now(&self) -> Duration {
        let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
        Duration::new(u64::try_from(now.tv_sec).unwrap_or(0), u32::try_from(now.tv_nsec).unwrap_or(0))
    }
}

struct Open {
    device: Device,
}

impl Node for Open {
    fn set_format(&mut self, format: PixelFormat, width: u32, height: u32) -> io::Result<Given> {
        // `Format::new` leaves stride and size 0: the driver chooses them anew and does not keep those of another format.
        let given = caught(|| self.device.set_format(&Format::new(width, height, FourCC::new(&format.fourcc()))))?;
        Ok(Given {
            fourcc: given.fourcc.repr,
            width: given.width,
            height: given.height,
            stride: given.stride,
            size: given.size,
            progressive: matches!(given.field_order, FieldOrder::Any | FieldOrder::Progressive),
            full_range: matches!(given.quantization, Quantization::FullRange),
        })
    }

    fn offers(&mut self) -> Vec<Offer> {
        let formats = caught(|| self.device.enum_formats()).unwrap_or_default();
        let sizes = |fourcc| {
            let sizes = caught(|| self.device.enum_framesizes(fourcc)).unwrap_or_default();
            sizes.into_iter().map(|size| match size.size {
                FrameSizeEnum::Discrete(size) => format!("{}x{}", size.width, size.height),
                FrameSizeEnum::Stepwise(size) => {
                    format!("{}x{} to {}x{}", size.min_width, size.min_height, size.max_width, size.max_height)
                }
            })
        };
        formats.into_iter().map(|format| Offer { fourcc: format.fourcc.repr, sizes: sizes(format.fourcc).collect() }).collect()
    }

    fn interval(&mut self, frames_per_second: Option<u32>) -> Option<Duration> {
        let settled = match frames_per_second {
            Some(rate) => caught(|| self.device.set_params(&Parameters::with_fps(rate.max(1)))),
            None => caught(|| self.device.params()),
        };
        match settled {
            Ok(parameters) => {
                let seconds = f64::from(parameters.interval.numerator) / f64::from(parameters.interval.denominator);
                Duration::try_from_secs_f64(seconds).ok().filter(|interval| !interval.is_zero())
            }
            Err(cause) => {
                // Many drivers have one rate and no call for it.
                if let Some(rate) = frames_per_second {
                    warn!(rate, %cause, "the camera takes no frame rate and keeps its own");
                }
                None
            }
        }
    }

    fn start(self: Box<Self>, buffers: u32, patience: Duration) -> io::Result<Box<dyn Stream>> {
        let stream = caught(|| mmap::Stream::with_buffers(&self.device, Type::VideoCapture, buffers))?;
        // From here on the stream is dropped by `Streaming`, with its care.
        let mut streaming = Streaming { stream: ManuallyDrop::new(stream) };
        let stream = &mut *streaming.stream;
        stream.set_timeout(patience.clamp(Duration::from_millis(1), Duration::from_secs(3600)));
        // All buffers but the first, which the first `next` queues. The driver may have given another number than asked for.
        for index in 1..MOST_BUFFERS {
            match CaptureStream::queue(stream, index) {
                Ok(()) => {}
                Err(cause) if cause.raw_os_error() == Some(EINVAL) && index > 1 => break,
                Err(cause) => return Err(cause),
            }
        }
        stream.start()?;
        Ok(Box::new(streaming))
    }
}

/// The descriptor of an open device.
fn descriptor(handle: &Handle) -> BorrowedFd<'_> {
    // SAFETY: the handle keeps the descriptor open until it is dropped, and it outlives what is borrowed from it here. The one early
    // close is at the end of `Streaming`, which hands out no descriptor after it.
    unsafe { BorrowedFd::borrow_raw(handle.fd()) }
}

struct Streaming {
    stream: ManuallyDrop<mmap::Stream<'static>>,
}

impl Controls for Streaming {
    fn span(&mut self, control: Control) -> io::Result<Option<Span>> {
        controls::span(descriptor(&self.stream.handle()), control)
    }

    fn read(&mut self, control: Control) -> io::Result<i32> {
        controls::read(descriptor(&self.stream.handle()), control)
    }

    fn write(&mut self, control: Control, value: i32) -> io::Result<()> {
        controls::write(descriptor(&self.stream.handle()), control, value)
    }
}

impl Stream for Streaming {
    fn next(&mut self, wait: Duration, look: &mut dyn FnMut(Filled<'_>)) -> io::Result<()> {
        let handle = self.stream.handle();
        let begun = Instant::now();
        loop {
            let left = wait.saturating_sub(begun.elapsed());
            let milliseconds = i32::try_from(left.min(LONGEST_WAIT).as_micros().div_ceil(1000)).unwrap_or(i32::MAX);
            match handle.poll(POLLIN, milliseconds) {
                Ok(0) if left <= LONGEST_WAIT => return Ok(()),
                Ok(0) => {}
                // A device that is gone is ready too, and says so when it is asked for its buffer.
                Ok(_) => break,
                Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
                Err(cause) => return Err(cause),
            }
        }
        let (buffer, about) = self.stream.next()?;
        let used = buffer.get(..about.bytesused as usize);
        let dated = about.flags & Flags::TIMESTAMP_MASK == Flags::TIMESTAMP_MONOTONIC;
        // The fields are as wide as the board's `time_t`.
        let stamp = (u64::try_from(about.timestamp.sec), u64::try_from(about.timestamp.usec));
        let taken_at = if let (true, (Ok(seconds), Ok(micros))) = (dated, stamp) {
            Some(Duration::from_secs(seconds).saturating_add(Duration::from_micros(micros)))
        } else {
            None
        };
        look(Filled {
            bytes: used.unwrap_or_default(),
            damaged: used.is_none() || about.flags.contains(Flags::ERROR),
            sequence: about.sequence,
            taken_at,
        });
        Ok(())
    }
}

impl Drop for Streaming {
    fn drop(&mut self) {
        // The one error that the crate's own drop passes over.
        let gone = |cause: &io::Error| cause.raw_os_error() == Some(ENODEV);
        match self.stream.stop() {
            Err(cause) if !gone(&cause) => {
                // Dropping would panic, and its arena's drop might panic meanwhile, which aborts. The mapped buffers are given up,
                // and the descriptor is closed so that the device can be opened again.
                warn!(%cause, "the camera could not be stopped; its buffers are given up");
                // SAFETY: nothing uses or closes the descriptor after this: its owner is counted by reference, and the count of the
                // stream, which is never dropped, keeps that owner from closing it again.
                unsafe { rustix::io::close(self.stream.handle().fd()) };
            }
            _ => {
                // SAFETY: `drop` runs once, and the stream is not used after it.
                if catch_unwind(AssertUnwindSafe(|| unsafe { ManuallyDrop::drop(&mut self.stream) })).is_err() {
                    warn!("the camera's buffers could not be given back");
                }
            }
        }
    }
}

/// Calls into the `v4l` crate, with a panic on an answer that it does not know as an error.
fn caught<T>(call: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|_| Err(io::Error::other("the device gives an answer that is not understood")))
}
