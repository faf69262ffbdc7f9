//! Lines drawn into a picture: a light or coloured one with a dark one on either side, so that it is seen on light and dark skin and on
//! every colour of evidence.

use super::lesion::{Part, Point};
use crate::frame::{Frame, Region};

/// What stands on either side of a line.
const DARK: [f32; 3] = [14.0, 14.0, 14.0];
/// Thickness of that, as a share of the region's shorter side, and the least that it may be in pixels.
const DARK_SHARE: f64 = 1.0 / 320.0;
const LEAST_DARK: f64 = 0.9;

/// How a line looks, at any size of the picture.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pen {
    /// The line itself.
    pub(super) colour: [u8; 3],
    /// Half its thickness, as a share of the region's shorter side.
    pub(super) share: f64,
    /// The least that this may be, in pixels.
    pub(super) least: f64,
}

/// What the outline of a lesion is drawn with.
pub(super) const OUTLINE: Pen = Pen { colour: [255, 255, 255], share: 1.0 / 420.0, least: 0.55 };

/// Draws the outlines of `parts`, which lie in `region` of `picture`; where they run along the region's border nothing is drawn: the lesion
/// does not end there.
pub(super) fn outlines(picture: &mut Frame, parts: &[Part], region: Region) {
    let rings = parts.iter().flat_map(|part| std::iter::once(&part.outer).chain(&part.holes));
    lines(picture, region, OUTLINE, rings.flat_map(|ring| edges(ring, region)));
}

/// The lines of a closed outline from corner to corner, without those along the border of `region`.
pub(super) fn edges(ring: &[Point], region: Region) -> impl Iterator<Item = (Point, Point)> {
    let pairs = ring.iter().copied().zip(ring.iter().copied().cycle().skip(1));
    pairs.filter(move |(from, to)| !runs_along_border(*from, *to, region))
}

/// Draws lines, each from a point to another, into `region` of `picture` with `pen`; what lies outside is not drawn.
pub(super) fn lines(picture: &mut Frame, region: Region, pen: Pen, lines: impl IntoIterator<Item = (Point, Point)>) {
    let side = f64::from(region.width.min(region.height));
    let half = (side * pen.share).max(pen.least);
    let reach = half + (side * DARK_SHARE).max(LEAST_DARK);
    let mut distances = Distances::new(picture, region, reach);
    for (from, to) in lines {
        distances.near(from, to);
    }
    distances.paint(picture, pen.colour.map(f32::from), half, reach);
}

/// Whether a line lies on one side of a region's border.
fn runs_along_border(from: Point, to: Point, region: Region) -> bool {
    let (left, top) = (f64::from(region.x), f64::from(region.y));
    let (right, bottom) = (left + f64::from(region.width), top + f64::from(region.height));
    let both = |from: f64, to: f64, low: f64, high: f64| (from <= low && to <= low) || (from >= high && to >= high);
    both(from.x, to.x, left, right) || both(from.y, to.y, top, bottom)
}

/// How far each pixel of a region is from the nearest line. Kept for all lines together: lines drawn one by one would show where they meet.
struct Distances {
    region: Region,
    nearest: Vec<f32>,
    reach: f64,
}

impl Distances {
    /// `region` is cut to what lies inside `picture`.
    fn new(picture: &Frame, region: Region, reach: f64) -> Self {
        let (x, y) = (region.x.min(picture.width()), region.y.min(picture.height()));
        let region = Region { x, y, width: region.width.min(picture.width() - x), height: region.height.min(picture.height() - y) };
        Self { region, nearest: vec![f32::INFINITY; region.width as usize * region.height as usize], reach }
    }

