//! `[display]`: where screens go.

use std::path::PathBuf;

use super::section::Section;
use crate::display::{
    LEAST_HEIGHT, LEAST_WIDTH, Rotation,
    kms::{ModeWish, Wish},
    spi::{
        PanelSettings,
        linux::{Controller, Pins},
    },
};

/// Where screens go.
#[derive(Debug, Clone, PartialEq)]
pub enum DisplayBoard {
    /// Picture files; needs no hardware.
    Png(PngBoard),
    /// A DRM/KMS driver.
    Kms(KmsBoard),
    /// A Linux framebuffer.
    Fbdev(FbdevBoard),
    /// A panel without a kernel driver.
    Spi(SpiBoard),
}

/// `kind = "png"`.
#[derive(Debug, Clone, PartialEq)]
pub struct PngBoard {
    /// Folder of the pictures, made when it is not there.
    pub folder: PathBuf,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

/// `kind = "kms"`. The screen itself says how large it is.
#[derive(Debug, Clone, PartialEq)]
pub struct KmsBoard {
    /// Device node; the first card with a screen when `None`.
    pub device: Option<PathBuf>,
    /// Connector and mode.
    pub wish: Wish,
    /// How far pictures are turned.
    pub rotation: Rotation,
    /// The light behind it.
    pub light: LightBoard,
}

/// `kind = "fbdev"`. The framebuffer itself says how large it is.
#[derive(Debug, Clone, PartialEq)]
pub struct FbdevBoard {
    /// Device node.
    pub device: PathBuf,
    /// How far pictures are turned.
    pub rotation: Rotation,
    /// The light behind it.
    pub light: LightBoard,
}

/// `kind = "spi"`.
#[derive(Debug, Clone, PartialEq)]
pub struct SpiBoard {
    /// What drives the panel's pixels.
    pub controller: Controller,
    /// Where it is wired to.
    pub pins: Pins,
    /// How it sits in its controller's memory.
    pub panel: PanelSettings,
}

/// A light behind a screen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LightBoard {
    /// Percent; as it is when `None`.
    pub brightness: Option<u8>,
    /// Its folder in `/sys/class/backlight`; the first one there when `None`.
    pub backlight: Option<PathBuf>,
}

#[derive(Clone, Copy)]
enum Kind {
    Png,
    Kms,
    Fbdev,
    Spi,
}

impl DisplayBoard {
    pub(super) fn read(mut section: Section<'_>) -> Option<Self> {
        let kinds = [("png", Kind::Png), ("kms", Kind::Kms), ("fbdev", Kind::Fbdev), ("spi", Kind::Spi)];
        match section.choice("kind", &kinds).means("Must be set. Which of the tables below holds.").required()? {
            Kind::Png => {
                let folder = section.path("folder", "a folder for the pictures, made when it is not there").means("Must be set. `screen-NNNN.png` for each verdict, retake and fault, counting on from what is there; `live.png` for everything in between.").required();
                let width = section.integer("width", 320..=3840, "pixels").means("Width of the screen.").or(800);
                let height =
                    section.integer("height", 240..=2160, "pixels").means("Height of the screen; not more than the width.").or(480);
                if height > width {
                    section.conflict("height", "must not be more than display.width: screens are laid out for wide displays only");
                }
                section.finish(" with kind = \"png\"");
                Some(Self::Png(PngBoard { folder: folder?, width, height }))
            }
            Kind::Kms => {
                let board = kms(&mut section);
                section.finish(" with kind = \"kms\"");
                Some(Self::Kms(board))
            }
            Kind::Fbdev => {
                let device = section.path("device", "a framebuffer device such as /dev/fb0").means("Must be set.").required();
                let (rotation, light) = (rotation(&mut section), light(&mut section));
                section.finish(" with kind = \"fbdev\"");
                Some(Self::Fbdev(FbdevBoard { device: device?, rotation, light }))
            }
            Kind::Spi => {
                let board = spi(&mut section);
                section.finish(" with kind = \"spi\"");
                board.map(Self::Spi)
            }
        }
    }
}

fn kms(section: &mut Section<'_>) -> KmsBoard {
    let device =
        section.path("device", "a display card such as /dev/dri/card0").means("Left out: the first card with a screen.").optional();
    let connector = section
        .text("connector", "a connector's name such as \"HDMI-A-1\", as `ls /sys/class/drm` shows it after the card's", |text| {
            !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        })
        .means("Left out: the first one with a screen.")
        .optional();
    let mode = section
        .text("mode", "a size such as \"800x480\", or with a refresh rate \"800x480@60\"", |text| ModeWish::parse(text).is_some())
        .means("Left out: the screen's own.")
        .optional()
        .and_then(|text| ModeWish::parse(&text));
    let rotation = rotation(section);
    if let Some(mode) = mode {
        wide_enough(section, "mode", (mode.width, mode.height), rotation);
    }
    KmsBoard { device, wish: Wish { connector, mode }, rotation, light: light(section) }
}

