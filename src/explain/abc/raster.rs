//! How much of each cell of a lattice a closed line covers, exactly (up to the rounding of f32).
//!
//! Signed areas are added up along each row (R. Levien, font-rs, 2015). Nothing here may know what the line is around.

/// A point in cells of the lattice: (0, 0) is the upper left corner of its first cell.
pub(super) type Place = [f64; 2];

/// Cells of rows from the top, each with the share of it that is covered, 0 to 1.
#[derive(Debug, Clone)]
pub(super) struct Coverage {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) cells: Vec<f32>,
}

impl Coverage {
    /// Covers what lies inside the closed line through `points`; points beyond the lattice are taken to its edge.
    pub(super) fn of(points: &[Place], width: usize, height: usize) -> Self {
        let stride = width + 2;
        let mut steps = vec![0.0_f32; stride * height];
        let inside = |[x, y]: Place| [x.clamp(0.0, width as f64), y.clamp(0.0, height as f64)];
        for (from, to) in points.iter().zip(points.iter().cycle().skip(1)) {
            edge(&mut steps, stride, height, inside(*from), inside(*to));
        }
        let mut cells = Vec::with_capacity(width * height);
        for row in steps.chunks_exact(stride) {
            let mut sum = 0.0;
            cells.extend(row[..width].iter().map(|step| {
                sum += step;
                sum.abs().min(1.0)
            }));
        }
        Self { width, height, cells }
    }

    /// The covered area in cells.
    pub(super) fn area(&self) -> f64 {
        self.cells.iter().map(|cell| f64::from(*cell)).sum()
    }
}

/// Adds what lies to the right of an edge, positive where the edge goes down, as steps from cell to cell.
fn edge(steps: &mut [f32], stride: usize, height: usize, from: Place, to: Place) {
    if from[1] == to[1] {
        return;
    }
    let (sign, [x0, y0], [x1, y1]) = if from[1] < to[1] { (1.0, from, to) } else { (-1.0, to, from) };
    let slope = (x1 - x0) / (y1 - y0);
    let mut x = x0;
    for row in y0 as usize..(y1.ceil() as usize).min(height) {
        let deep = ((row + 1) as f64).min(y1) - (row as f64).max(y0);
        let next = x + slope * deep;
        let (left, right) = if x < next { (x, next) } else { (next, x) };
        cross(&mut steps[row * stride..][..stride], (sign * deep) as f32, left.max(0.0), right.max(0.0));
        x = next;
    }
}

/// Adds a part of an edge that stays within one row: `deep` of the row's height, from `left` to `right`.
fn cross(row: &mut [f32], deep: f32, left: f64, right: f64) {
    let first = (left as usize).min(row.len() - 2);
    let last = (right.ceil() as usize).min(row.len() - 1);
    if last <= first + 1 {
        let middle = ((left + right) / 2.0 - first as f64) as f32;
        row[first] += deep * (1.0 - middle);
        row[first + 1] += deep * middle;
        return;
    }
    // What has been covered of each cell, from the integral of a straight line.
    let width = right - left;
    let covered = |to: f64| {
        let to = (to - left).clamp(0.0, width);
        to * to / (2.0 * width)
    };
    let mut before = 0.0;
    for (cell, part) in row.iter_mut().enumerate().take(last).skip(first) {
        let end = (cell + 1) as f64;
        // Mean over the cell of how much of the row's height the edge has covered there.
        let share = (covered(end) - covered(end - 1.0)) + (end - right).max(0.0);
        *part += deep * (share - before) as f32;
        before = share;
    }
    row[last] += deep * (1.0 - before) as f32;
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_rectangle_between_cells_covers_parts_of_them() {
        let covered = Coverage::of(&[[0.5, 0.5], [2.5, 0.5], [2.5, 1.0], [0.5, 1.0]], 3, 2);
        assert_eq!(covered.cells, [0.25, 0.5, 0.25, 0.0, 0.0, 0.0]);
    }

    #[test]
    fn a_triangle_covers_the_halves_of_the_cells_on_its_diagonal() {
        let covered = Coverage::of(&[[0.0, 0.0], [3.0, 0.0], [0.0, 3.0]], 3, 3);
        assert_eq!(covered.cells, [1.0, 1.0, 0.5, 1.0, 0.5, 0.0, 0.5, 0.0, 0.0]);
        let flat = Coverage::of(&[[0.0, 0.0], [4.0, 0.0], [0.0, 1.0]], 4, 1);
        assert_eq!(flat.cells, [0.875, 0.625, 0.375, 0.125]);
    }

    proptest! {
        #[test]
        fn the_covered_area_is_that_of_the_polygon(
            radii in prop::collection::vec(2.0_f64..10.0, 3..40), turn in 0.0_f64..6.0
        ) {
            let count = radii.len() as f64;
            let points: Vec<Place> = radii.iter().enumerate().map(|(at, radius)| {
                let angle = turn + at as f64 / count * std::f64::consts::TAU;
                [12.0 + radius * angle.cos(), 12.0 + radius * angle.sin()]
            }).collect();
            let twice: f64 = points.iter().zip(points.iter().cycle().skip(1)).map(|(a, b)| a[0] * b[1] - b[0] * a[1]).sum();
            prop_assert!((Coverage::of(&points, 24, 24).area() - twice / 2.0).abs() < 1e-3);
        }
    }
}
