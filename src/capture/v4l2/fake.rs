//! A camera made of a list of things that will happen, with its own clock and a queue that behaves as drivers' queues do.

use std::{
    collections::VecDeque,
    io,
    ops::Range,
    path::Path,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use super::driver::{Control, Controls, Driver, Filled, Given, Node, Offer, Span, Stream};
use crate::capture::PixelFormat;

/// Something that happens to the device at a time.
#[derive(Debug, Clone)]
pub(super) enum Event {
    Buffer {
        bytes: Vec<u8>,
        damaged: bool,
        sequence: u32,
        dated: bool,
    },
    /// A whole buffer that arrives so long after it was taken.
    Belated {
        bytes: Vec<u8>,
        sequence: u32,
        age: Duration,
    },
    Unplugged,
}

pub(super) struct World {
    pub(super) now: Duration,
    /// What is still to come, in order of time.
    pub(super) timeline: VecDeque<(Duration, Event)>,
    queue: VecDeque<(Duration, Event)>,
    buffers: usize,
    /// What opening answers.
    pub(super) open: Result<(), io::ErrorKind>,
    /// What negotiation answers; `None`: exactly what is asked for.
    pub(super) given: Option<Given>,
    pub(super) offers: Vec<Offer>,
    pub(super) interval: Option<Duration>,
    pub(super) opened: u32,
    pub(super) started: u32,
    pub(super) stopped: u32,
    /// Times in which there is no device.
    pub(super) absent: Vec<Range<Duration>>,
    /// Times in which the device gives a format that nobody asked for.
    pub(super) misformatted: Vec<Range<Duration>>,
    /// From these times on, a session that was opened earlier gets nothing any more.
    pub(super) wedges: Vec<Duration>,
    /// From starting to the first frame that reaches a buffer.
    pub(super) start_up: Duration,
    pub(super) adjustable: Vec<Adjustable>,
    /// Every control that was set, in order, refused ones too.
    pub(super) written: Vec<(Control, i32)>,
    /// The descriptor is of a device that is gone: every question about controls is an error.
    pub(super) dead: bool,
}

/// A control of the fake.
pub(super) struct Adjustable {
    pub(super) control: Control,
    pub(super) span: Span,
    pub(super) value: i32,
    /// The error that setting it gives.
    pub(super) refuses: Option<i32>,
}

impl World {
    /// Moves what has happened by now into the driver's queue, which drops what it has no buffer for.
    fn arrive(&mut self) {
        while self.timeline.front().is_some_and(|(at, _)| *at <= self.now) {
            let event = self.timeline.pop_front().unwrap();
            if self.queue.len() < self.buffers || matches!(event.1, Event::Unplugged) {
                self.queue.push_back(event);
            }
        }
    }
}

#[derive(Clone)]
pub(super) struct Fake(Arc<Mutex<World>>);

impl Fake {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(World {
            now: Duration::from_secs(100),
            timeline: VecDeque::new(),
            queue: VecDeque::new(),
            buffers: 0,
            open: Ok(()),
            given: None,
            offers: vec![Offer { fourcc: *b"YUYV", sizes: vec!["640x480".into(), "1280x720".into()] }],
            interval: Some(Duration::from_millis(40)),
            opened: 0,
            started: 0,
            stopped: 0,
            absent: Vec::new(),
            misformatted: Vec::new(),
            wedges: Vec::new(),
            start_up: Duration::ZERO,
            adjustable: Vec::new(),
            written: Vec::new(),
            dead: false,
        })))
    }

    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap()
    }

    /// The world, unless the device is gone.
    fn alive(&self) -> io::Result<MutexGuard<'_, World>> {
        let world = self.world();
        if world.dead { Err(io::Error::from_raw_os_error(19)) } else { Ok(world) }
    }

    /// Gives the camera a control, which nobody has set yet.
    pub(super) fn with(&self, control: Control, span: Span) {
        self.world().adjustable.push(Adjustable { control, value: span.usual, span, refuses: None });
    }

    /// What a control of the camera is now.
    pub(super) fn value(&self, control: Control) -> i32 {
        self.world().adjustable.iter().find(|each| each.control == control).unwrap().value
    }

    /// Changes a control of the camera without anybody asking.
    pub(super) fn change(&self, control: Control, change: impl FnOnce(&mut Adjustable)) {
        change(self.world().adjustable.iter_mut().find(|each| each.control == control).unwrap());
    }

    /// An event that many milliseconds from the start of time (100 s).
    pub(super) fn at(&self, milliseconds: u64, event: Event) {
        self.world().timeline.push_back((Duration::from_millis(100_000 + milliseconds), event));
    }

    /// Time goes by while nobody asks the camera for anything.
    pub(super) fn pass(&self, milliseconds: u64) {
        let mut world = self.world();
        world.now += Duration::from_millis(milliseconds);
        world.arrive();
    }
}

