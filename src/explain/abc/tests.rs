//! Exactness on phantoms of known truth, and stability: how far a criterion may move when nothing of the lesion has changed.

use std::f64::consts::{FRAC_PI_3, PI, TAU};

use proptest::prelude::*;

use super::{
    phantoms::{Pose, SKIN, draw, measured},
    *,
};

const BROWN: [u8; 3] = [120, 70, 45];
const DARK: [u8; 3] = [70, 40, 30];

fn close(found: f64, truth: f64, error: f64, what: &str) {
    assert!((found - truth).abs() <= error, "{what}: {found} where {truth} is true, error at most {error}");
}

#[test]
fn a_disc_is_round_symmetric_and_of_its_size() {
    let abc = measured(Pose::default(), |x, y| (x.hypot(y) < 1.0).then_some(BROWN));
    close(abc.border.compactness, 1.0, 0.003, "compactness");
    close(abc.border.radial, 0.0, 0.003, "radial");
    close(abc.border.fractal, 1.0, 0.035, "fractal");
    close(abc.border.curvature, 1.0 / 60.0, 1e-3, "curvature");
    close(abc.asymmetry.shape[0].max(abc.asymmetry.shape[1]), 0.0, 0.005, "shape");
    close(abc.asymmetry.colour[0].max(abc.asymmetry.colour[1]), 0.0, 0.2, "colour");
    close(abc.asymmetry.mirror, 0.0, 0.005, "mirror");
    close(abc.asymmetry.centre.x, 128.0, 0.02, "centre");
    close(abc.size.area_share, PI * 60.0 * 60.0 / (256.0 * 256.0), 1e-3, "area");
    close(abc.size.diameter_share, 120.0 / 256.0, 2e-3, "diameter");
    assert_eq!((abc.asymmetry.points, abc.border.points, abc.colour.points, abc.size.cut_off), (0, 8, 1, false));
    close(abc.score.total, 0.8 + 0.5, 1e-9, "score");
}

#[test]
fn an_ellipse_has_its_axes_and_its_circumference() {
    let pose = Pose { turn: 0.5, ..Pose::default() };
    let abc = measured(pose, |x, y| (x.hypot(2.0 * y) < 1.3).then_some(BROWN));
    let (a, b) = (78.0_f64, 39.0_f64);
    // Ramanujan 1914.
    let h = ((a - b) / (a + b)).powi(2);
    let perimeter = PI * (a + b) * (1.0 + 3.0 * h / (10.0 + (4.0 - 3.0 * h).sqrt()));
    close(abc.border.compactness, perimeter * perimeter / (4.0 * PI * PI * a * b), 0.005, "compactness");
    close(abc.border.curvature, TAU / perimeter, 1e-3, "curvature");
    close(abc.asymmetry.angle, 0.5, 0.01, "angle");
    close(abc.asymmetry.extent[0], a, 0.6, "major extent");
    close(abc.asymmetry.extent[1], b, 0.6, "minor extent");
    close(abc.asymmetry.shape[0].max(abc.asymmetry.shape[1]), 0.0, 0.006, "shape");
}

#[test]
fn a_half_disc_is_asymmetric_about_one_axis_by_what_is_computed_by_hand() {
    let abc = measured(Pose { turn: -0.7, ..Pose::default() }, |x, y| (y > 0.0 && x.hypot(y) < 1.0).then_some(BROWN));
    // Half width of the half disc at a height above its flat side; folded about the line through its centre of gravity at 4 / (3 pi).
    let half_width = |y: f64| if (0.0..1.0).contains(&y) { (1.0 - y * y).sqrt() } else { 0.0 };
    let missing: f64 =
        (0..10_000).map(|at| at as f64 / 10_000.0).map(|y| (half_width(y) - half_width(8.0 / (3.0 * PI) - y)).max(0.0)).sum();
    let truth = missing * 2.0 / 10_000.0 / (PI / 2.0);
    close(abc.asymmetry.shape[0], truth, 0.01, "about the major axis");
    close(abc.asymmetry.shape[1], 0.0, 0.006, "about the minor axis");
    close(abc.asymmetry.angle, -0.7, 0.01, "angle");
    close(abc.border.compactness, (PI + 2.0).powi(2) / (2.0 * PI * PI), 0.03, "compactness");
    assert_eq!(abc.asymmetry.points, 1);
}

