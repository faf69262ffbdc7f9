//! The two axes about which a lesion is folded.
//!
//! The ABCD rule places its axes so that asymmetry, of shape and of colour, is least. An elongated lesion has axes of its own, its principal
//! axes; those of a round one turn with a single pixel. So the axes are looked for around the principal ones, the further the rounder the
//! lesion is. How far grows continuously: no lesion jumps between two rules.

use std::f64::consts::{FRAC_PI_2, PI};

use super::{
    Settings,
    contour::{Contour, minus},
    fold::Fold,
    picture::Picture,
    polar::{Polar, QUARTER, STEP},
    raster::Coverage,
};

/// Up to this anisotropy (an ellipse of axes 10 : 9) any pair of axes is as good as the principal one.
const ROUND: f64 = 0.1;

/// From this anisotropy on (an ellipse of axes 4 : 3) the principal axes are taken as they are.
const ELONGATED: f64 = 0.3;

/// Cells across the lattice of the search, and the one that the result is measured on.
const CELLS: [usize; 2] = [64, 160];

/// Every so many points of the line suffice for the search.
const SEARCH_POINTS: usize = 4;

/// Of pairs with the same sum the one whose asymmetry is about one axis alone is wanted: a disc of two halves has one axis of symmetry.
const OF_THE_LESSER: f64 = 0.25;

/// Two perpendicular axes through the centre, the major one first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Axes {
    /// Angle of the major axis, in (-pi/2, pi/2].
    pub(super) angle: f64,
    /// Share of the area without counterpart.
    pub(super) shape: [f64; 2],
    /// Mean distance in CIELAB to the mirror image.
    pub(super) colour: [f64; 2],
}

impl Axes {
    pub(super) fn of(picture: &Picture, contour: &Contour, covered: &Coverage, settings: &Settings) -> Self {
        let principal = contour.principal_angle();
        let colours = Polar::of(picture, contour, covered, principal);
        let coarse = Fold::new(contour, SEARCH_POINTS, CELLS[0]);
        let weigh = |shape: [f64; 2], colour: [f64; 2]| {
            [0, 1].map(|axis: usize| shape[axis] / settings.shape_min.max(1e-6) + colour[axis] / settings.colour_min.max(1e-6))
        };
        let total = |steps: i32| {
            let [one, other] = weigh(coarse.unlike(principal + f64::from(steps) * STEP), colours.unlike(steps));
            one + other + OF_THE_LESSER * one.min(other)
        };
        let reach = f64::from(QUARTER / 2) * ((ELONGATED - contour.anisotropy()) / (ELONGATED - ROUND)).clamp(0.0, 1.0);
        let turns = (-(reach as i32)..=reach as i32).map(|steps| (total(steps), steps));
        let steps = turns.min_by(|one, other| one.0.total_cmp(&other.0)).map_or(0, |(_, steps)| steps);
        let angle = principal + f64::from(steps) * STEP;
        let (mut shape, mut colour) = (Fold::new(contour, 1, CELLS[1]).unlike(angle), colours.unlike(steps));
        let [about, across] = weigh(shape, colour);
        // Neither axis of a round lesion is the longer one: it is folded along the one that it is more alike about.
        let is_across = if contour.anisotropy() < ROUND {
            across < about
        } else {
            contour.moment_along(angle + FRAC_PI_2) > contour.moment_along(angle)
        };
        if is_across {
            shape.reverse();
            colour.reverse();
        }
        Self { angle: half_turn(if is_across { angle + FRAC_PI_2 } else { angle }), shape, colour }
    }

    /// How far the lesion reaches from its centre along the major and along the minor axis.
    pub(super) fn extent(&self, contour: &Contour) -> [f64; 2] {
        let (sine, cosine) = self.angle.sin_cos();
        contour.points.iter().map(|point| minus(*point, contour.centre)).fold([0.0_f64; 2], |[along, across], [x, y]| {
            [along.max((x * cosine + y * sine).abs()), across.max((y * cosine - x * sine).abs())]
        })
    }
}

/// An angle in (-pi/2, pi/2] of the same line.
fn half_turn(angle: f64) -> f64 {
    let turned = angle.rem_euclid(PI);
    if turned > FRAC_PI_2 { turned - PI } else { turned }
}
