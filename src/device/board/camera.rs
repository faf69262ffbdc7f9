//! `[camera]`: where frames come from.

use std::{path::PathBuf, time::Duration};

use super::section::Section;
use crate::capture::{Adjustment, ControlSettings, PixelFormat, PowerLine, V4l2Settings};

/// How long to wait for a camera's first frame.
const USUAL_TIMEOUT_MS: u64 = V4l2Settings::USUAL_TIMEOUT.as_millis() as u64;

/// Where frames come from.
#[derive(Debug, Clone, PartialEq)]
pub enum CameraBoard {
    /// Synthetic frames; needs no hardware.
    Phantom(PhantomBoard),
    /// A real camera.
    V4l2(V4l2Board),
    /// Files played as if they came from a camera.
    Replay(ReplayBoard),
}

/// `kind = "phantom"`.
#[derive(Debug, Clone, PartialEq)]
pub struct PhantomBoard {
    /// Seed of the hand's tremor and of the sensor noise.
    pub seed: u64,
    /// Width of the frames in pixels.
    pub width: u32,
    /// Height of the frames in pixels.
    pub height: u32,
    /// Frames a second; as fast as they are asked for when `None`.
    pub fps: Option<u32>,
    /// Which phantom each patient has, by number; begun again after the last. Even ones are out of focus at the first try.
    pub patients: Vec<u32>,
}

/// `kind = "v4l2"`.
#[derive(Debug, Clone, PartialEq)]
pub struct V4l2Board {
    /// Device node.
    pub device: PathBuf,
    /// Width of the frames in pixels.
    pub width: u32,
    /// Height of the frames in pixels.
    pub height: u32,
    /// Pixel format asked for.
    pub format: PixelFormat,
    /// Frames a second asked for; the driver's choice when `None`.
    pub fps: Option<u32>,
    /// How long to wait for the first frame.
    pub timeout: Duration,
    /// Exposure, white balance, focus, gain and flicker.
    pub controls: ControlSettings,
}

/// `kind = "replay"`.
#[derive(Debug, Clone, PartialEq)]
pub struct ReplayBoard {
    /// An image, a folder of images, or a raw dump.
    pub path: PathBuf,
    /// Start again after the last frame.
    pub repeat: bool,
    /// Frames a second; as fast as they are asked for when `None`.
    pub fps: Option<u32>,
    /// How a raw dump is laid out; `None` for images.
    pub raw: Option<RawBoard>,
}

/// How the frames of a raw dump are laid out: one after another without padding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RawBoard {
    /// Pixel format.
    pub format: PixelFormat,
    /// Width of the frames in pixels.
    pub width: u32,
    /// Height of the frames in pixels.
    pub height: u32,
}

#[derive(Clone, Copy)]
enum Kind {
    Phantom,
    V4l2,
    Replay,
}

impl CameraBoard {
    pub(super) fn read(mut section: Section<'_>) -> Option<Self> {
        let kinds = [("phantom", Kind::Phantom), ("v4l2", Kind::V4l2), ("replay", Kind::Replay)];
        match section.choice("kind", &kinds).means("Must be set. Which of the three tables below holds.").required()? {
            Kind::Phantom => Some(Self::Phantom(PhantomBoard::read(section))),
            Kind::V4l2 => V4l2Board::read(section).map(Self::V4l2),
            Kind::Replay => ReplayBoard::read(section).map(Self::Replay),
        }
    }
}

impl PhantomBoard {
    fn read(mut section: Section<'_>) -> Self {
        let board = Self {
            seed: section.integer("seed", 0..=i64::MAX, "").means("Tremor of the hand and noise of the sensor. The same seed gives the same frames.").or(1),
            width: section.integer("width", 64..=4096, "pixels").means("Width of the frames.").or(1280),
            height: section.integer("height", 64..=4096, "pixels").means("Height of the frames.").or(720),
            fps: section.integer("fps", 1..=240, "frames a second").means("Left out: as fast as frames are asked for.").optional(),
            patients: section.integers("patients", 1..=i64::from(u32::MAX)).means("The number of each patient's phantom, in order, and over again. Odd numbers have a regular lesion; even numbers have an irregular one, out of focus at first.").or_shown(vec![1, 2, 3], "[1, 2, 3]"),
        };
        section.finish(" with kind = \"phantom\"");
        board
    }
}

