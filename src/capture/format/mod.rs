//! The pixel formats that cameras send: what a frame of each weighs, and how it becomes a [`Frame`] and back.
//!
//! Knows bytes, not devices. It must never make up pixels: bytes that are not a whole picture are refused,
//! because a half-grey picture could pass for skin.

mod jpeg;
mod yuv;

use std::fmt;

use thiserror::Error;

use self::yuv::Chroma;
use crate::frame::{Frame, FrameError, MAX_SIDE};

pub(in crate::capture) use jpeg::read as read_jpeg;

/// The longest line in bytes that is believed: four bytes a pixel of the widest picture, and as much again for padding.
const MAX_STRIDE: u32 = MAX_SIDE * 8;

/// A way to lay out the pixels of one frame in memory, named by its V4L2 FourCC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PixelFormat {
    /// `YUYV`: 4:2:2, `Y0 U Y1 V` for every two pixels of a line.
    Yuyv,
    /// `UYVY`: 4:2:2, `U Y0 V Y1` for every two pixels of a line.
    Uyvy,
    /// `NV12`: 4:2:0, a plane of Y, then a plane of `U V` for every two by two pixels, with the same bytes a line.
    Nv12,
    /// `NV21`: as [`Nv12`](Self::Nv12), with `V U`.
    Nv21,
    /// `YU12`: 4:2:0, a plane of Y, a plane of U and a plane of V for every two by two pixels, the latter two with half the bytes a line.
    Yu12,
    /// `GREY`: one byte of full-range brightness a pixel.
    Grey,
    /// `RGB3`: `R G B` a pixel.
    Rgb3,
    /// `BGR3`: `B G R` a pixel.
    Bgr3,
    /// `MJPG`: every frame a JPEG picture of its own, with or without Huffman tables.
    Mjpg,
}

/// Why bytes are not a frame of a [`PixelFormat`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FormatError {
    /// The size is one that no picture can have.
    #[error(transparent)]
    Size(#[from] FrameError),
    /// Too few or absurdly many bytes a line.
    #[error("a line of {width} {format} pixels takes {least} bytes, {stride} were announced")]
    Stride {
        /// The pixel format.
        format: PixelFormat,
        /// Width in pixels.
        width: u32,
        /// Bytes that the pixels of a line take.
        least: u32,
        /// Bytes a line that were announced.
        stride: u32,
    },
    /// Fewer bytes than the picture takes.
    #[error("the frame ends early: {found} of {expected} bytes")]
    Short {
        /// Bytes that the picture takes.
        expected: usize,
        /// Bytes that were given.
        found: usize,
    },
    /// A picture with a header of its own that is cut short, damaged, or of a kind that is not read; says which and what to do.
    #[error("{0}")]
    Picture(String),
    /// An MJPG picture of another size than was announced.
    #[error("the picture is {found_width}x{found_height}, {width}x{height} was announced")]
    OtherSize {
        /// Announced width in pixels.
        width: u32,
        /// Announced height in pixels.
        height: u32,
        /// Width of the picture.
        found_width: u32,
        /// Height of the picture.
        found_height: u32,
    },
}

impl fmt::Display for PixelFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl PixelFormat {
    /// Every format that is read.
    pub const ALL: [Self; 9] = [Self::Yuyv, Self::Uyvy, Self::Nv12, Self::Nv21, Self::Yu12, Self::Grey, Self::Rgb3, Self::Bgr3, Self::Mjpg];

    /// Every format whose frames all weigh the same, so that a file of them can be cut into frames: all but MJPG.
    pub const RAW: [Self; 8] = [Self::Yuyv, Self::Uyvy, Self::Nv12, Self::Nv21, Self::Yu12, Self::Grey, Self::Rgb3, Self::Bgr3];

