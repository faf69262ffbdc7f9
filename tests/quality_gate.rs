//! The quality gate seen from outside: drawn frames with one fault each, and what must hold for every frame.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use lentigo::frame::Frame;
use lentigo::quality::{Gate, Limits, Measurements, Quality, RULES, Reason};
use proptest::prelude::*;

/// Limits of the order that the survey of real images gives; what ships stands in the bundles.
fn limits() -> Limits {
    Limits {
        shorter_side_min: 150.0,
        exposure_min: -1.93,
        dark_share_max: 0.2,
        mean_max: 0.85,
        bright_share_max: 0.62,
        glare_share_max: 0.055,
        focus_min: 0.42,
        lesion_presence_min: 2.5,
        lesion_cut_off_max: 0.7,
        lesion_share_min: 0.01,
    }
}

/// A drawn frame: a disc on textured skin, with one thing at a time made wrong.
#[derive(Clone, Copy)]
struct Drawing {
    width: u32,
    height: u32,
    skin: [f32; 3],
    lesion: [f32; 3],
    /// Middle of the lesion in half sides of the centre square, from its middle.
    at: (f32, f32),
    /// Radius of the lesion in half sides.
    radius: f32,
    /// How strong the texture is, 8-bit steps.
    texture: f32,
    /// Radius of the lit field in half sides.
    field: f32,
}

const SHARP: Drawing = Drawing {
    width: 320,
    height: 240,
    skin: [215.0, 170.0, 150.0],
    lesion: [120.0, 75.0, 60.0],
    at: (0.0, 0.0),
    radius: 0.45,
    texture: 14.0,
    field: 9.0,
};

impl Drawing {
    fn frame(self) -> Frame {
        let half = self.width.min(self.height) as f32 / 2.0;
        Frame::from_fn(self.width, self.height, |x, y| {
            let u = (x as f32 + 0.5 - self.width as f32 / 2.0) / half;
            let v = (y as f32 + 0.5 - self.height as f32 / 2.0) / half;
            if u.hypot(v) > self.field {
                return [4, 3, 3];
            }
            let inside = (u - self.at.0).hypot(v - self.at.1) < self.radius;
            let colour = if inside { self.lesion } else { self.skin };
            let grain = self.texture * (texture((u * 64.0).floor() as i32, (v * 64.0).floor() as i32) - 0.5);
            colour.map(|value| (value + grain).clamp(0.0, 255.0) as u8)
        })
        .unwrap()
    }
}

/// A fixed random number in [0, 1) for every cell.
fn texture(x: i32, y: i32) -> f32 {
    let mut bits = (x as u32).wrapping_mul(0x9E37_79B1) ^ (y as u32).wrapping_mul(0x85EB_CA77);
    bits = (bits ^ (bits >> 15)).wrapping_mul(0x2C1B_3C6D);
    bits = (bits ^ (bits >> 12)).wrapping_mul(0x297A_2D39);
    ((bits ^ (bits >> 15)) >> 8) as f32 / (1 << 24) as f32
}

/// Averages every pixel with its neighbours within `radius` along rows and columns.
fn blurred(frame: &Frame, radius: i32) -> Frame {
    let pass = |frame: &Frame, dx: i32, dy: i32| {
        Frame::from_fn(frame.width(), frame.height(), |x, y| {
            let mut sum = [0_i32; 3];
            for step in -radius..=radius {
                let at = |value: u32, by: i32, size: u32| (value as i32 + by * step).clamp(0, size as i32 - 1) as u32;
                let pixel = frame.pixel(at(x, dx, frame.width()), at(y, dy, frame.height()));
                for channel in 0..3 {
                    sum[channel] += i32::from(pixel[channel]);
                }
            }
            sum.map(|sum| ((sum + radius) / (2 * radius + 1)) as u8)
        })
        .unwrap()
    };
    pass(&pass(frame, 1, 0), 0, 1)
}

/// Multiplies the light by `2^stops`, by a plain power of 2.2.
fn exposed(frame: &Frame, stops: f32) -> Frame {
    let gain = (stops / 2.2).exp2();
    let pixels = frame.pixels().iter().map(|value| (f32::from(*value) * gain).min(255.0) as u8).collect();
    Frame::new(frame.width(), frame.height(), pixels).unwrap()
}

/// White patches of `radius` pixels every `step` pixels.
fn glaring(frame: &Frame, step: u32, radius: u32) -> Frame {
    Frame::from_fn(frame.width(), frame.height(), |x, y| {
        let (u, v) = ((x % step).abs_diff(step / 2), (y % step).abs_diff(step / 2));
        if u * u + v * v < radius * radius { [252, 252, 252] } else { frame.pixel(x, y) }
    })
    .unwrap()
}

