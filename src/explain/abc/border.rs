//! B: how irregular the line around a lesion is, and how abruptly its eighths end.

use std::f64::consts::{FRAC_PI_4, PI, TAU};

use super::{
    Border, Segment, Settings,
    contour::{Contour, distance, minus, sides},
    fractal::dimension,
    picture::{Picture, difference},
    raster::Place,
};

/// How far from the line colours are taken, by the radius of the disc of the lesion's area.
const REACH: f64 = 0.1;

/// Where on the way to [`REACH`] they are taken, on either side.
const DEPTHS: [f64; 3] = [0.5, 0.75, 1.0];

pub(super) fn border(picture: &Picture, contour: &Contour, angle: f64, settings: &Settings) -> Border {
    let segments = segments(picture, contour, angle, settings);
    Border {
        compactness: contour.perimeter.powi(2) / (4.0 * PI * contour.area),
        radial: radial(contour),
        fractal: dimension(contour),
        curvature: turning(contour) / contour.perimeter,
        points: segments.iter().map(|segment| u8::from(segment.abrupt)).sum(),
        segments,
    }
}

/// Standard deviation of the distance from the centre by its mean, over the line's length.
fn radial(contour: &Contour) -> f64 {
    let count = contour.points.len() as f64;
    let distances: Vec<f64> = contour.points.iter().map(|point| distance(*point, contour.centre)).collect();
    let mean = distances.iter().sum::<f64>() / count;
    let variance = distances.iter().map(|distance| (distance - mean).powi(2)).sum::<f64>() / count;
    if mean > 0.0 { variance.sqrt() / mean } else { 0.0 }
}

/// How much the line turns in all, to either side, in radians: a full turn where it is convex.
fn turning(contour: &Contour) -> f64 {
    let directions: Vec<f64> = sides(&contour.points).map(|(a, b)| minus(b, a)).map(|[x, y]| y.atan2(x)).collect();
    let turns = directions.iter().zip(directions.iter().cycle().skip(1));
    turns.map(|(before, after)| ((after - before + PI).rem_euclid(TAU) - PI).abs()).sum()
}

/// Mean colour within the lesion against that beyond, an eighth of the full turn each, clockwise from the major axis.
fn segments(picture: &Picture, contour: &Contour, angle: f64, settings: &Settings) -> [Segment; 8] {
    let reach = (REACH * contour.radius()).max(1.0);
    let mut sums = [([[0.0_f64; 3]; 2], 0.0); 8];
    for (point, normal) in contour.points.iter().zip(contour.normals()) {
        let at = |depth: f64| -> Place { [point[0] + depth * normal[0], point[1] + depth * normal[1]] };
        // Where the lesion goes on beyond the picture there is no border to look at.
        if !picture.holds(at(reach)) {
            continue;
        }
        let [x, y] = minus(*point, contour.centre);
        let turn = (y.atan2(x) - angle).rem_euclid(TAU);
        let (sides, count) = &mut sums[((turn / FRAC_PI_4) as usize).min(7)];
        for depth in DEPTHS {
            for (side, place) in sides.iter_mut().zip([at(-depth * reach), at(depth * reach)]) {
                let lab = picture.lab_at(place);
                *side = std::array::from_fn(|channel| side[channel] + f64::from(lab[channel]));
            }
        }
        *count += DEPTHS.len() as f64;
    }
    sums.map(|(sides, count)| {
        let [inside, outside] = sides.map(|sum| sum.map(|sum| if count > 0.0 { (sum / count) as f32 } else { 0.0 }));
        let abruptness = difference(inside, outside);
        Segment { abruptness, abrupt: abruptness >= settings.abrupt_min }
    })
}
