//! What a screen is fed with: two buffers, what each of them holds, and the way from one picture to the next.

use std::{io, time::Duration};

use rustix::io::Errno;

use super::{
    card::{Buffer, Card},
    choice::Choice,
};
use crate::{
    display::{PixelLayout, Rotation, Shown, damage::Held, surface::area},
    frame::{Frame, Region},
};

/// How long a flip may take. At 24 pictures a second it takes 42 ms at most; a driver that needs longer than this has lost it.
const FLIP_LIMIT: Duration = Duration::from_millis(250);

#[derive(Debug)]
pub(super) struct Output {
    pub(super) choice: Choice,
    pub(super) buffers: [Buffer; 2],
    held: [Held; 2],
    /// The buffer that the screen shows.
    front: usize,
    pub(super) way: Way,
}

/// How the next picture gets onto the glass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// Together with the mode: the first picture.
    SetMode,
    /// Into the hidden buffer, then a flip.
    Flip,
    /// Into the buffer that is being shown.
    Direct,
    /// Into both, because a flip was lost on the way and nobody knows which one is being shown.
    Both,
}

/// What was asked of the driver, and what it said.
pub(super) type Failure = (&'static str, io::Error);

impl Output {
    /// Nothing is shown before the first picture, which brings the mode along.
    pub(super) fn new(choice: Choice, buffers: [Buffer; 2]) -> Self {
        Self { choice, buffers, held: [Held::default(), Held::default()], front: 1, way: Way::SetMode }
    }

    /// Whether the screen shows `picture` already.
    pub(super) fn shows(&self, picture: &Frame) -> bool {
        self.way != Way::SetMode && self.held[self.front].is(picture)
    }

    /// Brings `picture`, turned by `rotation`, onto the glass, and returns when it is there.
    pub(super) fn present(&mut self, card: &mut impl Card, rotation: Rotation, picture: &Frame) -> Result<Shown, Failure> {
        self.find_lost_flip(card);
        let back = 1 - self.front;
        match self.way {
            Way::SetMode => {
                let regions = self.draw(card, back, rotation, picture)?;
                let Choice { connector, crtc, mode } = &self.choice;
                card.set_mode(connector.id, *crtc, mode, self.buffers[back]).map_err(|cause| ("set the screen's mode", cause))?;
                self.front = back;
                self.way = if connector.thin { Way::Direct } else { Way::Flip };
                Ok(Shown::now(area(&regions)))
            }
            Way::Flip => {
                let regions = self.draw(card, back, rotation, picture)?;
                let flipped = self.flip(card, back).map_err(|cause| ("flip to the next picture", cause))?;
                let Some(at) = flipped else { return self.present(card, rotation, picture) };
                self.front = back;
                Ok(Shown { at, pixels: area(&regions) })
            }
            Way::Direct | Way::Both => {
                let buffers = if self.way == Way::Both { [self.front, back].to_vec() } else { vec![self.front] };
                let mut pixels = 0;
                for buffer in buffers {
                    let regions = self.draw(card, buffer, rotation, picture)?;
                    let size = (picture.width(), picture.height());
                    let on_glass: Vec<Region> = regions.iter().map(|region| rotation.region(*region, size)).collect();
                    // Most drivers need not be told and say so; a screen that is gone is noticed by itself.
                    let _ = card.mark_dirty(self.buffers[buffer], &on_glass);
                    pixels = area(&regions);
                }
                Ok(Shown::now(pixels))
            }
        }
    }

    /// A flip that was given up and came later after all: from then on flips are good again.
    fn find_lost_flip(&mut self, card: &impl Card) {
        if self.way == Way::Both && matches!(card.await_flip(self.choice.crtc, Duration::ZERO), Ok(Some(_))) {
            tracing::info!(connector = self.choice.connector.name, "the lost page flip came; pictures are flipped again");
            self.front = 1 - self.front;
            self.way = Way::Flip;
        }
    }

    /// Brings a buffer up to date; says which parts of the picture that took.
    fn draw(&mut self, card: &mut impl Card, buffer: usize, rotation: Rotation, picture: &Frame) -> Result<Vec<Region>, Failure> {
        let regions = self.held[buffer].changes(picture);
        let pitch = self.buffers[buffer].pitch;
        card.draw(self.buffers[buffer], &mut |memory| paint(memory, pitch, rotation, picture, &regions)).map_err(|cause| {
            self.held[buffer].forget();
            ("give access to a picture's memory", cause)
        })?;
        self.held[buffer].keep(picture, &regions);
        Ok(regions)
    }

    /// When the flip to the buffer `back` happened; `None`, with another way to go on, when flips do not work here.
    fn flip(&mut self, card: &impl Card, back: usize) -> Result<Option<Duration>, io::Error> {
        let crtc = self.choice.crtc;
        let mut asked = card.flip(crtc, self.buffers[back]);
        if errno(&asked) == Some(Errno::BUSY) {
            // An earlier flip is outstanding; its event makes room for this one.
            card.await_flip(crtc, FLIP_LIMIT)?;
            asked = card.flip(crtc, self.buffers[back]);
        }
        let connector = &self.choice.connector.name;
        match errno(&asked) {
            Some(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {
                tracing::info!(connector, "the driver has no page flips; pictures are drawn where they are seen");
                self.way = Way::Direct;
                return Ok(None);
            }
            Some(Errno::BUSY) => {}
            _ => {
                asked?;
                if let Some(at) = card.await_flip(crtc, FLIP_LIMIT)? {
                    return Ok(Some(at));
                }
            }
        }
        tracing::warn!(connector, limit_ms = FLIP_LIMIT.as_millis(), "a page flip did not come; pictures are drawn without them");
        self.way = Way::Both;
        Ok(None)
    }
}

fn errno<T>(result: &io::Result<T>) -> Option<Errno> {
    result.as_ref().err().and_then(Errno::from_io_error)
}

/// Writes the `regions` of `picture`, given as the picture has them, into the memory of a turned screen.
fn paint(memory: &mut [u8], pitch: usize, rotation: Rotation, picture: &Frame, regions: &[Region]) {
    let layout = PixelLayout::XRGB8888;
    let mut turned = Vec::new();
    for region in regions {
        let on_glass = rotation.region(*region, (picture.width(), picture.height()));
        let columns = on_glass.x..on_glass.x + on_glass.width;
        for y in on_glass.y..on_glass.y + on_glass.height {
            let line = rotation.line(picture, y, columns.clone(), &mut turned);
            let at = y as usize * pitch + columns.start as usize * layout.bytes_per_pixel();
            layout.convert(line, &mut memory[at..at + columns.len() * layout.bytes_per_pixel()]);
        }
    }
}
