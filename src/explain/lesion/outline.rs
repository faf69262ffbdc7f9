//! The outline of a lesion: where the membership is [`LEVEL`], as closed lines with sub-pixel precision.
//!
//! Marching squares (Lorensen and Cline, "Marching Cubes", 1987, in the plane; ambiguous squares as Nielson and Hamann, "The Asymptotic
//! Decider", 1991) on a lattice a few times as fine as the grid. The surface is bilinear, hence linear along every line of the lattice:
//! each corner of an outline lies on it exactly, only the chords between corners are straight.

use super::{
    LEVEL,
    surface::{Between, Surface},
};
use crate::frame::{Heatmap, Region};

/// A point in pixels of the frame: (0, 0) is the upper left corner of the first pixel, whose middle is (0.5, 0.5).
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Point {
    /// From the left.
    pub x: f64,
    /// From the top.
    pub y: f64,
}

/// One connected part of a lesion. All lines are closed: the last point is joined to the first.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// The line around it, clockwise as seen on a screen.
    pub outer: Vec<Point>,
    /// Lines around what is not lesion inside it, anticlockwise.
    pub holes: Vec<Vec<Point>>,
    /// Whether it reaches the border of the region: it may go on beyond.
    pub is_cut_off: bool,
}

impl Part {
    /// Its area without holes, in square pixels.
    #[must_use]
    pub fn area(&self) -> f64 {
        // Holes run the other way round: their areas are negative.
        signed_area(&self.outer) + self.holes.iter().map(|hole| signed_area(hole)).sum::<f64>()
    }
}

/// The connected parts of `lesion`, a grid of membership in [0, 1] over `region` of a frame, the largest first; none where no point is
/// lesion. Membership that is no number is not lesion.
///
/// Where a part reaches the border of the region, its outline runs along it.
#[must_use]
pub fn parts(lesion: &Heatmap, region: Region) -> Vec<Part> {
    let lattice = Lattice::new(lesion, region);
    // A line around a single point that just reaches the level has no area and no direction.
    let (outer, holes): (Vec<_>, Vec<_>) =
        lattice.rings().into_iter().filter(|ring| signed_area(ring) != 0.0).partition(|ring| signed_area(ring) > 0.0);
    let mut parts: Vec<Part> =
        outer.into_iter().map(|outer| Part { is_cut_off: lattice.reaches_border(&outer), outer, holes: Vec::new() }).collect();
    // Of nested parts the smallest around a hole is the one that it is in.
    parts.sort_by(|one, other| signed_area(&one.outer).total_cmp(&signed_area(&other.outer)));
    for hole in holes {
        if let Some(part) = parts.iter_mut().find(|part| surrounds(&part.outer, &hole)) {
            part.holes.push(hole);
        }
    }
    parts.sort_by(|one, other| other.area().total_cmp(&one.area()));
    parts
}

/// The surface on a lattice, inside a frame of points that are not lesion and lie on the border, so that every line is closed there.
struct Lattice {
    region: Region,
    /// Points along each axis, with the frame.
    columns: usize,
    rows: usize,
    /// Membership, rows from the top.
    values: Vec<f32>,
    /// Steps of the lattice from border to border.
    across: usize,
    down: usize,
}

impl Lattice {
    fn new(grid: &Heatmap, region: Region) -> Self {
        // Even, so that the lines through the middles of cells, where the surface is creased, belong to the lattice.
        let fineness = if grid.width().max(grid.height()) <= 64 { 4 } else { 2 };
        let (across, down) = (grid.width() as usize * fineness, grid.height() as usize * fineness);
        let places = |steps: usize, cells: u32| -> Vec<Between> {
            (0..=steps).map(|step| Between::new(step as f64 / fineness as f64, cells)).collect()
        };
        let (horizontal, vertical) = (places(across, grid.width()), places(down, grid.height()));
        let (columns, rows) = (across + 3, down + 3);
        let mut values = vec![0.0; columns * rows];
        let surface = Surface::new(grid);
        for (line, row) in values.chunks_exact_mut(columns).skip(1).zip(vertical) {
            for (value, column) in line[1..].iter_mut().zip(&horizontal) {
                let membership = surface.at(*column, row);
                *value = if membership.is_finite() { membership } else { 0.0 };
            }
        }
        Self { region, columns, rows, values, across, down }
    }

    fn is_inside(&self, point: usize) -> bool {
        self.values[point] >= LEVEL
    }

