//! Area and diameters of a lesion, in pixels of the frame.

use super::{
    hull::{diameter, extent_across, hull, length},
    outline::{Part, Point, parts},
};
use crate::frame::{Heatmap, Region};

/// How large the largest part of a lesion is, in pixels of the frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measures {
    /// Area without holes, in square pixels.
    pub area: f64,
    /// The same as a share of the region that was assessed, 0 to 1.
    pub share: f64,
    /// Greatest distance between two points of it (Feret's greatest diameter), in pixels.
    pub diameter: f64,
    /// How far it extends at right angles to that diameter, in pixels.
    pub width: f64,
    /// The two ends of the greatest diameter.
    pub axis: [Point; 2],
    /// It reaches the border of the region and may go on beyond: area, diameter and width are what it has at least.
    pub at_least: bool,
    /// How many holes it has.
    pub holes: usize,
    /// How many other parts of the lesion are not counted here.
    pub others: usize,
}

impl Measures {
    /// Of the first of `parts`, which came from a `region`.
    fn of(parts: &[Part], region: Region) -> Option<Self> {
        let part = parts.first()?;
        let corners = hull(&part.outer);
        let axis = diameter(&corners)?;
        let whole = f64::from(region.width) * f64::from(region.height);
        Some(Self {
            area: part.area(),
            share: part.area() / whole,
            diameter: length(axis),
            width: extent_across(&corners, axis),
            axis,
            at_least: part.is_cut_off,
            holes: part.holes.len(),
            others: parts.len() - 1,
        })
    }
}

/// Measures `lesion`, a grid of membership in [0, 1] over `region` of a frame; `None` when no point of it is lesion.
#[must_use]
pub fn measure(lesion: &Heatmap, region: Region) -> Option<Measures> {
    Measures::of(&parts(lesion, region), region)
}
