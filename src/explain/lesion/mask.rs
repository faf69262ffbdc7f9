//! Membership as pixels: lesion or not.

use super::{LEVEL, surface::Surface};
use crate::frame::{Frame, FrameError, Heatmap, Mask};

/// The pixels of a `width` x `height` picture that are lesion: where `lesion`, a grid of membership in [0, 1] over the whole of the
/// picture, enlarged bilinearly with half-pixel centres, is at least [`LEVEL`]. All parts, and without holes being filled; membership
/// that is no number is not lesion.
///
/// # Errors
/// [`FrameError::Size`] for a size that no picture can have.
pub fn mask(lesion: &Heatmap, width: u32, height: u32) -> Result<Mask, FrameError> {
    // A size is refused before it is computed for: one that a damaged header claims would take minutes.
    if u64::from(width) * u64::from(height) > Frame::MAX_PIXELS {
        return Err(FrameError::Size { width, height });
    }
    Mask::new(width, height, Surface::new(lesion).enlarged(width, height).map(|membership| membership >= LEVEL).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_level_itself_is_lesion_and_no_number_is_not() {
        let grid = Heatmap::new(4, 1, vec![LEVEL, LEVEL - 1e-6, 1.0, f32::NAN]).unwrap();
        assert_eq!(mask(&grid, 4, 1).unwrap().inside(), [true, false, true, false]);
    }

    #[test]
    fn an_edge_between_cells_lies_where_the_membership_crosses_the_level() {
        // From 0 at 0.5 cells to 1 at 1.5 cells: the level is crossed at 1 cell, the middle of the picture.
        let grid = Heatmap::new(2, 1, vec![0.0, 1.0]).unwrap();
        assert_eq!(mask(&grid, 6, 1).unwrap().inside(), [false, false, false, true, true, true]);
    }

    #[test]
    fn an_impossible_size_is_refused() {
        let grid = Heatmap::new(1, 1, vec![1.0]).unwrap();
        for (width, height) in [(0, 4), (4, 0), (u32::MAX, u32::MAX)] {
            assert!(matches!(mask(&grid, width, height), Err(FrameError::Size { .. })));
        }
    }
}
