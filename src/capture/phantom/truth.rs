//! What is true about a phantom: the answers that measurements on its picture are compared with.

use super::{colour::LesionColour, outline::Outline, parameters::Phantom};
use crate::frame::{Mask, Region};

/// How much of the visible lesion has one colour.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ColourShare {
    /// The colour.
    pub colour: LesionColour,
    /// Share of the lesion's visible pixels, 0 to 1.
    pub share: f32,
}

/// What a perfect observer would measure.
#[derive(Debug, Clone, PartialEq)]
pub struct Truth {
    /// Share of the frame's pixels that are lesion, 0 to 1.
    pub area_share: f32,
    /// Share of the lesion's area that finds no partner when mirrored at its principal axes (mean of both), 0 to 1;
    /// measured on the whole border, also where the frame cuts it.
    pub asymmetry: f32,
    /// One minus the length of the border's convex hull over the border's own length: 0 for a convex border, towards 1
    /// when ragged; measured on the whole border.
    pub border_irregularity: f32,
    /// Visible colours, largest share first; the shares add up to 1 unless there is no lesion.
    pub colours: Vec<ColourShare>,
    /// The smallest rectangle around the visible lesion; `None` when no lesion pixel is in the frame.
    pub region: Option<Region>,
    /// A lesion was drawn, seen or not.
    pub lesion: bool,
    /// Part of the lesion lies outside the frame.
    pub cut_off: bool,
    /// Part of the lesion lies outside the largest centred square, which is what a network sees.
    pub leaves_field: bool,
    /// Hairs were drawn.
    pub hair: bool,
    /// Specular reflections were drawn.
    pub glare: bool,
}

impl Truth {
    /// Measures a drawn phantom: `labels` holds 0 for skin, else 1 + index into its colours.
    pub(super) fn measure(phantom: &Phantom, outline: Option<&Outline>, mask: &Mask, labels: &[u8]) -> Self {
        let area = mask.area();
        let mut counts = vec![0_usize; phantom.lesion.colours.len()];
        for label in labels.iter().filter(|label| **label > 0) {
            if let Some(count) = counts.get_mut(usize::from(*label) - 1) {
                *count += 1;
            }
        }
        let seen = phantom.lesion.colours.iter().zip(&counts).filter(|(_, count)| **count > 0);
        let mut colours: Vec<ColourShare> =
            seen.map(|(colour, count)| ColourShare { colour: *colour, share: *count as f32 / area as f32 }).collect();
        colours.sort_by(|a, b| b.share.total_cmp(&a.share).then(a.colour.cmp(&b.colour)));
        let side = mask.width().min(mask.height()) as f32;
        let beyond = |half: [f32; 2]| {
            outline.is_some_and(|outline| {
                let [left, upper, right, lower] = outline.bounds();
                left < -half[0] || right > half[0] || upper < -half[1] || lower > half[1]
            })
        };
        Self {
            area_share: area as f32 / mask.inside().len() as f32,
            asymmetry: outline.map_or(0.0, Outline::asymmetry),
            border_irregularity: outline.map_or(0.0, Outline::irregularity),
            colours,
            region: region(mask),
            lesion: outline.is_some(),
            cut_off: beyond([mask.width() as f32 / side / 2.0, mask.height() as f32 / side / 2.0]),
            leaves_field: beyond([0.5, 0.5]),
            hair: phantom.hair.count > 0 && phantom.hair.darkness > 0.0,
            glare: phantom.contact.glare_spots > 0 && phantom.contact.glare_size > 0.0,
        }
    }
}

/// The smallest rectangle around all lesion pixels.
fn region(mask: &Mask) -> Option<Region> {
    let width = mask.width() as usize;
    let rows = || mask.inside().chunks_exact(width);
    let upper = rows().position(|row| row.contains(&true))?;
    let lower = rows().rposition(|row| row.contains(&true))?;
    let left = rows().filter_map(|row| row.iter().position(|inside| *inside)).min()?;
    let right = rows().filter_map(|row| row.iter().rposition(|inside| *inside)).max()?;
    Some(Region { x: left as u32, y: upper as u32, width: (right - left + 1) as u32, height: (lower - upper + 1) as u32 })
}
