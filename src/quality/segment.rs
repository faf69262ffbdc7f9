//! A light segmentation: which pixels of the view differ from the skin at its rim.
//!
//! It answers "is there something distinct, is it inside, is it big enough" and nothing finer: never draw its outline
//! for a person and never measure a lesion with it. Distance from the colour of the skin has no sign, so a pale
//! lesion on dark skin is found as well as a dark one on pale skin.

use super::exposure::linear;
use super::planes::{close, soften};
use super::view::{AREA, SIDE, View};

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
    /// Whether a pixel belongs to it, [`AREA`] flags; all `false` when nothing stands out.
    pub(super) inside: Vec<bool>,
    /// Number of its pixels.
    pub(super) area: usize,
    /// Distance of its mean colour from that of the rest of the field, CIE 1976 colour difference.
    pub(super) contrast: f32,
}

/// Finds the patch in the field that stands out most from the skin.
pub(super) fn find(view: &View) -> Patch {
    let [lightness, a, b] = lab(view);
    let planes = [soften(&close(&lightness, HAIR), SMOOTH), soften(&a, SMOOTH), soften(&b, SMOOTH)];
    let skin = skin_colour(view, &planes);
    let distance: Vec<f32> = (0..AREA)
        .map(|at| {
            let [lightness, a, b] = [0, 1, 2].map(|plane| planes[plane][at] - skin[plane]);
            let lightness = if lightness > 0.0 { lightness * LIGHTER } else { lightness };
            (lightness * lightness + a * a + b * b).sqrt()
        })
        .collect();
    let limit = otsu(&distance, &view.field);
    let stands_out: Vec<bool> = (0..AREA).map(|at| view.field[at] && distance[at] > limit).collect();
    let heaviest = heaviest(&stands_out, &distance);
    let rest: Vec<bool> = (0..AREA).map(|at| view.field[at] && !stands_out[at]).collect();
    let (contrast, lighter) = match (mean(&planes, &heaviest), mean(&planes, &rest)) {
        (Some(patch), Some(rest)) => ((0..3).map(|plane| (patch[plane] - rest[plane]).powi(2)).sum::<f32>().sqrt(), patch[0] > rest[0]),
        _ => (0.0, false),
    };
    // A light patch off the middle is skin showing beside a lesion that covers most of the rim.
    let inside = if lighter && centre_of_mass(&heaviest).is_some_and(|(x, y)| x.hypot(y) > OFF_MIDDLE) { rest } else { heaviest };
    let area = inside.iter().filter(|inside| **inside).count();
    Patch { inside, area, contrast }
}

/// Centre of mass of the flagged pixels from the middle of the view, in half sides; `None` when none is flagged.
pub(super) fn centre_of_mass(inside: &[bool]) -> Option<(f32, f32)> {
    let (mut right, mut down, mut number) = (0.0_f32, 0.0_f32, 0_u32);
    for at in (0..inside.len()).filter(|&at| inside[at]) {
        right += from_middle(at % SIDE);
        down += from_middle(at / SIDE);
        number += 1;
    }
    (number > 0).then(|| (right / number as f32, down / number as f32))
}