#[test]
fn a_disc_of_two_halves_is_asymmetric_in_colour_about_one_axis() {
    for turn in [0.0, 0.4, 2.0] {
        let halves = |x: f64, y: f64| (x.hypot(y) < 1.0).then_some(if x > 0.0 { BROWN } else { DARK });
        let abc = measured(Pose { turn, ..Pose::default() }, halves);
        let [alike, unlike] = abc.asymmetry.colour;
        // The two browns are 18.6 apart after the light's colour is gone; cells on the dividing line mix them.
        assert!(alike < 1.5 && unlike > 14.0, "{turn}: {alike} {unlike}");
        assert_eq!(abc.asymmetry.points, 1, "{turn}");
    }
}

#[test]
fn a_star_is_symmetric_and_has_an_irregular_border() {
    let star = |x: f64, y: f64| (x.hypot(y) < 0.75 + 0.25 * (6.0 * y.atan2(x)).cos()).then_some(BROWN);
    let abc = measured(Pose::default(), star);
    let radius = |angle: f64| 0.75 + 0.25 * (6.0 * angle).cos();
    let (mut length, mut area) = (0.0, 0.0);
    for step in 0..20_000 {
        let angle = f64::from(step) / 20_000.0 * TAU;
        length += radius(angle).hypot(-1.5 * (6.0 * angle).sin()) * TAU / 20_000.0;
        area += radius(angle).powi(2) / 2.0 * TAU / 20_000.0;
    }
    // Smoothing rounds its tips: the line is up to 3 % short.
    close(abc.border.compactness, length * length / (4.0 * PI * area), 0.06 * abc.border.compactness, "compactness");
    // Axes are looked for in steps of 3 degrees: they can lie 1.5 degrees beside the star's own.
    assert!(abc.asymmetry.shape[0].max(abc.asymmetry.shape[1]) < 0.04, "{:?}", abc.asymmetry);
    assert!(abc.border.radial > 0.15 && abc.border.fractal > 1.03, "{:?}", abc.border);
}

#[test]
fn stripes_along_an_axis_are_symmetric_and_spread_the_colours() {
    let stripes = |x: f64, y: f64| (x.hypot(1.5 * y) < 1.0).then_some(if (x.abs() * 5.0) as i32 % 2 == 0 { BROWN } else { DARK });
    let abc = measured(Pose::default(), stripes);
    assert!(abc.asymmetry.colour[0].max(abc.asymmetry.colour[1]) < 1.5, "{:?}", abc.asymmetry);
    let plain = measured(Pose::default(), |x, y| (x.hypot(1.5 * y) < 1.0).then_some(BROWN));
    assert!(abc.colour.lab[0] > 5.0 && abc.colour.lab[0] > 3.0 * plain.colour.lab[0], "{:?} {:?}", abc.colour.lab, plain.colour.lab);
}

#[test]
fn a_border_that_fades_on_one_side_is_abrupt_on_the_other() {
    // Half of it ends at once, towards the other half the colour goes over into skin from half the radius on.
    let faded = |x: f64, y: f64| {
        let share = if x > 0.0 { 0.0 } else { ((x.hypot(y) - 0.4) / 0.6).clamp(0.0, 1.0) };
        let mixed = |channel: usize| (f64::from(BROWN[channel]) * (1.0 - share) + f64::from(SKIN[channel]) * share) as u8;
        (x.hypot(1.5 * y) < 1.0).then_some([mixed(0), mixed(1), mixed(2)])
    };
    let abc = measured(Pose::default(), faded);
    let abrupt = abc.border.segments.map(|segment| segment.abruptness);
    for (sharp, faded) in [(0, 3), (1, 4), (7, 4), (6, 3)] {
        assert!(abrupt[sharp] > 1.5 * abrupt[faded], "{abrupt:?}");
    }
}

#[test]
fn nothing_is_measured_where_nothing_is_lesion() {
    let frame = Frame::from_fn(64, 64, |_, _| SKIN).unwrap();
    for nothing in [vec![0.0; 16], vec![f32::NAN; 16]] {
        assert_eq!(measure(&frame, &Heatmap::new(4, 4, nothing).unwrap(), &Settings::default()), None);
    }
    let outside = Region { x: 60, y: 0, width: 10, height: 10 };
    assert_eq!(measure_in(&frame, outside, &Heatmap::new(4, 4, vec![1.0; 16]).unwrap(), &Settings::default()), None);
}