impl Driver for Fake {
    fn open(&self, _: &Path) -> io::Result<Box<dyn Node>> {
        let mut world = self.world();
        world.open.map_err(io::Error::from)?;
        if world.absent.iter().any(|absent| absent.contains(&world.now)) {
            return Err(io::ErrorKind::NotFound.into());
        }
        world.opened += 1;
        Ok(Box::new(self.clone()))
    }

    fn now(&self) -> Duration {
        self.world().now
    }
}

impl Node for Fake {
    fn set_format(&mut self, format: PixelFormat, width: u32, height: u32) -> io::Result<Given> {
        let world = self.world();
        let odd = world.misformatted.iter().any(|odd| odd.contains(&world.now));
        let width = if odd { width * 2 } else { width };
        Ok(world.given.unwrap_or(Given {
            fourcc: format.fourcc(),
            width,
            height,
            stride: format.least_stride(width),
            size: 1 << 20,
            progressive: true,
            full_range: false,
        }))
    }

    fn offers(&mut self) -> Vec<Offer> {
        self.world().offers.clone()
    }

    fn interval(&mut self, _: Option<u32>) -> Option<Duration> {
        self.world().interval
    }

    fn start(self: Box<Self>, buffers: u32, _: Duration) -> io::Result<Box<dyn Stream>> {
        let mut world = self.world();
        world.buffers = buffers as usize;
        world.started += 1;
        let opened = world.now;
        let ready = opened + world.start_up;
        world.timeline.retain(|(at, event)| *at >= if matches!(event, Event::Unplugged) { opened } else { ready });
        world.queue.clear();
        drop(world);
        Ok(Box::new(Streaming { fake: *self, opened }))
    }
}

struct Streaming {
    fake: Fake,
    opened: Duration,
}

impl Controls for Streaming {
    fn span(&mut self, control: Control) -> io::Result<Option<Span>> {
        let world = self.fake.alive()?;
        Ok(world.adjustable.iter().find(|each| each.control == control).map(|each| each.span.clone()))
    }

    fn read(&mut self, control: Control) -> io::Result<i32> {
        let world = self.fake.alive()?;
        let found = world.adjustable.iter().find(|each| each.control == control);
        found.map(|each| each.value).ok_or_else(|| io::Error::from_raw_os_error(22))
    }

    fn write(&mut self, control: Control, value: i32) -> io::Result<()> {
        let mut world = self.fake.alive()?;
        world.written.push((control, value));
        let Some(found) = world.adjustable.iter_mut().find(|each| each.control == control) else {
            return Err(io::Error::from_raw_os_error(22));
        };
        match found.refuses {
            Some(code) => Err(io::Error::from_raw_os_error(code)),
            None => {
                found.value = value;
                Ok(())
            }
        }
    }
}

impl Stream for Streaming {
    fn next(&mut self, wait: Duration, look: &mut dyn FnMut(Filled<'_>)) -> io::Result<()> {
        let mut world = self.fake.world();
        world.arrive();
        let (now, opened) = (world.now, self.opened);
        if world.wedges.iter().any(|wedge| opened <= *wedge && *wedge <= now) {
            world.queue.retain(|(_, event)| matches!(event, Event::Unplugged));
            if world.queue.is_empty() {
                world.now += wait;
                return Ok(());
            }
        }
        if world.queue.is_empty() {
            let until = world.now + wait;
            world.now = world.timeline.front().map_or(until, |(at, _)| *at).min(until);
            world.arrive();
        }
        let event = world.queue.pop_front();
        drop(world);
        match event {
            Some((at, Event::Buffer { bytes, damaged, sequence, dated })) => {
                look(Filled { bytes: &bytes, damaged, sequence, taken_at: dated.then_some(at) });
                Ok(())
            }
            Some((at, Event::Belated { bytes, sequence, age })) => {
                look(Filled { bytes: &bytes, damaged: false, sequence, taken_at: Some(at - age) });
                Ok(())
            }
            Some((_, Event::Unplugged)) => Err(io::Error::from_raw_os_error(19)),
            None => Ok(()),
        }
    }
}

impl Drop for Streaming {
    fn drop(&mut self) {
        self.fake.world().stopped += 1;
    }
}
