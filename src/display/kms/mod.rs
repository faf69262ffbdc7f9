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
mod output;
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
    Canvas, DisplayError, Rotation, Shown, Surface,
    surface::{black, fitted},
};
use crate::frame::Frame;
use choice::choose;
use output::{Output, Way};

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
    /// Why there is no output, for pictures that come before it is looked for again.
    lost: Lost,
    /// Size of the last screen, which stands in for one that is not there.
    glass: (u32, u32),
    looked: Instant,
    look_every: Duration,
    /// Whether the device node must be opened anew before it is used.
    gone: bool,
    dark: bool,
}

#[derive(Debug)]
enum Lost {
    /// Nothing is plugged into this connector.
    Unplugged(String),
    /// Anything else, in words.
    Cause(String),
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
            lost: Lost::Cause(String::new()),
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
        self.output = Some(Output::new(choice, [first, second]));
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
            None => Err(match &self.lost {
                Lost::Unplugged(connector) => KmsError::Unplugged { connector: connector.clone() },
                Lost::Cause(cause) => KmsError::Waiting { cause: cause.clone() },
            }),
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

    /// Remembers why there is no screen.
    fn note(&mut self, error: &KmsError) {
        self.lost = match error {
            KmsError::Unplugged { connector } => Lost::Unplugged(connector.clone()),
            KmsError::Waiting { .. } => return,
            other => Lost::Cause(other.to_string()),
        };
    }

    fn release(&mut self) {
        // Whatever is plugged in next is on.
        self.dark = false;
        if let Some(output) = self.output.take() {
            // The screen may be gone, and the CRTC with it; a mode is set in any case before anything is shown again.
            let _ = self.card.switch_off(output.choice.crtc);
            output.buffers.into_iter().for_each(|buffer| self.card.free_buffer(buffer));
        }
    }

    fn present(&mut self, picture: &Frame) -> Result<Shown, KmsError> {
        let Some(output) = &mut self.output else { return Err(self.unplugged()) };
        if output.shows(picture) {
            return Ok(Shown::now(0));
        }
        match output.present(&mut self.card, self.rotation, picture) {
            Ok(shown) => Ok(shown),
            Err((action, cause)) => Err(self.failed(action, cause)),
        }
    }
}

impl<C: Card> Surface for KmsScreen<C> {
    fn size(&self) -> (u32, u32) {
        self.rotation.size(self.glass)
    }

    fn show(&mut self, canvas: &Canvas) -> Result<Shown, DisplayError> {
        self.look().inspect_err(|error| self.note(error))?;
        if self.dark {
            self.unblank()?;
        }
        let (width, height) = self.size();
        let canvas = fitted(canvas, width, height)?;
        Ok(self.present(canvas.frame()).inspect_err(|error| self.note(error))?)
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
            let error = self.failed("switch the screen on", cause);
            self.note(&error);
            return Err(error.into());
        }
        Ok(())
    }
}
