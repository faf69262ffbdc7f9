//! A surface on a small panel that has no kernel driver: an ST7789, ILI9341 or ST7796 on SPI, driven by the crate mipidsi.
//!
//! Over the traits of embedded-hal, so that the bytes that a panel would get can be looked at in tests; [`linux`] opens the real ones.
//! The panel always works upright, as it is built; pictures are turned here, by the same step as on every other surface.
//! Only changed rectangles are sent: at 32 MHz a whole picture of 240x320 takes 38 ms on the wire, and a preview has not much more.

mod error;
pub mod linux;
mod wire;

use std::fmt::Display;

use embedded_graphics::pixelcolor::{Rgb565, raw::RawU16};
use embedded_hal::{delay::DelayNs, digital::OutputPin, spi::SpiDevice};
use mipidsi::{
    Builder, ConfigurationError, InitError,
    dcs::{InterfaceExt, SoftReset},
    models::Model,
    options::{ColorInversion, ColorOrder},
};

pub use error::PanelError;

use super::{
    Canvas, DisplayError, Rotation, Shown, Surface,
    damage::Held,
    pixels::rgb565,
    surface::{area, black, fitted},
};
use crate::frame::{Frame, Region};
use wire::{Wire, WireError};

/// What a panel is wired to. Opened anew whenever the panel is started.
#[derive(Debug)]
pub struct Wiring<S, P, D> {
    /// The bus, with the panel's chip select.
    pub spi: S,
    /// Low for commands, high for data.
    pub data_command: P,
    /// Low resets the panel. Without it the panel is reset by a command.
    pub reset: Option<P>,
    /// High lights the panel.
    pub backlight: Option<P>,
    /// Waits, where the panel needs time.
    pub delay: D,
}

/// How a panel sits in its controller's memory and how its colours are wired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PanelSettings {
    /// What it is, for messages: `st7789 on /dev/spidev0.0`.
    pub name: String,
    /// Width in pixels, upright as built.
    pub width: u16,
    /// Height in pixels.
    pub height: u16,
    /// First column of the controller's memory that can be seen.
    pub offset_x: u16,
    /// First row of the controller's memory that can be seen.
    pub offset_y: u16,
    /// Whether the panel shows the negative of what it is sent, as IPS panels do.
    pub invert: bool,
    /// Whether blue comes before red in its sub-pixels.
    pub blue_first: bool,
    /// How far pictures are turned before they are sent.
    pub rotation: Rotation,
}

/// Opens what a panel is wired to.
type Open<S, P, D> = dyn FnMut() -> Result<Wiring<S, P, D>, PanelError> + Send;

/// A panel on SPI.
pub struct Panel<M, S, P, D>
where
    M: Model<ColorFormat = Rgb565>,
    S: SpiDevice<Error: Display>,
    P: OutputPin<Error: Display>,
    D: DelayNs,
{
    open: Box<Open<S, P, D>>,
    model: fn() -> M,
    settings: PanelSettings,
    /// `None` after a failure: then it is opened and started anew.
    running: Option<Running<M, S, P, D>>,
    held: Held,
    lit: bool,
}

struct Running<M, S, P, D>
where
    M: Model<ColorFormat = Rgb565>,
    S: SpiDevice<Error: Display>,
    P: OutputPin<Error: Display>,
{
    display: mipidsi::Display<Wire<S, P>, M, Reset<P>>,
    backlight: Option<P>,
    delay: D,
}

/// A reset line that need not be there.
struct Reset<P>(Option<P>);

impl<P: OutputPin> embedded_hal::digital::ErrorType for Reset<P> {
    type Error = P::Error;
}

impl<P: OutputPin> OutputPin for Reset<P> {
    fn set_low(&mut self) -> Result<(), P::Error> {
        self.0.as_mut().map_or(Ok(()), OutputPin::set_low)
    }

    fn set_high(&mut self) -> Result<(), P::Error> {
        self.0.as_mut().map_or(Ok(()), OutputPin::set_high)
    }
}