/// CIE 1976 L*, a*, b* planes of the view (D65).
fn lab(view: &View) -> [Vec<f32>; 3] {
    let light: Vec<f32> = (0..=u8::MAX).map(linear).collect();
    let root = |t: f32| if t > 0.008_856 { t.cbrt() } else { 7.787 * t + 16.0 / 116.0 };
    let mut planes = [vec![0.0; AREA], vec![0.0; AREA], vec![0.0; AREA]];
    for (at, pixel) in view.rgb.iter().enumerate() {
        let [r, g, b] = pixel.map(|value| light[usize::from(value)]);
        let x = root((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505);
        let y = root(0.2126 * r + 0.7152 * g + 0.0722 * b);
        let z = root((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089);
        planes[0][at] = 116.0 * y - 16.0;
        planes[1][at] = 500.0 * (x - y);
        planes[2][at] = 200.0 * (y - z);
    }
    planes
}

/// Median colour of the rim of the field: a lesion has to cover most of the rim to be taken for skin.
fn skin_colour(view: &View, planes: &[Vec<f32>; 3]) -> [f32; 3] {
    let rim: Vec<usize> = (0..AREA).filter(|&at| view.field[at] && near_the_edge(view, at)).collect();
    [0, 1, 2].map(|plane| {
        let mut values: Vec<f32> = rim.iter().map(|&at| planes[plane][at]).collect();
        let half = values.len() / 2;
        if values.is_empty() { 0.0 } else { *values.select_nth_unstable_by(half, f32::total_cmp).1 }
    })
}

fn near_the_edge(view: &View, at: usize) -> bool {
    let (x, y) = (at % SIDE, at / SIDE);
    let to_border = x.min(y).min(SIDE - 1 - x).min(SIDE - 1 - y);
    to_border < RIM || !(view.field[at - RIM] && view.field[at + RIM] && view.field[at - RIM * SIDE] && view.field[at + RIM * SIDE])
}

/// The value that splits the field's values into the two classes that differ most (Otsu, IEEE Trans. SMC 9, 1979).
fn otsu(values: &[f32], field: &[bool]) -> f32 {
    let lit = || values.iter().zip(field).filter(|(_, lit)| **lit).map(|(value, _)| *value);
    let (low, high) = lit().fold((f32::MAX, f32::MIN), |(low, high), value| (low.min(value), high.max(value)));
    let step = ((high - low) / BINS as f32).max(f32::MIN_POSITIVE);
    let mut histogram = [0_u32; BINS];
    for value in lit() {
        histogram[(((value - low) / step) as usize).min(BINS - 1)] += 1;
    }
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
fn heaviest(stands_out: &[bool], distance: &[f32]) -> Vec<bool> {
    let weight = |at: usize| distance[at] * (-MIDDLE_PULL * (from_middle(at % SIDE).powi(2) + from_middle(at / SIDE).powi(2))).exp();
    let mut seen = vec![false; AREA];
    let mut patches: Vec<usize> = Vec::new();
    let (mut best, mut best_weight) = (0..0, 0.0);
    for start in 0..AREA {
        if seen[start] || !stands_out[start] {
            continue;
        }
        let first = patches.len();
        let mut next = first;
        let mut sum = 0.0;
        seen[start] = true;
        patches.push(start);
        while let Some(&at) = patches.get(next) {
            next += 1;
            sum += weight(at);
            for neighbour in neighbours(at).into_iter().flatten() {
                if stands_out[neighbour] && !seen[neighbour] {
                    seen[neighbour] = true;
                    patches.push(neighbour);
                }
            }
        }
        if sum > best_weight {
            (best, best_weight) = (first..next, sum);
        }
    }
    let mut inside = vec![false; AREA];
    for &at in &patches[best] {
        inside[at] = true;
    }
    inside
}

/// The pixels to the left, right, above and below; `None` outside the view.
pub(super) fn neighbours(at: usize) -> [Option<usize>; 4] {
    let (x, y) = (at % SIDE, at / SIDE);
    [(x > 0).then(|| at - 1), (x + 1 < SIDE).then(|| at + 1), (y > 0).then(|| at - SIDE), (y + 1 < SIDE).then(|| at + SIDE)]
}

/// Distance of a column or row from the middle of the view, in half sides: -1 to 1.
fn from_middle(coordinate: usize) -> f32 {
    (coordinate as f32 + 0.5) / (SIDE as f32 / 2.0) - 1.0
}

fn mean(planes: &[Vec<f32>; 3], counts: &[bool]) -> Option<[f32; 3]> {
    let mut sums = [0.0_f32; 3];
    let mut number = 0_u32;
    for at in (0..AREA).filter(|&at| counts[at]) {
        number += 1;
        for plane in 0..3 {
            sums[plane] += planes[plane][at];
        }
    }
    (number > 0).then(|| sums.map(|sum| sum / number as f32))
}