    /// The four characters that V4L2 and the board file know it by.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Yuyv => "YUYV",
            Self::Uyvy => "UYVY",
            Self::Nv12 => "NV12",
            Self::Nv21 => "NV21",
            Self::Yu12 => "YU12",
            Self::Grey => "GREY",
            Self::Rgb3 => "RGB3",
            Self::Bgr3 => "BGR3",
            Self::Mjpg => "MJPG",
        }
    }

    /// The V4L2 code as it stands in memory: the bytes of [`name`](Self::name).
    #[must_use]
    pub fn fourcc(self) -> [u8; 4] {
        match self {
            Self::Yuyv => *b"YUYV",
            Self::Uyvy => *b"UYVY",
            Self::Nv12 => *b"NV12",
            Self::Nv21 => *b"NV21",
            Self::Yu12 => *b"YU12",
            Self::Grey => *b"GREY",
            Self::Rgb3 => *b"RGB3",
            Self::Bgr3 => *b"BGR3",
            Self::Mjpg => *b"MJPG",
        }
    }

    /// The format of that name, in any case; `None` for one that is not read.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name().eq_ignore_ascii_case(name))
    }

    /// Whether brightness and colour are sent apart, brightness usually from 16 to 235.
    pub(in crate::capture) fn is_yuv(self) -> bool {
        matches!(self, Self::Yuyv | Self::Uyvy | Self::Nv12 | Self::Nv21 | Self::Yu12)
    }

    /// The bytes that the pixels of one line take, without padding; 0 for MJPG, which has no lines.
    #[must_use]
    pub fn least_stride(self, width: u32) -> u32 {
        let width = width.min(MAX_SIDE);
        match self {
            Self::Yuyv | Self::Uyvy => width.div_ceil(2) * 4,
            Self::Nv12 | Self::Nv21 | Self::Yu12 => width.next_multiple_of(2),
            Self::Grey => width,
            Self::Rgb3 | Self::Bgr3 => width * 3,
            Self::Mjpg => 0,
        }
    }

    /// The bytes that a whole frame takes when a line takes `stride` bytes (0: no padding).
    ///
    /// An MJPG frame has no fixed weight; for it this is the least that any JPEG picture takes, its two end markers.
    ///
    /// # Errors
    /// [`FormatError::Size`] for a size that no picture can have, [`FormatError::Stride`] for lines too short for their pixels.
    pub fn bytes_for(self, width: u32, height: u32, stride: u32) -> Result<usize, FormatError> {
        Ok(self.layout(width, height, stride)?.total)
    }

    /// Makes a picture of `bytes`; what follows after a whole frame is padding and ignored.
    ///
    /// `stride` is the bytes a line (0: no padding). YUV is taken as UVC cameras send it: BT.601, limited range (Y 16 to 235);
    /// each chroma value is used for all pixels of its cell. MJPG is decoded strictly: a frame that is cut short, has data missing,
    /// or has another size is refused. MJPG frames without Huffman tables get the standard ones (JPEG, annex K.3), as MJPG asks.
    ///
    /// # Errors
    /// [`FormatError`] when the bytes are not a whole picture of this size.
    pub fn decode(self, bytes: &[u8], width: u32, height: u32, stride: u32) -> Result<Frame, FormatError> {
        let layout = self.layout(width, height, stride)?;
        let Some(bytes) = bytes.get(..if self == Self::Mjpg { bytes.len() } else { layout.total }) else {
            return Err(FormatError::Short { expected: layout.total, found: bytes.len() });
        };
        if self == Self::Mjpg {
            return decode_mjpg(bytes, width, height);
        }
        let mut pixels = vec![0; layout.width * layout.height * 3];
        let rows = pixels.chunks_exact_mut(layout.width * 3).zip(layout.lines(bytes));
        match self {
            Self::Yuyv => yuv::packed_to_rgb::<false>(bytes, layout, &mut pixels),
            Self::Uyvy => yuv::packed_to_rgb::<true>(bytes, layout, &mut pixels),
            Self::Nv12 => yuv::planes_to_rgb(bytes, layout, Chroma::UvPairs, &mut pixels),
            Self::Nv21 => yuv::planes_to_rgb(bytes, layout, Chroma::VuPairs, &mut pixels),
            Self::Yu12 => yuv::planes_to_rgb(bytes, layout, Chroma::Apart, &mut pixels),
            Self::Grey => rows.for_each(|(row, line)| {
                for (rgb, &grey) in row.as_chunks_mut::<3>().0.iter_mut().zip(line) {
                    *rgb = [grey; 3];
                }
            }),
            Self::Rgb3 | Self::Mjpg => rows.for_each(|(row, line)| row.copy_from_slice(&line[..row.len()])),
            Self::Bgr3 => rows.for_each(|(row, line)| {
                for (rgb, &[b, g, r]) in row.as_chunks_mut::<3>().0.iter_mut().zip(line.as_chunks::<3>().0) {
                    *rgb = [r, g, b];
                }
            }),
        }
        Ok(Frame::new(width, height, pixels)?)
    }

    /// Lays out `frame` as a camera would, `stride` bytes a line (0: no padding; padding is zero).
    ///
    /// The counterpart of [`decode`](Self::decode), for dumps and test benches. How far a picture comes back from both:
    /// RGB3 and BGR3 exactly; GREY exactly where R = G = B; YUV within 2 levels a channel where the colour is constant over each chroma cell
    /// (2x1 pixels for 4:2:2, 2x2 for 4:2:0), else with the cell's mean chroma; MJPG (quality 95) within 12 levels on smooth pictures.
    ///
    /// # Errors
    /// [`FormatError::Stride`] for lines too short for their pixels.
    pub fn encode(self, frame: &Frame, stride: u32) -> Result<Vec<u8>, FormatError> {
        let layout = self.layout(frame.width(), frame.height(), stride)?;
        if self == Self::Mjpg {
            return jpeg::write(frame);
        }
        let mut bytes = vec![0; layout.total];
        match self {
            Self::Yuyv => yuv::rgb_to_packed::<false>(frame, layout, &mut bytes),
            Self::Uyvy => yuv::rgb_to_packed::<true>(frame, layout, &mut bytes),
            Self::Nv12 => yuv::rgb_to_planes(frame, layout, Chroma::UvPairs, &mut bytes),
            Self::Nv21 => yuv::rgb_to_planes(frame, layout, Chroma::VuPairs, &mut bytes),
            Self::Yu12 => yuv::rgb_to_planes(frame, layout, Chroma::Apart, &mut bytes),
            Self::Grey => {
                let luma = frame.luma().values;
                for (line, grey) in bytes.chunks_exact_mut(layout.stride).zip(luma.chunks_exact(layout.width)) {
                    line[..layout.width].copy_from_slice(grey);
                }
            }
            Self::Rgb3 | Self::Mjpg => {
                for (line, row) in bytes.chunks_exact_mut(layout.stride).zip(frame.pixels().chunks_exact(layout.width * 3)) {
                    line[..row.len()].copy_from_slice(row);
                }
            }
            Self::Bgr3 => {
                for (line, row) in bytes.chunks_exact_mut(layout.stride).zip(frame.pixels().chunks_exact(layout.width * 3)) {
                    for (bgr, &[r, g, b]) in line.as_chunks_mut::<3>().0.iter_mut().zip(row.as_chunks::<3>().0) {
                        *bgr = [b, g, r];
                    }
                }
            }
        }
        Ok(bytes)
    }

    /// Checks a claimed size and works out where everything lies.
    fn layout(self, width: u32, height: u32, stride: u32) -> Result<Layout, FormatError> {
        let area = u64::from(width) * u64::from(height);
        if width == 0 || height == 0 || width > MAX_SIDE || height > MAX_SIDE || area > Frame::MAX_PIXELS {
            return Err(FrameError::Size { width, height }.into());
        }
        let least = self.least_stride(width);
        let stride = if stride == 0 { least } else { stride };
        if self != Self::Mjpg && !(least..=MAX_STRIDE).contains(&stride) {
            return Err(FormatError::Stride { format: self, width, least, stride });
        }
        let (width, height, stride) = (width as usize, height as usize, stride as usize);
        let total = match self {
            Self::Yuyv | Self::Uyvy | Self::Grey | Self::Rgb3 | Self::Bgr3 => stride * height,
            Self::Nv12 | Self::Nv21 => stride * (height + height.div_ceil(2)),
            // The two planes of colour have half the bytes a line, rounded down when padding makes the number odd.
            Self::Yu12 => stride * height + stride / 2 * 2 * height.div_ceil(2),
            Self::Mjpg => jpeg::END_MARKERS,
        };
        Ok(Layout { width, height, stride, total })
    }
}

/// A size that has been checked: no product below overflows, and `stride` holds a line.
#[derive(Debug, Clone, Copy)]
struct Layout {
    width: usize,
    height: usize,
    stride: usize,
    total: usize,
}

impl Layout {
    /// The lines of the first plane, with their padding.
    fn lines<'a>(&self, bytes: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
        bytes.chunks_exact(self.stride).take(self.height)
    }
}

fn decode_mjpg(bytes: &[u8], width: u32, height: u32) -> Result<Frame, FormatError> {
    let jpeg = read_jpeg(bytes, |found_width, found_height| {
        let same = (found_width, found_height) == (width, height);
        if same { Ok(()) } else { Err(FormatError::OtherSize { width, height, found_width, found_height }) }
    })?;
    Ok(Frame::new(width, height, jpeg.pixels)?)
}

#[cfg(test)]
mod plain;
#[cfg(test)]
mod tests;
