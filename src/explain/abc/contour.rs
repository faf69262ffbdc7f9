//! The lesion's outer line as equally spaced points, and what follows from it exactly: area, centre, second moments, length.
//!
//! Everything about the lesion's shape is measured on this one line. Nothing here may look at colours.

use super::raster::Place;
use crate::explain::lesion::{Part, Point};

/// Points of the line. Enough that chords of a disc fall short of its arc by less than 1e-4.
pub(super) const POINTS: usize = 512;

/// Standard deviation of the smoothing, as a share of the line's length: the steps of a mask's pixels go, and so does any irregularity
/// that is shorter, whatever the lesion's size. A disc of radius r shrinks by (2 pi 0.005)^2 / 2 = 0.05 % of r.
const SMOOTHING: f64 = 0.005;

/// Points before smoothing.
const FINE: usize = 2 * POINTS;

/// A closed line, clockwise as seen on a screen, in pixels of the working picture.
#[derive(Debug, Clone)]
pub(super) struct Contour {
    /// Equally spaced along the line.
    pub(super) points: Vec<Place>,
    /// Length of the line.
    pub(super) perimeter: f64,
    /// Area inside it.
    pub(super) area: f64,
    /// Centre of gravity of that area.
    pub(super) centre: Place,
    /// Second central moments of the area by the area: of x x, x y, y y.
    pub(super) moments: [f64; 3],
}

impl Contour {
    /// The outer line of a part of a lesion, after `place` took its points from the frame into the working picture; `None` when there is
    /// no area inside it.
    pub(super) fn of(part: &Part, place: impl Fn(&Point) -> Place) -> Option<Self> {
        let ring: Vec<Place> = part.outer.iter().map(place).collect();
        Self::through(&resampled(&smoothed(&resampled(&ring, FINE)?), POINTS)?)
    }

    /// The line through points that are equally spaced and clockwise already.
    fn through(points: &[Place]) -> Option<Self> {
        let origin = *points.first()?;
        let (mut twice, mut first, mut second) = (0.0, [0.0; 2], [0.0; 3]);
        // Green's theorem, triangle by triangle from a point of the line: products of large coordinates would swallow small areas.
        for (a, b) in sides(points) {
            let ([ax, ay], [bx, by]) = (minus(a, origin), minus(b, origin));
            let cross = ax * by - bx * ay;
            twice += cross;
            first[0] += cross * (ax + bx);
            first[1] += cross * (ay + by);
            second[0] += cross * (ax * ax + ax * bx + bx * bx);
            second[1] += cross * (ax * by + 2.0 * ax * ay + 2.0 * bx * by + bx * ay);
            second[2] += cross * (ay * ay + ay * by + by * by);
        }
        let area = twice / 2.0;
        if area <= 0.0 || !area.is_finite() {
            return None;
        }
        let [x, y] = first.map(|sum| sum / (6.0 * area));
        let moments = [second[0] / (12.0 * area) - x * x, second[1] / (24.0 * area) - x * y, second[2] / (12.0 * area) - y * y];
        let perimeter = sides(points).map(|(a, b)| distance(a, b)).sum();
        Some(Self { points: points.to_vec(), perimeter, area, centre: [origin[0] + x, origin[1] + y], moments })
    }

    /// Radius of the disc of the same area.
    pub(super) fn radius(&self) -> f64 {
        (self.area / std::f64::consts::PI).sqrt()
    }

    /// Distance of the farthest point from the centre.
    pub(super) fn reach(&self) -> f64 {
        self.points.iter().map(|point| distance(*point, self.centre)).fold(0.0, f64::max)
    }

    /// Angle of the axis along which the area extends most, to the horizontal, clockwise as seen on a screen.
    pub(super) fn principal_angle(&self) -> f64 {
        let [xx, xy, yy] = self.moments;
        0.5 * (2.0 * xy).atan2(xx - yy)
    }

    /// How much more it extends along that axis than across: (major - minor) / (major + minor) of the principal moments, 0 to 1.
    pub(super) fn anisotropy(&self) -> f64 {
        let [xx, xy, yy] = self.moments;
        let both = xx + yy;
        if both > 0.0 { (xx - yy).hypot(2.0 * xy) / both } else { 0.0 }
    }

    /// Second moment along the direction of `angle`.
    pub(super) fn moment_along(&self, angle: f64) -> f64 {
        let ([xx, xy, yy], (sine, cosine)) = (self.moments, angle.sin_cos());
        xx * cosine * cosine + 2.0 * xy * sine * cosine + yy * sine * sine
    }

    /// The direction out of the lesion at each point, of length 1.
    pub(super) fn normals(&self) -> impl Iterator<Item = Place> + '_ {
        let count = self.points.len();
        (0..count).map(move |at| {
            let [x, y] = minus(self.points[(at + 1) % count], self.points[(at + count - 1) % count]);
            let length = x.hypot(y);
            // Walking clockwise on a screen, outside lies to the left.
            if length > 0.0 { [y / length, -x / length] } else { [0.0, 0.0] }
        })
    }
}

/// The sides of a closed line.
pub(super) fn sides(points: &[Place]) -> impl Iterator<Item = (Place, Place)> + '_ {
    points.iter().copied().zip(points.iter().copied().cycle().skip(1))
}

/// From `b` to `a`.
pub(super) fn minus(a: Place, b: Place) -> Place {
    [a[0] - b[0], a[1] - b[1]]
}

/// How far two points are apart.
pub(super) fn distance(a: Place, b: Place) -> f64 {
    let [x, y] = minus(a, b);
    x.hypot(y)
}

/// `count` points at equal distances along a closed line; `None` when it has no length.
fn resampled(ring: &[Place], count: usize) -> Option<Vec<Place>> {
    let length: f64 = sides(ring).map(|(a, b)| distance(a, b)).sum();
    if length <= 0.0 || !length.is_finite() {
        return None;
    }
    let step = length / count as f64;
    let (mut points, mut walked) = (Vec::with_capacity(count), 0.0);
    for (a, b) in sides(ring) {
        let side = distance(a, b);
        while points.len() < count && points.len() as f64 * step < walked + side {
            let share = (points.len() as f64 * step - walked) / side;
            points.push([a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share]);
        }
        walked += side;
    }
    // Rounding can leave the last one out.
    points.resize(count, *ring.first()?);
    Some(points)
}

/// A closed line of equally spaced points after a Gaussian along it.
fn smoothed(ring: &[Place]) -> Vec<Place> {
    let count = ring.len();
    let deviation = SMOOTHING * count as f64;
    let radius = (3.0 * deviation).ceil() as usize;
    let weights: Vec<f64> = (0..=2 * radius).map(|at| (-0.5 * ((at as f64 - radius as f64) / deviation).powi(2)).exp()).collect();
    let whole: f64 = weights.iter().sum();
    (0..count)
        .map(|at| {
            let mut sum = [0.0; 2];
            for (step, weight) in weights.iter().enumerate() {
                let point = ring[(at + count + step - radius) % count];
                sum = [sum[0] + weight * point[0], sum[1] + weight * point[1]];
            }
            sum.map(|sum| sum / whole)
        })
        .collect()
}
