//! A heatmap and the outline of the lesion laid over the picture that they explain.
//!
//! Under a heatmap the picture turns grey and darker so that colour means evidence and nothing else; how strongly a pixel is coloured
//! follows its evidence, so that skin without any stays visible. The map is scaled by its own maximum: it tells *where* the
//! evidence lies, not how much there is, and says nothing about any other picture. The outline is drawn over both.

use fast_image_resize::{
    FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer,
    images::{Image, ImageRef},
};

use super::{
    colour_map,
    lesion::{LEVEL, parts},
    stroke::outlines,
};
use crate::{
    case::Evidence,
    frame::{Frame, Heatmap, Region},
};

/// Strength of the colour where evidence is greatest, 0 to 1: the picture must still show through.
const STRONGEST: f32 = 0.74;
/// How much of a colour's own hue is left in the grey picture, 0 to 1.
const HUE_LEFT: f32 = 0.15;
/// Brightness of the grey picture; of the part that was not assessed half of that.
const DIMMED: f32 = 0.72;

/// `frame` with the heatmap and the outline of the lesion over the part that was assessed; what was not assessed is darker.
///
/// `None` when there is neither evidence anywhere in a heatmap nor a lesion, or the region does not lie inside the frame.
#[must_use]
pub fn overlay(frame: &Frame, evidence: &Evidence) -> Option<Frame> {
    let Region { x, y, width, height } = evidence.region;
    let inside = |from: u32, length: u32, whole: u32| from.checked_add(length).is_some_and(|end| end <= whole);
    if !inside(x, width, frame.width()) || !inside(y, height, frame.height()) {
        return None;
    }
    let strengths = evidence.heatmap.as_ref().and_then(|heatmap| upsample(heatmap, width, height));
    let lesion = evidence.lesion.as_ref().map(|lesion| parts(lesion, evidence.region)).unwrap_or_default();
    if strengths.is_none() && lesion.is_empty() {
        return None;
    }
    let mut picture = frame.clone();
    if let Some(strengths) = strengths {
        colour(&mut picture, evidence.region, &strengths);
    }
    outlines(&mut picture, &lesion, evidence.region);
    Some(picture)
}

/// Turns the picture grey and lays the evidence over `region`, whose pixels have the given strengths.
fn colour(picture: &mut Frame, region: Region, strengths: &[f32]) {
    let Region { x, y, width, height } = region;
    let (columns, rows) = (x..x + width, y..y + height);
    let stride = picture.width() as usize;
    for (at, pixel) in picture.pixels_mut().chunks_exact_mut(3).enumerate() {
        let (column, row) = ((at % stride) as u32, (at / stride) as u32);
        let assessed = columns.contains(&column) && rows.contains(&row);
        let strength = if assessed { strengths[(row - y) as usize * width as usize + (column - x) as usize] } else { 0.0 };
        let brightness = if assessed { DIMMED } else { DIMMED / 2.0 };
        shade(pixel, brightness, strength);
    }
}

/// Turns a pixel grey and mixes the colour of `strength` into it.
fn shade(pixel: &mut [u8], brightness: f32, strength: f32) {
    let [r, g, b] = [0, 1, 2].map(|channel| f32::from(pixel[channel]));
    let grey = 0.299 * r + 0.587 * g + 0.114 * b;
    let colour = colour_map::colour(strength);
    let alpha = STRONGEST * strength;
    for (value, new) in pixel.iter_mut().zip(colour) {
        let quiet = (grey + HUE_LEFT * (f32::from(*value) - grey)) * brightness;
        *value = (quiet + alpha * (f32::from(new) - quiet)).round().clamp(0.0, 255.0) as u8;
    }
}

/// Whether there is anything in this evidence to show: a heatmap with a cell above zero, or a lesion.
#[must_use]
pub fn has_any(evidence: &Evidence) -> bool {
    has_heatmap(evidence) || evidence.lesion.as_ref().is_some_and(|lesion| lesion.values().iter().any(|cell| *cell >= LEVEL))
}

/// Whether this evidence has a heatmap with a cell above zero, so that colours mean something.
#[must_use]
pub fn has_heatmap(evidence: &Evidence) -> bool {
    evidence.heatmap.as_ref().and_then(largest).is_some()
}

/// The largest cell, when there is one above zero; cells that are not finite do not count.
fn largest(heatmap: &Heatmap) -> Option<f32> {
    let largest = heatmap.values().iter().copied().filter(|value| value.is_finite()).fold(0.0, f32::max);
    (largest > 0.0).then_some(largest)
}

