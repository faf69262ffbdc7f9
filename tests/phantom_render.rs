//! What a user of phantoms relies on: truth that fits the picture, the same bytes everywhere, parameters that do what they say.

use lentigo::{
    capture::phantom::{Contact, Fitzpatrick, Hair, Lesion, LesionColour, Optics, Phantom, PhantomError, Rendered, Skin},
    frame::{Frame, Region},
};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

/// Smooth skin, no noise, one round dark lesion in the middle.
fn plain() -> Phantom {
    Phantom {
        seed: 7,
        skin: Skin { texture: 0.0, redness: 0.0, furrows: 0.0, ..Skin::default() },
        lesion: Lesion {
            size: 0.5,
            aspect: 1.0,
            asymmetry: 0.0,
            border_irregularity: 0.0,
            border_abruptness: 0.8,
            colours: vec![LesionColour::DarkBrown],
            network: 0.0,
            globules: 0.0,
            ..Lesion::default()
        },
        optics: Optics { vignette: 0.0, noise: 0.0, ..Optics::default() },
        ..Phantom::default()
    }
}

fn mean(frame: &Frame) -> f64 {
    let luma = frame.luma();
    luma.values.iter().map(|v| f64::from(*v)).sum::<f64>() / luma.values.len() as f64
}

fn laplacian_variance(frame: &Frame) -> f64 {
    let luma = frame.luma();
    let (width, height) = (luma.width as usize, luma.height as usize);
    let at = |x: usize, y: usize| f64::from(luma.values[y * width + x]);
    let cells = (1..height - 1).flat_map(|y| (1..width - 1).map(move |x| (x, y)));
    let values: Vec<f64> = cells.map(|(x, y)| at(x - 1, y) + at(x + 1, y) + at(x, y - 1) + at(x, y + 1) - 4.0 * at(x, y)).collect();
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / values.len() as f64
}

/// Mean brightness of the lesion and of the skin.
fn lesion_and_skin(rendered: &Rendered) -> (f64, f64) {
    let luma = rendered.frame.luma();
    let mean = |lesion: bool| {
        let pixels = luma.values.iter().zip(rendered.mask.inside());
        let picked: Vec<f64> = pixels.filter(|(_, inside)| **inside == lesion).map(|(v, _)| f64::from(*v)).collect();
        picked.iter().sum::<f64>() / picked.len() as f64
    };
    (mean(true), mean(false))
}

prop_compose! {
    fn any_lesion()(
        size in 0.0_f32..=1.6,
        centre in [-2.0_f32..=2.0, -2.0_f32..=2.0],
        aspect in 1.0_f32..=4.0,
        rotation in -1.0_f32..=1.0,
        [asymmetry, border_irregularity, border_abruptness, density, network, globules] in prop::array::uniform6(0.0_f32..=1.0),
        colours in prop::sample::subsequence(LesionColour::ALL.to_vec(), 1..=6).prop_shuffle(),
        meshes in 15.0_f32..=90.0,
    ) -> Lesion {
        Lesion {
            size, centre, aspect, rotation, asymmetry, border_irregularity, border_abruptness, colours, density, network, meshes, globules,
        }
    }
}

