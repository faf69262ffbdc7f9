//! A [`Card`] of the kernel's, by the crate `drm`.

use std::{
    collections::HashMap,
    fs::{File, OpenOptions},
    io,
    os::fd::{AsFd, BorrowedFd},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use drm::{
    Device as _, DriverCapability,
    buffer::{Buffer as _, DrmFourcc},
    control::{
        self, ClipRect, Device as _, Event, ModeFlags, ModeTypeFlags, PageFlipFlags, connector, crtc, dumbbuffer::DumbBuffer, framebuffer,
    },
};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
};

use super::{
    card::{Buffer, Card, Connector, Mode},
    error::KmsError,
};
use crate::{display::monotonic, frame::Region};

/// A card that is open.
#[derive(Debug)]
pub struct DrmCard {
    node: Node,
    path: PathBuf,
    buffers: HashMap<u32, (DumbBuffer, framebuffer::Handle)>,
    /// What each CRTC showed before it was first changed, and on which connector.
    before: HashMap<u32, (crtc::Info, connector::Handle)>,
    /// Whether flips are timed on `CLOCK_MONOTONIC`.
    monotonic: bool,
}

#[derive(Debug)]
struct Node(File);

impl AsFd for Node {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl drm::Device for Node {}
impl control::Device for Node {}

fn open(path: &Path) -> io::Result<Node> {
    OpenOptions::new().read(true).write(true).open(path).map(Node)
}

impl DrmCard {
    /// Opens a card such as `/dev/dri/card0`.
    ///
    /// # Errors
    /// [`KmsError::Open`] when it is not there, [`KmsError::NotKms`] when it is something else or cannot hold plain pictures.
    pub fn open(path: &Path) -> Result<Self, KmsError> {
        let node = open(path).map_err(|cause| KmsError::Open { path: path.to_owned(), cause })?;
        let not_kms = |cause| KmsError::NotKms { path: path.to_owned(), cause };
        if node.get_driver_capability(DriverCapability::DumbBuffer).map_err(not_kms)? == 0 {
            return Err(not_kms(io::Error::new(io::ErrorKind::Unsupported, "its driver has no dumb buffers")));
        }
        let monotonic = node.get_driver_capability(DriverCapability::MonotonicTimestamp).is_ok_and(|answer| answer == 1);
        Ok(Self { node, path: path.to_owned(), buffers: HashMap::new(), before: HashMap::new(), monotonic })
    }

    fn connector(&self, handle: connector::Handle, probe: bool) -> io::Result<Option<Connector>> {
        let info = self.node.get_connector(handle, probe)?;
        if info.interface() == connector::Interface::Writeback {
            return Ok(None);
        }
        let modes: Vec<Mode> = info.modes().iter().filter(|mode| !mode.flags().contains(ModeFlags::INTERLACE)).map(plain).collect();
        let resources = self.node.resource_handles()?;
        let mut crtcs = Vec::new();
        for encoder in info.encoders() {
            let possible = self.node.get_encoder(*encoder)?.possible_crtcs();
            crtcs.extend(
                resources.filter_crtcs(possible).into_iter().map(u32::from).filter(|crtc| !crtcs.contains(crtc)).collect::<Vec<_>>(),
            );
        }
        let current = match info.current_encoder() {
            Some(encoder) => self.node.get_encoder(encoder)?.crtc().map(u32::from),
            None => None,
        };
        // Some panels cannot tell whether they are there; with modes they count.
        let connected = match info.state() {
            connector::State::Connected => true,
            connector::State::Unknown => !modes.is_empty(),
            connector::State::Disconnected => false,
        };
        let thin = matches!(info.interface(), connector::Interface::SPI | connector::Interface::USB);
        Ok(Some(Connector { id: handle.into(), name: info.to_string(), connected, modes, crtcs, current, thin }))
    }

    fn framebuffer(&self, buffer: Buffer) -> io::Result<framebuffer::Handle> {
        self.buffers.get(&buffer.id).map(|(_, framebuffer)| *framebuffer).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn discard(&self, (memory, framebuffer): (DumbBuffer, framebuffer::Handle)) {
        // Both can fail only when the card is gone, and the memory with it.
        let _ = self.node.destroy_framebuffer(framebuffer);
        let _ = self.node.destroy_dumb_buffer(memory);
    }
}

fn plain(mode: &control::Mode) -> Mode {
    let (width, height) = mode.size();
    let preferred = mode.mode_type().contains(ModeTypeFlags::PREFERRED);
    Mode { width: width.into(), height: height.into(), refresh: mode.vrefresh(), preferred }
}

/// The kernel's numbers start at 1.
fn handle<T: From<control::RawResourceHandle>>(id: u32) -> io::Result<T> {
    control::from_u32(id).ok_or_else(|| io::ErrorKind::InvalidInput.into())
}

impl Card for DrmCard {
    fn path(&self) -> &Path {
        &self.path
    }

    fn reopen(&mut self) -> io::Result<()> {
        self.node = open(&self.path)?;
        self.buffers.clear();
        self.before.clear();
        Ok(())
    }

    fn become_master(&self) -> io::Result<()> {
        self.node.acquire_master_lock()
    }

    fn connectors(&self, probe: bool) -> io::Result<Vec<Connector>> {
        let handles = self.node.resource_handles()?;
        handles.connectors().iter().filter_map(|handle| self.connector(*handle, probe).transpose()).collect()
    }