/// The heatmap at `width` x `height`, each value 0 to 1 with the largest cell at 1; `None` when no cell is above zero.
///
/// Bicubic (Catmull-Rom, Keys 1981, a = -0.5), which goes through the cells' own values at their centres and shows no diamond-shaped
/// ridges as bilinear does; where it swings past 0 or 1 it is cut off.
fn upsample(heatmap: &Heatmap, width: u32, height: u32) -> Option<Vec<f32>> {
    let largest = largest(heatmap)?;
    if width == 0 || height == 0 {
        return None;
    }
    let cells: Vec<u8> = heatmap
        .values()
        .iter()
        .map(|value| if value.is_finite() { (value / largest).clamp(0.0, 1.0) } else { 0.0 })
        .flat_map(f32::to_ne_bytes)
        .collect();
    // A buffer that is not aligned for f32 is refused by the resizer; `Image` brings its own.
    let mut source = Image::new(heatmap.width(), heatmap.height(), PixelType::F32);
    source.buffer_mut().copy_from_slice(&cells);
    let source = ImageRef::new(heatmap.width(), heatmap.height(), source.buffer(), PixelType::F32).ok()?;
    let mut target = Image::new(width, height, PixelType::F32);
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::CatmullRom));
    Resizer::new().resize(&source, &mut target, &options).ok()?;
    let value = |bytes: &[u8]| f32::from_ne_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]).clamp(0.0, 1.0);
    Some(target.buffer().chunks_exact(4).map(value).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn skin(width: u32, height: u32) -> Frame {
        Frame::from_fn(width, height, |_, _| [224, 172, 150]).unwrap()
    }

    fn evidence(values: &[f32], side: u32, region: Region) -> Evidence {
        Evidence { region, heatmap: Some(Heatmap::new(side, side, values.to_vec()).unwrap()), lesion: None }
    }

    /// How far a colour is from grey.
    fn hue(pixel: [u8; 3]) -> u8 {
        pixel.iter().max().unwrap() - pixel.iter().min().unwrap()
    }

    #[test]
    fn colour_is_strongest_where_the_evidence_is() {
        let mut values = [0.0; 49];
        values[3 * 7 + 5] = 4.0;
        let region = Region { x: 20, y: 0, width: 70, height: 70 };
        let picture = overlay(&skin(110, 70), &evidence(&values, 7, region)).unwrap();
        let peak = picture.pixel(20 + 55, 35);
        assert!(hue(peak) > 60 && peak[0] > 200, "{peak:?}");
        assert!(hue(picture.pixel(25, 5)) < 20, "skin without evidence is grey");
        let outside = picture.pixel(5, 35);
        assert!(outside.iter().zip(picture.pixel(25, 65)).all(|(out, inside)| *out < inside), "what was not assessed is darker");
    }

    #[test]
    fn the_scale_of_the_evidence_does_not_matter() {
        let values: Vec<f32> = (0..16).map(|at| at as f32).collect();
        let larger: Vec<f32> = values.iter().map(|value| value * 1e6).collect();
        let region = Region::centre_square(40, 40);
        assert_eq!(overlay(&skin(40, 40), &evidence(&values, 4, region)), overlay(&skin(40, 40), &evidence(&larger, 4, region)));
    }

    #[test]
    fn there_is_no_overlay_without_evidence_or_outside_the_picture() {
        let inside = Region::centre_square(40, 40);
        for values in [[0.0; 4], [f32::NAN; 4], [-1.0; 4], [f32::INFINITY; 4]] {
            assert_eq!(overlay(&skin(40, 40), &evidence(&values, 2, inside)), None);
        }
        for region in [Region { x: 1, ..inside }, Region { y: u32::MAX, ..inside }, Region { width: 0, ..inside }] {
            assert_eq!(overlay(&skin(40, 40), &evidence(&[1.0; 4], 2, region)), None);
        }
        assert_eq!(overlay(&skin(40, 40), &Evidence { region: inside, heatmap: None, lesion: None }), None);
    }

    proptest! {
        #[test]
        fn any_heatmap_over_any_picture_is_drawn_or_left_out(
            values in prop::collection::vec(prop::num::f32::ANY, 9), width in 1_u32..50, height in 1_u32..50
        ) {
            let region = Region { x: 0, y: 0, width, height };
            if let Some(picture) = overlay(&skin(width, height), &evidence(&values, 3, region)) {
                prop_assert_eq!((picture.width(), picture.height()), (width, height));
            }
        }
    }
}