prop_compose! {
    /// Any phantom within the documented ranges, sensible or not.
    fn any_phantom()(
        seed in any::<u64>(),
        tone in prop::sample::select(Fitzpatrick::ALL.to_vec()),
        hue in -1.0_f32..=1.0,
        [texture, redness, furrows] in prop::array::uniform3(0.0_f32..=1.0),
        lesion in any_lesion(),
        (count, thickness, darkness, curl) in (0_u32..=40, 0.5_f32..=20.0, 0.0_f32..=1.0, 0.0_f32..=1.0),
        (glare_spots, glare_size, bubbles) in (0_u32..=20, 0.0_f32..=0.8, 0_u32..=40),
        (blur, exposure, temperature) in (0.0_f32..=60.0, -6.0_f32..=6.0, 2_500.0_f32..=12_000.0),
        (vignette, noise) in (0.0_f32..=1.0, 0.0_f32..=40.0),
    ) -> Phantom {
        Phantom {
            seed,
            skin: Skin { tone, hue, texture, redness, furrows },
            lesion,
            hair: Hair { count, thickness, darkness, curl },
            contact: Contact { glare_spots, glare_size, bubbles },
            optics: Optics { blur, exposure, temperature, vignette, noise },
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn any_phantom_renders_at_any_size_and_its_truth_is_that_of_its_mask(
        phantom in any_phantom(), width in 1_u32..90, height in 1_u32..90,
    ) {
        let Rendered { frame, mask, truth } = phantom.render(width, height)?;
        prop_assert_eq!((frame.width(), frame.height(), mask.width(), mask.height()), (width, height, width, height));
        prop_assert_eq!(truth.area_share, mask.area() as f32 / (width * height) as f32);
        prop_assert_eq!(truth.lesion, phantom.lesion.size > 0.0);
        prop_assert!((0.0..=1.0).contains(&truth.asymmetry) && (0.0..1.0).contains(&truth.border_irregularity));
        let lesion_at = |x: u32, y: u32| mask.inside()[(y * width + x) as usize];
        match truth.region {
            None => prop_assert!(mask.area() == 0 && truth.colours.is_empty()),
            Some(Region { x, y, width: across, height: down }) => {
                let share: f32 = truth.colours.iter().map(|colour| colour.share).sum();
                prop_assert!((share - 1.0).abs() < 1e-4);
                prop_assert!(x + across <= width && y + down <= height);
                let within = (y..y + down).flat_map(|y| (x..x + across).map(move |x| (x, y))).filter(|(x, y)| lesion_at(*x, *y)).count();
                prop_assert_eq!(within, mask.area());
                prop_assert!((x..x + across).any(|x| lesion_at(x, y)) && (x..x + across).any(|x| lesion_at(x, y + down - 1)));
                prop_assert!((y..y + down).any(|y| lesion_at(x, y)) && (y..y + down).any(|y| lesion_at(x + across - 1, y)));
            }
        }
    }

    #[test]
    fn the_same_phantom_gives_the_same_bytes_and_another_seed_gives_others(seed in 0..u64::MAX) {
        let phantom = Phantom::seeded(seed);
        let bytes = |phantom: &Phantom| phantom.render(48, 40).map(|rendered| rendered.frame.into_pixels());
        prop_assert_eq!(bytes(&phantom)?, bytes(&phantom)?);
        prop_assert_ne!(bytes(&phantom)?, bytes(&Phantom { seed: seed + 1, ..phantom.clone() })?);
    }

    #[test]
    fn a_ragged_border_reads_as_more_irregular(seed in any::<u64>()) {
        let irregularity = |border_irregularity: f32| {
            let lesion = Lesion { border_irregularity, ..plain().lesion };
            Phantom { seed, lesion, ..plain() }.render(8, 8).map(|rendered| rendered.truth.border_irregularity)
        };
        let levels = [0.0, 0.25, 0.5, 0.75, 1.0].map(irregularity).into_iter().collect::<Result<Vec<_>, _>>()?;
        prop_assert!(levels[0] < 0.002, "an ellipse is convex: {levels:?}");
        prop_assert!(levels.windows(2).all(|pair| pair[0] < pair[1]), "{levels:?}");
    }

    #[test]
    fn ready_made_phantoms_are_whole_and_what_their_names_say(seed in any::<u64>()) {
        for phantom in [Phantom::seeded(seed), Phantom::regular(seed), Phantom::irregular(seed), Phantom::patient(seed as u32)] {
            let truth = phantom.render(64, 64)?.truth;
            prop_assert!(truth.lesion && !truth.glare && !truth.leaves_field, "{truth:?}");
            prop_assert!((0.02..0.6).contains(&truth.area_share), "{truth:?}");
        }
        let (regular, irregular) = (Phantom::regular(seed).render(64, 64)?.truth, Phantom::irregular(seed).render(64, 64)?.truth);
        prop_assert!(regular.area_share < irregular.area_share && regular.asymmetry < irregular.asymmetry);
        prop_assert!(regular.border_irregularity < irregular.border_irregularity);
        prop_assert!(regular.colours.len() <= 2 && irregular.colours.len() >= 4);
    }
}

#[test]
fn a_circle_is_symmetric_convex_and_has_the_area_asked_for() -> Result<(), PhantomError> {
    let truth = plain().render(200, 200)?.truth;
    assert!(truth.asymmetry < 0.01 && truth.border_irregularity < 0.001, "{truth:?}");
    let expected = std::f32::consts::FRAC_PI_4 * 0.5 * 0.5;
    assert!((truth.area_share / expected - 1.0).abs() < 0.01, "{} {expected}", truth.area_share);
    assert_eq!(truth.region, Some(Region { x: 50, y: 50, width: 100, height: 100 }));
    Ok(())
}

#[test]
fn size_means_the_same_area_whatever_the_shape() -> Result<(), PhantomError> {
    for seed in 0..6 {
        let lesion = Lesion { aspect: 1.8, rotation: 0.07, asymmetry: 0.9, border_irregularity: 0.8, ..plain().lesion };
        let share = Phantom { seed, lesion, ..plain() }.render(200, 200)?.truth.area_share;
        assert!((share / 0.196_35 - 1.0).abs() < 0.03, "{seed}: {share}");
    }
    Ok(())
}

#[test]
fn a_lopsided_lesion_reads_as_more_asymmetric() -> Result<(), PhantomError> {
    for seed in 0..6 {
        let of = |asymmetry| {
            let lesion = Lesion { asymmetry, aspect: 1.3, ..plain().lesion };
            Phantom { seed, lesion, ..plain() }.render(8, 8).map(|rendered| rendered.truth.asymmetry)
        };
        let (none, some, much) = (of(0.0)?, of(0.4)?, of(1.0)?);
        assert!(none < 0.02 && none < some && some < much, "{seed}: {none} {some} {much}");
    }
    Ok(())
}

#[test]
fn the_lesion_is_dark_where_the_mask_says() -> Result<(), PhantomError> {
    for tone in Fitzpatrick::ALL {
        let lesion = Lesion { centre: [0.15, -0.1], rotation: 0.1, aspect: 1.6, ..plain().lesion };
        let rendered = Phantom { skin: Skin { tone, ..plain().skin }, lesion, ..plain() }.render(160, 120)?;
        let (inside, outside) = lesion_and_skin(&rendered);
        assert!(inside < 0.62 * outside, "{tone:?}: {inside} {outside}");
    }
    Ok(())
}

#[test]
fn skin_gets_darker_from_type_one_to_six() -> Result<(), PhantomError> {
    let bare = |tone| Phantom { skin: Skin { tone, ..Skin::default() }, lesion: Lesion { size: 0.0, ..Lesion::default() }, ..plain() };
    let means = Fitzpatrick::ALL.map(|tone| bare(tone).render(32, 32).map(|rendered| mean(&rendered.frame)));
    let means = means.into_iter().collect::<Result<Vec<_>, _>>()?;
    assert!(means.windows(2).all(|pair| pair[1] < pair[0] - 5.0), "{means:?}");
    Ok(())
}

#[test]
fn a_lesion_of_size_zero_leaves_only_skin() -> Result<(), PhantomError> {
    let rendered = Phantom { lesion: Lesion { size: 0.0, ..Lesion::default() }, ..Phantom::default() }.render(64, 48)?;
    assert_eq!((rendered.mask.area(), rendered.truth.region, rendered.truth.lesion), (0, None, false));
    assert!(!rendered.truth.cut_off && rendered.truth.colours.is_empty());
    Ok(())
}

#[test]
fn a_lesion_over_the_edge_is_told_apart_from_one_beyond_the_field() -> Result<(), PhantomError> {
    let at = |right: f32| {
        let lesion = Lesion { centre: [right, 0.0], ..plain().lesion };
        let truth = Phantom { lesion, ..plain() }.render(160, 90)?.truth;
        Ok::<_, PhantomError>((truth.leaves_field, truth.cut_off, truth.region.is_some()))
    };
    assert_eq!(at(0.0)?, (false, false, true));
    assert_eq!(at(0.4)?, (true, false, true));
    assert_eq!(at(0.8)?, (true, true, true));
    assert_eq!(at(1.5)?, (true, true, false));
    Ok(())
}

#[test]
fn blur_takes_detail_away_and_keeps_the_mean() -> Result<(), PhantomError> {
    let at = |blur| {
        let mut phantom = Phantom::seeded(3);
        phantom.optics = Optics { blur, noise: 0.0, ..phantom.optics };
        phantom.render(180, 180).map(|rendered| rendered.frame)
    };
    let frames = [0.0, 1.5, 4.0, 16.0, 60.0].map(at).into_iter().collect::<Result<Vec<_>, _>>()?;
    let detail: Vec<f64> = frames.iter().map(laplacian_variance).collect();
    assert!(detail.windows(2).all(|pair| pair[1] < pair[0]), "{detail:?}");
    assert!(detail[3] < 0.1 * detail[0], "{detail:?}");
    assert!((mean(&frames[0]) - mean(&frames[3])).abs() < 1.0);
    Ok(())
}

#[test]
fn exposure_moves_the_mean_and_clips_at_the_end() -> Result<(), PhantomError> {
    let at = |exposure| {
        let optics = Optics { exposure, ..plain().optics };
        Phantom { optics, ..plain() }.render(64, 64).map(|rendered| rendered.frame)
    };
    let means = [-6.0, -2.0, -1.0, 0.0, 1.0, 2.0].map(|ev| at(ev).map(|frame| mean(&frame)));
    let means = means.into_iter().collect::<Result<Vec<_>, _>>()?;
    assert!(means.windows(2).all(|pair| pair[0] < pair[1] - 5.0), "{means:?}");
    // One stop less is half the light: a factor of 2^(-1/2.2) on the encoded value.
    assert!((means[2] / means[3] - 0.729_74).abs() < 0.01, "{means:?}");
    assert_eq!(at(6.0)?.pixel(1, 1), [255; 3]);
    Ok(())
}

#[test]
fn warm_light_is_redder_and_cold_light_bluer() -> Result<(), PhantomError> {
    let ratio = |temperature| {
        let optics = Optics { temperature, ..plain().optics };
        let [red, _, blue] = Phantom { optics, ..plain() }.render(32, 32)?.frame.pixel(2, 2);
        Ok::<_, PhantomError>(f64::from(red) / f64::from(blue))
    };
    assert!(ratio(4_000.0)? > ratio(6_500.0)? && ratio(6_500.0)? > ratio(10_000.0)?);
    Ok(())
}

#[test]
fn glare_saturates_even_when_the_frame_is_dark() -> Result<(), PhantomError> {
    let saturated = |glare_spots, exposure| {
        let contact = Contact { glare_spots, glare_size: 0.12, bubbles: 0 };
        let optics = Optics { exposure, ..plain().optics };
        let frame = Phantom { contact, optics, ..plain() }.render(120, 120)?.frame;
        Ok::<_, PhantomError>(frame.pixels().chunks_exact(3).filter(|pixel| **pixel == [255; 3]).count())
    };
    assert_eq!(saturated(0, 0.0)?, 0);
    assert!(saturated(6, 0.0)? > 200);
    assert!(saturated(6, -1.5)? > 100);
    Ok(())
}

#[test]
fn hairs_are_dark_thin_and_leave_the_mask_alone() -> Result<(), PhantomError> {
    let bare = plain().render(180, 180)?;
    let hairy = Phantom { hair: Hair { count: 12, ..Hair::default() }, ..plain() }.render(180, 180)?;
    assert_eq!(bare.mask, hairy.mask);
    let (before, after) = (bare.frame.luma().values, hairy.frame.luma().values);
    let pairs = || before.iter().zip(&after);
    let darker = pairs().filter(|(before, after)| **after + 10 < **before).count();
    assert!(pairs().all(|(before, after)| after <= before));
    assert!((180..180 * 180 / 8).contains(&darker), "{darker}");
    Ok(())
}

#[test]
fn vignette_darkens_the_corners_only() -> Result<(), PhantomError> {
    let optics = Optics { vignette: 0.5, ..plain().optics };
    let (even, dimmed) = (plain().render(100, 100)?.frame, Phantom { optics, ..plain() }.render(100, 100)?.frame);
    assert_eq!(even.pixel(50, 50), dimmed.pixel(50, 50));
    let left = f64::from(dimmed.pixel(0, 0)[1]) / f64::from(even.pixel(0, 0)[1]);
    assert!((left - 0.52).abs() < 0.03, "{left}");
    Ok(())
}

#[test]
fn noise_has_the_deviation_asked_for() -> Result<(), PhantomError> {
    let optics = Optics { noise: 8.0, ..plain().optics };
    let (noisy, clean) = (Phantom { optics, ..plain() }.render(120, 120)?.frame, plain().render(120, 120)?.frame);
    let squares: f64 = noisy.pixels().iter().zip(clean.pixels()).map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2)).sum();
    let deviation = (squares / noisy.pixels().len() as f64).sqrt();
    assert!((deviation - 8.0).abs() < 0.3, "{deviation}");
    Ok(())
}

