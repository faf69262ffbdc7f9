//! What holds of every report.

use lentigo::{
    case::{Explanation, Nearness},
    explain::{
        abc::{Abc, Asymmetry, Border, Colour, PartialScore, Segment, Size},
        lesion::{Millimetres, Point},
        report::{Decision, Extent, Facts, Language, Outline, Sentence, write},
        severity::{Level, Severity},
    },
    quality::Reason,
    verdict::{Abstention, Label},
};
use proptest::prelude::*;

/// Stems of words that name a disease, a finding of one, or the lack of one, in any of the languages.
const FORBIDDEN: [&str; 20] = [
    "benign",
    "bénin",
    "bénign",
    "malign",
    "diagn",
    "melanom",
    "mélanom",
    "cancer",
    "cáncer",
    "câncer",
    "tumo",
    "tumeur",
    "carcin",
    "saratani",
    "utambuzi",
    "uvimbe",
    "healthy",
    "harmless",
    "inofensiv",
    "salama",
];

/// Numbers that belong to the grammar and not to the facts: ends of scales, axes, segments, colours.
const CONSTANTS: [&str; 6] = ["0", "1", "2", "5", "6", "8"];

fn any_number() -> impl Strategy<Value = f64> {
    prop_oneof![4 => -20.0..60.0, 2 => 0.0..1.0, 1 => prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL | prop::num::f64::ZERO]
}

fn any_single() -> impl Strategy<Value = f32> {
    prop_oneof![4 => -1.0_f32..1.0, 1 => prop::num::f32::NORMAL | prop::num::f32::SUBNORMAL | prop::num::f32::ZERO]
}

fn any_level() -> impl Strategy<Value = Level> {
    (1_u8..=5).prop_map(|number| Level::new(number).unwrap())
}

prop_compose! {
    fn any_abc()(
        numbers in prop::collection::vec(any_number(), 28),
        shares in prop::array::uniform6(0.0..1.0_f64),
        (axes, segments, colours) in (0_u8..=2, 0_u8..=8, 0_u8..=6),
        cut_off in any::<bool>(),
    ) -> Abc {
        let mut numbers = numbers.into_iter();
        let mut next = || numbers.next().unwrap();
        Abc {
            asymmetry: Asymmetry {
                centre: Point { x: next(), y: next() },
                angle: next(),
                extent: [next(), next()],
                shape: [next(), next()],
                colour: [next(), next()],
                mirror: next(),
                points: axes,
            },
            border: Border {
                compactness: next(),
                radial: next(),
                fractal: next(),
                curvature: next(),
                segments: [Segment { abruptness: next(), abrupt: true }; 8],
                points: segments,
            },
            colour: Colour { lab: [next(), next(), next()], hsv: [next(), next(), next()], shares, points: colours },
            size: Size { area_share: next(), diameter_share: next(), cut_off },
            score: PartialScore { asymmetry: next(), border: next(), colour: next(), total: 3.0 },
        }
    }
}

prop_compose! {
    fn any_explanation()(
        abc in any_abc(),
        levels in prop::array::uniform4(any_level()),
        read in prop::option::of(prop::array::uniform3(any_single())),
        (agreement, agreement_min) in (any_single(), any_single()),
        prototypes in prop::collection::vec((any_level(), any_single()).prop_map(|(level, cosine)| Nearness { level, cosine }), 0..3),
    ) -> Explanation {
        let [asymmetry, border, colour, overall] = levels;
        let severity = Severity { asymmetry, border, colour, overall };
        Explanation { abc, severity, read, agreement, agreement_min, embedding: vec![], criteria_embedding: vec![], prototypes }
    }
}

fn any_outline() -> impl Strategy<Value = Outline> {
    let millimetres = prop::array::uniform3(any_number()).prop_map(|[area_mm2, diameter_mm, width_mm]| Millimetres {
        area_mm2,
        diameter_mm,
        width_mm,
        at_least: false,
    });
    let extent = (any_number(), any_number(), prop::option::of(millimetres), any::<bool>()).prop_map(
        |(area_share, diameter_share, millimetres, cut_off)| Outline::Found(Extent { area_share, diameter_share, millimetres, cut_off }),
    );
    prop_oneof![1 => Just(Outline::Unknown), 1 => Just(Outline::NotFound), 4 => extent]
}