#[test]
fn a_picture_full_of_lesion_and_the_smallest_one_give_finite_numbers() {
    let full = Heatmap::new(1, 1, vec![1.0]).unwrap();
    let mut spot = vec![0.0; 256 * 256];
    spot[256 * 100 + 100] = 1.0;
    for (lesion, is_cut_off) in [(full, true), (Heatmap::new(256, 256, spot).unwrap(), false)] {
        for colour in [[0; 3], [255; 3], BROWN] {
            let frame = Frame::from_fn(300, 200, |_, _| colour).unwrap();
            let abc = measure(&frame, &lesion, &Settings::default()).unwrap();
            assert_eq!(abc.size.cut_off, is_cut_off);
            for key in Abc::KEYS.into_iter().chain([Abc::SCORE, Abc::ASYMMETRY]) {
                assert!(abc.value(key).is_some_and(f64::is_finite), "{key}");
            }
        }
    }
}

#[test]
fn only_the_largest_part_counts_and_its_holes_are_lesion() {
    let ring = |x: f64, y: f64| ((0.3..1.0).contains(&x.hypot(y)) || (x - 1.6).hypot(y) < 0.3).then_some(BROWN);
    let abc = measured(Pose::default(), ring);
    close(abc.size.area_share, PI * 60.0 * 60.0 / (256.0 * 256.0), 1e-3, "area");
    close(abc.asymmetry.centre.x, 128.0, 0.05, "centre");
}

#[test]
fn points_are_given_in_the_frame_and_shares_do_not_know_its_size() {
    let (small, lesion) = draw(Pose::default(), |x, y| (x.hypot(2.0 * y) < 1.0).then_some(BROWN));
    let region = Region { x: 300, y: 40, width: 512, height: 512 };
    let large = Frame::from_fn(1000, 600, |x, y| {
        let inside = |at: u32, from: u32| at.checked_sub(from).map(|at| at / 2).filter(|at| *at < 256);
        inside(x, 300).zip(inside(y, 40)).map_or([0; 3], |(x, y)| small.pixel(x, y))
    });
    let one = measure(&small, &lesion, &Settings::default()).unwrap();
    let other = measure_in(&large.unwrap(), region, &lesion, &Settings::default()).unwrap();
    close(other.asymmetry.centre.x, 300.0 + 2.0 * one.asymmetry.centre.x, 0.01, "centre");
    close(other.asymmetry.extent[0], 2.0 * one.asymmetry.extent[0], 0.01, "extent");
    for key in Abc::KEYS {
        let (one, other) = (one.value(key).unwrap(), other.value(key).unwrap());
        // Pixels that are doubled and halved again blur the border by a pixel.
        close(other, one, 0.15 * one.abs().max(1.0), key);
    }
}

/// How far each criterion may move when a lesion is turned, mirrored or moved in its picture. Of the two axes the sum: of a round lesion
/// they can change places. Where two pairs of axes are about equally good, a small change can make the other one win: then colour asymmetry
/// moves most.
const TURNED: [(&str, f64); 13] = [
    ("asymmetry_shape", 0.02),
    ("asymmetry_colour", 4.0),
    ("asymmetry_index", 0.25),
    ("border_compactness", 0.02),
    ("border_radial", 0.005),
    ("border_fractal", 0.02),
    ("border_abruptness", 1.5),
    ("colour_lab_l", 0.5),
    ("colour_hsv_v", 0.01),
    ("colour_dark_brown", 0.03),
    ("colour_light_brown", 0.03),
    ("size_area_share", 0.002),
    ("size_diameter_share", 0.006),
];

fn number(abc: &Abc, name: &str) -> f64 {
    match name {
        "asymmetry_shape" => abc.asymmetry.shape.iter().sum(),
        "asymmetry_colour" => abc.asymmetry.colour.iter().sum(),
        key => abc.value(key).unwrap(),
    }
}

/// Nothing moves by more than `times` what turning may do, colour asymmetry by no more than that.
fn agree(one: &Abc, other: &Abc, times: f64) -> Result<(), TestCaseError> {
    for (name, bound) in TURNED {
        let times = if name == "asymmetry_colour" { 1.0 } else { times };
        let (one, other) = (number(one, name), number(other, name));
        prop_assert!((one - other).abs() <= bound * times, "{} moved from {} to {}", name, one, other);
    }
    Ok(())
}

/// A wavy lesion of a darker and a lighter brown.
fn wavy(waves: &[(f64, f64)], spot: [f64; 2]) -> impl Fn(f64, f64) -> Option<[u8; 3]> + '_ {
    move |x, y| {
        let angle = y.atan2(x);
        let radius: f64 =
            1.0 + waves.iter().zip(2..).map(|((height, phase), wave)| height * (f64::from(wave) * angle + phase).cos()).sum::<f64>();
        (x.hypot(y) < radius).then_some(if (x - spot[0]).hypot(y - spot[1]) < 0.5 { DARK } else { BROWN })
    }
}

