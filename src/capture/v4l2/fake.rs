//! A camera made of a list of things that will happen, with its own clock and a queue that behaves as drivers' queues do.

use std::{
    collections::VecDeque,
    io,
    path::Path,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use super::driver::{Driver, Filled, Given, Node, Offer, Stream};
use crate::capture::PixelFormat;

/// Something that happens to the device at a time.
#[derive(Debug, Clone)]
pub(super) enum Event {
    Buffer { bytes: Vec<u8>, damaged: bool, sequence: u32, dated: bool },
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
    pub(super) stopped: u32,
}

impl World {
    /// Moves what has happened by now into the driver's queue, which drops what it has no buffer for.
    fn arrive(&mut self) {
        while self.timeline.front().is_some_and(|(at, _)| *at <= self.now) {
            let event = self.timeline.pop_front().unwrap();
            if self.queue.len() < self.buffers {
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
            stopped: 0,
        })))
    }

    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap()
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
        world.opened += 1;
        Ok(Box::new(self.clone()))
    }

    fn now(&self) -> Duration {
        self.world().now
    }
}

impl Node for Fake {
    fn set_format(&mut self, format: PixelFormat, width: u32, height: u32) -> io::Result<Given> {
        Ok(self.world().given.unwrap_or(Given {
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
        let now = world.now;
        world.timeline.retain(|(at, _)| *at >= now);
        world.queue.clear();
        drop(world);
        Ok(Box::new(Streaming(*self)))
    }
}

struct Streaming(Fake);

impl Stream for Streaming {
    fn next(&mut self, wait: Duration, look: &mut dyn FnMut(Filled<'_>)) -> io::Result<()> {
        let mut world = self.0.world();
        world.arrive();
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
            Some((_, Event::Unplugged)) => Err(io::Error::from_raw_os_error(19)),
            None => Ok(()),
        }
    }
}

impl Drop for Streaming {
    fn drop(&mut self) {
        self.0.world().stopped += 1;
    }
}
