//! A lesion's colours around its centre, in cells of equal area that are a mirror image of each other about many axes.
//!
//! Colours only; nothing here may choose an axis.

use std::f64::consts::{PI, TAU};

use super::{
    contour::Contour,
    picture::{Lab, Picture, difference},
    raster::Coverage,
};

/// Sectors of the full turn.
const SECTORS: usize = 60;

/// Rings of equal area from the centre to the farthest point.
const RINGS: usize = 10;

/// Samples along each side of a cell.
const SAMPLES: usize = 3;

/// A cell counts when at least this share of it is lesion.
const LEAST_COVER: f32 = 0.5;

/// Angle from one axis to the next, in radians: half a sector, so that every axis mirrors cells onto cells.
pub(super) const STEP: f64 = PI / SECTORS as f64;

/// Steps of a quarter turn.
pub(super) const QUARTER: i32 = SECTORS as i32 / 2;

/// Mean colours of the cells, ring by ring; none where less than half of a cell is lesion. Means over cells leave out what is finer than
/// a cell, such as hairs and the meshes of a pigment network, which no two halves of a lesion share.
pub(super) struct Polar(Vec<Option<Lab>>);

impl Polar {
    /// With the first sector beginning at `angle`.
    pub(super) fn of(picture: &Picture, contour: &Contour, covered: &Coverage, angle: f64) -> Self {
        let reach = contour.reach();
        let fine = SECTORS * SAMPLES;
        let directions: Vec<(f64, f64)> = (0..fine).map(|at| (angle + (at as f64 + 0.5) / fine as f64 * TAU).sin_cos()).collect();
        let mut sums = vec![([0.0_f32; 3], 0.0_f32); SECTORS * RINGS];
        for ring in 0..RINGS * SAMPLES {
            let radius = reach * ((ring as f64 + 0.5) / (RINGS * SAMPLES) as f64).sqrt();
            for (at, (sine, cosine)) in directions.iter().enumerate() {
                let place = [contour.centre[0] + radius * cosine, contour.centre[1] + radius * sine];
                if !picture.holds(place) {
                    continue;
                }
                let share = picture.mixed(&covered.cells, place);
                if share > 0.0 {
                    let (sum, weight) = &mut sums[ring / SAMPLES * SECTORS + at / SAMPLES];
                    let lab = picture.lab_at(place);
                    *sum = std::array::from_fn(|channel| sum[channel] + share * lab[channel]);
                    *weight += share;
                }
            }
        }
        let least = LEAST_COVER * (SAMPLES * SAMPLES) as f32;
        Self(sums.into_iter().map(|(sum, weight)| (weight >= least).then(|| sum.map(|sum| sum / weight))).collect())
    }

    /// Mean distance between cells and their mirror images, where both are lesion, about the axis `steps` from the first sector's edge, about
    /// the axis across it.
    pub(super) fn unlike(&self, steps: i32) -> [f64; 2] {
        [steps, steps + QUARTER].map(|steps| {
            let (mut sum, mut count) = (0.0, 0.0);
            for ring in self.0.chunks_exact(SECTORS) {
                for (sector, cell) in ring.iter().enumerate() {
                    let image = (steps - 1 - sector as i32).rem_euclid(SECTORS as i32) as usize;
                    if let (Some(one), Some(other)) = (cell, ring[image]) {
                        sum += difference(*one, other);
                        count += 1.0;
                    }
                }
            }
            if count > 0.0 { sum / count } else { 0.0 }
        })
    }
}
