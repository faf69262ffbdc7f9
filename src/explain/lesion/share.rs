//! How much of a heatmap's evidence lies on the lesion.

use super::surface::Surface;
use crate::frame::{Heatmap, Mask};

/// Share of the energy of `heatmap` that lies inside `mask`, 0 to 1: the heatmap is enlarged bilinearly with half-pixel centres to the
/// mask's size, and its sum over the lesion's pixels is divided by its sum over all of them (Wang et al., "Score-CAM: Score-Weighted
/// Visual Explanations for Convolutional Neural Networks", 2020, 4.3, the energy-based pointing game, with a mask for the box).
///
/// `None` for a heatmap without any evidence, or with evidence that is no number.
#[must_use]
pub fn share_inside(heatmap: &Heatmap, mask: &Mask) -> Option<f32> {
    let (mut inside, mut all) = (0.0_f64, 0.0_f64);
    for (energy, lesion) in Surface::new(heatmap).enlarged(mask.width(), mask.height()).zip(mask.inside()) {
        all += f64::from(energy);
        if *lesion {
            inside += f64::from(energy);
        }
    }
    (all > 0.0 && all.is_finite()).then(|| (inside / all) as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left_half(width: u32, height: u32) -> Mask {
        Mask::new(width, height, (0..width * height).map(|at| at % width < width / 2).collect()).unwrap()
    }

    #[test]
    fn an_even_map_has_the_share_of_the_lesions_pixels() {
        let map = Heatmap::new(7, 7, vec![3.0; 49]).unwrap();
        assert!((share_inside(&map, &left_half(224, 224)).unwrap() - 0.5).abs() < 1e-6);
    }

    #[test]
    fn evidence_is_counted_where_it_lies_after_enlarging() {
        // Bilinear between middles at 0.5 and 1.5 cells: over four pixels 1, 0.75, 0.25, 0.
        let map = Heatmap::new(2, 1, vec![1.0, 0.0]).unwrap();
        assert!((share_inside(&map, &left_half(4, 1)).unwrap() - 1.75 / 2.0).abs() < 1e-6);
    }

    #[test]
    fn there_is_no_share_of_nothing() {
        for values in [[0.0, 0.0], [f32::NAN, 1.0], [f32::INFINITY, 1.0]] {
            assert_eq!(share_inside(&Heatmap::new(2, 1, values.to_vec()).unwrap(), &left_half(4, 1)), None);
        }
    }
}