fn waves() -> impl Strategy<Value = Vec<(f64, f64)>> {
    prop::collection::vec((0.0..0.12_f64, 0.0..TAU), 4)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn turning_mirroring_and_moving_a_lesion_changes_nothing(
        waves in waves(), spot in [-0.5..0.5_f64, -0.5..0.5_f64], turn in 0.0..TAU, is_mirrored: bool, shift in [-12.0..12.0_f64, -12.0..12.0_f64]
    ) {
        let lesion = wavy(&waves, spot);
        let pose = Pose { turn, is_mirrored, centre: [128.0 + shift[0], 128.0 + shift[1]], ..Pose::default() };
        agree(&measured(Pose::default(), &lesion), &measured(pose, &lesion), 1.0)?;
    }

    #[test]
    fn a_lesion_seen_nearer_has_the_same_criteria(
        waves in waves(), spot in [-0.5..0.5_f64, -0.5..0.5_f64], radius in 35.0..75.0_f64
    ) {
        let lesion = wavy(&waves, spot);
        let (one, mut other) = (measured(Pose::default(), &lesion), measured(Pose { radius, ..Pose::default() }, &lesion));
        let nearer = radius / 60.0;
        other.size.area_share /= nearer * nearer;
        other.size.diameter_share /= nearer;
        agree(&one, &other, 2.0)?;
    }

    #[test]
    fn a_mask_that_is_one_pixel_larger_or_ragged_by_one_pixel_moves_little(
        waves in waves(), spot in [-0.5..0.5_f64, -0.5..0.5_f64], flips in prop::collection::vec(any::<bool>(), 64), is_ragged: bool
    ) {
        let (frame, soft) = draw(Pose::default(), wavy(&waves, spot));
        let hard: Vec<bool> = soft.values().iter().map(|value| *value >= 0.5).collect();
        let near = |at: usize| [1, 256].iter().any(|step| hard[at - step] || hard[at + step]);
        let grown: Vec<f32> = (0..hard.len()).map(|at| {
            let is_rim = !hard[at] && at >= 256 && at < hard.len() - 256 && near(at);
            f32::from(u8::from(hard[at] || is_rim && (!is_ragged || flips[(at * 31 + at / 256) % 64])))
        }).collect();
        let hard = hard.iter().map(|inside| f32::from(u8::from(*inside))).collect();
        let [one, other] = [hard, grown].map(|mask| measure(&frame, &Heatmap::new(256, 256, mask).unwrap(), &Settings::default()).unwrap());
        for (name, bound) in TURNED.into_iter().filter(|(name, _)| !name.starts_with("size")) {
            let (one, other) = (number(&one, name), number(&other, name));
            // A rim of skin one pixel wide is 3 % of a lesion of this size, and as far from its browns as can be: it widens every spread of colour.
            let times = match name {
                "colour_lab_l" | "colour_hsv_v" => 8.0,
                "asymmetry_colour" => 1.25,
                _ if name.starts_with("colour") || name.ends_with("abruptness") => 4.0,
                _ => 2.0,
            };
            prop_assert!((one - other).abs() <= bound * times, "{} moved from {} to {}", name, one, other);
        }
    }
}

#[test]
fn the_six_colours_are_told_apart_and_a_reflection_is_none_of_them() {
    let settings = Settings { colour_constancy: ColourConstancy::None, ..Settings::default() };
    let swatches = dermoscopic::examples(SKIN);
    let sectors = |x: f64, y: f64| (x.hypot(y) < 1.0).then(|| swatches[((y.atan2(x).rem_euclid(TAU) / FRAC_PI_3) as usize).min(5)]);
    let (frame, lesion) = draw(Pose::default(), sectors);
    let abc = measure(&frame, &lesion, &settings).unwrap();
    for (share, name) in abc.colour.shares.iter().zip(Dermoscopic::ALL) {
        close(*share, 1.0 / 6.0, 0.025, &format!("{name:?}"));
    }
    assert_eq!(abc.colour.points, 6);
    let (frame, lesion) = draw(Pose::default(), |x, y| (x.hypot(y) < 1.0).then_some(if x.hypot(y) < 0.5 { [255; 3] } else { BROWN }));
    assert!(measure(&frame, &lesion, &settings).unwrap().colour.shares[0] < 0.01);
}
