//! A card in memory: what its screen shows can be looked at, and everything that can go wrong on a real one can be made to.

use std::{
    collections::BTreeMap,
    io,
    path::Path,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use rustix::io::Errno;

use super::card::{Buffer, Card, Connector, Mode};
use crate::frame::{Frame, Region};

/// Bytes by which a line is longer than its pixels, as real ones are.
const PADDING: usize = 24;

#[derive(Debug, Clone)]
pub(super) struct FakeCard(Arc<Mutex<State>>);

#[derive(Debug)]
pub(super) struct State {
    pub(super) connectors: Vec<Connector>,
    pub(super) flips: Flips,
    /// The operation of this name fails.
    pub(super) failing: Option<(&'static str, Errno)>,
    pub(super) powered: bool,
    pub(super) on_glass: Option<u32>,
    pub(super) opened: u32,
    pub(super) modes_set: u32,
    /// Regions that were marked as changed.
    pub(super) dirty: Vec<Region>,
    /// Whether a buffer was drawn into while it was being shown.
    pub(super) torn: bool,
    buffers: BTreeMap<u32, (u32, u32, Vec<u8>)>,
    last: u32,
    flip: Option<u32>,
    now: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flips {
    Come,
    /// The buffers change places, but nobody hears of it.
    Unheard,
    /// Neither.
    Lost,
}

impl FakeCard {
    /// A card with an HDMI socket and the panel of a Raspberry Pi, both connected.
    pub(super) fn new() -> Self {
        let mode = |width, height, preferred| Mode { width, height, refresh: 60, preferred };
        let connector = |id, name: &str, modes| Connector {
            id,
            name: name.to_owned(),
            connected: true,
            modes,
            crtcs: vec![50, 51],
            current: None,
            thin: false,
        };
        Self(Arc::new(Mutex::new(State {
            connectors: vec![
                connector(1, "DSI-1", vec![mode(80, 48, true), mode(64, 48, false)]),
                connector(2, "HDMI-A-1", vec![mode(96, 54, false)]),
            ],
            flips: Flips::Come,
            failing: None,
            powered: true,
            on_glass: None,
            opened: 1,
            modes_set: 0,
            dirty: Vec::new(),
            torn: false,
            buffers: BTreeMap::new(),
            last: 0,
            flip: None,
            now: Duration::from_secs(100),
        })))
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// What a person sees.
    pub(super) fn seen(&self) -> Option<Frame> {
        let state = self.state();
        let (width, height, memory) = state.buffers.get(&state.on_glass.filter(|_| state.powered)?)?;
        let pitch = *width as usize * 4 + PADDING;
        let pixel = |x: u32, y: u32| {
            let at = y as usize * pitch + x as usize * 4;
            [memory[at + 2], memory[at + 1], memory[at]]
        };
        Some(Frame::from_fn(*width, *height, pixel).unwrap())
    }

    pub(super) fn buffers(&self) -> usize {
        self.state().buffers.len()
    }
}

impl State {
    fn may(&self, operation: &str) -> io::Result<()> {
        match self.failing {
            Some((failing, errno)) if failing == operation => Err(errno.into()),
            _ => Ok(()),
        }
    }
}

impl Card for FakeCard {
    fn path(&self) -> &Path {
        Path::new("/dev/dri/card7")
    }

    fn reopen(&mut self) -> io::Result<()> {
        let mut state = self.state();
        state.may("reopen")?;
        state.opened += 1;
        state.buffers.clear();
        Ok(())
    }

    fn become_master(&self) -> io::Result<()> {
        self.state().may("become_master")
    }

    fn connectors(&self, _probe: bool) -> io::Result<Vec<Connector>> {
        let state = self.state();
        state.may("connectors")?;
        Ok(state.connectors.clone())
    }

    fn is_connected(&self, connector: u32) -> io::Result<bool> {
        let state = self.state();
        state.may("is_connected")?;
        Ok(state.connectors.iter().any(|found| found.id == connector && found.connected))
    }

    fn make_buffer(&mut self, width: u32, height: u32) -> io::Result<Buffer> {
        let mut state = self.state();
        state.may("make_buffer")?;
        state.last += 1;
        let (id, pitch) = (state.last, width as usize * 4 + PADDING);
        state.buffers.insert(id, (width, height, vec![0; pitch * height as usize]));
        Ok(Buffer { id, pitch })
    }

    fn free_buffer(&mut self, buffer: Buffer) {
        self.state().buffers.remove(&buffer.id);
    }

    fn draw(&mut self, buffer: Buffer, draw: &mut dyn FnMut(&mut [u8])) -> io::Result<()> {
        let mut state = self.state();
        state.may("draw")?;
        state.torn |= state.on_glass == Some(buffer.id);
        draw(&mut state.buffers.get_mut(&buffer.id).ok_or(Errno::NOENT)?.2);
        Ok(())
    }

    fn set_mode(&mut self, _connector: u32, _crtc: u32, mode: &Mode, buffer: Buffer) -> io::Result<()> {
        let mut state = self.state();
        state.may("set_mode")?;
        let size = state.buffers.get(&buffer.id).map(|(width, height, _)| (*width, *height));
        assert_eq!(size, Some((mode.width, mode.height)));
        state.on_glass = Some(buffer.id);
        state.modes_set += 1;
        Ok(())
    }

    fn switch_off(&self, _crtc: u32) -> io::Result<()> {
        self.state().on_glass = None;
        Ok(())
    }

    fn flip(&self, _crtc: u32, buffer: Buffer) -> io::Result<()> {
        let mut state = self.state();
        state.may("flip")?;
        if state.flip.is_some() {
            return Err(Errno::BUSY.into());
        }
        state.flip = Some(buffer.id);
        if state.flips == Flips::Unheard {
            state.on_glass = Some(buffer.id);
        }
        Ok(())
    }

    fn await_flip(&self, _crtc: u32, _limit: Duration) -> io::Result<Option<Duration>> {
        let mut state = self.state();
        state.may("await_flip")?;
        if state.flips != Flips::Come {
            return Ok(None);
        }
        let Some(buffer) = state.flip.take() else { return Ok(None) };
        state.on_glass = Some(buffer);
        state.now += Duration::from_millis(16);
        Ok(Some(state.now))
    }

    fn mark_dirty(&self, _buffer: Buffer, regions: &[Region]) -> io::Result<()> {
        let mut state = self.state();
        state.may("mark_dirty")?;
        state.dirty.extend_from_slice(regions);
        Ok(())
    }

    fn power(&self, _connector: u32, on: bool) -> io::Result<()> {
        let mut state = self.state();
        state.may("power")?;
        state.powered = on;
        Ok(())
    }
}
