//! A surface on a DRM/KMS driver: HDMI, DSI and DPI screens, and virtual ones.
//!
//! Pictures are drawn into one of two dumb buffers while the screen shows the other, and change places with it by a page flip: what is
//! seen is always one whole picture. Each buffer is brought up to date by what has changed since *it* was last drawn, two pictures ago.
//!
//! Where a driver cannot flip, where flips are asked for and never come, and on screens behind a thin wire (SPI, USB), pictures are
//! drawn into the buffer that is being shown and the driver is told which parts have changed.
//!
//! Legacy mode setting is used, not atomic: every driver has it, it sets the CRTC's primary plane by itself, and one plane is all there is.

mod card;
mod choice;
mod drm_card;
mod error;
#[cfg(test)]
mod fake;
#[cfg(test)]
mod tests;

use std::{
    io,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use rustix::io::Errno;

pub use card::{Buffer, Card, Connector, Mode};
pub use choice::{ModeWish, Wish};
pub use drm_card::DrmCard;
pub use error::KmsError;

use super::{
    Canvas, DisplayError, PixelLayout, Rotation, Shown, Surface,
    damage::Held,
    surface::{area, black, fitted},
};
use crate::frame::{Frame, Region};
use choice::{Choice, choose};

/// How long a flip may take. At 24 pictures a second it takes 42 ms at most; a driver that needs longer than this has lost it.
const FLIP_LIMIT: Duration = Duration::from_millis(250);

/// How often the kernel is asked whether the screen is still there, and how often for one that is not.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// A screen on a card.
#[derive(Debug)]
pub struct KmsScreen<C: Card = DrmCard> {
    card: C,
    wish: Wish,
    rotation: Rotation,
    /// What the screen is fed with; `None` while it is not there.
    output: Option<Output>,
    /// Size of the last screen, which stands in for one that is not there.
    glass: (u32, u32),
    looked: Instant,
    look_every: Duration,
    /// Whether the device node must be opened anew before it is used.
    gone: bool,
    dark: bool,
}

#[derive(Debug)]
struct Output {
    choice: Choice,
    buffers: [Buffer; 2],
    held: [Held; 2],
    /// The buffer that the screen shows.
    front: usize,
    way: Way,
}

/// How the next picture gets onto the glass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Together with the mode: the first picture.
    SetMode,
    /// Into the hidden buffer, then a flip.
    Flip,
    /// Into the buffer that is being shown.
    Direct,
    /// Into both, because a flip was lost on the way and nobody knows which one is being shown.
    Both,
}

impl KmsScreen<DrmCard> {
    /// Opens a screen on the card `device`, or on the first card with a screen. Pictures are turned by `rotation`.
    ///
    /// # Errors
    /// [`DisplayError::Kms`] says what is missing or who has the screen, and what the person can do.
    pub fn open(device: Option<&Path>, wish: Wish, rotation: Rotation) -> Result<Self, DisplayError> {
        if let Some(device) = device {
            return Self::on(DrmCard::open(device)?, wish, rotation);
        }
        let mut first_error = None;
        for path in cards() {
            match DrmCard::open(&path).map_err(DisplayError::from).and_then(|card| Self::on(card, wish.clone(), rotation)) {
                Ok(screen) => return Ok(screen),
                // A card without a screen, or one that only renders, says nothing about the others.
                Err(DisplayError::Kms(KmsError::Unplugged { .. } | KmsError::NotKms { .. })) => {}
                Err(error) => first_error = first_error.or(Some(error)),
            }
        }
        Err(first_error.unwrap_or_else(|| KmsError::NoCard.into()))
    }
}

/// The device nodes of all cards, by number.
fn cards() -> Vec<PathBuf> {
    let entries = std::fs::read_dir("/dev/dri").into_iter().flatten().flatten();
    let mut numbered: Vec<(u32, PathBuf)> =
        entries.filter_map(|entry| Some((entry.file_name().to_str()?.strip_prefix("card")?.parse().ok()?, entry.path()))).collect();
    numbered.sort();
    numbered.into_iter().map(|(_, path)| path).collect()
}

impl<C: Card> KmsScreen<C> {
    /// A screen on `card`.
    ///
    /// # Errors
    /// As [`KmsScreen::open`].
    pub fn on(card: C, wish: Wish, rotation: Rotation) -> Result<Self, DisplayError> {
        let mut screen = Self {
            card,
            wish,
            rotation,
            output: None,
            glass: (0, 0),
            looked: Instant::now(),
            look_every: LOOK_EVERY,
            gone: false,
            dark: false,
        };
        screen.connect()?;
        Ok(screen)
    }

    /// Finds the screen and makes its buffers. The mode is set together with the first picture.
    fn connect(&mut self) -> Result<(), KmsError> {
        if self.gone {
            self.card.reopen().map_err(|cause| KmsError::Open { path: self.card.path().to_owned(), cause })?;
            self.gone = false;
        }
        let path = self.card.path().to_owned();
        self.card.become_master().map_err(|cause| KmsError::Taken { path: path.clone(), cause })?;
        let connectors = self.card.connectors(true).map_err(|cause| KmsError::NotKms { path: path.clone(), cause })?;
        let choice = choose(&connectors, &self.wish, &path)?;
        let refused = |cause| KmsError::Refused { path: path.clone(), action: "give memory for pictures", cause };
        let (width, height) = (choice.mode.width, choice.mode.height);
        let first = self.card.make_buffer(width, height).map_err(refused)?;
        let second = self.card.make_buffer(width, height).inspect_err(|_| self.card.free_buffer(first)).map_err(refused)?;
        // An event of a flip before the screen was lost must not be taken for one that comes.
        let _ = self.card.await_flip(choice.crtc, Duration::ZERO);
        tracing::info!(connector = choice.connector.name, width, height, refresh = choice.mode.refresh, "screen found");
        self.glass = (width, height);
        self.output =
            Some(Output { choice, buffers: [first, second], held: [Held::default(), Held::default()], front: 1, way: Way::SetMode });
        Ok(())
    }