    /// Every closed line, with the lesion on its right as one walks along it, looking at a screen.
    fn rings(&self) -> Vec<Vec<Point>> {
        let mut next = self.segments();
        let mut rings = Vec::new();
        for first in 0..next.len() {
            let mut ring: Vec<Point> = Vec::new();
            let mut edge = first;
            while let Some(after) = next[edge].take() {
                let point = self.crossing(edge);
                if ring.last() != Some(&point) {
                    ring.push(point);
                }
                edge = after;
            }
            while ring.len() > 1 && ring.first() == ring.last() {
                ring.pop();
            }
            if !ring.is_empty() {
                rings.push(ring);
            }
        }
        rings
    }

    /// For each edge that an outline crosses, the edge that it crosses next. Edge `2 p` goes from point `p` to the right, `2 p + 1` down.
    fn segments(&self) -> Vec<Option<usize>> {
        let mut next = vec![None; 2 * self.columns * self.rows];
        for row in 0..self.rows - 1 {
            for column in 0..self.columns - 1 {
                let corner = row * self.columns + column;
                let below = corner + self.columns;
                // Clockwise from the upper left; edge k goes from corner k to the next one.
                let corners = [corner, corner + 1, below + 1, below];
                let edges = [2 * corner, 2 * (corner + 1) + 1, 2 * below, 2 * corner + 1];
                let inside = corners.map(|point| self.is_inside(point));
                let leaves = |side: usize| inside[side] && !inside[(side + 1) % 4];
                let enters = |side: usize| !inside[side] && inside[(side + 1) % 4];
                if inside.iter().all(|is| *is == inside[0]) {
                    continue;
                }
                let middle = corners.iter().map(|point| self.values[*point]).sum::<f32>() / 4.0;
                // In a saddle the lesion goes through the middle or it does not; elsewhere there is only one way in.
                let turns: [usize; 3] = if middle >= LEVEL { [1, 2, 3] } else { [3, 2, 1] };
                for side in (0..4).filter(|side| leaves(*side)) {
                    next[edges[side]] = turns.iter().map(|turn| (side + turn) % 4).find(|other| enters(*other)).map(|other| edges[other]);
                }
            }
        }
        next
    }

    /// Where the outline crosses an edge.
    fn crossing(&self, edge: usize) -> Point {
        let from = edge / 2;
        let to = if edge.is_multiple_of(2) { from + 1 } else { from + self.columns };
        let (before, after) = (self.values[from], self.values[to]);
        let share = f64::from((LEVEL - before) / (after - before));
        let (one, other) = (self.place(from), self.place(to));
        Point { x: one.x + (other.x - one.x) * share, y: one.y + (other.y - one.y) * share }
    }

    /// Where a point of the lattice lies in the frame; the frame around it lies on the border.
    fn place(&self, point: usize) -> Point {
        let along = |at: usize, steps: usize, from: u32, length: u32| {
            f64::from(from) + f64::from(length) * ((at.max(1) - 1).min(steps) as f64 / steps as f64)
        };
        Point {
            x: along(point % self.columns, self.across, self.region.x, self.region.width),
            y: along(point / self.columns, self.down, self.region.y, self.region.height),
        }
    }

    fn reaches_border(&self, ring: &[Point]) -> bool {
        let Region { x, y, width, height } = self.region;
        let (left, top) = (f64::from(x), f64::from(y));
        let (right, bottom) = (left + f64::from(width), top + f64::from(height));
        ring.iter().any(|point| point.x <= left || point.x >= right || point.y <= top || point.y >= bottom)
    }
}

/// The area inside a closed line, positive when it runs clockwise as seen on a screen (Gauss's shoelace formula).
fn signed_area(ring: &[Point]) -> f64 {
    let Some(origin) = ring.first() else { return 0.0 };
    // Relative to a point of the ring: products of large coordinates would swallow a small area.
    let pairs = ring.iter().zip(ring.iter().cycle().skip(1));
    let twice: f64 = pairs.map(|(a, b)| (a.x - origin.x) * (b.y - origin.y) - (b.x - origin.x) * (a.y - origin.y)).sum();
    twice / 2.0
}

/// Whether `inner`, which does not cross `outer`, lies inside it: by the number of times a ray to the right crosses `outer`, from the
/// point of `inner` furthest to the left, which only a line that is met at a corner could have in common with `outer`.
fn surrounds(outer: &[Point], inner: &[Point]) -> bool {
    let Some(point) = inner.iter().min_by(|a, b| a.x.total_cmp(&b.x)) else { return false };
    let edges = outer.iter().zip(outer.iter().cycle().skip(1));
    let crossings =
        edges.filter(|(a, b)| (a.y <= point.y) != (b.y <= point.y) && a.x + (point.y - a.y) / (b.y - a.y) * (b.x - a.x) > point.x);
    crossings.count() % 2 == 1
}
