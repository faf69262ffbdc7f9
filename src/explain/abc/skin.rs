//! The colour of the skin around a lesion, which "white" and "red" are relative to.

use super::{
    contour::Contour,
    picture::{Lab, Picture},
    raster::{Coverage, Place},
};

/// Inner and outer edge of the ring that is looked at: the lesion's line, this many times as far from the centre.
const RING: [f64; 2] = [1.15, 1.7];

/// Darker is no skin but the dermatoscope's rim.
const DARKEST: f32 = 15.0;

/// Brighter is no skin but a reflection.
const BRIGHTEST: f32 = 95.0;

/// The ring must be at least this share of the picture, else all that is not lesion is looked at.
const LEAST: f64 = 0.01;

/// Median colour of the skin; `None` when none is seen.
pub(super) fn skin(picture: &Picture, contour: &Contour, covered: &Coverage) -> Option<Lab> {
    let [inner, outer] = RING.map(|times| {
        let at = |point: &Place| [0, 1].map(|axis: usize| contour.centre[axis] + times * (point[axis] - contour.centre[axis]));
        Coverage::of(&contour.points.iter().map(at).collect::<Vec<_>>(), picture.width, picture.height)
    });
    let is_skin = |at: usize| covered.cells[at] == 0.0 && (DARKEST..BRIGHTEST).contains(&picture.lab[at][0]);
    let ring = (0..picture.lab.len()).filter(|at| inner.cells[*at] == 0.0 && outer.cells[*at] > 0.5 && is_skin(*at));
    let mut pixels: Vec<Lab> = ring.map(|at| picture.lab[at]).collect();
    if (pixels.len() as f64) < LEAST * picture.lab.len() as f64 {
        pixels = (0..picture.lab.len()).filter(|at| is_skin(*at)).map(|at| picture.lab[at]).collect();
    }
    if pixels.is_empty() {
        return None;
    }
    Some(std::array::from_fn(|channel| {
        let middle = pixels.len() / 2;
        pixels.select_nth_unstable_by(middle, |one, other| one[channel].total_cmp(&other[channel])).1[channel]
    }))
}
