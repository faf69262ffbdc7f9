//! Painting over a part of a picture, to find out what a network looks at.
//!
//! If a network still tells the classes apart with the lesion painted out, it reads something else: the source's camera, a
//! ruler, the shape of the mask. Painted pictures go into the network and nowhere else.

use crate::frame::{Frame, Mask};

/// How far the outline is moved outwards before painting, as a share of the picture's shorter side: a rim of the lesion left
/// standing would tell, and hand-drawn outlines run a little inside.
pub const RIM: f64 = 0.03;

/// Less of a picture than this, painted or left, is no test.
pub const LEAST_PART: f64 = 0.01;

/// Which part is painted over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hide {
    /// The lesion with its rim.
    Lesion,
    /// Everything but the lesion with its rim.
    Surroundings,
}

/// `picture` with one part in the mean colour of what is left of it. The lesion of `mask` with a rim of [`RIM`] is one part,
/// the rest the other, so that the two ways of hiding share each picture out between them. What stays visible of the part that
/// is hidden is its shape.
///
/// `None` when either part is smaller than [`LEAST_PART`] of the picture, or `mask` cannot be brought to its size.
#[must_use]
pub fn hide(picture: &Frame, mask: &Mask, part: Hide) -> Option<Frame> {
    let (width, height) = (picture.width(), picture.height());
    let radius = (RIM * f64::from(width.min(height))).round().max(1.0) as usize;
    let lesion = widened(&at_size(mask, width, height)?, radius);
    let painted: Vec<bool> = lesion.iter().map(|lesion| *lesion == (part == Hide::Lesion)).collect();
    let share = painted.iter().filter(|painted| **painted).count() as f64 / painted.len() as f64;
    if !(LEAST_PART..=1.0 - LEAST_PART).contains(&share) {
        return None;
    }
    let colour = mean_colour(picture, &painted);
    let mut result = picture.clone();
    for (pixel, _) in result.pixels_mut().chunks_exact_mut(3).zip(&painted).filter(|(_, painted)| **painted) {
        pixel.copy_from_slice(&colour);
    }
    Some(result)
}

/// The mask at a picture's size, each pixel from the nearest of the mask's.
fn at_size(mask: &Mask, width: u32, height: u32) -> Option<Mask> {
    if (mask.width(), mask.height()) == (width, height) {
        return Some(mask.clone());
    }
    let nearest = |at: u32, to: u32, from: u32| ((u64::from(at) * 2 + 1) * u64::from(from) / (u64::from(to) * 2)) as usize;
    let row = |y: u32| nearest(y, height, mask.height()) * mask.width() as usize;
    let inside = (0..height).flat_map(|y| (0..width).map(move |x| mask.inside()[row(y) + nearest(x, width, mask.width())]));
    Mask::new(width, height, inside.collect()).ok()
}

/// Everything within `radius` pixels of the mask's lesion (dilation with a disc).
fn widened(mask: &Mask, radius: usize) -> Vec<bool> {
    let (width, height) = (mask.width() as usize, mask.height() as usize);
    // Along rows first: a pixel is in the disc of a lesion pixel `dy` rows away when that row's nearest is within the disc's half width there.
    let along: Vec<u32> = mask.inside().chunks_exact(width).flat_map(|row| row_distances(row, radius)).collect();
    let half_width: Vec<u32> = (0..=radius).map(|dy| ((radius * radius - dy * dy) as f64).sqrt() as u32).collect();
    let near = |at: usize| {
        let (x, y) = (at % width, at / width);
        (y.saturating_sub(radius)..=(y + radius).min(height - 1)).any(|other| along[other * width + x] <= half_width[other.abs_diff(y)])
    };
    (0..width * height).map(near).collect()
}

/// Distance of every pixel of a row to the nearest that is set, `radius + 1` when that is further than `radius`.
fn row_distances(row: &[bool], radius: usize) -> Vec<u32> {
    let far = radius as u32 + 1;
    let mut distances = vec![far; row.len()];
    let mut pass = |order: &mut dyn Iterator<Item = usize>| {
        let mut since = far;
        for x in order {
            since = if row[x] { 0 } else { (since + 1).min(far) };
            distances[x] = distances[x].min(since);
        }
    };
    pass(&mut (0..row.len()));
    pass(&mut (0..row.len()).rev());
    distances
}

