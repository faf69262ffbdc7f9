//! A mask file's lesion beside what a network drew: how well outlines agree, and where evidence lies.
//!
//! Both are taken at the mask file's own resolution inside the region that the network saw: what lies outside, it could not know.

use super::metrics::Overlap;
use crate::{
    explain::lesion,
    frame::{Frame, FrameError, Heatmap, Mask, Region},
};

/// Where a network's evidence lies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Attention {
    /// Share of the evidence on the lesion, in [0, 1]; `None` when there is none anywhere.
    pub inside: Option<f64>,
    /// Share of the region that is lesion: what evidence spread evenly would have on it.
    pub lesion: f64,
}

/// Reads a mask: lesion where the picture is light (at least half).
///
/// # Errors
/// [`FrameError`], which no frame that exists should cause.
pub fn mask(picture: &Frame) -> Result<Mask, FrameError> {
    Mask::new(picture.width(), picture.height(), picture.luma().values.iter().map(|value| *value >= 128).collect())
}

/// The part of a mask that shows `region` of a `width` x `height` picture. A mask of another size than its picture is
/// taken to show the same view; the region's edges then fall on the nearest of its pixels.
///
/// `None` when nothing of the region is left at the mask's resolution.
#[must_use]
pub fn seen(mask: &Mask, region: Region, width: u32, height: u32) -> Option<Mask> {
    let scaled = |at: u32, from: u32, to: u32| (f64::from(at) * f64::from(to) / f64::from(from)).round() as u32;
    let across = |x| scaled(x, width, mask.width()).min(mask.width());
    let down = |y| scaled(y, height, mask.height()).min(mask.height());
    let (left, right) = (across(region.x), across(region.x + region.width));
    let (top, bottom) = (down(region.y), down(region.y + region.height));
    let inside = (top..bottom).flat_map(|y| {
        let row = y as usize * mask.width() as usize;
        mask.inside()[row + left as usize..row + right as usize].iter().copied()
    });
    Mask::new(right.checked_sub(left)?, bottom.checked_sub(top)?, inside.collect()).ok()
}

/// How well the lesion that a network drew agrees with `truth`, both over the same region.
#[must_use]
pub fn outline(drawn: &Heatmap, truth: &Mask) -> Option<Overlap> {
    Overlap::of(&lesion::mask(drawn, truth.width(), truth.height()).ok()?, truth)
}

/// Where the evidence of `heatmap` lies on `truth`, both over the same region; `None` when `truth` has no lesion.
#[must_use]
pub fn attention(heatmap: &Heatmap, truth: &Mask) -> Option<Attention> {
    let lesion = truth.area() as f64 / truth.inside().len() as f64;
    (lesion > 0.0).then(|| Attention { inside: lesion::share_inside(heatmap, truth).map(f64::from), lesion })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `.` outside, `#` lesion.
    fn drawn(rows: &[&str]) -> Mask {
        let inside = rows.iter().flat_map(|row| row.chars().map(|cell| cell == '#')).collect();
        Mask::new(rows[0].len() as u32, rows.len() as u32, inside).unwrap()
    }

    #[test]
    fn only_the_part_that_the_network_saw_counts() {
        let whole = drawn(&["#..##.", "..##..", "#....#"]);
        let region = Region::centre_square(6, 3);
        assert_eq!((region.x, region.width), (1, 3));
        assert_eq!(seen(&whole, region, 6, 3).unwrap(), drawn(&["..#", ".##", "..."]));
    }

    #[test]
    fn a_mask_of_half_the_size_shows_the_same_view() {
        let half = drawn(&["#.#", ".#."]);
        let region = Region { x: 2, y: 0, width: 4, height: 4 };
        assert_eq!(seen(&half, region, 6, 4).unwrap(), drawn(&[".#", "#."]));
        assert_eq!(seen(&half, Region { x: 0, y: 0, width: 6, height: 4 }, 6, 4).unwrap(), half);
    }

    #[test]
    fn light_pixels_are_lesion() {
        let picture = Frame::new(2, 1, vec![255, 255, 255, 127, 127, 127]).unwrap();
        assert_eq!(mask(&picture).unwrap(), drawn(&["#."]));
    }

    #[test]
    fn an_outline_that_fits_agrees_and_evidence_on_the_lesion_is_inside() {
        let truth = drawn(&["##..", "##..", "....", "...."]);
        let heat = Heatmap::new(4, 4, truth.inside().iter().map(|inside| f32::from(u8::from(*inside))).collect()).unwrap();
        assert_eq!(outline(&heat, &truth).unwrap().jaccard(), 1.0);
        let found = attention(&heat, &truth).unwrap();
        assert_eq!((found.inside, found.lesion), (Some(1.0), 0.25));
        let cold = Heatmap::new(1, 1, vec![0.0]).unwrap();
        assert_eq!(attention(&cold, &truth).unwrap().inside, None);
        assert_eq!(attention(&heat, &drawn(&["...."])), None);
    }
}
