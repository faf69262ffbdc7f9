//! The trait [`Surface`]: where a finished canvas goes.

use std::{borrow::Cow, time::Duration};

use embedded_graphics::{pixelcolor::Rgb888, prelude::RgbColor};

use super::{Canvas, DisplayError, damage, layout::Area};

/// Something that shows pictures: glass, or files in its place.
pub trait Surface: Send {
    /// Width and height in pixels; scenes are drawn in this size. It may change when a screen was unplugged and another one
    /// plugged in, so ask before each picture.
    fn size(&self) -> (u32, u32);

    /// Shows `canvas` in place of what was shown before, and returns when it can be seen. Wakes a screen that is blank.
    ///
    /// # Errors
    /// [`DisplayError`] says what happened and what the person can do. The surface may be used again after an error: it finds
    /// its screen again by itself once that is back.
    fn show(&mut self, canvas: &Canvas) -> Result<Shown, DisplayError>;

    /// What this surface is, for status screens and messages: `/dev/fb0, 320x240, 16 bits a pixel`.
    fn describe(&self) -> String;

    /// Sets the light behind the screen, in percent; 0 is as dark as it gets. Says whether there is a light to set.
    ///
    /// # Errors
    /// [`DisplayError::Backlight`] when there is one but it does not obey.
    fn set_brightness(&mut self, percent: u8) -> Result<bool, DisplayError> {
        let _ = percent;
        Ok(false)
    }

    /// Makes the screen dark, to sleep: switched off where it can be, black otherwise. [`Surface::show`] and
    /// [`Surface::unblank`] wake it.
    ///
    /// # Errors
    /// As [`Surface::show`].
    fn blank(&mut self) -> Result<(), DisplayError> {
        let (width, height) = self.size();
        self.show(&black(width, height)?).map(|_| ())
    }

    /// Switches a blank screen on again. What it shows is not defined until the next picture.
    ///
    /// # Errors
    /// As [`Surface::show`].
    fn unblank(&mut self) -> Result<(), DisplayError> {
        Ok(())
    }
}

/// What became of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    /// When it was on the glass, on `CLOCK_MONOTONIC` as V4L2's frame times are: when the screen began to scan it out where a
    /// driver tells that, when all of it had been written elsewhere.
    pub at: Duration,
    /// How many pixels were sent; 0 when the screen showed it already.
    pub pixels: u64,
}

impl Shown {
    /// `pixels` that were written until now.
    pub(super) fn now(pixels: u64) -> Self {
        Self { at: monotonic(), pixels }
    }
}

/// The time on `CLOCK_MONOTONIC`.
#[must_use]
pub fn monotonic() -> Duration {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    // The clock starts at 0 and its nanoseconds are below a billion, so neither conversion can fall back.
    Duration::new(now.tv_sec.try_into().unwrap_or(0), now.tv_nsec.try_into().unwrap_or(0))
}

/// Nothing but black.
pub(super) fn black(width: u32, height: u32) -> Result<Canvas, DisplayError> {
    Canvas::new(width, height, Rgb888::BLACK)
}

/// `canvas` at `width` x `height` pixels: itself when it has that size, else scaled whole into the middle of a black border. A
/// wrong size must never hide a part of a verdict.
pub(super) fn fitted(canvas: &Canvas, width: u32, height: u32) -> Result<Cow<'_, Canvas>, DisplayError> {
    if (canvas.width(), canvas.height()) == (width, height) {
        return Ok(Cow::Borrowed(canvas));
    }
    let mut fitted = black(width, height)?;
    let into = Area { x: 0, y: 0, width, height }.fit(canvas.width(), canvas.height());
    fitted.blit(canvas.frame(), damage::whole(canvas.frame()), into.rectangle())?;
    Ok(Cow::Owned(fitted))
}

/// How many pixels `regions` have in all.
pub(super) fn area(regions: &[crate::frame::Region]) -> u64 {
    regions.iter().map(|region| u64::from(region.width) * u64::from(region.height)).sum()
}