/// Mean colour of the pixels that are not painted, rounded.
fn mean_colour(picture: &Frame, painted: &[bool]) -> [u8; 3] {
    let (mut sums, mut n) = ([0u64; 3], 0u64);
    for (pixel, _) in picture.pixels().chunks_exact(3).zip(painted).filter(|(_, painted)| !**painted) {
        for (sum, value) in sums.iter_mut().zip(pixel) {
            *sum += u64::from(*value);
        }
        n += 1;
    }
    sums.map(|sum| ((sum + n / 2) / n.max(1)) as u8)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A disc in the middle of a `side` x `side` picture.
    fn disc(side: u32, radius: i64) -> Mask {
        let centre = i64::from(side) / 2;
        let inside = (0..i64::from(side))
            .flat_map(|y| (0..i64::from(side)).map(move |x| (x - centre).pow(2) + (y - centre).pow(2) <= radius * radius));
        Mask::new(side, side, inside.collect()).unwrap()
    }

    /// Red where the mask is lesion, green elsewhere.
    fn picture(mask: &Mask) -> Frame {
        let colours = mask.inside().iter().flat_map(|lesion| if *lesion { [200, 10, 0] } else { [10, 100, 0] });
        Frame::new(mask.width(), mask.height(), colours.collect()).unwrap()
    }

    #[test]
    fn no_pixel_of_the_lesion_is_left_when_it_is_hidden() {
        let mask = disc(100, 20);
        let hidden = hide(&picture(&mask), &mask, Hide::Lesion).unwrap();
        assert!(hidden.pixels().chunks_exact(3).all(|pixel| pixel == [10, 100, 0]));
    }

    #[test]
    fn the_lesion_and_its_rim_are_left_when_the_surroundings_are_hidden() {
        let mask = disc(100, 20);
        let whole = picture(&mask);
        let hidden = hide(&whole, &mask, Hide::Surroundings).unwrap();
        assert_eq!(hidden.pixel(50, 50), [200, 10, 0]);
        assert_eq!((hidden.pixel(50, 27), hidden.pixel(50, 26)), ([10, 100, 0], hidden.pixel(0, 0)));
        let corner = hidden.pixel(0, 0);
        assert!((100..200).contains(&corner[0]) && corner[1] < 60, "the mean of lesion and rim: {corner:?}");
    }

    #[test]
    fn a_mask_that_leaves_too_little_of_either_part_is_no_test() {
        let everything = Mask::new(50, 50, vec![true; 2500]).unwrap();
        let nothing = Mask::new(50, 50, vec![false; 2500]).unwrap();
        for mask in [everything, nothing] {
            assert_eq!((hide(&picture(&mask), &mask, Hide::Lesion), hide(&picture(&mask), &mask, Hide::Surroundings)), (None, None));
        }
    }

    #[test]
    fn a_mask_of_half_the_size_covers_the_same_place() {
        let (mask, half) = (disc(100, 20), disc(50, 10));
        let hidden = hide(&picture(&mask), &half, Hide::Lesion).unwrap();
        assert!(hidden.pixels().chunks_exact(3).all(|pixel| pixel == [10, 100, 0]));
    }

    proptest! {
        #[test]
        fn the_two_ways_of_hiding_share_out_the_picture(seed in prop::collection::vec(any::<bool>(), 400), radius in 1usize..5) {
            let mask = Mask::new(20, 20, seed).unwrap();
            let wide = widened(&mask, radius);
            for (at, wide) in wide.iter().enumerate() {
                let near = (0..400).any(|other| mask.inside()[other] && (at % 20).abs_diff(other % 20).pow(2) + (at / 20).abs_diff(other / 20).pow(2) <= radius * radius);
                prop_assert_eq!(*wide, near, "pixel {}", at);
            }
            let whole = picture(&mask);
            if let (Some(one), Some(other)) = (hide(&whole, &mask, Hide::Lesion), hide(&whole, &mask, Hide::Surroundings)) {
                let kept = |hidden: &Frame| hidden.pixels().chunks_exact(3).zip(whole.pixels().chunks_exact(3)).map(|(a, b)| a == b).collect::<Vec<_>>();
                prop_assert!(kept(&one).iter().zip(kept(&other)).all(|(one, other)| *one || other));
            }
        }
    }
}
