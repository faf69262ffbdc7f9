//! A coarse grid as a surface: bilinear between the middles of its cells, constant beyond the outermost ones.
//!
//! The same surface as PyTorch's `interpolate(mode="bilinear", align_corners=False)`, so that what a trainer measures on an enlarged
//! grid is what is measured here.

use crate::frame::Heatmap;

/// A grid's values, to be asked for between its cells.
#[derive(Debug, Clone, Copy)]
pub(super) struct Surface<'a> {
    grid: &'a Heatmap,
}

/// Where a coordinate lies between two neighbouring cells of one axis.
#[derive(Debug, Clone, Copy)]
pub(super) struct Between {
    lower: usize,
    upper: usize,
    /// Share of the upper one, 0 to 1.
    share: f32,
}

impl Between {
    /// `at` in cells from the edge of the grid, so that the middle of the first cell is at 0.5.
    pub(super) fn new(at: f64, cells: u32) -> Self {
        let last = f64::from(cells.max(1) - 1);
        let from_middle = (at - 0.5).clamp(0.0, last);
        let lower = from_middle.floor();
        Self { lower: lower as usize, upper: (lower + 1.0).min(last) as usize, share: (from_middle - lower) as f32 }
    }
}

impl<'a> Surface<'a> {
    pub(super) fn new(grid: &'a Heatmap) -> Self {
        Self { grid }
    }

    /// The middles of `pixels` pixels along an axis of `cells` cells.
    pub(super) fn middles(pixels: u32, cells: u32) -> Vec<Between> {
        let step = f64::from(cells) / f64::from(pixels);
        (0..pixels).map(|pixel| Between::new((f64::from(pixel) + 0.5) * step, cells)).collect()
    }

    /// The value at `column`, `row`.
    pub(super) fn at(&self, column: Between, row: Between) -> f32 {
        let (width, values) = (self.grid.width() as usize, self.grid.values());
        // At the middle of a cell its neighbour does not count, even where that is no number.
        let mixed = |one: f32, other: f32, share: f32| if share == 0.0 { one } else { one + (other - one) * share };
        let along = |line: usize| mixed(values[line * width + column.lower], values[line * width + column.upper], column.share);
        mixed(along(row.lower), along(row.upper), row.share)
    }

    /// The values at the middles of `width` x `height` pixels, rows from the top.
    pub(super) fn enlarged(&self, width: u32, height: u32) -> impl Iterator<Item = f32> {
        let columns = Self::middles(width, self.grid.width());
        let rows = Self::middles(height, self.grid.height());
        let surface = *self;
        rows.into_iter().flat_map(move |row| {
            let columns = columns.clone();
            columns.into_iter().map(move |column| surface.at(column, row))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_those_of_pytorch_without_aligned_corners() {
        // torch.nn.functional.interpolate(torch.tensor([[[[0., 1.], [2., 6.]]]]), size=(2, 4), mode="bilinear", align_corners=False)
        let grid = Heatmap::new(2, 2, vec![0.0, 1.0, 2.0, 6.0]).unwrap();
        let found: Vec<f32> = Surface::new(&grid).enlarged(4, 2).collect();
        assert_eq!(found, [0.0, 0.25, 0.75, 1.0, 2.0, 3.0, 5.0, 6.0]);
    }

    #[test]
    fn one_cell_is_the_same_everywhere() {
        let grid = Heatmap::new(1, 1, vec![0.7]).unwrap();
        assert!(Surface::new(&grid).enlarged(5, 3).all(|value| value == 0.7));
    }
}