fn reasons(frame: &Frame) -> Vec<Reason> {
    Gate::new(limits()).judge(frame).reasons().to_vec()
}

#[test]
fn a_sharp_well_lit_lesion_passes_on_skin_of_every_colour() {
    // Fitzpatrick I to VI: skin, and a lesion darker by more melanin.
    let skins = [
        [235.0, 200.0, 185.0],
        [225.0, 180.0, 160.0],
        [205.0, 155.0, 125.0],
        [170.0, 115.0, 85.0],
        [125.0, 80.0, 55.0],
        [88.0, 55.0, 40.0],
    ];
    for (number, skin) in skins.into_iter().enumerate() {
        let frame = Drawing { skin, lesion: [skin[0] * 0.6, skin[1] * 0.5, skin[2] * 0.5], texture: 10.0, ..SHARP }.frame();
        let quality = Gate::new(limits()).judge(&frame);
        assert!(matches!(quality, Quality::Pass(_)), "phototype {}: {quality:?}", number + 1);
    }
}

#[test]
fn a_pale_lesion_on_dark_skin_is_a_lesion() {
    assert_eq!(reasons(&Drawing { skin: [110.0, 70.0, 50.0], lesion: [190.0, 150.0, 130.0], ..SHARP }.frame()), []);
}

#[test]
fn dark_corners_are_neither_bad_light_nor_a_lesion() {
    let open = Measurements::of(&SHARP.frame());
    let vignetted = Drawing { field: 1.05, ..SHARP }.frame();
    assert_eq!(reasons(&vignetted), []);
    let closed = Measurements::of(&vignetted);
    assert!(closed.field_share < 0.95 && open.field_share == 1.0);
    assert!(closed.dark_share < 0.01 && (closed.exposure - open.exposure).abs() < 0.1, "{closed:?}");
    assert!((closed.lesion_share * closed.field_share - open.lesion_share).abs() < 0.03, "{closed:?} {open:?}");
}

#[test]
fn each_fault_is_refused_with_its_own_reason_first() {
    let sharp = SHARP.frame();
    let cases = [
        (Drawing { width: 160, height: 120, ..SHARP }.frame(), Reason::TooFewPixels),
        (exposed(&sharp, -3.0), Reason::TooDark),
        (exposed(&sharp, 2.0), Reason::TooBright),
        (glaring(&sharp, 40, 8), Reason::Glare),
        (blurred(&blurred(&sharp, 5), 5), Reason::Blurred),
        (Drawing { radius: 0.0, ..SHARP }.frame(), Reason::NoLesion),
        (Drawing { at: (1.1, 0.0), ..SHARP }.frame(), Reason::LesionCutOff),
        (Drawing { radius: 0.09, ..SHARP }.frame(), Reason::LesionTooSmall),
    ];
    for (frame, expected) in cases {
        let quality = Gate::new(limits()).judge(&frame);
        assert_eq!(quality.reasons().first(), Some(&expected), "{quality:?}");
    }
}

#[test]
fn several_faults_are_all_named_light_before_sharpness() {
    let poor = blurred(&blurred(&exposed(&SHARP.frame(), -3.0), 5), 5);
    let found = reasons(&poor);
    assert!(found.starts_with(&[Reason::TooDark, Reason::Blurred]), "{found:?}");
}

#[test]
fn a_lesion_that_fills_the_picture_is_not_called_cut_off() {
    let found = reasons(&Drawing { radius: 1.1, ..SHARP }.frame());
    assert!(!found.contains(&Reason::LesionCutOff), "{found:?}");
}

#[test]
fn the_same_picture_at_another_resolution_measures_the_same() {
    let small = Measurements::of(&SHARP.frame());
    let large = Measurements::of(&Drawing { width: 960, height: 720, ..SHARP }.frame());
    assert!((small.exposure - large.exposure).abs() < 0.05, "{small:?} {large:?}");
    assert!((small.focus - large.focus).abs() < 0.05, "{small:?} {large:?}");
    assert!((small.lesion_share - large.lesion_share).abs() < 0.02, "{small:?} {large:?}");
}

#[test]
fn a_limit_that_is_not_a_number_refuses() {
    let gate = Gate::new(Limits { focus_min: f32::NAN, ..limits() });
    assert_eq!(gate.judge(&SHARP.frame()).reasons(), [Reason::Blurred]);
}

#[test]
fn limits_are_read_back_from_their_table_and_unknown_keys_are_refused() {
    #[derive(Debug, serde::Deserialize)]
    struct Manifest {
        quality: Limits,
    }
    let table = limits().to_toml();
    assert_eq!(toml::from_str::<Manifest>(&table).unwrap().quality, limits());
    for rule in &RULES {
        assert!(table.contains(&format!("\n{} = ", rule.key)), "{} is not in the table", rule.key);
    }
    assert!(toml::from_str::<Manifest>(&format!("{table}sharpness = 1.0\n")).unwrap_err().to_string().contains("sharpness"));
    assert!(toml::from_str::<Manifest>("[quality]\nfocus_min = 0.4\n").is_err());
}

