//! `[camera]`: where frames come from.

use std::{path::PathBuf, time::Duration};

use super::section::Section;

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
    /// Everything random comes from this number.
    pub seed: u64,
    /// Width of the frames in pixels.
    pub width: u32,
    /// Height of the frames in pixels.
    pub height: u32,
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
    pub format: PixelLayout,
    /// Frames a second asked for; the driver's choice when `None`.
    pub fps: Option<u32>,
    /// How long to wait for a frame.
    pub timeout: Duration,
}

/// `kind = "replay"`.
#[derive(Debug, Clone, PartialEq)]
pub struct ReplayBoard {
    /// An image, a folder of images, or a raw dump.
    pub path: PathBuf,
    /// Start again after the last frame.
    pub repeat: bool,
    /// How a raw dump is laid out; `None` for images.
    pub raw: Option<RawBoard>,
}

/// How the frames of a raw dump are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RawBoard {
    /// Width of the frames in pixels, even.
    pub width: u32,
    /// Height of the frames in pixels.
    pub height: u32,
}

/// A pixel format by its V4L2 name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PixelLayout {
    /// 4:2:2, `Y U Y V`.
    Yuyv,
    /// 4:2:0, a plane of Y and a plane of interleaved U V.
    Nv12,
    /// 8 bits of brightness.
    Grey,
    /// 8 bits each of red, green, blue.
    Rgb3,
    /// Motion JPEG.
    Mjpg,
}

impl PixelLayout {
    /// Every format with its V4L2 name.
    pub const ALL: [(&'static str, Self); 5] =
        [("YUYV", Self::Yuyv), ("NV12", Self::Nv12), ("GREY", Self::Grey), ("RGB3", Self::Rgb3), ("MJPG", Self::Mjpg)];
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
        match section.choice("kind", &kinds).required()? {
            Kind::Phantom => Some(Self::Phantom(PhantomBoard::read(section))),
            Kind::V4l2 => V4l2Board::read(section).map(Self::V4l2),
            Kind::Replay => ReplayBoard::read(section).map(Self::Replay),
        }
    }
}

impl PhantomBoard {
    fn read(mut section: Section<'_>) -> Self {
        let board = Self {
            seed: section.integer("seed", 0..=i64::MAX, "").or(1),
            width: section.integer("width", 64..=4096, "pixels").or(1280),
            height: section.integer("height", 64..=4096, "pixels").or(960),
        };
        section.finish(" with kind = \"phantom\"");
        board
    }
}

impl V4l2Board {
    fn read(mut section: Section<'_>) -> Option<Self> {
        let device = section.path("device", "a video device such as /dev/video0").required();
        let width = section.integer("width", 64..=8192, "pixels").or(1280);
        let height = section.integer("height", 64..=8192, "pixels").or(720);
        let format = section.choice("format", &PixelLayout::ALL).or_shown(PixelLayout::Mjpg, "\"MJPG\"");
        if matches!(format, PixelLayout::Yuyv | PixelLayout::Nv12) && width % 2 == 1 {
            section.conflict("width", "must be even with this format: two pixels share their colour");
        }
        let fps = section.integer("fps", 1..=240, "frames a second").optional();
        let timeout = Duration::from_millis(section.integer("timeout_ms", 100..=60_000, "milliseconds").or(2000));
        section.finish(" with kind = \"v4l2\"");
        Some(Self { device: device?, width, height, format, fps, timeout })
    }
}

impl ReplayBoard {
    fn read(mut section: Section<'_>) -> Option<Self> {
        let path = section.path("path", "an image, a folder of images, or a raw YUYV dump").required();
        let repeat = section.boolean("loop").or(false);
        let raw_width = section.integer("raw_width", 2..=8192, "pixels").optional();
        let raw_height = section.integer("raw_height", 1..=8192, "pixels").optional();
        match (raw_width, raw_height) {
            (Some(width), _) if width % 2 == 1 => section.conflict("raw_width", "must be even: two pixels share their colour in YUYV"),
            (Some(_), None) => section.conflict("raw_width", "needs camera.raw_height beside it: a raw dump does not say its own size"),
            (None, Some(_)) => section.conflict("raw_height", "needs camera.raw_width beside it: a raw dump does not say its own size"),
            _ => {}
        }
        section.finish(" with kind = \"replay\"");
        let raw = raw_width.zip(raw_height).map(|(width, height)| RawBoard { width, height });
        Some(Self { path: path?, repeat, raw })
    }
}
