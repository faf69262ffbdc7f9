//! Class activation maps: the part of a graph's output that says where its evidence lies.
//!
//! The map itself is computed inside the graph as ordinary operators: Grad-CAM (Selvaraju et al., "Grad-CAM: Visual
//! Explanations from Deep Networks via Gradient-based Localization", 2017, eq. 1 and 2) of each class. This file only
//! reads it, and must never scale or smooth it: what is shown is what the network computed.

use thiserror::Error;

use crate::{
    engine::Tensor,
    frame::{FrameError, Heatmap},
};

/// An output that is no class activation map.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum CamError {
    /// Not one map a class.
    #[error("class activation maps have the shape [1, classes, height, width] with {classes} classes; this one has {found:?}")]
    Shape {
        /// Number of classes in the manifest.
        classes: usize,
        /// Shape of the output.
        found: Vec<usize>,
    },
    /// A cell that is negative, infinite or no number.
    #[error("a class activation map holds {value}; cells are 0 or more")]
    Cell {
        /// The value.
        value: f32,
    },
    /// A map with an impossible size.
    #[error("{0}")]
    Size(#[from] FrameError),
}

/// Splits `[1, classes, height, width]` into one map a class, in the manifest's class order.
///
/// # Errors
/// [`CamError`] for another shape or a cell that is no evidence.
pub fn split(output: &Tensor, classes: usize) -> Result<Vec<Heatmap>, CamError> {
    let wrong = || CamError::Shape { classes, found: output.shape.clone() };
    let [1, found, height, width] = output.shape[..] else { return Err(wrong()) };
    let area = height * width;
    if found != classes || area == 0 || output.values.len() != found * area {
        return Err(wrong());
    }
    if let Some(&value) = output.values.iter().find(|value| !(value.is_finite() && **value >= 0.0)) {
        return Err(CamError::Cell { value });
    }
    let (width, height) = (u32::try_from(width).map_err(|_| wrong())?, u32::try_from(height).map_err(|_| wrong())?);
    output.values.chunks_exact(area).map(|map| Ok(Heatmap::new(width, height, map.to_vec())?)).collect()
}

/// The map to show for the class at `class`, if the graph gives maps.
#[must_use]
pub fn of_class(maps: &[Heatmap], class: usize) -> Option<Heatmap> {
    maps.get(class).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_class_gets_its_own_map() {
        let output = Tensor { shape: vec![1, 2, 1, 3], values: vec![0.0, 1.0, 2.0, 3.0, 4.0, 5.0] };
        let maps = split(&output, 2).unwrap();
        assert_eq!((maps[1].width(), maps[1].height(), maps[1].values()), (3, 1, &[3.0, 4.0, 5.0][..]));
        assert_eq!(of_class(&maps, 0).unwrap().values(), [0.0, 1.0, 2.0]);
        assert_eq!(of_class(&maps, 2), None);
    }

    #[test]
    fn maps_of_another_shape_are_refused() {
        for shape in [vec![1, 3, 1, 2], vec![2, 1, 1, 3], vec![6], vec![1, 2, 0, 3]] {
            let values = vec![0.0; 6];
            assert!(matches!(split(&Tensor { shape, values }, 2), Err(CamError::Shape { .. })));
        }
    }

    #[test]
    fn a_cell_that_is_no_evidence_is_refused() {
        for value in [-0.1, f32::NAN, f32::INFINITY] {
            assert!(matches!(split(&Tensor { shape: vec![1, 1, 1, 1], values: vec![value] }, 1), Err(CamError::Cell { .. })));
        }
    }
}