    fn is_connected(&self, connector: u32) -> io::Result<bool> {
        Ok(self.connector(handle(connector)?, false)?.is_some_and(|connector| connector.connected))
    }

    fn make_buffer(&mut self, width: u32, height: u32) -> io::Result<Buffer> {
        let memory = self.node.create_dumb_buffer((width, height), DrmFourcc::Xrgb8888, 32)?;
        let framebuffer = self.node.add_framebuffer(&memory, 24, 32).inspect_err(|_| {
            let _ = self.node.destroy_dumb_buffer(memory);
        })?;
        let id = u32::from(framebuffer);
        self.buffers.insert(id, (memory, framebuffer));
        Ok(Buffer { id, pitch: memory.pitch() as usize })
    }

    fn free_buffer(&mut self, buffer: Buffer) {
        if let Some(found) = self.buffers.remove(&buffer.id) {
            self.discard(found);
        }
    }

    fn draw(&mut self, buffer: Buffer, draw: &mut dyn FnMut(&mut [u8])) -> io::Result<()> {
        let (memory, _) = self.buffers.get_mut(&buffer.id).ok_or(io::ErrorKind::NotFound)?;
        let mut mapping = self.node.map_dumb_buffer(memory)?;
        draw(&mut mapping);
        Ok(())
    }

    fn set_mode(&mut self, connector: u32, crtc: u32, mode: &Mode, buffer: Buffer) -> io::Result<()> {
        let connector = handle(connector)?;
        let framebuffer = self.framebuffer(buffer)?;
        if let std::collections::hash_map::Entry::Vacant(entry) = self.before.entry(crtc) {
            entry.insert((self.node.get_crtc(handle(crtc)?)?, connector));
        }
        let info = self.node.get_connector(connector, false)?;
        let full = info.modes().iter().find(|full| plain(full) == *mode && !full.flags().contains(ModeFlags::INTERLACE));
        let full = full.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "the screen does not have the mode any more"))?;
        self.node.set_crtc(handle(crtc)?, Some(framebuffer), (0, 0), &[connector], Some(*full))
    }

    fn switch_off(&self, crtc: u32) -> io::Result<()> {
        self.node.set_crtc(handle(crtc)?, None, (0, 0), &[], None)
    }

    fn flip(&self, crtc: u32, buffer: Buffer) -> io::Result<()> {
        self.node.page_flip(handle(crtc)?, self.framebuffer(buffer)?, PageFlipFlags::EVENT, None)
    }

    fn await_flip(&self, crtc: u32, limit: Duration) -> io::Result<Option<Duration>> {
        let begin = Instant::now();
        loop {
            let left = limit.saturating_sub(begin.elapsed());
            let timeout = Timespec { tv_sec: left.as_secs() as i64, tv_nsec: left.subsec_nanos().into() };
            let mut descriptors = [PollFd::new(&self.node, PollFlags::IN)];
            match poll(&mut descriptors, Some(&timeout)) {
                Ok(0) if left.is_zero() => return Ok(None),
                Ok(0) | Err(Errno::INTR) => continue,
                // A card that is gone has nothing to read, and reading would wait for ever.
                Ok(_) if !descriptors[0].revents().contains(PollFlags::IN) => return Err(Errno::NODEV.into()),
                Ok(_) => {}
                Err(cause) => return Err(cause.into()),
            }
            for event in self.node.receive_events()? {
                if let Event::PageFlip(flip) = event
                    && u32::from(flip.crtc) == crtc
                {
                    return Ok(Some(if self.monotonic { flip.duration } else { monotonic() }));
                }
            }
        }
    }

    fn mark_dirty(&self, buffer: Buffer, regions: &[Region]) -> io::Result<()> {
        // A side of a region is at most that of a mode, which has 16 bits.
        let clip = |region: &Region| {
            let [left, top, right, bottom] =
                [region.x, region.y, region.x + region.width, region.y + region.height].map(|side| side as u16);
            ClipRect::new(left, top, right, bottom)
        };
        self.node.dirty_framebuffer(self.framebuffer(buffer)?, &regions.iter().map(clip).collect::<Vec<_>>())
    }

    fn power(&self, connector: u32, on: bool) -> io::Result<()> {
        const ON: u64 = 0;
        const OFF: u64 = 3;
        let connector: connector::Handle = handle(connector)?;
        let properties = self.node.get_properties(connector)?.as_hashmap(&self.node)?;
        let dpms = properties.get("DPMS").ok_or(io::ErrorKind::Unsupported)?;
        self.node.set_property(connector, dpms.handle(), if on { ON } else { OFF })
    }
}

impl Drop for DrmCard {
    fn drop(&mut self) {
        for (crtc, (before, connector)) in &self.before {
            let Ok(crtc) = handle(*crtc) else { continue };
            let connectors: &[connector::Handle] = if before.mode().is_some() { &[*connector] } else { &[] };
            let restored = self.node.set_crtc(crtc, before.framebuffer(), before.position(), connectors, before.mode());
            // What was shown may be gone with the program that showed it; dark is the next best.
            if restored.is_err() {
                let _ = self.node.set_crtc(crtc, None, (0, 0), &[], None);
            }
        }
        for found in std::mem::take(&mut self.buffers).into_values() {
            self.discard(found);
        }
    }
}