impl V4l2Board {
    fn read(mut section: Section<'_>) -> Option<Self> {
        let device = section
            .path("device", "a video device such as /dev/video0")
            .means("Must be set. `/dev/v4l/by-id/...` stays the same when cables are swapped.")
            .required();
        let width = section.integer("width", 64..=8192, "pixels").means("Width of the frames. The camera must give exactly this.").or(1280);
        let height =
            section.integer("height", 64..=8192, "pixels").means("Height of the frames. The camera must give exactly this.").or(720);
        let format = section
            .choice("format", &named(&PixelFormat::ALL))
            .means("Pixel format, by its V4L2 name. `v4l2-ctl --list-formats-ext` shows what a camera offers.")
            .or_shown(PixelFormat::Mjpg, "\"MJPG\"");
        let fps = section.integer("fps", 1..=240, "frames a second").means("Left out: the camera's own choice.").optional();
        let timeout = Duration::from_millis(
            section
                .integer("timeout_ms", 100..=60_000, "milliseconds")
                .means("How long to wait for the first frame before the camera is opened again. Later frames are missed sooner: after 0.8 seconds, or eight frames if that is longer.")
                .or(USUAL_TIMEOUT_MS),
        );
        let controls = controls(&mut section);
        section.finish(" with kind = \"v4l2\"");
        Some(Self { device: device?, width, height, format, fps, timeout, controls })
    }
}

/// The camera's own adjustments. What a certain camera can do is only known when it is open; these are the ranges of all.
fn controls(section: &mut Section<'_>) -> ControlSettings {
    let chosen = |value: Option<u32>| value.map_or(Adjustment::Auto, Adjustment::Fixed);
    let exposure = section
        .auto_or_integer("exposure", 100..=10_000_000, "microseconds")
        .means("Exposure time; cameras count in steps of 100 microseconds. Left out: the camera's default. What the camera cannot do gets its nearest value, and `show` says which range it has. During a burst exposure, white balance, focus and gain stand still in any case.");
    let exposure = exposure.optional().map(chosen);
    let white_balance = section
        .auto_or_integer("white_balance", 1000..=20_000, "kelvin")
        .means("White balance. A fixed one keeps colours comparable from picture to picture. Left out: the camera's default.");
    let white_balance = white_balance.optional().map(chosen);
    let focus = section
        .auto_or_integer("focus", 0..=65_535, "")
        .means("Place of the lens in units of the camera's own. Left out: the camera's default.");
    let focus = focus.optional().map(chosen);
    let gain = section
        .auto_or_integer("gain", 0..=65_535, "")
        .means("Gain in units of the camera's own; many cameras choose it together with the exposure. Left out: the camera's default.");
    let gain = gain.optional().map(chosen);
    let power_line = section
        .choice("power_line", &PowerLine::ALL.map(|each| (each.name(), each)))
        .means("Flicker of lamps that the camera evens out. Left out: what the camera has.")
        .optional();
    ControlSettings { exposure, white_balance, focus, gain, power_line }
}

impl ReplayBoard {
    fn read(mut section: Section<'_>) -> Option<Self> {
        let path = section
            .path("path", "an image, a folder of images, or a raw dump")
            .means("Must be set. A folder is played in the order of its file names.")
            .required();
        let repeat = section.boolean("loop").means("Start again after the last frame; otherwise the run ends there.").or(false);
        let fps = section.integer("fps", 1..=240, "frames a second").means("Left out: as fast as frames are asked for.").optional();
        let raw = RawBoard::read(&mut section);
        section.finish(" with kind = \"replay\"");
        Some(Self { path: path?, repeat, fps, raw })
    }
}

impl RawBoard {
    /// A raw dump says nothing about itself: either all of its keys are set or none.
    fn read(section: &mut Section<'_>) -> Option<Self> {
        let format = section
            .choice("raw_format", &named(&PixelFormat::RAW))
            .means("Pixel format of a raw dump. Left out, like the next two: `path` holds images.")
            .optional();
        let width = section.integer("raw_width", 2..=8192, "pixels").means("Width of a raw dump's frames.").optional();
        let height = section.integer("raw_height", 2..=8192, "pixels").means("Height of a raw dump's frames.").optional();
        if let (Some(format), Some(width), Some(height)) = (format, width, height) {
            return Some(Self { format, width, height });
        }
        for (key, set) in [("raw_format", format.is_some()), ("raw_width", width.is_some()), ("raw_height", height.is_some())] {
            if set {
                section.conflict(key, "is set but raw_format, raw_width and raw_height go together: a raw dump says nothing about itself");
                break;
            }
        }
        None
    }
}

fn named(formats: &[PixelFormat]) -> Vec<(&'static str, PixelFormat)> {
    formats.iter().map(|format| (format.name(), *format)).collect()
}
