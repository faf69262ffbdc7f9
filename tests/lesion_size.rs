//! The lesion's mask, outline and size as measured from a coarse grid of membership, against shapes whose truth is known.

#![allow(clippy::unwrap_used)]

use std::f64::consts::PI;

use lentigo::{
    capture::phantom,
    explain::lesion::{Measures, Scale, mask, measure, parts},
    frame::{Heatmap, Region},
};
use proptest::prelude::*;

/// The grid of a network with an input of 224 pixels and a stride of 4.
const GRID: u32 = 56;
/// The square of a 1280x720 frame.
const REGION: Region = Region { x: 280, y: 0, width: 720, height: 720 };
/// Pixels of `REGION` that a cell is wide.
const CELL: f64 = 720.0 / 56.0;

/// An ellipse in cells of a grid.
#[derive(Debug, Clone, Copy)]
struct Ellipse {
    x: f64,
    y: f64,
    long: f64,
    short: f64,
    angle: f64,
}

impl Ellipse {
    /// 1 on its line, below inside.
    fn radius(&self, x: f64, y: f64) -> f64 {
        let (dx, dy) = (x - self.x, y - self.y);
        let (sin, cos) = self.angle.sin_cos();
        ((dx * cos + dy * sin) / self.long).hypot((dy * cos - dx * sin) / self.short)
    }

    /// Membership as a network gives it: falling from 1 to 0 over about a cell, and `LEVEL` on the ellipse.
    fn soft(&self) -> Heatmap {
        grid(|x, y| 1.0 / (1.0 + ((self.radius(x, y) - 1.0) * self.short * 3.0).exp()))
    }

    /// Membership as the share of each cell that the ellipse covers.
    fn covered(&self) -> Heatmap {
        const FINE: u32 = 16;
        let part = |at: u32| (f64::from(at) + 0.5) / f64::from(FINE) - 0.5;
        let inside = |x: f64, y: f64| (0..FINE * FINE).filter(|at| self.radius(x + part(at % FINE), y + part(at / FINE)) <= 1.0).count();
        grid(|x, y| inside(x, y) as f64 / f64::from(FINE * FINE))
    }
}

/// A grid from its cells' middles.
fn grid(mut membership: impl FnMut(f64, f64) -> f64) -> Heatmap {
    let middle = |at: u32| f64::from(at) + 0.5;
    let values = (0..GRID * GRID).map(|at| membership(middle(at % GRID), middle(at / GRID)) as f32).collect();
    Heatmap::new(GRID, GRID, values).unwrap()
}

fn sized(long: f64, short: f64, angle: f64) -> Ellipse {
    Ellipse { x: 28.3, y: 27.6, long, short, angle }
}

/// How far area, diameter and width are from the ellipse's own: relative, and in cells.
fn errors(found: &Measures, ellipse: &Ellipse) -> (f64, f64, f64) {
    (
        (found.area / (PI * ellipse.long * ellipse.short * CELL * CELL) - 1.0).abs(),
        (found.diameter / CELL - 2.0 * ellipse.long).abs(),
        (found.width / CELL - 2.0 * ellipse.short).abs(),
    )
}

#[test]
fn an_ellipse_with_a_soft_edge_is_measured_to_a_tenth_of_a_cell() {
    for (long, short) in [(5.0, 4.0), (10.0, 6.0), (20.0, 9.0), (24.0, 22.0)] {
        for angle in [0.0, 0.3, 0.785, 1.2, 2.5] {
            let ellipse = sized(long, short, angle);
            let found = measure(&ellipse.soft(), REGION).unwrap();
            let (area, diameter, width) = errors(&found, &ellipse);
            assert!(area < 0.0125 && diameter < 0.1 && width < 0.1, "{ellipse:?}: {area} {diameter} {width}");
            assert!(!found.at_least && found.holes == 0 && found.others == 0);
        }
    }
}

#[test]
fn an_ellipse_with_a_hard_edge_is_measured_to_a_fifth_of_a_cell() {
    for (long, short) in [(5.0, 4.0), (10.0, 6.0), (20.0, 9.0), (24.0, 22.0)] {
        for angle in [0.0, 0.3, 0.785, 1.2, 2.5] {
            let ellipse = sized(long, short, angle);
            let (area, diameter, width) = errors(&measure(&ellipse.covered(), REGION).unwrap(), &ellipse);
            assert!(area < 0.02 && diameter < 0.2 && width < 0.2, "{ellipse:?}: {area} {diameter} {width}");
        }
    }
}

/// The truth of a phantom, as a network of stride 4 would give it: the share of each cell that is lesion.
fn coverage(mask: &lentigo::frame::Mask, region: Region) -> Heatmap {
    let cell = region.width / GRID;
    assert_eq!(cell * GRID, region.width, "the region is a whole number of cells");
    grid(|x, y| {
        let corner = |at: f64, from: u32| from + at.floor() as u32 * cell;
        let (left, top) = (corner(x, region.x), corner(y, region.y));
        let inside = |at: u32| mask.inside()[((top + at / cell) * mask.width() + left + at % cell) as usize];
        (0..cell * cell).filter(|at| inside(*at)).count() as f64 / f64::from(cell * cell)
    })
}

