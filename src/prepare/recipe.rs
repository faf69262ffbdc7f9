//! The numbers of the preparation, as they stand in a bundle's manifest under `[prepare]`.

use serde::{Deserialize, Serialize};

/// How a frame becomes what a network was trained on; the same steps in the same order as in training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// Which part of the frame is used.
    pub geometry: Geometry,
    /// Side of the prepared square in pixels, [`Recipe::SIZES`].
    pub size: u32,
    /// How the part is brought to `size`.
    pub filter: Filter,
    /// Subtracted from each channel (R, G, B), in grey levels 0 to 255.
    pub mean: [f32; 3],
    /// Multiplies each channel after the mean is gone; never 0.
    pub scale: [f32; 3],
    /// What is done against the colour of the light.
    pub colour_constancy: ColourConstancy,
}

impl Recipe {
    /// Sides that a prepared square may have: below, nothing of a lesion is left; above, no network here is trained.
    pub const SIZES: std::ops::RangeInclusive<u32> = 32..=1024;
}

/// Which part of the frame is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Geometry {
    /// The largest square in the middle, [`Region::centre_square`](crate::frame::Region::centre_square).
    CentreSquare,
}

/// How a square is brought to another size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Filter {
    /// Triangle filter whose support grows with the reduction, as Pillow's `Image.resize(BILINEAR)`.
    Bilinear,
}

/// What is done against the colour of the light.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ColourConstancy {
    /// Nothing.
    None,
}