#[test]
fn values_out_of_range_are_refused_by_name() {
    let message = |edit: fn(&mut Phantom)| {
        let mut phantom = Phantom::default();
        edit(&mut phantom);
        phantom.render(8, 8).map(|_| ()).unwrap_err().to_string()
    };
    assert_eq!(message(|p| p.optics.exposure = 50.0), "phantom: optics.exposure is 50, but must be -6 to 6");
    assert_eq!(message(|p| p.lesion.density = 1.1), "phantom: lesion.density is 1.1, but must be 0 to 1");
    assert_eq!(message(|p| p.lesion.size = f32::NAN), "phantom: lesion.size is NaN, but must be 0 to 1.6");
    assert_eq!(message(|p| p.hair.count = 301), "phantom: hair.count is 301, but must be 0 to 300");
    assert!(message(|p| p.lesion.colours.clear()).ends_with("given: none"));
    assert!(message(|p| p.lesion.colours = vec![LesionColour::Red, LesionColour::Red]).ends_with("given: red, red"));
}

#[test]
fn sizes_that_no_frame_can_have_are_refused() {
    for (width, height) in [(0, 5), (5, 0), (16_385, 1), (16_384, 16_384), (u32::MAX, u32::MAX)] {
        assert!(matches!(Phantom::default().render(width, height), Err(PhantomError::Size(_))), "{width}x{height}");
    }
}

