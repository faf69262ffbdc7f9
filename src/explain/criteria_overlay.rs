//! The ABC criteria drawn on the picture that they were measured on: both axes of symmetry through the centre of gravity, and the outline
//! in its eight segments, those that end abruptly in another colour and thicker.
//!
//! Draws what [`super::abc`] measured and measures nothing: what counts as abrupt was decided there. The major axis is a whole line and
//! the minor one is dashed, so that both can be told apart without colours.

use std::f64::consts::TAU;

use super::{
    abc::Abc,
    lesion::{Part, Point, parts},
    stroke::{OUTLINE, Pen, edges, lines, outlines},
};
use crate::frame::{Frame, Heatmap, Region};

/// A segment that ends abruptly: orange, which stays apart from white and from the axes' blue for red-green colour blindness (Okabe and Ito).
pub const ABRUPT: [u8; 3] = [255, 159, 28];
/// The axes: sky blue.
pub const AXIS: [u8; 3] = [98, 190, 244];
/// Any other part of the outline.
pub const SMOOTH: [u8; 3] = OUTLINE.colour;

const ABRUPT_PEN: Pen = Pen { colour: ABRUPT, share: 1.0 / 110.0, least: 1.5 };
const AXIS_PEN: Pen = Pen { colour: AXIS, share: 1.0 / 400.0, least: 0.6 };
/// Length of a dash and of the gap after it, as shares of the picture's shorter side.
const DASH: [f64; 2] = [1.0 / 26.0, 1.0 / 40.0];
/// Half the length of the mark between two segments, likewise.
const MARK: f64 = 1.0 / 60.0;
/// Segments of the border.
const SEGMENTS: f64 = 8.0;

/// `picture` with the criteria drawn on it. It shows the `part` of a frame, at any size; `lesion` is the membership over that part that was
/// measured, and `abc` was measured there, in pixels of the frame.
#[must_use]
pub fn criteria_overlay(picture: &Frame, part: Region, lesion: &Heatmap, abc: &Abc) -> Frame {
    let whole = Region { x: 0, y: 0, width: picture.width(), height: picture.height() };
    let place = Place::new(part, whole);
    let mut drawn = picture.clone();
    axes(&mut drawn, whole, &place, abc);
    let all = parts(lesion, whole);
    let Some((measured, others)) = all.split_first() else { return drawn };
    outlines(&mut drawn, others, whole);
    let holes = measured.holes.iter().map(|hole| Part { outer: hole.clone(), holes: Vec::new(), is_cut_off: measured.is_cut_off });
    outlines(&mut drawn, &holes.collect::<Vec<_>>(), whole);
    border(&mut drawn, whole, &place, &measured.outer, abc);
    drawn
}

/// Where the points of a frame lie in the picture of one part of it.
struct Place {
    origin: Point,
    /// Pixels of the picture for one of the frame, across and down.
    scale: [f64; 2],
}

impl Place {
    fn new(part: Region, picture: Region) -> Self {
        let scale = |pixels: u32, of: u32| f64::from(pixels) / f64::from(of.max(1));
        Self {
            origin: Point { x: f64::from(part.x), y: f64::from(part.y) },
            scale: [scale(picture.width, part.width), scale(picture.height, part.height)],
        }
    }

    fn on_picture(&self, point: Point) -> Point {
        Point { x: (point.x - self.origin.x) * self.scale[0], y: (point.y - self.origin.y) * self.scale[1] }
    }

    fn in_frame(&self, point: Point) -> Point {
        Point { x: point.x / self.scale[0] + self.origin.x, y: point.y / self.scale[1] + self.origin.y }
    }
}

/// Both axes, as long as the lesion's farther end is from its centre.
fn axes(picture: &mut Frame, whole: Region, place: &Place, abc: &Abc) {
    let (centre, angle) = (abc.asymmetry.centre, abc.asymmetry.angle);
    let [along, across] = abc.asymmetry.extent;
    let ends = |angle: f64, half: f64| {
        let end = |side: f64| Point { x: centre.x + side * half * angle.cos(), y: centre.y + side * half * angle.sin() };
        (place.on_picture(end(-1.0)), place.on_picture(end(1.0)))
    };
    let major = ends(angle, along);
    let (from, to) = ends(angle + TAU / 4.0, across);
    let side = f64::from(whole.width.min(whole.height));
    lines(picture, whole, AXIS_PEN, std::iter::once(major).chain(dashes(from, to, DASH.map(|share| share * side))));
}

