//! A lesion's shape folded about axes through its centre: how much of it finds no counterpart.
//!
//! Shape only; nothing here may look at colours or choose an axis.

use super::{
    contour::{Contour, minus},
    raster::{Coverage, Place},
};

/// A lesion on a lattice around its centre that it fills whatever its size.
pub(super) struct Fold {
    /// The line from the centre, in cells.
    points: Vec<Place>,
    middle: f64,
    whole: Coverage,
    area: f64,
}

impl Fold {
    /// On `cells` x `cells`, with every `step`-th point of the line.
    pub(super) fn new(contour: &Contour, step: usize, cells: usize) -> Self {
        let middle = cells as f64 / 2.0;
        let scale = (middle - 1.0) / contour.reach().max(f64::MIN_POSITIVE);
        let points: Vec<Place> =
            contour.points.iter().step_by(step).map(|point| minus(*point, contour.centre).map(|at| at * scale)).collect();
        let whole = Coverage::of(&points.iter().map(|[x, y]| [x + middle, y + middle]).collect::<Vec<_>>(), cells, cells);
        let area = whole.area();
        Self { points, middle, whole, area }
    }

    /// Share of the area that has no counterpart about the axis of `angle`, about the axis across it; each in [0, 1].
    pub(super) fn unlike(&self, angle: f64) -> [f64; 2] {
        let (sine, cosine) = (2.0 * angle).sin_cos();
        let mirrored: Vec<Place> =
            self.points.iter().map(|[x, y]| [x * cosine + y * sine + self.middle, x * sine - y * cosine + self.middle]).collect();
        let mirrored = Coverage::of(&mirrored, self.whole.width, self.whole.height);
        let missing = |pairs: &mut dyn Iterator<Item = (&f32, &f32)>| -> f64 {
            let sum: f32 = pairs.map(|(cell, counterpart)| (cell - counterpart).max(0.0)).sum();
            (f64::from(sum) / self.area.max(f64::MIN_POSITIVE)).clamp(0.0, 1.0)
        };
        // Mirrored about the one axis and turned half round is mirrored about the other.
        let (cells, mirrored) = (&self.whole.cells, &mirrored.cells);
        [missing(&mut cells.iter().zip(mirrored)), missing(&mut cells.iter().zip(mirrored.iter().rev()))]
    }
}
