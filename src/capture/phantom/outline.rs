//! The border of a lesion: an ellipse whose radius is bent by smooth harmonics, and what can be measured on it.
//!
//! Measured on the border itself and not on pixels, so that asymmetry and irregularity do not depend on the frame size
//! or on how much of the lesion the frame shows.

use std::sync::OnceLock;

use super::{
    maths::{Dice, Stream, cos_turns, mix, sin_turns},
    parameters::Lesion,
};

/// Radii in the table, evenly spaced in diamond angle (see [`diamond`]).
const TABLE: usize = 1_024;
/// Corners of the polygon that perimeters are measured on.
const CORNERS: u32 = 512;
/// Cells a side of the grid on which mirror images are compared.
const GRID: u32 = 96;

/// A closed border around a centre, single-valued in the angle (a star-shaped region).
#[derive(Debug, Clone)]
pub(super) struct Outline {
    /// Centre, field units from the middle of the frame.
    centre: [f32; 2],
    /// Cosine and sine of the rotation.
    turn: [f32; 2],
    /// Half axes of the ellipse of area pi that the harmonics bend.
    axes: [f32; 2],
    /// Radius of the circle of equal area, field units.
    radius: f32,
    /// Radius in field units by diamond angle; the last entry repeats the first.
    radii: Vec<f32>,
}

impl Outline {
    /// The border that `lesion` describes; `None` when its size is 0.
    pub(super) fn new(lesion: &Lesion, seed: u64) -> Option<Self> {
        if lesion.size <= 0.0 {
            return None;
        }
        let harmonics = harmonics(lesion, seed);
        let bend = |turns: f32| {
            let bent: f32 = harmonics.iter().map(|h| h.amplitude * cos_turns(h.order * turns + h.phase)).sum();
            // Lesions grow in rounded lobes with narrow notches between them, not in spikes.
            (1.0 + if bent > 0.0 { bent / (1.0 + 1.6 * bent) } else { bent }).max(0.3)
        };
        // The area of a star-shaped region is half the integral of the squared radius: scaled here to that of the circle.
        let squares: f32 = (0..CORNERS).map(|corner| bend(corner as f32 / CORNERS as f32)).map(|r| r * r).sum();
        let radius = lesion.size / 2.0;
        let scale = radius / (squares / CORNERS as f32).sqrt();
        let radii = angles().iter().map(|turns| scale * bend(*turns)).collect();
        let stretch = lesion.aspect.sqrt();
        Some(Self {
            centre: lesion.centre,
            turn: [cos_turns(lesion.rotation), sin_turns(lesion.rotation)],
            axes: [stretch, 1.0 / stretch],
            radius,
            radii,
        })
    }

    /// From field coordinates to the lesion's own: unturned, unstretched, centre at 0, still in field units.
    pub(super) fn own(&self, x: f32, y: f32) -> [f32; 2] {
        let (dx, dy) = (x - self.centre[0], y - self.centre[1]);
        [(dx * self.turn[0] + dy * self.turn[1]) / self.axes[0], (dy * self.turn[0] - dx * self.turn[1]) / self.axes[1]]
    }

    /// The way back from [`own`](Self::own).
    fn field(&self, [x, y]: [f32; 2]) -> [f32; 2] {
        let (u, v) = (x * self.axes[0], y * self.axes[1]);
        [self.centre[0] + u * self.turn[0] - v * self.turn[1], self.centre[1] + u * self.turn[1] + v * self.turn[0]]
    }

    /// How deep inside the border a point of the lesion's own coordinates lies, field units; negative outside.
    pub(super) fn depth(&self, [x, y]: [f32; 2]) -> f32 {
        let distance = (x * x + y * y).sqrt();
        let place = diamond(x, y) * (TABLE as f32 / 4.0);
        let at = (place as usize).min(TABLE - 1);
        mix(self.radii[at], self.radii[at + 1], place - at as f32) - distance
    }

    /// Radius of the circle of equal area, field units.
    pub(super) fn radius(&self) -> f32 {
        self.radius
    }

    /// The largest radius in own coordinates, field units.
    pub(super) fn reach(&self) -> f32 {
        self.radii.iter().copied().fold(0.0, f32::max)
    }

    /// Left, upper, right and lower end, field units from the middle of the frame.
    pub(super) fn bounds(&self) -> [f32; 4] {
        self.polygon()
            .iter()
            .fold([f32::MAX, f32::MAX, f32::MIN, f32::MIN], |b, p| [b[0].min(p[0]), b[1].min(p[1]), b[2].max(p[0]), b[3].max(p[1])])
    }

    /// Share of the border's length that a taut string around it would save: 0 for any convex border, towards 1 when ragged.
    pub(super) fn irregularity(&self) -> f32 {
        let polygon = self.polygon();
        (1.0 - perimeter(&convex_hull(&polygon)) / perimeter(&polygon)).max(0.0)
    }