impl<M, S, P, D> std::fmt::Debug for Panel<M, S, P, D>
where
    M: Model<ColorFormat = Rgb565>,
    S: SpiDevice<Error: Display>,
    P: OutputPin<Error: Display>,
    D: DelayNs,
{
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Panel").field("settings", &self.settings).field("lit", &self.lit).finish_non_exhaustive()
    }
}

impl<M, S, P, D> Panel<M, S, P, D>
where
    M: Model<ColorFormat = Rgb565>,
    S: SpiDevice<Error: Display>,
    P: OutputPin<Error: Display>,
    D: DelayNs,
{
    /// Starts a panel. `open` opens what it is wired to, now and again after a failure; `model` names its controller.
    ///
    /// # Errors
    /// [`DisplayError::Panel`] when a device or line is not there, or the panel does not take its commands.
    pub fn start(
        open: impl FnMut() -> Result<Wiring<S, P, D>, PanelError> + Send + 'static,
        model: fn() -> M,
        settings: PanelSettings,
    ) -> Result<Self, DisplayError> {
        let mut panel = Self { open: Box::new(open), model, settings, running: None, held: Held::default(), lit: true };
        panel.running = Some(panel.begin()?);
        Ok(panel)
    }

    fn begin(&mut self) -> Result<Running<M, S, P, D>, PanelError> {
        /// After a reset by command the panel takes this long to be ready.
        const RESET_US: u32 = 150_000;
        let Wiring { spi, data_command, reset, backlight, mut delay } = (self.open)()?;
        let mut wire = Wire::new(spi, data_command);
        if reset.is_none() {
            wire.write_command(SoftReset).map_err(|cause| self.lost("its reset", cause))?;
            delay.delay_us(RESET_US);
        }
        let PanelSettings { width, height, offset_x, offset_y, invert, blue_first, .. } = self.settings;
        let display = Builder::new((self.model)(), wire)
            .reset_pin(Reset(reset))
            .display_size(width, height)
            .display_offset(offset_x, offset_y)
            .invert_colors(if invert { ColorInversion::Inverted } else { ColorInversion::Normal })
            .color_order(if blue_first { ColorOrder::Bgr } else { ColorOrder::Rgb })
            .init(&mut delay)
            .map_err(|error| match error {
                InitError::Interface(cause) => self.lost("its first commands", cause),
                InitError::ResetPin(cause) => self.lost("its reset", WireError(cause.to_string())),
                InitError::InvalidConfiguration(ConfigurationError::InvalidDisplaySize) => {
                    self.geometry("its controller has no memory for that size")
                }
                InitError::InvalidConfiguration(_) => self.geometry("that size at that offset reaches beyond its controller's memory"),
            })?;
        self.held.forget();
        let mut running = Running { display, backlight, delay };
        running.light(self.lit).map_err(|cause| self.lost("its light", cause))?;
        Ok(running)
    }

    fn lost(&self, what: &'static str, WireError(cause): WireError) -> PanelError {
        PanelError::Lost { panel: self.settings.name.clone(), what, cause }
    }

    fn geometry(&self, detail: &'static str) -> PanelError {
        let PanelSettings { name, width, height, offset_x, offset_y, .. } = &self.settings;
        PanelError::Geometry { panel: format!("{name}, {width}x{height} at {offset_x}, {offset_y}"), detail }
    }

    /// Does something with the panel, which is started first when it is not running. After a failure it is not running.
    fn with<T>(
        &mut self,
        what: &'static str,
        action: impl FnOnce(&mut Running<M, S, P, D>) -> Result<T, WireError>,
    ) -> Result<T, PanelError> {
        let mut running = match self.running.take() {
            Some(running) => running,
            None => self.begin()?,
        };
        let done = action(&mut running).map_err(|cause| self.lost(what, cause))?;
        self.running = Some(running);
        Ok(done)
    }
}

