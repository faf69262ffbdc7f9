//! A light segmentation: which pixels of the view differ from the skin at its rim.
//!
//! It answers "is there something distinct, is it inside, is it big enough" and nothing finer: never draw its outline
//! for a person and never measure a lesion with it. Distance from the colour of the skin has no sign, so a pale
//! lesion on dark skin is found as well as a dark one on pale skin.

use multiversion::multiversion;

use super::colour::lab;
use super::flags::{Flags, packed, runs_of};
use super::planes::{Plane, close, in_order, soften};
use super::view::{SIDE, View};

/// Width of the rim that shows skin, in pixels of the view.
const RIM: usize = 10;

/// Radius of the closing that takes out hairs, in pixels of the view.
const HAIR: usize = 2;

/// Radius of the smoothing (twice) before colours are compared, in pixels of the view.
const SMOOTH: usize = 2;

/// Lighter than the rim counts this much: the rim is often a little shaded, and that is not a lesion.
const LIGHTER: f32 = 0.5;

/// How fast a patch loses weight with its distance from the middle (per squared half side) when patches compete.
const MIDDLE_PULL: f32 = 3.0;

/// A light patch whose centre of mass lies farther than this from the middle, in half sides, is skin.
const OFF_MIDDLE: f32 = 0.4;

/// Bins of the histogram that the two classes are told apart with.
const BINS: usize = 128;

/// The patch that stands out most.
pub(super) struct Patch {
    /// Whether a pixel belongs to it; none does when nothing stands out.
    pub(super) inside: Flags,
    /// Number of its pixels.
    pub(super) area: usize,
    /// Distance of its mean colour from that of the rest of the field, CIE 1976 colour difference.
    pub(super) contrast: f32,
}

/// Finds the patch in the field that stands out most from the skin; the contents of the planes are left undefined.
pub(super) fn find(view: &View, [lightness, a, b, distance]: [&mut Plane; 4]) -> Patch {
    lab(view, [lightness, a, b]);
    let between = &mut *distance;
    close::<HAIR>(lightness, between);
    for plane in [&mut *lightness, &mut *a, &mut *b] {
        soften::<SMOOTH>(plane, between);
    }
    let planes = [&*lightness, &*a, &*b];
    let skin = skin_colour(view, planes, distance.as_flattened_mut());
    measure_distance(planes, skin, distance);
    let limit = otsu(distance, &view.lit);
    let above = Flags::from_rows(|y| packed(|x| distance[y][x] > limit));
    let stands_out = Flags::from_rows(|y| view.field.rows[y] & above.rows[y]);
    let heaviest = heaviest(&stands_out, distance);
    let rest = Flags::from_rows(|y| view.field.rows[y] & !above.rows[y]);
    let (contrast, lighter) = match (mean(planes, &heaviest), mean(planes, &rest)) {
        (Some(patch), Some(rest)) => ((0..3).map(|plane| (patch[plane] - rest[plane]).powi(2)).sum::<f32>().sqrt(), patch[0] > rest[0]),
        _ => (0.0, false),
    };
    // A light patch off the middle is skin showing beside a lesion that covers most of the rim.
    let inside = if lighter && centre_of_mass(&heaviest).is_some_and(|(x, y)| x.hypot(y) > OFF_MIDDLE) { rest } else { heaviest };
    Patch { area: inside.area(), inside, contrast }
}

/// Centre of mass of the flagged pixels from the middle of the view, in half sides; `None` when none is flagged.
pub(super) fn centre_of_mass(inside: &Flags) -> Option<(f32, f32)> {
    let (mut right, mut down, mut number) = (0, 0, 0);
    for (y, &row) in inside.rows.iter().enumerate() {
        for columns in runs_of(row) {
            let length = columns.len() as i32;
            number += length;
            // The first and the last pixel of a run lie as far from its middle.
            right += length * (columns.start as i32 + columns.end as i32 - SIDE as i32);
            down += length * (2 * y as i32 + 1 - SIDE as i32);
        }
    }
    // Whole numbers of half pixels, few enough for f32 to hold them exactly.
    let half_sides = |sum: i32| sum as f32 / SIDE as f32 / number as f32;
    (number > 0).then(|| (half_sides(right), half_sides(down)))
}

/// Median colour of the rim of the field: a lesion has to cover most of the rim to be taken for skin.
fn skin_colour(view: &View, planes: [&Plane; 3], values: &mut [f32]) -> [f32; 3] {
    let rim = rim(&view.field);
    planes.map(|plane| {
        let mut number = 0;
        for (row, &rim) in plane.iter().zip(&rim.rows) {
            for columns in runs_of(rim) {
                values[number..][..columns.len()].copy_from_slice(&row[columns.clone()]);
                number += columns.len();
            }
        }
        let values = &mut values[..number];
        if values.is_empty() { 0.0 } else { in_order(values, number / 2) }
    })
}