#[test]
fn a_phantoms_lesion_has_the_area_and_the_diameters_of_its_true_mask() {
    let mut measured = 0;
    for patient in 1..=7 {
        let phantom = phantom::Phantom::patient(patient);
        let rendered = phantom.render(746, 560).unwrap();
        let region = Region::centre_square(746, 560);
        if rendered.truth.leaves_field || !rendered.truth.lesion {
            continue;
        }
        let found = measure(&coverage(&rendered.mask, region), region).unwrap();
        let area = (found.area / rendered.mask.area() as f64 - 1.0).abs();
        let (diameter, width) = feret(&rendered.mask);
        // A cell is 10 pixels here; ragged borders have features smaller than that.
        assert!(area < 0.02, "patient {patient}: {area}");
        assert!(
            (found.diameter - diameter).abs() < 10.0 && (found.width - width).abs() < 10.0,
            "patient {patient}: {found:?} {diameter} {width}"
        );
        measured += 1;
    }
    assert!(measured >= 4, "{measured}");
}

/// Greatest distance between two corners of a mask's pixels, and the extent across it, by comparing all with all.
fn feret(mask: &lentigo::frame::Mask) -> (f64, f64) {
    let rows = mask.inside().chunks_exact(mask.width() as usize).enumerate();
    let ends = rows.filter_map(|(y, row)| Some((y, row.iter().position(|is| *is)?, row.iter().rposition(|is| *is)? + 1)));
    let corners: Vec<(f64, f64)> = ends
        .flat_map(|(y, left, right)| [(left, y), (right, y), (left, y + 1), (right, y + 1)])
        .map(|(x, y)| (x as f64, y as f64))
        .collect();
    let pairs = corners.iter().flat_map(|a| corners.iter().map(move |b| (*a, *b)));
    let (from, to) = pairs.max_by(|one, other| distance(*one).total_cmp(&distance(*other))).unwrap();
    let beside = corners.iter().map(|at| ((to.0 - from.0) * (at.1 - from.1) - (to.1 - from.1) * (at.0 - from.0)) / distance((from, to)));
    let (least, most) = beside.fold((0.0_f64, 0.0_f64), |(least, most), at| (least.min(at), most.max(at)));
    (distance((from, to)), most - least)
}

fn distance((a, b): ((f64, f64), (f64, f64))) -> f64 {
    (b.0 - a.0).hypot(b.1 - a.1)
}

#[test]
fn the_largest_part_is_measured_and_holes_and_others_are_said() {
    let (ring, dot) = (
        Ellipse { x: 20.0, y: 30.0, long: 14.0, short: 14.0, angle: 0.0 },
        Ellipse { x: 48.0, y: 10.0, long: 3.0, short: 3.0, angle: 0.0 },
    );
    let hole = Ellipse { long: 5.0, short: 5.0, ..ring };
    let island = Ellipse { long: 2.0, short: 2.0, ..ring };
    let soft = |ellipse: &Ellipse, x, y| 1.0 / (1.0 + ((ellipse.radius(x, y) - 1.0) * ellipse.short * 3.0).exp());
    let lesion = grid(|x, y| (soft(&ring, x, y) - soft(&hole, x, y) + soft(&island, x, y)).max(soft(&dot, x, y)));
    let found = measure(&lesion, REGION).unwrap();
    assert_eq!((found.holes, found.others, found.at_least), (1, 2, false));
    let expected = PI * (14.0 * 14.0 - 5.0 * 5.0) * CELL * CELL;
    assert!((found.area / expected - 1.0).abs() < 0.01, "{} {expected}", found.area);
    assert!((found.diameter / CELL - 28.0).abs() < 0.15, "a hole does not change a diameter: {}", found.diameter / CELL);
    let parts = parts(&lesion, REGION);
    assert_eq!(parts.iter().map(|part| part.holes.len()).collect::<Vec<_>>(), [1, 0, 0]);
    assert!(parts.windows(2).all(|pair| pair[0].area() >= pair[1].area()));
}

#[test]
fn a_lesion_that_reaches_the_border_is_closed_there_and_is_at_least_so_large() {
    let cut = Ellipse { x: 56.0, y: 28.0, long: 10.0, short: 10.0, angle: 0.0 };
    let found = measure(&cut.soft(), REGION).unwrap();
    assert!(found.at_least);
    assert!((found.area / (PI * 100.0 * CELL * CELL / 2.0) - 1.0).abs() < 0.02, "half of a disc: {}", found.area);
    // Beyond the middle of the outermost cell nothing is known, so that the last half cell runs straight on.
    assert!((found.diameter / CELL - 20.0).abs() < 0.3 && (found.width / CELL - 10.0).abs() < 0.3, "{found:?}");
    let inside = Ellipse { x: 28.0, y: 28.0, ..cut };
    assert!(!measure(&inside.soft(), REGION).unwrap().at_least);
    let everywhere = measure(&grid(|_, _| 1.0), REGION).unwrap();
    assert!(everywhere.at_least && (everywhere.area - 720.0 * 720.0).abs() < 1e-6 && (everywhere.share - 1.0).abs() < 1e-12);
    assert!((everywhere.diameter - 720.0 * 2.0_f64.sqrt()).abs() < 1e-9);
}