/// A line as dashes of one length with gaps of another, the first and the last at its ends.
fn dashes(from: Point, to: Point, [dash, gap]: [f64; 2]) -> Vec<(Point, Point)> {
    let length = (to.x - from.x).hypot(to.y - from.y);
    let at = |way: f64| {
        let share = if length > 0.0 { (way / length).clamp(0.0, 1.0) } else { 0.0 };
        Point { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share }
    };
    let count = ((length - dash) / (dash + gap)).round().clamp(0.0, 400.0);
    let step = if count > 0.0 { (length - dash) / count } else { 0.0 };
    (0..=count as u32).map(|number| at_both(&at, f64::from(number) * step, dash)).collect()
}

fn at_both(at: &impl Fn(f64) -> Point, start: f64, length: f64) -> (Point, Point) {
    (at(start), at(start + length))
}

/// The outline in its segments, with a mark between two of them.
fn border(picture: &mut Frame, whole: Region, place: &Place, ring: &[Point], abc: &Abc) {
    let (centre, angle) = (abc.asymmetry.centre, abc.asymmetry.angle);
    let segment = |(from, to): &(Point, Point)| {
        let middle = place.in_frame(Point { x: f64::midpoint(from.x, to.x), y: f64::midpoint(from.y, to.y) });
        segment_of(middle, centre, angle)
    };
    let edges: Vec<(Point, Point)> = edges(ring, whole).collect();
    let (abrupt, smooth): (Vec<_>, Vec<_>) = edges.iter().copied().partition(|edge| abc.border.segments[segment(edge)].abrupt);
    let middle = place.on_picture(centre);
    let half = MARK * f64::from(whole.width.min(whole.height));
    let changes = edges.iter().zip(edges.iter().cycle().skip(1)).filter(|(one, next)| segment(one) != segment(next));
    let marks = changes.map(|(edge, _)| {
        let (x, y) = (edge.1.x - middle.x, edge.1.y - middle.y);
        let length = x.hypot(y).max(f64::EPSILON);
        let at = |way: f64| Point { x: edge.1.x + x / length * way, y: edge.1.y + y / length * way };
        (at(-half), at(half))
    });
    lines(picture, whole, OUTLINE, smooth.into_iter().chain(marks.collect::<Vec<_>>()));
    lines(picture, whole, ABRUPT_PEN, abrupt);
}