/// The pixels of the field that have the edge of the view or of the field at most [`RIM`] pixels to a side.
fn rim(field: &Flags) -> Flags {
    let reach = RIM as isize;
    Flags::from_rows(|y| {
        let inner = (field.rows[y] << RIM) & (field.rows[y] >> RIM) & field.row(y, reach) & field.row(y, -reach);
        field.rows[y] & !inner
    })
}

/// How far each pixel's colour lies from that of the skin.
#[multiversion(targets("x86_64+avx2"))]
fn measure_distance(planes: [&Plane; 3], skin: [f32; 3], distance: &mut Plane) {
    for (y, row) in distance.iter_mut().enumerate() {
        for (x, distance) in row.iter_mut().enumerate() {
            let [lightness, a, b] = [0, 1, 2].map(|plane| planes[plane][y][x] - skin[plane]);
            let lightness = if lightness > 0.0 { lightness * LIGHTER } else { lightness };
            *distance = (lightness * lightness + a * a + b * b).sqrt();
        }
    }
}

/// The value that splits the field's values into the two classes that differ most (Otsu, IEEE Trans. SMC 9, 1979).
#[multiversion(targets("x86_64+avx2"))]
fn otsu(values: &Plane, field: &[[bool; SIDE]; SIDE]) -> f32 {
    let (mut lows, mut highs) = ([f32::MAX; SIDE], [f32::MIN; SIDE]);
    for (values, lit) in values.iter().zip(field) {
        for x in 0..SIDE {
            let value = values[x];
            lows[x] = if lit[x] & (value < lows[x]) { value } else { lows[x] };
            highs[x] = if lit[x] & (value > highs[x]) { value } else { highs[x] };
        }
    }
    let (low, high) = (lows.into_iter().fold(f32::MAX, f32::min), highs.into_iter().fold(f32::MIN, f32::max));
    let step = ((high - low) / BINS as f32).max(f32::MIN_POSITIVE);
    // The last counts what is not in the field.
    let mut histogram = [0_u32; BINS + 1];
    for (values, lit) in values.iter().zip(field) {
        let mut bins = [0; SIDE];
        for (x, bin) in bins.iter_mut().enumerate() {
            let inside = (((values[x] - low) / step) as i32).min(BINS as i32 - 1);
            *bin = if lit[x] { inside } else { BINS as i32 };
        }
        for bin in bins {
            histogram[bin as usize] += 1;
        }
    }
    let histogram = &histogram[..BINS];
    let total: f64 = histogram.iter().map(|count| f64::from(*count)).sum();
    let sum: f64 = histogram.iter().enumerate().map(|(bin, count)| bin as f64 * f64::from(*count)).sum();
    let (mut below, mut sum_below, mut best, mut split) = (0.0, 0.0, 0.0, BINS / 2);
    for (bin, count) in histogram.iter().enumerate() {
        below += f64::from(*count);
        sum_below += bin as f64 * f64::from(*count);
        let above = total - below;
        if below > 0.0 && above > 0.0 {
            let apart = sum_below / below - (sum - sum_below) / above;
            let between = below * above * apart * apart;
            if between > best {
                (best, split) = (between, bin);
            }
        }
    }
    low + step * (split + 1) as f32
}

/// The connected patch with the most weight: distance from the skin, summed, less towards the edge.
fn heaviest(stands_out: &Flags, distance: &Plane) -> Flags {
    let pull: [f32; SIDE] = std::array::from_fn(|at| {
        let from_middle = (at as f32 + 0.5) / (SIDE as f32 / 2.0) - 1.0;
        (-MIDDLE_PULL * from_middle.powi(2)).exp()
    });
    let runs = stands_out.runs();
    let mut weights = vec![0.0; runs.len()];
    for run in &runs {
        let columns = run.columns.clone();
        let along: f32 = distance[run.y][columns.clone()].iter().zip(&pull[columns]).map(|(distance, pull)| distance * pull).sum();
        weights[run.patch] += pull[run.y] * along;
    }
    let (mut best, mut best_weight) = (None, 0.0);
    for (patch, &weight) in weights.iter().enumerate() {
        if weight > best_weight {
            (best, best_weight) = (Some(patch), weight);
        }
    }
    let mut inside = Flags::NONE;
    for run in runs.iter().filter(|run| Some(run.patch) == best) {
        inside.rows[run.y] |= run.bits();
    }
    inside
}

fn mean(planes: [&Plane; 3], counts: &Flags) -> Option<[f32; 3]> {
    let mut sums = [0.0_f32; 3];
    for (y, &row) in counts.rows.iter().enumerate() {
        for columns in runs_of(row) {
            for x in columns {
                for (sum, plane) in sums.iter_mut().zip(planes) {
                    *sum += plane[y][x];
                }
            }
        }
    }
    let number = counts.area();
    (number > 0).then(|| sums.map(|sum| sum / number as f32))
}
