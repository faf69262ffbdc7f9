//! The words on the screens: whole, apart, large enough, and only the words that the device may say.

use std::{collections::HashMap, sync::OnceLock};

use lentigo::{
    case::{Case, Numbers, Timings},
    display::{
        Area, DisplayError, PlacedText,
        scene::{self, Action, Circumstances, DetailsView, ExplanationView, FormField, Row, Scene, Section, StatusBar, Step, VerdictView},
    },
    explain::{
        abc::Dermoscopic,
        lesion::Scale,
        report::{
            Language,
            words::{self, Key},
        },
    },
    quality::{Measurements, Reason},
    verdict::{Abstention, AbstentionLimits, Label, Verdict},
};
use proptest::prelude::*;

use crate::{
    explained::Explained,
    outlined::Outlined,
    support::{Inputs, PAGES, REASONS, SIZES, around, bundle, evidence, lesion},
};

fn texts(scene: &Scene, (width, height): (u32, u32)) -> Vec<PlacedText> {
    scene::compose(scene, width, height).unwrap().texts
}

/// A scene by its name, on a screen of some size.
type Drawn = (&'static str, (u32, u32));

/// The words of one of the [`Inputs`]' scenes. All are drawn once for all tests, because drawing is what takes time.
fn words_of(name: &'static str, size: (u32, u32)) -> &'static [PlacedText] {
    static DRAWN: OnceLock<HashMap<Drawn, Vec<PlacedText>>> = OnceLock::new();
    let draw_all = || {
        let inputs = Inputs::new();
        let of_all_sizes = |(name, scene)| SIZES.map(|size| ((name, size), texts(&scene, size)));
        inputs.scenes().into_iter().flat_map(of_all_sizes).collect()
    };
    &DRAWN.get_or_init(draw_all)[&(name, size)]
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
    for (name, _) in inputs.scenes() {
        for size in SIZES {
            let texts = words_of(name, size);
            assert!(!texts.is_empty());
            assert_in_place(texts, size, name);
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
            let texts = words_of(name, size);
            for text in texts {
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
            let shown = words_of(name, size).iter().map(|text| text.text.as_str()).collect::<Vec<_>>();
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
fn a_verdict_says_the_lesions_size_on_every_screen_where_it_is_known_and_nowhere_else() {
    let inputs = Inputs::new();
    for (name, scene) in inputs.scenes() {
        let Scene::Verdict(view) = scene else { continue };
        for size in SIZES {
            let shown: Vec<&PlacedText> = words_of(name, size).iter().filter(|text| text.text.contains("mm")).collect();
            assert_eq!(shown.len(), usize::from(view.size.is_some()), "{name} {size:?}: {shown:?}");
            assert!(shown.iter().all(|text| text.text.contains("mm²") && text.text.contains('×')), "{name} {size:?}: {shown:?}");
            assert!(!words_of(name, size).iter().any(|text| text.text.contains("px")), "{name}");
        }
    }
}

#[test]
fn every_reason_not_to_answer_is_whole_on_every_screen() {
    let frame = lesion();
    for abstention in [Abstention::Novelty { found: 14.2, limit: 12.3 }, Abstention::Disagreement { found: 0.4, limit: 0.25 }] {
        let (id, cause) = (bundle("dual-network-edge", "1.0.0"), abstention.to_string());
        for size in SIZES {
            let bar = StatusBar {
                actions: &[Action { button: "Accept", what: "Keep" }, Action { button: "Retake", what: "Once more" }],
                ..around(&[])
            };
            let texts = texts(&Scene::CannotAssess { frame: Some(&frame), cause: &cause, bundle: &id, bar }, size);
            assert!(texts.iter().any(|text| text.text == cause) && texts.iter().all(|text| !text.shortened), "{size:?}: {texts:?}");
            assert!(texts.iter().any(|text| text.text == Label::CannotAssess.next_step()));
        }
    }
}

#[test]
fn without_a_verdict_there_is_no_number() {
    let inputs = Inputs::new();
    for (name, scene) in inputs.scenes() {
        if !matches!(scene, Scene::Verdict(_) | Scene::Explanation(_) | Scene::Details(_)) {
            assert!(words_of(name, (800, 480)).iter().all(|text| !text.text.contains('%')), "{name}");
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
        numbers: None,
        explanation: None,
        bundle: bundle("asff-edge", "1.0.0"),
        timings: Timings::default(),
    };
    let refused = case(Verdict::Retake { reasons: vec![Reason::Glare] });
    assert!(matches!(Scene::from(&refused), Scene::Retake { reasons: [Reason::Glare], .. }));
    let unanswered = case(Verdict::CannotAssess { cause: "no answer".to_owned() });
    assert!(matches!(Scene::from(&unanswered), Scene::CannotAssess { frame: Some(_), cause: "no answer", .. }));
}

/// The rows of the details under `title`, as `name: value`.
fn rows(sections: &[Section], title: &str) -> Vec<String> {
    let of = sections.iter().filter(|section| section.title == title);
    of.flat_map(|section| &section.rows).map(|row| format!("{}: {}", row.name, row.value.replace('\u{a0}', " "))).collect()
}

#[test]
fn details_list_the_lesion_how_far_the_answer_can_be_relied_on_and_many_classes_as_data() {
    let manifest = include_str!("../data/asff-tiny/manifest.toml").parse::<toml::Table>().unwrap();
    let limits = manifest["quality"].clone().try_into().unwrap();
    let abstention = AbstentionLimits { novelty: None, novelty_max: Some(12.3), disagreement_max: None };
    let names = ["nv", "mel", "bkl"].map(str::to_owned);
    let found = Outlined::cut_off();
    let case = Case {
        frame: found.frame.clone(),
        measurements: Measurements::default(),
        verdict: Verdict::CannotAssess { cause: "for the rows it does not matter why".to_owned() },
        evidence: Some(found.evidence.clone()),
        numbers: Some(Numbers { probabilities: vec![0.09, 0.81, 0.1], novelty: Some(14.2), disagreement: Some(0.04), abstention: None }),
        explanation: None,
        bundle: bundle("dual-network-edge", "1.0.0"),
        timings: Timings::default(),
    };
    let facts = |classes: &[String], scale| {
        let around =
            Circumstances { limits: &limits, abstention: &abstention, classes, positive: "malignant", camera: "", scale, patient: vec![] };
        scene::facts(&case, around)
    };
    let all = facts(&names, Scale::of_field(20.0));
    assert_eq!(rows(&all, "Reliability"), ["Novelty: 14.20 > 12.30", "Disagreement: 0.04"]);
    assert_eq!(rows(&all, "Model classes, as data"), ["Class “nv”: 9 %", "Class “mel”: 81 %", "Class “bkl”: 10 %"]);
    let size = rows(&all, "Lesion");
    assert!(size.len() == 3 && size.iter().all(|row| row.contains(": at least ") && row.contains("mm")), "{size:?}");
    let without_scale = facts(&names[..2], None);
    assert!(rows(&without_scale, "Model classes, as data").is_empty(), "a yes and a no are one number");
    let size = rows(&without_scale, "Lesion");
    assert!(size.len() == 1 && size[0].ends_with("% of the field") && !size[0].contains("mm") && !size[0].contains("px"), "{size:?}");
}

#[test]
fn only_allowed_words_are_used() {
    let inputs = Inputs::new();
    for (name, _) in inputs.scenes() {
        let shown = words_of(name, (1280, 720)).iter().map(|text| text.text.to_lowercase()).collect::<Vec<_>>().join(" ");
        assert!(!shown.contains("benign"), "{name}");
        let told = Language::ALL.map(|language| words::label(language, Key::NotADiagnosis).to_lowercase());
        let shown = told.iter().fold(shown, |shown, words| shown.replace(words, ""));
        assert!(!shown.contains("diagnos"), "{name}");
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
    let endless = "/very/long/path/without/any/space".repeat(12);
    let wordy = "The camera said something very long about itself. ".repeat(12);
    let id = bundle(&"a-name-that-nobody-would-give".repeat(4), "1.0.0");
    for words in [endless.as_str(), wordy.as_str()] {
        let actions = [Action { button: words, what: words }; 4];
        let full = StatusBar { case: "Case 123456", chips: &[words, words], notice: Some(words), actions: &actions };
        let bare = StatusBar::default();
        let steps = [Step { name: words, passed: Some(false), detail: words }; 20];
        let fields = [FormField { label: words, value: words, chosen: true }; 20];
        let sections = [Section { title: words.to_owned(), rows: vec![Row::new(words, words), Row::new("", "")] }];
        for size in &SIZES[..3] {
            for bar in [full, bare] {
                for scene in [
                    Scene::Start { version: words, steps: &steps },
                    Scene::Preview { frame: &frame, hints: &[], ready: words, bar },
                    Scene::Waiting { cause: words, next_step: words, bar },
                    Scene::Scanning { frame: &frame, bar },
                    Scene::Details(DetailsView { label: Label::Refer, sections: &sections, page: 0, ahead: 0, bar }),
                    Scene::Details(DetailsView { label: Label::Refer, sections: &[], page: 3, ahead: 2, bar }),
                    Scene::Form { title: words, fields: &fields, hint: words, bar },
                    Scene::Form { title: "", fields: &[], hint: "", bar },
                    Scene::Closed { words, bar },
                    Scene::Fault { cause: words, next_step: words, way_back: words, bar },
                    Scene::Fault { cause: "", next_step: "", way_back: "", bar },
                    Scene::CannotAssess { frame: Some(&frame), cause: words, bundle: &id, bar },
                ] {
                    assert_in_place(&texts(&scene, *size), *size, "endless");
                }
            }
            let texts = texts(&Scene::CannotAssess { frame: None, cause: words, bundle: &id, bar: bare }, *size);
            assert!(texts.iter().any(|text| text.text.contains(Label::CannotAssess.next_step())), "the next step stays whole");
            assert!(texts.iter().any(|text| text.shortened && text.text.ends_with('…')));
        }
    }
}

#[test]
fn the_chosen_field_and_the_last_step_are_shown_however_many_there_are() {
    let names: Vec<String> = (0..30).map(|at| format!("name {at}")).collect();
    for size in SIZES {
        let steps: Vec<Step> = names.iter().map(|name| Step { name, passed: None, detail: "" }).collect();
        assert!(texts(&Scene::Start { version: "0.1.0", steps: &steps }, size).iter().any(|text| text.text == "name 29"));
        for chosen in [0, 7, 29] {
            let fields: Vec<FormField> =
                names.iter().enumerate().map(|(at, name)| FormField { label: "label", value: name, chosen: at == chosen }).collect();
            let scene = Scene::Form { title: "Case 1", fields: &fields, hint: "", bar: around(&[]) };
            assert!(texts(&scene, size).iter().any(|text| text.text == fields[chosen].value), "{chosen} {size:?}");
        }
    }
}

#[test]
fn a_scene_says_which_actions_are_drawn_below_it_in_their_order() {
    let inputs = Inputs::new();
    for (name, scene) in inputs.scenes() {
        let actions = scene.bar().actions;
        // The words of a button may stand in the scene too: only the lower fifth is looked at.
        let shown: Vec<&PlacedText> = words_of(name, (480, 320)).iter().filter(|text| text.area.y > 256).collect();
        let mut left = -1;
        for (at, action) in actions.iter().enumerate() {
            let found =
                shown.iter().find(|text| text.text == action.button && text.area.x > left).unwrap_or_else(|| panic!("{name}: {action:?}"));
            let middle = (found.area.x as f32 + found.area.width as f32 / 2.0, found.area.y as f32 + found.area.height as f32 / 2.0);
            assert_eq!(scene::bar_action_at(middle.0, middle.1, actions.len(), 480, 320), Some(at), "{name}: {action:?}");
            left = found.area.right();
        }
    }
}

#[test]
fn a_stale_picture_is_never_shown_while_the_camera_is_waited_for() {
    let inputs = Inputs::new();
    let (_, waiting) = inputs.scenes().into_iter().find(|(name, _)| *name == "waiting").unwrap();
    let (_, preview) = inputs.scenes().into_iter().find(|(name, _)| *name == "preview-ready").unwrap();
    let mut easel = scene::Easel::new(320, 240).unwrap();
    easel.draw(&preview).unwrap();
    assert_eq!(easel.draw(&waiting).unwrap().canvas, &scene::draw(&waiting, 320, 240).unwrap());
}

#[test]
fn details_tell_how_many_pages_they_have() {
    let inputs = Inputs::new();
    let Some((_, Scene::Details(view))) = inputs.scenes().into_iter().find(|(name, _)| *name == "details-first") else { unreachable!() };
    for (width, height) in SIZES.into_iter().take(3) {
        let pages = scene::details_pages(view.sections, true, width, height).unwrap();
        let shown: Vec<String> = (0..pages)
            .flat_map(|page| texts(&Scene::Details(DetailsView { page, ..view }), (width, height)))
            .map(|text| text.text)
            .collect();
        for row in view.sections.iter().flat_map(|section| &section.rows) {
            assert!(shown.contains(&row.name) && shown.contains(&row.value), "{row:?} is on no page of {width}x{height}");
        }
        assert!(shown.iter().any(|text| text.contains(&format!("Page {pages} of {pages}"))));
    }
}

#[test]
fn an_explanation_is_whole_in_every_language_on_every_screen() {
    let letters = |text: &str| text.split_whitespace().collect::<String>();
    let found = Explained::doubtful();
    for (language, bar) in Language::ALL.into_iter().flat_map(|language| [StatusBar::default(), around(&PAGES)].map(|bar| (language, bar)))
    {
        for (width, height) in SIZES {
            let view = found.view(language, 0, bar);
            let pages = scene::explanation_pages(&view, !bar.actions.is_empty(), width, height).unwrap();
            assert!((1..=4).contains(&pages), "{language} {width}x{height}: {pages} pages");
            let mut shown = String::new();
            for page in 0..pages {
                let texts = texts(&Scene::Explanation(ExplanationView { page, ..view }), (width, height));
                assert_in_place(&texts, (width, height), language.code());
                let label = words::label(language, Key::Label(found.label));
                assert_eq!(texts[0].text.to_lowercase(), label, "the sign of the verdict");
                for text in &texts {
                    assert!(!text.shortened && !text.broken, "{language} {width}x{height}: cut: {text:?}");
                    assert!(text.cap * 24 >= height, "{language} {width}x{height}: too small: {text:?}");
                }
                texts.iter().for_each(|text| shown.push_str(&letters(&text.text)));
            }
            for sentence in view.report.sentences.iter().filter(|sentence| sentence.brief) {
                assert!(shown.contains(&letters(&sentence.text)), "{language} {width}x{height}: {sentence:?} is on no page");
            }
            let criteria = [Key::Asymmetry, Key::Border, Key::Colours, Key::Overall].map(|key| words::label(language, key));
            let colours = Dermoscopic::ALL.map(|colour| words::label(language, Key::Dermoscopic(colour)));
            for word in criteria.into_iter().chain(colours) {
                assert!(shown.to_lowercase().contains(&letters(word).to_lowercase()), "{language} {width}x{height}: no {word}");
            }
            let levels = ["5/5", "4/5"].map(|level| shown.matches(level).count());
            assert!(levels[0] >= 3 && levels[1] >= 1, "{language} {width}x{height}: {shown}");
        }
    }
}

#[test]
fn pages_of_explanation_and_details_are_counted_together() {
    let view = Explained::marked().view(Language::English, 0, around(&PAGES));
    let pages = scene::explanation_pages(&view, true, 320, 240).unwrap();
    let first = texts(&Scene::Explanation(view), (320, 240));
    assert!(first.iter().any(|text| text.text.contains(&format!("Page 1 of {}", pages + 3))), "{first:?}");
    let sections = [Section { title: "Result".to_owned(), rows: vec![Row::new("Class", "87 %")] }];
    let details = texts(
        &Scene::Details(DetailsView { label: Label::Refer, sections: &sections, page: 0, ahead: pages, bar: around(&PAGES) }),
        (320, 240),
    );
    assert!(details.iter().any(|text| text.text.contains(&format!("Page {0} of {0}", pages + 1))), "{details:?}");
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
        let view = VerdictView { frame: &frame, label, probability: probability.clamp(0.0, 1.0), threshold, sensitivity: 0.95, evidence: Some(&evidence), size: None, bundle: &id, positive: "malignant", bar: StatusBar::default() };
        for scene in [Scene::Verdict(view), Scene::Preview { frame: &frame, hints: &[Reason::Glare], ready: "", bar: StatusBar::default() }] {
            let texts = texts(&scene, (width, height));
            assert_in_place(&texts, (width, height), "any");
            prop_assert!(texts.iter().all(|text| !text.shortened), "{:?}", texts);
        }
    }
}