    /// Takes a line into account.
    fn near(&mut self, from: Point, to: Point) {
        let Region { x, y, width, height } = self.region;
        let around = self.reach + 1.0;
        let span = |one: f64, other: f64, start: u32, length: u32| {
            let within = |at: f64| (at - f64::from(start)).clamp(0.0, f64::from(length)) as u32;
            within(one.min(other) - around)..within((one.max(other) + around).ceil())
        };
        let (dx, dy) = (to.x - from.x, to.y - from.y);
        let length_squared = dx * dx + dy * dy;
        for row in span(from.y, to.y, y, height) {
            for column in span(from.x, to.x, x, width) {
                let (px, py) = (f64::from(x + column) + 0.5 - from.x, f64::from(y + row) + 0.5 - from.y);
                let along = if length_squared > 0.0 { ((px * dx + py * dy) / length_squared).clamp(0.0, 1.0) } else { 0.0 };
                let distance = (px - along * dx).hypot(py - along * dy) as f32;
                let nearest = &mut self.nearest[row as usize * width as usize + column as usize];
                *nearest = nearest.min(distance);
            }
        }
    }

    /// Mixes the dark line and, over it, the one in `colour` into the picture, with smooth edges.
    fn paint(&self, picture: &mut Frame, colour: [f32; 3], half: f64, reach: f64) {
        let Region { x, y, width, .. } = self.region;
        let stride = picture.width() as usize;
        let pixels = picture.pixels_mut();
        for (at, distance) in self.nearest.iter().enumerate().filter(|(_, distance)| distance.is_finite()) {
            let (column, row) = (at % width as usize, at / width as usize);
            let pixel = &mut pixels[((row + y as usize) * stride + column + x as usize) * 3..][..3];
            let covered = |half: f64| (half as f32 + 0.5 - distance).clamp(0.0, 1.0);
            for (channel, value) in pixel.iter_mut().enumerate() {
                let dark = f32::from(*value) + covered(reach) * (DARK[channel] - f32::from(*value));
                *value = (dark + covered(half) * (colour[channel] - dark)).round().clamp(0.0, 255.0) as u8;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(low: f64, high: f64) -> Part {
        let outer = [(low, low), (high, low), (high, high), (low, high)].map(|(x, y)| Point { x, y }).to_vec();
        Part { outer, holes: Vec::new(), is_cut_off: false }
    }

    #[test]
    fn a_line_is_light_between_dark_edges_on_any_skin() {
        let whole = Region { x: 0, y: 0, width: 200, height: 200 };
        for skin in [[245, 215, 200], [52, 34, 26], [252, 255, 164], [140, 140, 140]] {
            let mut picture = Frame::from_fn(200, 200, |_, _| skin).unwrap();
            // Through the middles of pixels.
            outlines(&mut picture, &[square(50.5, 150.5)], whole);
            let across: Vec<u8> = (49..52).map(|x| picture.pixel(x, 100)[1]).collect();
            assert!(across[1] > 220 && across[0] < 40 && across[2] < 40, "{skin:?}: {across:?}");
            assert_eq!((picture.pixel(100, 100), picture.pixel(20, 20)), (skin, skin), "nothing is drawn away from the line");
        }
    }

    #[test]
    fn nothing_is_drawn_along_the_border_or_outside_the_region() {
        let region = Region { x: 40, y: 40, width: 100, height: 100 };
        let plain = Frame::from_fn(200, 160, |_, _| [200, 160, 140]).unwrap();
        let mut picture = plain.clone();
        outlines(&mut picture, &[square(40.0, 140.0)], region);
        assert_eq!(picture, plain);
        outlines(&mut picture, &[square(40.0, 100.0)], region);
        assert_ne!(picture.pixel(99, 60), plain.pixel(99, 60));
        let drawn = (0..200).flat_map(|x| (0..160).map(move |y| (x, y))).filter(|&(x, y)| picture.pixel(x, y) != plain.pixel(x, y));
        assert!(drawn.into_iter().all(|(x, y)| (40..140).contains(&x) && (40..140).contains(&y)));
    }

    #[test]
    fn lines_beyond_the_picture_are_clipped() {
        let mut picture = Frame::from_fn(20, 10, |_, _| [9, 9, 9]).unwrap();
        outlines(&mut picture, &[square(-50.0, 15.0)], Region { x: 10, y: 0, width: 40, height: 40 });
        assert_eq!((picture.width(), picture.height()), (20, 10));
    }
}
