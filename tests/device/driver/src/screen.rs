//! Pictures of the machine's screen, and how they are compared with the scenes that the library draws.

use std::path::Path;

use anyhow::{Context, Result};
use lentigo::frame::{Frame, Region};

/// How two pictures differ.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    /// Share of the pixels that differ, in [0, 1].
    pub share: f64,
    /// Largest difference of any channel, 0 to 255.
    pub largest: u8,
}

/// Reads a picture that QEMU wrote.
pub fn read(path: &Path) -> Result<Frame> {
    let picture = image::open(path).with_context(|| format!("reading {}", path.display()))?.into_rgb8();
    Ok(Frame::new(picture.width(), picture.height(), picture.into_raw())?)
}

/// Writes a picture for people.
pub fn save(frame: &Frame, path: &Path) -> Result<()> {
    image::save_buffer(path, frame.pixels(), frame.width(), frame.height(), image::ExtendedColorType::Rgb8)
        .with_context(|| format!("writing {}", path.display()))
}

/// Compares `found` with `expected` inside `region`; pictures of different sizes differ everywhere.
pub fn compare(found: &Frame, expected: &Frame, region: Region) -> Difference {
    let everywhere = Difference { share: 1.0, largest: 255 };
    if (found.width(), found.height()) != (expected.width(), expected.height()) {
        return everywhere;
    }
    let (Ok(found), Ok(expected)) = (found.crop(region), expected.crop(region)) else {
        return everywhere;
    };
    let (mut count, mut largest) = (0_usize, 0);
    for (one, other) in found.pixels().chunks_exact(3).zip(expected.pixels().chunks_exact(3)) {
        let apart = one.iter().zip(other).map(|(one, other)| one.abs_diff(*other)).max().unwrap_or(0);
        count += usize::from(apart > 0);
        largest = largest.max(apart);
    }
    Difference { share: count as f64 / (found.pixels().len() / 3) as f64, largest }
}

/// Share of the pixels that are not dark.
pub fn lit(frame: &Frame) -> f64 {
    let bright = frame.pixels().chunks_exact(3).filter(|pixel| pixel.iter().any(|channel| *channel > 64)).count();
    bright as f64 / (frame.pixels().len() / 3) as f64
}

/// The whole of a picture.
pub fn whole(frame: &Frame) -> Region {
    Region { x: 0, y: 0, width: frame.width(), height: frame.height() }
}

impl Difference {
    /// Not a single pixel differs.
    pub fn none(self) -> bool {
        self.largest == 0
    }
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.none() {
            return f.write_str("pixel for pixel");
        }
        write!(f, "{:.2} % of the pixels differ, by {} of 255 at most", self.share * 100.0, self.largest)
    }
}

/// Whether two screens show the same thing, whatever small signs on them say: most pixels are the same. Two pictures of different
/// lesions, or two different scenes, differ in far more.
pub fn alike(found: &Frame, expected: &Frame) -> bool {
    compare(found, expected, whole(expected)).share < 0.2
}