    /// Share of the area that finds no partner when mirrored, mean over the two principal axes; 0 is symmetric, at most 1.
    ///
    /// The ABCD rule's shape asymmetry (Stolz 1994) as a number: half the symmetric difference over the area.
    pub(super) fn asymmetry(&self) -> f32 {
        let extent = self.reach() * self.axes[0] * 1.05;
        let cells = || (0..GRID).flat_map(|j| (0..GRID).map(move |i| [i, j]));
        let place = |cell: u32| ((cell as f32 + 0.5) / GRID as f32 * 2.0 - 1.0) * extent;
        let inside = |x: f32, y: f32| self.depth(self.own(x, y)) >= 0.0;
        let [cx, cy] = self.centre;
        let (mut n, mut sx, mut sy, mut sxx, mut syy, mut sxy) = (0.0_f32, 0.0, 0.0, 0.0, 0.0, 0.0);
        for [i, j] in cells() {
            let (x, y) = (place(i), place(j));
            if inside(cx + x, cy + y) {
                n += 1.0;
                sx += x;
                sy += y;
                sxx += x * x;
                syy += y * y;
                sxy += x * y;
            }
        }
        if n == 0.0 {
            return 0.0;
        }
        let (mx, my) = (sx / n, sy / n);
        let axis = principal_axis(sxx / n - mx * mx, syy / n - my * my, sxy / n - mx * my);
        let at = |u: f32, v: f32| inside(cx + mx + u * axis[0] - v * axis[1], cy + my + u * axis[1] + v * axis[0]);
        let (mut area, mut unmatched) = (0_u32, 0_u32);
        for [i, j] in cells() {
            let (u, v) = (place(i), place(j));
            if at(u, v) {
                area += 1;
                unmatched += u32::from(!at(u, -v)) + u32::from(!at(-u, v));
            }
        }
        if area == 0 { 0.0 } else { unmatched as f32 / (2 * area) as f32 }
    }

    /// The border as a polygon in field coordinates.
    fn polygon(&self) -> Vec<[f32; 2]> {
        (0..CORNERS)
            .map(|corner| {
                let turns = corner as f32 / CORNERS as f32;
                let [x, y] = [cos_turns(turns), sin_turns(turns)];
                let radius = self.depth([x * 1e-6, y * 1e-6]) + 1e-6;
                self.field([x * radius, y * radius])
            })
            .collect()
    }
}

/// One bend of the border.
struct Harmonic {
    /// Bends around the border.
    order: f32,
    /// Height, share of the radius.
    amplitude: f32,
    /// Where the first bend lies, turns.
    phase: f32,
}

/// Few and broad bends for asymmetry, many and small ones for irregularity.
fn harmonics(lesion: &Lesion, seed: u64) -> Vec<Harmonic> {
    let mut dice = Dice::new(seed, Stream::Outline);
    let mut all = Vec::new();
    for (order, height) in [(1.0, 0.10), (2.0, 0.12), (3.0, 0.15), (4.0, 0.06), (5.0, 0.05)] {
        all.push(Harmonic { order, amplitude: lesion.asymmetry * height * dice.between(0.7, 1.3), phase: dice.unit() });
    }
    for order in 5..=26 {
        let order = order as f32;
        let height = 1.1 / (order * order.sqrt()) * dice.between(0.4, 1.6);
        all.push(Harmonic { order, amplitude: lesion.border_irregularity * height, phase: dice.unit() });
    }
    all
}

/// An angle without trigonometry: 0..4 once around, 1 a quarter turn, growing with the angle.
fn diamond(x: f32, y: f32) -> f32 {
    let sum = x.abs() + y.abs();
    if sum == 0.0 {
        0.0
    } else if y >= 0.0 {
        if x >= 0.0 { y / sum } else { 1.0 - x / sum }
    } else if x < 0.0 {
        2.0 - y / sum
    } else {
        3.0 + x / sum
    }
}

/// The true angles, in turns, of the entries of every table of radii.
fn angles() -> &'static [f32] {
    static ANGLES: OnceLock<Vec<f32>> = OnceLock::new();
    ANGLES.get_or_init(|| (0..=TABLE).map(|at| turns_of(at as f32 * 4.0 / TABLE as f32)).collect())
}

/// The true angle, in turns, of a [`diamond`] angle; by bisection, because the arctangent is not the same everywhere.
fn turns_of(diamond_angle: f32) -> f32 {
    let (mut low, mut high) = (0.0_f32, 1.0_f32);
    for _ in 0..20 {
        let middle = (low + high) / 2.0;
        if diamond(cos_turns(middle), sin_turns(middle)) < diamond_angle && middle < 1.0 { low = middle } else { high = middle }
    }
    low
}

/// The direction of the largest spread of a 2x2 covariance.
fn principal_axis(xx: f32, yy: f32, xy: f32) -> [f32; 2] {
    let half = (xx - yy) / 2.0;
    let root = (half * half + xy * xy).sqrt();
    // Of the two equivalent eigenvector forms the one without cancellation.
    let [x, y] = if half >= 0.0 { [half + root, xy] } else { [xy, root - half] };
    let length = (x * x + y * y).sqrt();
    if length > 0.0 { [x / length, y / length] } else { [1.0, 0.0] }
}

/// Length of a closed polygon.
fn perimeter(polygon: &[[f32; 2]]) -> f32 {
    let next = polygon.iter().cycle().skip(1);
    polygon.iter().zip(next).map(|(a, b)| ((a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1])).sqrt()).sum()
}

/// Andrew's monotone chain.
fn convex_hull(points: &[[f32; 2]]) -> Vec<[f32; 2]> {
    let mut sorted = points.to_vec();
    sorted.sort_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
    let left_turn = |o: [f32; 2], a: [f32; 2], b: [f32; 2]| (a[0] - o[0]) * (b[1] - o[1]) > (a[1] - o[1]) * (b[0] - o[0]);
    let half = |points: &mut dyn Iterator<Item = [f32; 2]>| {
        let mut chain: Vec<[f32; 2]> = Vec::new();
        for point in points {
            while chain.len() >= 2 && !left_turn(chain[chain.len() - 2], chain[chain.len() - 1], point) {
                chain.pop();
            }
            chain.push(point);
        }
        chain.pop();
        chain
    };
    let mut hull = half(&mut sorted.iter().copied());
    hull.extend(half(&mut sorted.iter().rev().copied()));
    hull
}