/// Which of the eight segments, clockwise from the major axis' direction, a point of the border lies in.
fn segment_of(point: Point, centre: Point, angle: f64) -> usize {
    let turned = ((point.y - centre.y).atan2(point.x - centre.x) - angle).rem_euclid(TAU);
    // A turn that rounds up to a whole one belongs to the first segment.
    (turned / TAU * SEGMENTS) as usize % SEGMENTS as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::abc::{Asymmetry, Border, Colour, PartialScore, Segment, Size};

    /// An ellipse of half axes 30 and 15 in the middle of a part of 96 x 96 that begins at (20, 10), its second segment abrupt.
    fn found(angle: f64) -> (Heatmap, Region, Abc) {
        let part = Region { x: 20, y: 10, width: 96, height: 96 };
        let cells = 48_u32;
        let membership = (0..cells * cells).map(|at| {
            let (x, y) = (f64::from(at % cells) * 2.0 + 1.0 - 48.0, f64::from(at / cells) * 2.0 + 1.0 - 48.0);
            let (u, v) = (x * angle.cos() + y * angle.sin(), y * angle.cos() - x * angle.sin());
            (0.5 + (1.0 - (u / 30.0).hypot(v / 15.0)) * 3.0).clamp(0.0, 1.0) as f32
        });
        let mut segments = [Segment { abruptness: 2.0, abrupt: false }; 8];
        segments[1].abrupt = true;
        let abc = Abc {
            asymmetry: Asymmetry {
                centre: Point { x: 68.0, y: 58.0 },
                angle,
                extent: [30.0, 15.0],
                shape: [0.0; 2],
                colour: [0.0; 2],
                mirror: 0.0,
                points: 0,
            },
            border: Border { compactness: 1.2, radial: 0.2, fractal: 1.0, curvature: 0.1, segments, points: 1 },
            colour: Colour { lab: [0.0; 3], hsv: [0.0; 3], shares: [0.0; 6], points: 1 },
            size: Size { area_share: 0.15, diameter_share: 0.6, cut_off: false },
            score: PartialScore { asymmetry: 0.0, border: 0.1, colour: 0.5, total: 0.6 },
        };
        (Heatmap::new(cells, cells, membership.collect()).unwrap(), part, abc)
    }

    fn near(pixel: [u8; 3], colour: [u8; 3]) -> bool {
        pixel.iter().zip(colour).all(|(one, other)| one.abs_diff(other) < 60)
    }

    fn count(picture: &Frame, colour: [u8; 3], inside: impl Fn(f64, f64) -> bool) -> usize {
        let all = (0..picture.height()).flat_map(|y| (0..picture.width()).map(move |x| (x, y)));
        all.filter(|(x, y)| inside(f64::from(*x) + 0.5, f64::from(*y) + 0.5) && near(picture.pixel(*x, *y), colour)).count()
    }

    #[test]
    fn only_the_abrupt_segment_is_orange_and_it_is_thicker_at_any_size_of_the_picture() {
        for (side, angle) in [(96_u32, 0.0), (96, 0.6), (480, 0.6), (301, -1.2)] {
            let (lesion, part, abc) = found(angle);
            let skin = Frame::from_fn(side, side, |_, _| [120, 78, 60]).unwrap();
            let picture = criteria_overlay(&skin, part, &lesion, &abc);
            let middle = f64::from(side) / 2.0;
            let at = |x: f64, y: f64| segment_of(Point { x, y }, Point { x: middle, y: middle }, angle);
            let orange = |segment: usize| count(&picture, ABRUPT, |x, y| at(x, y) == segment);
            let white = |segment: usize| count(&picture, SMOOTH, |x, y| at(x, y) == segment);
            // Round ends reach a little into the segments beside it.
            assert!(orange(1) > 6 * (orange(0) + orange(2)).max(1) && (3..8).all(|segment| orange(segment) == 0), "{side} {angle}");
            assert!(orange(1) > white(5), "the opposite segment, as long, is thinner: {side} {angle}");
        }
    }

    #[test]
    fn the_axes_run_through_the_centre_of_gravity_and_only_the_minor_one_is_dashed() {
        let (lesion, part, abc) = found(0.0);
        let skin = Frame::from_fn(480, 480, |_, _| [120, 78, 60]).unwrap();
        let picture = criteria_overlay(&skin, part, &lesion, &abc);
        let blue = |x: u32, y: u32| near(picture.pixel(x, y), AXIS);
        // Five pixels of the picture for one of the frame; the ends lie below the outline.
        assert!((110..370).all(|x| blue(x, 239) || blue(x, 240)), "the major axis is whole");
        let dashed = (175..305).filter(|y| blue(239, *y) || blue(240, *y)).count();
        assert!((60..120).contains(&dashed), "{dashed} of 130");
        assert!(!blue(240, 150) && !blue(60, 240), "an axis ends where the lesion does");
    }

    #[test]
    fn a_segment_is_an_eighth_clockwise_from_the_axis() {
        let centre = Point { x: 10.0, y: 10.0 };
        for (number, degrees) in [20.0_f64, 50.0, 100.0, 150.0, 200.0, 230.0, 280.0, 359.9].into_iter().enumerate() {
            for angle in [-1.5, 0.0, 0.4, 1.57] {
                let turned = angle + degrees.to_radians();
                let point = Point { x: 10.0 + 5.0 * turned.cos(), y: 10.0 + 5.0 * turned.sin() };
                assert_eq!(segment_of(point, centre, angle), number, "{degrees} {angle}");
            }
        }
    }

    #[test]
    fn without_a_lesion_only_the_axes_are_drawn() {
        let (_, part, abc) = found(0.3);
        let skin = Frame::from_fn(96, 96, |_, _| [120, 78, 60]).unwrap();
        let picture = criteria_overlay(&skin, part, &Heatmap::new(2, 2, vec![0.0; 4]).unwrap(), &abc);
        assert!(count(&picture, AXIS, |_, _| true) > 0 && count(&picture, ABRUPT, |_, _| true) == 0);
    }
}
