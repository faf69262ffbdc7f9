//! Box-counting dimension of a line: how the number of boxes that it goes through grows as they shrink.

use super::{
    contour::{Contour, minus, sides},
    raster::Place,
};

/// Boxes along the greatest extent, coarse to fine.
const BOXES: [usize; 4] = [4, 8, 16, 32];

/// Turns of the lattice, and its shifts along each axis: means over them do not hang on how the lesion lies.
const TURNS: usize = 4;
const SHIFTS: usize = 3;

/// Points of the line for each side of it: fine enough that none of the smallest boxes is jumped over but at a corner.
const BETWEEN: usize = 2;

/// Slope of log N against log(1 / side) by least squares, N the mean number of boxes over turns and shifts of the lattice; in [1, 2].
pub(super) fn dimension(contour: &Contour) -> f64 {
    let reach = contour.reach();
    if reach <= 0.0 {
        return 1.0;
    }
    let points: Vec<Place> = sides(&contour.points)
        .flat_map(|(a, b)| {
            (0..BETWEEN).map(move |step| [0, 1].map(|axis: usize| a[axis] + (b[axis] - a[axis]) * step as f64 / BETWEEN as f64))
        })
        .map(|point| minus(point, contour.centre).map(|at| at / reach))
        .collect();
    let mut counts = [0_usize; BOXES.len()];
    for turn in 0..TURNS {
        let (sine, cosine) = (turn as f64 / TURNS as f64 * std::f64::consts::FRAC_PI_2).sin_cos();
        let turned: Vec<Place> = points.iter().map(|[x, y]| [x * cosine - y * sine, x * sine + y * cosine]).collect();
        for (count, boxes) in counts.iter_mut().zip(BOXES) {
            for shift in 0..SHIFTS * SHIFTS {
                let shift = [shift / SHIFTS, shift % SHIFTS].map(|steps| steps as f64 / SHIFTS as f64);
                *count += crossed(&turned, boxes, shift);
            }
        }
    }
    let logarithms = BOXES.iter().zip(counts).map(|(boxes, count)| ((*boxes as f64).ln(), (count as f64).ln()));
    slope(&logarithms.collect::<Vec<_>>()).clamp(1.0, 2.0)
}

/// How many boxes, of which `boxes` fit into the extent from -1 to 1, have a point of the line.
fn crossed(points: &[Place], boxes: usize, shift: [f64; 2]) -> usize {
    let width = boxes + 2;
    let mut hit = [0_u64; ((34 * 34) as usize).div_ceil(64)];
    for point in points {
        let [x, y] = [0, 1].map(|axis: usize| ((point[axis] + 1.0) / 2.0 * boxes as f64 + shift[axis]).max(0.0) as usize);
        let at = y.min(width - 1) * width + x.min(width - 1);
        hit[at / 64] |= 1 << (at % 64);
    }
    hit.iter().map(|word| word.count_ones() as usize).sum()
}

fn slope(points: &[(f64, f64)]) -> f64 {
    let count = points.len() as f64;
    let [x, y] = [points.iter().map(|point| point.0).sum::<f64>() / count, points.iter().map(|point| point.1).sum::<f64>() / count];
    let both: f64 = points.iter().map(|point| (point.0 - x) * (point.1 - y)).sum();
    both / points.iter().map(|point| (point.0 - x).powi(2)).sum::<f64>()
}
