//! Panels on the SPI bus and GPIO lines of Linux: spidev and the GPIO character device.

use std::path::{Path, PathBuf};

use embedded_graphics::pixelcolor::Rgb565;
use embedded_hal::digital::{ErrorType, OutputPin};
use gpiocdev::line::Value;
use linux_embedded_hal::{
    Delay, SpidevDevice,
    spidev::{SpiModeFlags, SpidevOptions},
};
use mipidsi::models::{ILI9341Rgb565, Model, ST7789, ST7796};

use super::{Panel, PanelError, PanelSettings, Wiring};
use crate::display::{DisplayError, Surface};

/// The controllers that are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Controller {
    /// Up to 240x320.
    St7789,
    /// Up to 240x320.
    Ili9341,
    /// Up to 320x480.
    St7796,
}

/// Where a panel is wired to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pins {
    /// SPI device with the panel's chip select, such as `/dev/spidev0.0`.
    pub device: PathBuf,
    /// SPI clock in Hz.
    pub clock_hz: u32,
    /// GPIO chip of the lines below, such as `/dev/gpiochip0`.
    pub gpio_chip: PathBuf,
    /// Line that tells commands from data.
    pub data_command_line: u32,
    /// Line that resets the panel when low.
    pub reset_line: Option<u32>,
    /// Line that lights the panel when high.
    pub backlight_line: Option<u32>,
}

/// Opens the panel with this controller, wired to these pins.
///
/// # Errors
/// [`DisplayError::Panel`] names the device or line that cannot be used.
pub fn open(controller: Controller, pins: Pins, settings: PanelSettings) -> Result<Box<dyn Surface>, DisplayError> {
    Ok(match controller {
        Controller::St7789 => Box::new(start(pins, || ST7789, settings)?),
        Controller::Ili9341 => Box::new(start(pins, || ILI9341Rgb565, settings)?),
        Controller::St7796 => Box::new(start(pins, || ST7796, settings)?),
    })
}

fn start<M>(pins: Pins, model: fn() -> M, settings: PanelSettings) -> Result<Panel<M, SpidevDevice, OutputLine, Delay>, DisplayError>
where
    M: Model<ColorFormat = Rgb565>,
{
    Panel::start(move || pins.open(), model, settings)
}

impl Pins {
    fn open(&self) -> Result<Wiring<SpidevDevice, OutputLine, Delay>, PanelError> {
        let refused = |cause: String| PanelError::Device { path: self.device.clone(), cause };
        let mut spi = SpidevDevice::open(&self.device).map_err(|cause| refused(cause.to_string()))?;
        let options = SpidevOptions::new().bits_per_word(8).max_speed_hz(self.clock_hz).mode(SpiModeFlags::SPI_MODE_0).build();
        spi.configure(&options).map_err(|cause| refused(format!("{} Hz: {cause}", self.clock_hz)))?;
        let line = |line, key| OutputLine::open(&self.gpio_chip, line, key);
        Ok(Wiring {
            spi,
            data_command: line(self.data_command_line, "display.data_command_line")?,
            reset: self.reset_line.map(|number| line(number, "display.reset_line")).transpose()?,
            backlight: self.backlight_line.map(|number| line(number, "display.backlight_line")).transpose()?,
            delay: Delay,
        })
    }
}

/// A GPIO line that this program drives.
#[derive(Debug)]
pub struct OutputLine {
    request: gpiocdev::Request,
    line: u32,
}

impl OutputLine {
    fn open(chip: &Path, line: u32, key: &'static str) -> Result<Self, PanelError> {
        // High to begin with: a reset line must not reset, and a panel may be lit.
        let request =
            gpiocdev::Request::builder().on_chip(chip).with_consumer("lentigo").with_line(line).as_output(Value::Active).request();
        let request = request.map_err(|cause| PanelError::Line { chip: chip.to_owned(), line, key, cause: cause.to_string() })?;
        Ok(Self { request, line })
    }
}

/// What the kernel said to a line that was set.
#[derive(Debug, thiserror::Error)]
#[error("GPIO line: {0}")]
pub struct LineError(gpiocdev::Error);

impl embedded_hal::digital::Error for LineError {
    fn kind(&self) -> embedded_hal::digital::ErrorKind {
        embedded_hal::digital::ErrorKind::Other
    }
}

impl ErrorType for OutputLine {
    type Error = LineError;
}

impl OutputPin for OutputLine {
    fn set_low(&mut self) -> Result<(), LineError> {
        self.request.set_value(self.line, Value::Inactive).map(|_| ()).map_err(LineError)
    }

    fn set_high(&mut self) -> Result<(), LineError> {
        self.request.set_value(self.line, Value::Active).map(|_| ()).map_err(LineError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::display::Rotation;

    #[test]
    fn what_is_not_there_is_named() {
        let settings = PanelSettings {
            name: "st7789 on /dev/spidev-none".to_owned(),
            width: 240,
            height: 320,
            offset_x: 0,
            offset_y: 0,
            invert: true,
            blue_first: false,
            rotation: Rotation::None,
        };
        let pins = Pins {
            device: "/dev/spidev-none".into(),
            clock_hz: 32_000_000,
            gpio_chip: "/dev/gpiochip-none".into(),
            data_command_line: 25,
            reset_line: None,
            backlight_line: None,
        };
        for controller in [Controller::St7789, Controller::Ili9341, Controller::St7796] {
            let error = open(controller, pins.clone(), settings.clone()).err().unwrap().to_string();
            assert!(error.contains("/dev/spidev-none") && error.contains("overlay"), "{error}");
        }
        let error = OutputLine::open(&pins.gpio_chip, 25, "display.data_command_line").unwrap_err().to_string();
        assert!(error.contains("/dev/gpiochip-none: line 25 cannot be driven as display.data_command_line"), "{error}");
    }
}
