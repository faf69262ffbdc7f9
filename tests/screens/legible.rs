//! The words on the screens: whole, apart, large enough, and only the words that the device may say.

use lentigo::{
    case::{Case, Timings},
    display::{
        Area, DisplayError, PlacedText,
        scene::{self, Scene, StatusBar, VerdictView},
    },
    quality::{Measurements, Reason},
    verdict::{Label, Verdict},
};
use proptest::prelude::*;

use crate::support::{Inputs, REASONS, SIZES, bundle, evidence, lesion};

fn texts(scene: &Scene, (width, height): (u32, u32)) -> Vec<PlacedText> {
    scene::compose(scene, width, height).unwrap().texts
}

fn assert_in_place(texts: &[PlacedText], (width, height): (u32, u32), what: &str) {
    let screen = Area { x: 0, y: 0, width, height };
    for (at, text) in texts.iter().enumerate() {
        assert!(screen.holds(text.area), "{what} {width}x{height}: off the screen: {text:?}");
        for other in &texts[at + 1..] {
            assert!(!text.area.overlaps(other.area), "{what} {width}x{height}: {text:?} overlaps {other:?}");
        }
    }
}

#[test]
fn all_that_the_device_says_is_whole_on_every_screen() {
    let inputs = Inputs::new();
    for (name, scene) in inputs.scenes() {
        for size in SIZES {
            let texts = texts(&scene, size);
            assert!(!texts.is_empty());
            assert_in_place(&texts, size, name);
            for text in texts {
                assert!(!text.shortened && !text.broken, "{name} {size:?}: cut: {text:?}");
            }
        }
    }
}

#[test]
fn no_text_is_smaller_than_a_twenty_fourth_of_the_screen_and_the_label_is_much_larger() {
    let inputs = Inputs::new();
    for (name, scene) in inputs.scenes() {
        for size in SIZES {
            let texts = texts(&scene, size);
            for text in &texts {
                assert!(text.cap * 24 >= size.1, "{name} {size:?}: too small: {text:?}");
            }
            if matches!(scene, Scene::Verdict(_) | Scene::CannotAssess { .. } | Scene::Retake { .. } | Scene::Fault { .. }) {
                assert!(texts[0].cap * 15 >= size.1, "{name} {size:?}: {:?}", texts[0]);
                let largest = texts[1..].iter().filter(|text| !text.text.contains('%')).map(|text| text.cap).max().unwrap();
                assert!(texts[0].cap * 10 >= largest * 11, "{name} {size:?}: the label does not stand out");
            }
        }
    }
}

#[test]
fn every_reason_is_shown_whole_before_and_after_the_picture() {
    let frame = lesion();
    for reason in REASONS {
        for size in SIZES {
            for scene in [
                Scene::Preview { frame: &frame, hints: &[reason], ready: "", bar: StatusBar::default() },
                Scene::Retake { frame: &frame, reasons: &[reason], bar: StatusBar::default() },
            ] {
                let texts = texts(&scene, size);
                let shown = texts.iter().map(|text| text.text.to_lowercase()).collect::<Vec<_>>().join(" ");
                let letters = |text: &str| text.chars().filter(|letter| letter.is_alphanumeric()).collect::<String>();
                assert!(letters(&shown).contains(&letters(reason.advice())), "{reason:?} {size:?}: {shown}");
                assert!(texts.iter().all(|text| !text.shortened && !text.broken));
            }
        }
    }
}

#[test]
fn a_verdict_shows_label_number_operating_point_next_step_and_what_it_is_not() {
    let inputs = Inputs::new();
    for (name, scene) in inputs.scenes() {
        let Scene::Verdict(view) = scene else { continue };
        for size in SIZES {
            let shown = texts(&scene, size).into_iter().map(|text| text.text).collect::<Vec<_>>();
            assert!(shown[0].eq_ignore_ascii_case(view.label.text()));
            let class = format!("“{}”", view.positive);
            // Where there is no room for both, whose picture it is counts for more than which bundle spoke: that stands in the details.
            let origin = if view.bar.case.is_empty() { &view.bundle.version } else { view.bar.case };
            for needed in [view.label.next_step(), "Not a diagnosis", &class, "robability", origin] {
                assert!(shown.iter().any(|text| text.contains(needed)), "{name} {size:?}: no {needed:?} in {shown:?}");
            }
            assert_eq!(shown.iter().filter(|text| text.contains('%') && !text.starts_with("Sensitivity")).count(), 2, "{shown:?}");
        }
    }
}