fn spi(section: &mut Section<'_>) -> Option<SpiBoard> {
    let panels = [("st7789", Controller::St7789), ("ili9341", Controller::Ili9341), ("st7796", Controller::St7796)];
    let controller = section.choice("panel", &panels).means("Must be set. The panel's controller.").required();
    let device =
        section.path("device", "an SPI device such as /dev/spidev0.0").means("Must be set. Bus and chip select of the panel.").required();
    let clock_hz = section
        .integer("clock_hz", 100_000..=125_000_000, "Hz")
        .means("SPI clock. A whole picture of 240x320 takes 1.2 million clocks.")
        .or(32_000_000);
    let gpio_chip = section
        .path("gpio_chip", "a GPIO chip such as /dev/gpiochip0")
        .means("Chip of the three lines below.")
        .or_shown("/dev/gpiochip0".into(), "/dev/gpiochip0");
    let data_command_line =
        section.integer("data_command_line", 0..=1023, "").means("Must be set. Line to the panel's D/C pin (also RS, A0).").required();
    let reset_line =
        section.integer("reset_line", 0..=1023, "").means("Line to the panel's reset pin. Left out: reset by a command.").optional();
    let backlight_line = section
        .integer("backlight_line", 0..=1023, "")
        .means("Line to the panel's light, high for on. Left out: the light is always on.")
        .optional();
    // What a controller's memory holds; ST7789 and ILI9341 have the same.
    let (most_width, most_height) = if controller == Some(Controller::St7796) { (320, 480) } else { (240, 320) };
    let width: u16 = section
        .integer("width", 128..=320, "pixels")
        .means("Width of the panel, upright as built: its shorter side. At most 240, with panel = \"st7796\" 320.")
        .or_shown(most_width, "240, with panel = \"st7796\" 320");
    let height: u16 = section
        .integer("height", 128..=480, "pixels")
        .means("Height of the panel, upright as built: its longer side. At most 320, with panel = \"st7796\" 480.")
        .or_shown(most_height, "320, with panel = \"st7796\" 480");
    let offset_x: u16 =
        section.integer("offset_x", 0..=319, "pixels").means("First column of the controller's memory that can be seen.").or(0);
    let offset_y: u16 =
        section.integer("offset_y", 0..=479, "pixels").means("First row of the controller's memory that can be seen.").or(0);
    if width + offset_x > most_width {
        section.conflict(
            "width",
            &format!("and display.offset_x must not be more than {most_width} together, which is what the controller has"),
        );
    }
    if height + offset_y > most_height {
        section.conflict(
            "height",
            &format!("and display.offset_y must not be more than {most_height} together, which is what the controller has"),
        );
    }
    let invert = section.boolean("invert").means("Whether the panel shows the negative of what it is sent, as IPS panels do.").or(false);
    let blue_first = section
        .choice("colour_order", &[("rgb", false), ("bgr", true)])
        .means("Order of the sub-pixels: if red comes out blue, it is the other one.")
        .or_shown(false, "rgb");
    let rotation = rotation(section);
    wide_enough(section, "rotation", (width.into(), height.into()), rotation);
    let (controller, device) = (controller?, device?);
    let named = panels.iter().find(|(_, known)| *known == controller).map_or("panel", |(name, _)| name);
    let name = format!("{named} on {}", device.display());
    let pins = Pins { device, clock_hz, gpio_chip, data_command_line: data_command_line?, reset_line, backlight_line };
    Some(SpiBoard { controller, pins, panel: PanelSettings { name, width, height, offset_x, offset_y, invert, blue_first, rotation } })
}

fn rotation(section: &mut Section<'_>) -> Rotation {
    let degrees: u32 = section
        .integer("rotation", 0..=270, "degrees: 0, 90, 180 or 270")
        .means("How far pictures are turned clockwise to stand upright on the screen as it is mounted.")
        .or(0);
    match degrees {
        0 => Rotation::None,
        90 => Rotation::Quarter,
        180 => Rotation::Half,
        270 => Rotation::ThreeQuarters,
        _ => {
            section.conflict("rotation", "must be 0, 90, 180 or 270: screens are turned by right angles only");
            Rotation::None
        }
    }
}

fn light(section: &mut Section<'_>) -> LightBoard {
    let brightness = section
        .integer("brightness", 1..=100, "percent")
        .means("Brightness of the light behind the screen, where it has one that can be set. Left out: as it is.")
        .optional();
    let backlight = section
        .path("backlight", "a folder in /sys/class/backlight")
        .means("The light behind the screen. Left out: the first one there.")
        .optional();
    LightBoard { brightness, backlight }
}

/// Screens are laid out for wide displays; a panel that stands upright must be turned.
fn wide_enough(section: &mut Section<'_>, key: &str, size: (u32, u32), rotation: Rotation) {
    let (width, height) = rotation.size(size);
    if width < height {
        let turns = if rotation.swaps_sides() { "0 or 180" } else { "90 or 270" };
        section.conflict(
            key,
            &format!(
                "leads to an upright screen of {width}x{height}, and screens are laid out for wide displays only; set display.rotation to {turns}"
            ),
        );
    } else if width < LEAST_WIDTH || height < LEAST_HEIGHT {
        section.conflict(
            key,
            &format!(
                "leads to a screen of {width}x{height}; text is legible on {LEAST_WIDTH}x{LEAST_HEIGHT} and more. Choose a larger panel"
            ),
        );
    }
}