#[test]
fn every_rule_reads_its_own_limit() {
    // All limits at the far refusing end: every rule must be broken; at the far lenient end: none.
    let each = |below: f32, above: f32| {
        let table: String =
            RULES.iter().map(|rule| format!("{} = {:?}\n", rule.key, if rule.key.ends_with("_min") { below } else { above })).collect();
        toml::from_str::<Limits>(&table).unwrap()
    };
    let measured = Measurements::of(&SHARP.frame());
    assert!(RULES.iter().all(|rule| rule.broken(&each(1e9, -1e9), &measured)));
    assert!(!RULES.iter().any(|rule| rule.broken(&each(-1e9, 1e9), &measured)));
}

#[test]
fn every_reason_has_a_code_of_its_own_and_says_what_to_do() {
    let mut codes: Vec<&str> = RULES.iter().map(|rule| rule.reason.code()).collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), 8);
    for rule in &RULES {
        let (what, todo) = rule.reason.advice().split_once(": ").unwrap();
        assert!(!what.is_empty() && todo.len() > 8, "{}", rule.reason.advice());
        assert_eq!(serde_json::to_value(rule.reason).unwrap(), rule.reason.code());
    }
}

fn any_frame() -> impl Strategy<Value = Frame> {
    (1_u32..60, 1_u32..60, any::<u64>(), 0_u8..4).prop_map(|(width, height, seed, kind)| {
        let base = seed.to_le_bytes();
        Frame::from_fn(width, height, |x, y| match kind {
            0 => [base[0], base[1], base[2]],
            1 => [x as u8 ^ base[0], (y as u8).wrapping_mul(base[1]), base[2]],
            2 => [0, 1, 2].map(|channel| (255.0 * texture(x as i32 * 3 + channel, y as i32 ^ i32::from(base[0]))) as u8),
            _ => [if x % 2 == 0 { 255 } else { 0 }; 3],
        })
        .unwrap()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn any_frame_at_all_gets_finite_figures_in_their_ranges(frame in any_frame()) {
        let m = Measurements::of(&frame);
        for share in [m.mean, m.dark_share, m.bright_share, m.glare_share, m.focus, m.lesion_share, m.field_share] {
            prop_assert!((0.0..=1.0).contains(&share), "{m:?}");
        }
        prop_assert!(m.exposure.is_finite() && (0.0..300.0).contains(&m.lesion_contrast));
        prop_assert!((0.0..=m.lesion_contrast).contains(&m.lesion_presence) && (0.0..1.5).contains(&m.lesion_cut_off));
    }

    #[test]
    fn reasons_are_in_order_without_repeats_and_a_refusal_has_one(frame in any_frame()) {
        match Gate::new(limits()).judge(&frame) {
            Quality::Pass(_) => prop_assert!(false, "a frame under 60 pixels passed"),
            Quality::Refuse { reasons, .. } => prop_assert!(!reasons.is_empty() && reasons.is_sorted_by(|a, b| a < b), "{reasons:?}"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4))]

    #[test]
    fn more_blur_never_looks_sharper(texture in 6.0_f32..30.0, radius in 0.2_f32..0.8) {
        let mut frame = Drawing { texture, radius, width: 200, height: 160, ..SHARP }.frame();
        let mut last = Measurements::of(&frame).focus;
        for _ in 0..4 {
            frame = blurred(&frame, 1);
            let focus = Measurements::of(&frame).focus;
            prop_assert!(focus <= last + 0.005, "{focus} after {last}");
            last = focus;
        }
    }

    #[test]
    fn less_light_never_measures_as_more(start in -1.0_f32..1.0, less in 0.1_f32..3.0) {
        let sharp = Drawing { width: 200, height: 160, ..SHARP }.frame();
        let (lighter, darker) = (Measurements::of(&exposed(&sharp, start)), Measurements::of(&exposed(&sharp, start - less)));
        prop_assert!(darker.dark_share >= lighter.dark_share, "{darker:?} {lighter:?}");
        prop_assert!(darker.bright_share <= lighter.bright_share && darker.mean <= lighter.mean, "{darker:?} {lighter:?}");
        // Where the sensor clips, the colour that melanin is read from is lost, and with it the order; both are far from dark.
        if lighter.bright_share < 0.05 {
            prop_assert!(darker.exposure <= lighter.exposure + 0.02, "{darker:?} {lighter:?}");
        } else {
            prop_assert!(darker.exposure <= 0.0 || lighter.exposure > 0.0, "{darker:?} {lighter:?}");
        }
    }
}