#[test]
fn without_a_verdict_there_is_no_number() {
    let inputs = Inputs::new();
    for (name, scene) in inputs.scenes() {
        if !matches!(scene, Scene::Verdict(_) | Scene::Details(_)) {
            assert!(texts(&scene, (800, 480)).iter().all(|text| !text.text.contains('%')), "{name}");
        }
    }
}

#[test]
fn a_case_is_shown_by_the_scene_of_its_verdict() {
    let case = |verdict| Case {
        frame: lesion(),
        measurements: Measurements::default(),
        verdict,
        evidence: None,
        bundle: bundle("asff-edge", "1.0.0"),
        timings: Timings::default(),
    };
    let refused = case(Verdict::Retake { reasons: vec![Reason::Glare] });
    assert!(matches!(Scene::from(&refused), Scene::Retake { reasons: [Reason::Glare], .. }));
    let unanswered = case(Verdict::CannotAssess { cause: "no answer".to_owned() });
    assert!(matches!(Scene::from(&unanswered), Scene::CannotAssess { frame: Some(_), cause: "no answer", .. }));
}

#[test]
fn only_allowed_words_are_used() {
    let inputs = Inputs::new();
    for (name, scene) in inputs.scenes() {
        let shown = texts(&scene, (1280, 720)).into_iter().map(|text| text.text.to_lowercase()).collect::<Vec<_>>().join(" ");
        assert!(!shown.contains("benign"), "{name}");
        assert!(!shown.replace("not a diagnosis", "").contains("diagnos"), "{name}");
    }
}

#[test]
fn screens_that_cannot_be_legible_are_refused_with_a_reason() {
    let inputs = Inputs::new();
    for (_, scene) in inputs.scenes() {
        for (width, height) in [(0, 0), (1, 1), (319, 240), (320, 200), (480, 800)] {
            let error = scene::draw(&scene, width, height).unwrap_err();
            assert!(matches!(error, DisplayError::Unsuitable { .. }) && error.to_string().contains("320x240"), "{error}");
        }
        assert!(matches!(scene::draw(&scene, u32::MAX / 4, 400), Err(DisplayError::Size(_))));
    }
}

#[test]
fn endless_messages_are_shortened_and_stay_in_their_place() {
    let frame = lesion();
    let endless = "/very/long/path/without/any/space".repeat(40);
    let wordy = "The camera said something very long about itself. ".repeat(40);
    let id = bundle(&"a-name-that-nobody-would-give".repeat(4), "1.0.0");
    let bar = StatusBar::default();
    for words in [&endless, &wordy] {
        for size in SIZES {
            for scene in [
                Scene::Fault { cause: words, next_step: words, way_back: words, bar },
                Scene::CannotAssess { frame: Some(&frame), cause: words, bundle: &id, bar },
                Scene::Fault { cause: "", next_step: "", way_back: "", bar },
            ] {
                let texts = texts(&scene, size);
                assert_in_place(&texts, size, "endless");
            }
            let texts = texts(&Scene::CannotAssess { frame: None, cause: words, bundle: &id, bar }, size);
            assert!(texts.iter().any(|text| text.text.contains(Label::CannotAssess.next_step())), "the next step stays whole");
            assert!(texts.iter().any(|text| text.shortened && text.text.ends_with('…')));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_screen_and_any_numbers_keep_the_words_in_place(
        width in 320_u32..1000, height in 240_u32..700, probability in prop::num::f32::ANY, threshold in 0.0_f32..=1.0
    ) {
        prop_assume!(width >= height);
        let frame = lesion();
        let evidence = evidence();
        let id = bundle("asff-edge", "1.0.0");
        let label = if probability >= threshold { Label::Refer } else { Label::NoReferralIndicated };
        let view = VerdictView { frame: &frame, label, probability: probability.clamp(0.0, 1.0), threshold, sensitivity: 0.95, evidence: Some(&evidence), bundle: &id, positive: "malignant", bar: StatusBar::default() };
        for scene in [Scene::Verdict(view), Scene::Preview { frame: &frame, hints: &[Reason::Glare], ready: "", bar: StatusBar::default() }] {
            let texts = texts(&scene, (width, height));
            assert_in_place(&texts, (width, height), "any");
            prop_assert!(texts.iter().all(|text| !text.shortened), "{:?}", texts);
        }
    }
}