    /// Notices a screen that was unplugged, and one that is back.
    fn look(&mut self) -> Result<(), KmsError> {
        let due = self.looked.elapsed() >= self.look_every;
        match &self.output {
            Some(output) if due => {
                self.looked = Instant::now();
                match self.card.is_connected(output.choice.connector.id) {
                    Ok(true) => Ok(()),
                    Ok(false) => Err(self.unplugged()),
                    Err(cause) => Err(self.failed("say whether a screen is there", cause)),
                }
            }
            Some(_) => Ok(()),
            None if due => {
                self.looked = Instant::now();
                self.connect()
            }
            None => Err(KmsError::Unplugged { connector: self.wish.connector.clone().unwrap_or_else(|| "the display".to_owned()) }),
        }
    }

    /// Lets go of a screen that is not there any more.
    fn unplugged(&mut self) -> KmsError {
        let connector = self.output.as_ref().map_or_else(|| "the display".to_owned(), |output| output.choice.connector.name.clone());
        self.release();
        KmsError::Unplugged { connector }
    }

    /// After this the next picture starts from the beginning: find the screen, set its mode.
    fn failed(&mut self, action: &'static str, cause: io::Error) -> KmsError {
        let path = self.card.path().to_owned();
        let still_there = self.output.as_ref().map(|output| self.card.is_connected(output.choice.connector.id));
        self.gone = Errno::from_io_error(&cause).is_some_and(|errno| [Errno::NODEV, Errno::NXIO, Errno::BADF].contains(&errno));
        if matches!(still_there, Some(Ok(false))) {
            return self.unplugged();
        }
        self.release();
        match Errno::from_io_error(&cause) {
            Some(Errno::ACCESS | Errno::PERM) => KmsError::Taken { path, cause },
            _ => KmsError::Refused { path, action, cause },
        }
    }

    fn release(&mut self) {
        if let Some(output) = self.output.take() {
            // The screen may be gone, and the CRTC with it; a mode is set in any case before anything is shown again.
            let _ = self.card.switch_off(output.choice.crtc);
            output.buffers.into_iter().for_each(|buffer| self.card.free_buffer(buffer));
        }
    }

    fn present(&mut self, picture: &Frame) -> Result<Shown, KmsError> {
        let Some(output) = &mut self.output else { return Err(self.unplugged()) };
        if output.way != Way::SetMode && output.held[output.front].is(picture) {
            return Ok(Shown::now(0));
        }
        match output.present(&mut self.card, self.rotation, picture) {
            Ok(shown) => Ok(shown),
            Err((action, cause)) => Err(self.failed(action, cause)),
        }
    }
}

/// What was asked of the driver, and what it said.
type Failure = (&'static str, io::Error);

impl Output {
    fn present(&mut self, card: &mut impl Card, rotation: Rotation, picture: &Frame) -> Result<Shown, Failure> {
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

impl<C: Card> Surface for KmsScreen<C> {
    fn size(&self) -> (u32, u32) {
        self.rotation.size(self.glass)
    }

    fn show(&mut self, canvas: &Canvas) -> Result<Shown, DisplayError> {
        self.look()?;
        if self.dark {
            self.unblank()?;
        }
        let (width, height) = self.size();
        Ok(self.present(fitted(canvas, width, height)?.frame())?)
    }

    fn describe(&self) -> String {
        let path = self.card.path().display();
        let Some(output) = &self.output else { return format!("{path}, no screen connected") };
        let (Mode { width, height, refresh, .. }, name) = (&output.choice.mode, &output.choice.connector.name);
        let turned = if self.rotation == Rotation::None { String::new() } else { format!(", turned by {}", self.rotation.degrees()) };
        let way = match output.way {
            Way::SetMode | Way::Flip => "page flips",
            Way::Direct => "drawn in place",
            Way::Both => "drawn in place because page flips do not come",
        };
        format!("{name} on {path}, {width}x{height} at {refresh} Hz{turned}, {way}")
    }

    fn blank(&mut self) -> Result<(), DisplayError> {
        // Black first: no screen must show a patient's lesion when it wakes.
        let (width, height) = self.size();
        self.show(&black(width, height)?)?;
        if let Some(output) = &self.output {
            self.dark = self.card.power(output.choice.connector.id, false).is_ok();
        }
        Ok(())
    }

    fn unblank(&mut self) -> Result<(), DisplayError> {
        if std::mem::take(&mut self.dark)
            && let Some(output) = &self.output
            && let Err(cause) = self.card.power(output.choice.connector.id, true)
        {
            return Err(self.failed("switch the screen on", cause).into());
        }
        Ok(())
    }
}