impl<M, S, P, D> Running<M, S, P, D>
where
    M: Model<ColorFormat = Rgb565>,
    S: SpiDevice<Error: Display>,
    P: OutputPin<Error: Display>,
    D: DelayNs,
{
    fn send(&mut self, picture: &Frame, rotation: Rotation, regions: &[Region]) -> Result<(), WireError> {
        let (mut turned, mut colours) = (Vec::new(), Vec::new());
        for region in regions {
            let Region { x, y, width, height } = rotation.region(*region, (picture.width(), picture.height()));
            colours.clear();
            for line in y..y + height {
                let pixels = rotation.line(picture, line, x..x + width, &mut turned).as_chunks::<3>().0;
                colours.extend(pixels.iter().map(|pixel| Rgb565::from(RawU16::new(rgb565(*pixel)))));
            }
            // The panel's sides are u16, and a region lies inside the panel.
            let [left, top, right, bottom] = [x, y, x + width - 1, y + height - 1].map(|side| side as u16);
            self.display.set_pixels(left, top, right, bottom, colours.iter().copied())?;
        }
        Ok(())
    }

    fn light(&mut self, on: bool) -> Result<(), WireError> {
        let Some(backlight) = &mut self.backlight else { return Ok(()) };
        let set = if on { backlight.set_high() } else { backlight.set_low() };
        set.map_err(|cause| WireError(cause.to_string()))
    }

    fn wake(&mut self) -> Result<(), WireError> {
        if self.display.is_sleeping() { self.display.wake(&mut self.delay) } else { Ok(()) }
    }
}

impl<M, S, P, D> Surface for Panel<M, S, P, D>
where
    M: Model<ColorFormat = Rgb565> + Send,
    S: SpiDevice<Error: Display> + Send,
    P: OutputPin<Error: Display> + Send,
    D: DelayNs + Send,
{
    fn size(&self) -> (u32, u32) {
        self.settings.rotation.size((self.settings.width.into(), self.settings.height.into()))
    }

    fn show(&mut self, canvas: &Canvas) -> Result<Shown, DisplayError> {
        let (width, height) = self.size();
        let canvas = fitted(canvas, width, height)?;
        let (picture, rotation, lit) = (canvas.frame(), self.settings.rotation, self.lit);
        if self.running.is_none() {
            self.running = Some(self.begin()?);
        }
        let regions = self.held.changes(picture);
        self.with("the picture", |running| {
            let asleep = running.display.is_sleeping();
            running.wake()?;
            running.send(picture, rotation, &regions)?;
            if asleep { running.light(lit) } else { Ok(()) }
        })?;
        self.held.keep(picture, &regions);
        Ok(Shown::now(area(&regions)))
    }

    fn describe(&self) -> String {
        let PanelSettings { name, width, height, rotation, .. } = &self.settings;
        let turned = if *rotation == Rotation::None { String::new() } else { format!(", turned by {}", rotation.degrees()) };
        format!("{name}, {width}x{height}{turned}")
    }

    /// The light can only be on or off: anything above 0 is on.
    fn set_brightness(&mut self, percent: u8) -> Result<bool, DisplayError> {
        self.lit = percent > 0;
        let lit = self.lit;
        Ok(self.with("its light", |running| running.light(lit).map(|()| running.backlight.is_some()))?)
    }

    fn blank(&mut self) -> Result<(), DisplayError> {
        // Black first: the panel keeps its memory while it sleeps, and must not show a patient's lesion when it wakes.
        let (width, height) = self.size();
        self.show(&black(width, height)?)?;
        Ok(self.with("to sleep", |running| {
            running.light(false)?;
            running.display.sleep(&mut running.delay)
        })?)
    }

    fn unblank(&mut self) -> Result<(), DisplayError> {
        let lit = self.lit;
        Ok(self.with("to wake", |running| running.wake().and_then(|()| running.light(lit)))?)
    }
}