#[test]
fn nothing_is_measured_where_nothing_is_lesion() {
    for value in [0.0, 0.49, f64::NAN, f64::INFINITY] {
        assert_eq!(measure(&grid(|_, _| value), REGION), None, "{value}");
    }
}

#[test]
fn the_scale_is_that_of_the_field_at_any_resolution() {
    let scale = Scale::of_field(20.0).unwrap();
    let ellipse = sized(14.0, 7.0, 0.4);
    for (width, height) in [(1280, 720), (640, 480), (480, 640)] {
        let found = measure(&ellipse.soft(), Region::centre_square(width, height)).unwrap();
        let size = scale.apply(&found, width, height);
        // 56 cells are 20 mm: the long axis of 28 cells is 10 mm, the short one 5 mm.
        assert!((size.diameter_mm - 10.0).abs() < 0.036 && (size.width_mm - 5.0).abs() < 0.036, "{size:?}");
        assert!((size.area_mm2 / (PI * 5.0 * 2.5) - 1.0).abs() < 0.01, "{size:?}");
    }
    assert!([0.0, -1.0, f64::NAN, f64::INFINITY].iter().all(|side| Scale::of_field(*side).is_none()));
}

fn flipped(grid: &Heatmap, at: impl Fn(u32, u32) -> (u32, u32)) -> Heatmap {
    let values = (0..GRID * GRID).map(|cell| at(cell % GRID, cell / GRID)).map(|(x, y)| grid.values()[(y * GRID + x) as usize]).collect();
    Heatmap::new(GRID, GRID, values).unwrap()
}

fn alike(one: &Measures, other: &Measures, factor: f64) -> bool {
    let near = |one: f64, other: f64| (one * factor - other).abs() < 1e-3 * (1.0 + other.abs());
    (one.area * factor * factor - other.area).abs() < 1e-3 * (1.0 + other.area)
        && near(one.diameter, other.diameter)
        && near(one.width, other.width)
        && (one.at_least, one.holes, one.others) == (other.at_least, other.holes, other.others)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn turning_mirroring_and_enlarging_do_not_change_what_is_measured(
        x in 5.0..51.0_f64, y in 5.0..51.0_f64, long in 6.0..16.0_f64, flat in 0.4..0.8_f64, angle in 0.0..3.1_f64
    ) {
        let lesion = Ellipse { x, y, long, short: long * flat, angle }.soft();
        let found = measure(&lesion, REGION).unwrap();
        let last = GRID - 1;
        for turned in [
            flipped(&lesion, |x, y| (last - x, y)),
            flipped(&lesion, |x, y| (x, last - y)),
            flipped(&lesion, |x, y| (y, last - x)),
            flipped(&lesion, |x, y| (last - x, last - y)),
            flipped(&lesion, |x, y| (last - y, x)),
        ] {
            let other = measure(&turned, REGION).unwrap();
            prop_assert!(alike(&found, &other, 1.0), "{found:?} {other:?}");
        }
        let half = measure(&lesion, Region { x: 0, y: 0, width: 360, height: 360 }).unwrap();
        prop_assert!(alike(&half, &found, 2.0), "{half:?} {found:?}");
    }

    #[test]
    fn any_grid_has_parts_whose_areas_are_those_of_the_mask(
        values in prop::collection::vec(0.0_f32..1.0, 35)
    ) {
        let lesion = Heatmap::new(7, 5, values).unwrap();
        let parts = parts(&lesion, Region { x: 3, y: 2, width: 350, height: 250 });
        let mask = mask(&lesion, 350, 250).unwrap();
        let total: f64 = parts.iter().map(lentigo::explain::lesion::Part::area).sum();
        // Chords cut off less than a hundredth of the picture, pixels at the border less than that.
        prop_assert!((total - mask.area() as f64).abs() < 0.01 * 350.0 * 250.0, "{total} {}", mask.area());
        for part in &parts {
            prop_assert!(part.area() > 0.0 && part.outer.len() >= 3);
            for point in part.outer.iter().chain(part.holes.iter().flatten()) {
                prop_assert!((3.0..=353.0).contains(&point.x) && (2.0..=252.0).contains(&point.y));
            }
        }
    }

    #[test]
    fn values_that_are_no_membership_do_no_harm(values in prop::collection::vec(prop::num::f32::ANY, 12), side in 1_u32..40) {
        let lesion = Heatmap::new(4, 3, values).unwrap();
        let parts = parts(&lesion, Region { x: 0, y: 0, width: side, height: side });
        prop_assert!(parts.iter().flat_map(|part| &part.outer).all(|point| point.x.is_finite() && point.y.is_finite()));
        prop_assert!(mask(&lesion, side, side).is_ok());
    }
}
