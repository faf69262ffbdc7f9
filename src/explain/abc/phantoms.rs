//! Lesions of known truth for tests: a shape and its colours, drawn anywhere, turned, mirrored and at any size.

use super::{Abc, Settings, measure};
use crate::frame::{Frame, Heatmap};

/// Colour of the skin around all phantoms.
pub(super) const SKIN: [u8; 3] = [214, 172, 152];

/// Where a phantom lies in its picture of 256 x 256.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pose {
    pub(super) radius: f64,
    pub(super) centre: [f64; 2],
    /// Clockwise as seen on a screen.
    pub(super) turn: f64,
    pub(super) is_mirrored: bool,
}

impl Default for Pose {
    fn default() -> Self {
        Self { radius: 60.0, centre: [128.0, 128.0], turn: 0.0, is_mirrored: false }
    }
}

/// Samples along each side of a pixel.
const SAMPLES: u32 = 4;

/// What lies at (x, y) in units of the radius around the centre: the lesion's colour, or none.
pub(super) fn draw(pose: Pose, at: impl Fn(f64, f64) -> Option<[u8; 3]>) -> (Frame, Heatmap) {
    let (sine, cosine) = pose.turn.sin_cos();
    let (mut pixels, mut membership) = (Vec::new(), Vec::new());
    for pixel in 0..256_u32 * 256 {
        let (mut sum, mut inside) = ([0_u32; 3], 0);
        for sample in 0..SAMPLES * SAMPLES {
            let place = |pixel: u32, sample: u32| f64::from(pixel) + (f64::from(sample) + 0.5) / f64::from(SAMPLES);
            let x = (place(pixel % 256, sample % SAMPLES) - pose.centre[0]) / pose.radius;
            let y = (place(pixel / 256, sample / SAMPLES) - pose.centre[1]) / pose.radius;
            let (u, v) = (x * cosine + y * sine, y * cosine - x * sine);
            let colour = at(u, if pose.is_mirrored { -v } else { v });
            inside += u32::from(colour.is_some());
            for (sum, value) in sum.iter_mut().zip(colour.unwrap_or(SKIN)) {
                *sum += u32::from(value);
            }
        }
        pixels.extend(sum.map(|sum| (sum / (SAMPLES * SAMPLES)) as u8));
        membership.push(inside as f32 / (SAMPLES * SAMPLES) as f32);
    }
    (Frame::new(256, 256, pixels).unwrap(), Heatmap::new(256, 256, membership).unwrap())
}

/// What is measured on such a lesion.
pub(super) fn measured(pose: Pose, at: impl Fn(f64, f64) -> Option<[u8; 3]>) -> Abc {
    let (frame, lesion) = draw(pose, at);
    measure(&frame, &lesion, &Settings::default()).unwrap()
}