prop_compose! {
    fn any_facts()(
        label in prop::sample::select(vec![Label::Refer, Label::NoReferralIndicated, Label::Retake, Label::CannotAssess]),
        decision in prop::option::weighted(0.8, (0.0_f32..=1.0, 0.0_f32..=1.0)),
        reasons in prop::collection::vec(prop::sample::select(vec![Reason::TooDark, Reason::Glare, Reason::NoLesion]), 0..3),
        abstention in prop::option::of(prop_oneof![
            Just(Abstention::Novelty { found: 7.25, limit: 3.75 }),
            Just(Abstention::Disagreement { found: 7.25, limit: 3.75 }),
        ]),
        outline in any_outline(),
        explanation in prop::option::weighted(0.8, any_explanation()),
        disagreement in prop::option::of(any_single()),
    ) -> Facts {
        let decision = decision.map(|(probability, threshold)| Decision { probability, threshold });
        Facts { label, decision, reasons, abstention, outline, explanation, disagreement }
    }
}

/// What is left of a sentence without the numbers that it came from.
fn without_numbers(sentence: &Sentence) -> String {
    let mut written: Vec<&str> = sentence.numbers.iter().map(|number| number.written.as_str()).collect();
    written.sort_by_key(|written| std::cmp::Reverse(written.len()));
    written.iter().fold(sentence.text.clone(), |text, written| text.replacen(written, "_", 1))
}

fn check(sentence: &Sentence, language: Language) -> Result<(), TestCaseError> {
    let Sentence { text, numbers, .. } = sentence;
    for number in numbers {
        prop_assert!(text.contains(&number.written) && !number.written.is_empty(), "{number:?} in {text}");
    }
    let rest = without_numbers(sentence);
    let others = rest.split(|letter: char| !letter.is_ascii_digit()).filter(|digits| !digits.is_empty());
    for other in others {
        prop_assert!(CONSTANTS.contains(&other), "{other} came from nowhere: {text}");
    }
    prop_assert!(!text.contains(['{', '}', '$', '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}', '\n']), "{text}");
    prop_assert!(text.ends_with('.') && text.starts_with(char::is_uppercase) && !text.contains("  ") && !text.contains(" ."), "{text}");
    let mark = if matches!(language, Language::English | Language::Swahili) { ',' } else { '.' };
    let letters: Vec<char> = text.chars().collect();
    let foreign = letters.windows(3).any(|three| three[1] == mark && three[0].is_ascii_digit() && three[2].is_ascii_digit());
    prop_assert!(!foreign, "{text}");
    let lower = text.to_lowercase();
    prop_assert!(!FORBIDDEN.iter().any(|word| lower.contains(word)), "{text}");
    Ok(())
}

proptest! {
    #[test]
    fn every_sentence_shows_its_numbers_and_no_others_in_plain_text(facts in any_facts()) {
        for language in Language::ALL {
            let report = write(&facts, language);
            for sentence in &report.sentences {
                check(sentence, language)?;
            }
            prop_assert_eq!(&report, &write(&facts.clone(), language));
            let topics: Vec<_> = report.sentences.iter().map(|sentence| sentence.topic).collect();
            prop_assert!(topics.is_sorted(), "{:?}", topics);
        }
    }

    #[test]
    fn the_short_form_is_one_to_three_sentences_of_the_long_one(facts in any_facts()) {
        for language in Language::ALL {
            let report = write(&facts, language);
            let brief: Vec<&str> = report.sentences.iter().filter(|sentence| sentence.brief).map(|sentence| sentence.text.as_str()).collect();
            prop_assert!((2..=3).contains(&brief.len()), "{:?}", brief);
            prop_assert_eq!(report.brief(), brief.join(" "));
            prop_assert!(report.sentences[0].brief, "the advice comes first");
            let mut rest = report.full();
            for sentence in brief {
                let at = rest.find(sentence);
                prop_assert!(at.is_some());
                rest = rest.split_off(at.unwrap() + sentence.len());
            }
        }
    }

    #[test]
    fn all_languages_say_the_same(facts in any_facts()) {
        let said = |language| -> Vec<_> {
            let sentences = write(&facts, language).sentences;
            sentences.iter().map(|one| (one.topic, one.brief, one.numbers.iter().map(|number| (number.name, number.value)).collect::<Vec<_>>())).collect()
        };
        for language in Language::ALL {
            prop_assert_eq!(said(language), said(Language::English), "{}", language);
        }
    }
}

/// What the screen's last line denies must be named there, and nowhere else.
const DENIAL: &str = "not-a-diagnosis = ";

/// No file holds a forbidden word, said or not.
#[test]
fn no_language_names_a_disease() {
    for language in Language::ALL {
        let path = format!("{}/src/explain/report/text/{language}.ftl", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).unwrap();
        for line in text.lines().filter(|line| !line.starts_with('#') && !line.starts_with(DENIAL)) {
            let lower = line.to_lowercase();
            assert!(!FORBIDDEN.iter().any(|word| lower.contains(word)), "{language}: {line}");
        }
    }
}
