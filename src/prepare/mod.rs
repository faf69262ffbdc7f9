//! From a frame to what a network sees: geometry, colour constancy, resize, normalise.
//!
//! The same steps as `models/training/lentigo_training/prepare.py`, from the numbers in the bundle's manifest.

use crate::frame::{Frame, Region};

/// The square that a network sees, with the place it came from.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// The square picture, `size` x `size`, still 8-bit sRGB.
    pub square: Frame,
    /// Which part of the source frame it shows, in the source's pixels.
    pub region: Region,
}
