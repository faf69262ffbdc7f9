//! A network's coarse lesion and evidence at the size of a mask file: enlarged bilinearly with half-pixel centres.

use crate::frame::{Heatmap, Mask};

/// Where `lesion`, enlarged to `width` x `height`, is at least one half.
pub(super) fn mask(lesion: &Heatmap, width: u32, height: u32) -> Option<Mask> {
    Mask::new(width, height, enlarged(lesion, width, height).iter().map(|value| *value >= 0.5).collect()).ok()
}

/// Share of the sum of `heatmap`, enlarged to the mask's size, that lies inside the mask; `None` for a map of zeros.
pub(super) fn share_inside(heatmap: &Heatmap, mask: &Mask) -> Option<f32> {
    let values = enlarged(heatmap, mask.width(), mask.height());
    let all: f64 = values.iter().map(|value| f64::from(*value)).sum();
    let inside: f64 = values.iter().zip(mask.inside()).filter(|(_, inside)| **inside).map(|(value, _)| f64::from(*value)).sum();
    (all > 0.0).then(|| (inside / all) as f32)
}

fn enlarged(map: &Heatmap, width: u32, height: u32) -> Vec<f32> {
    let (across, down) = (neighbours(map.width(), width), neighbours(map.height(), height));
    let at = |x: usize, y: usize| map.values()[y * map.width() as usize + x];
    let mut values = Vec::with_capacity(across.len() * down.len());
    for (top, bottom, dy) in &down {
        for (left, right, dx) in &across {
            let upper = at(*left, *top) * (1.0 - dx) + at(*right, *top) * dx;
            let lower = at(*left, *bottom) * (1.0 - dx) + at(*right, *bottom) * dx;
            values.push(upper * (1.0 - dy) + lower * dy);
        }
    }
    values
}

/// For each of `to` places: the two nearest of `from` cells and how near the second is.
fn neighbours(from: u32, to: u32) -> Vec<(usize, usize, f32)> {
    let last = from as usize - 1;
    let place = |at: u32| {
        let x = ((f64::from(at) + 0.5) * f64::from(from) / f64::from(to) - 0.5).clamp(0.0, last as f64);
        (x as usize, (x as usize + 1).min(last), x.fract() as f32)
    };
    (0..to).map(place).collect()
}