#[test]
fn a_phantom_is_written_in_toml_and_unknown_keys_are_refused() -> Result<(), Box<dyn std::error::Error>> {
    let text = "seed = 3\n[skin]\ntone = \"IV\"\n[lesion]\nsize = 0.3\ncolours = [\"light-brown\", \"blue-grey\"]\n[optics]\nblur = 2.5\n";
    let phantom: Phantom = toml::from_str(text)?;
    assert_eq!((phantom.skin.tone, phantom.lesion.size, phantom.optics.blur), (Fitzpatrick::IV, 0.3, 2.5));
    assert_eq!(phantom.lesion.colours, [LesionColour::LightBrown, LesionColour::BlueGrey]);
    let again: Phantom = toml::from_str(&toml::to_string(&phantom)?)?;
    assert_eq!(again, phantom);
    let error = toml::from_str::<Phantom>("[optics]\nblurr = 1.0\n").unwrap_err().to_string();
    assert!(error.contains("unknown field `blurr`") && error.contains("`blur`"), "{error}");
    Ok(())
}

/// Pins the bytes: every other processor must give the same digest. A wanted change of the look changes it, and says so.
#[test]
fn phantoms_look_the_same_on_every_platform() -> Result<(), PhantomError> {
    let mut digest = Sha256::new();
    for number in 1..=4 {
        digest.update(Phantom::patient(number).out_of_focus().render(97, 61)?.frame.pixels());
        digest.update(Phantom::patient(number).render(61, 97)?.frame.pixels());
    }
    let contact = Contact { glare_spots: 5, glare_size: 0.2, bubbles: 9 };
    let hair = Hair { count: 9, ..Hair::default() };
    digest.update(Phantom { contact, hair, ..Phantom::seeded(9) }.render(80, 80)?.frame.pixels());
    let hex: String = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, "40420fa42f305a76429e78243fd2f9673d9cb8d298a4e603a01ff9bae6a990ce");
    Ok(())
}
