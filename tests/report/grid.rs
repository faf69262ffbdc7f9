//! What the report says, word for word, over a grid of cases in every language.

use lentigo::{
    explain::report::{Facts, Language, Outline, write},
    quality::Reason,
    verdict::{Abstention, Label},
};

use crate::facts::{cut_off, explained, facts, level, unanswered, unexplained, without_scale};

const REASONS: [Reason; 8] = [
    Reason::TooFewPixels,
    Reason::TooDark,
    Reason::TooBright,
    Reason::Glare,
    Reason::Blurred,
    Reason::NoLesion,
    Reason::LesionCutOff,
    Reason::LesionTooSmall,
];

fn grid() -> Vec<(String, Facts)> {
    let mut cases = Vec::new();
    for number in 1..=5 {
        for label in [Label::Refer, Label::NoReferralIndicated] {
            cases.push((format!("{label}, level {number}"), facts(label, number)));
        }
    }
    let mut add = |name: &str, facts: Facts| cases.push((name.to_owned(), facts));
    let plain = |number| facts(Label::Refer, number);
    add("scale not known", without_scale(plain(3)));
    add("cut off", cut_off(plain(4)));
    add("cut off, scale not known", without_scale(cut_off(plain(4))));
    let disagreeing = |facts| {
        explained(facts, |explanation| {
            explanation.agreement = -0.214;
            explanation.prototypes[0].level = level(5);
            explanation.read = Some([2.0, 6.5, 5.9]);
        })
    };
    add("criteria and picture apart", disagreeing(plain(2)));
    add("everything at odds", disagreeing(facts(Label::NoReferralIndicated, 5)));
    add("nothing read, one view, no prototypes", {
        let facts = explained(plain(3), |explanation| {
            explanation.read = None;
            explanation.prototypes.clear();
        });
        Facts { disagreement: None, ..facts }
    });
    add("no colour found", explained(plain(3), |explanation| explanation.abc.colour.shares = [0.0; 6]));
    add("near the threshold", {
        let mut facts = facts(Label::NoReferralIndicated, 3);
        facts.decision = facts.decision.map(|decision| lentigo::explain::report::Decision { probability: 0.139_96, ..decision });
        facts.disagreement = Some(0.004);
        explained(facts, |explanation| explanation.agreement = 0.349_8)
    });
    for (name, probability, label) in [("hardly likely", 0.003, Label::NoReferralIndicated), ("all but certain", 0.998, Label::Refer)] {
        let mut facts = facts(label, 3);
        facts.decision = facts.decision.map(|decision| lentigo::explain::report::Decision { probability, ..decision });
        add(name, facts);
    }
    let found = plain(3).outline;
    add("an outline but no criteria", unexplained(found));
    add("an outline but no criteria, scale not known", without_scale(unexplained(found)));
    add("no lesion found", unexplained(Outline::NotFound));
    add("no outline", unexplained(Outline::Unknown));
    add("retake", Facts { reasons: REASONS.to_vec(), ..unanswered(Label::Retake) });
    add("retake for one reason", Facts { reasons: vec![Reason::Blurred], ..unanswered(Label::Retake) });
    let because = |abstention| Facts { abstention: Some(abstention), ..unanswered(Label::CannotAssess) };
    add("cannot assess: unlike", because(Abstention::Novelty { found: 9.0, limit: 4.0 }));
    add("cannot assess: unsure", because(Abstention::Disagreement { found: 0.3, limit: 0.2 }));
    add("cannot assess", unanswered(Label::CannotAssess));
    cases
}

/// A line a sentence, `>` before those of the short form.
fn page(language: Language) -> String {
    let case = |(name, facts): &(String, Facts)| {
        let line =
            |sentence: &lentigo::explain::report::Sentence| format!("{} {}\n", if sentence.brief { '>' } else { ' ' }, sentence.text);
        format!("## {name}\n{}", write(facts, language).sentences.iter().map(line).collect::<String>())
    };
    grid().iter().map(case).collect::<Vec<_>>().join("\n")
}

#[test]
fn english() {
    insta::assert_snapshot!("english", page(Language::English));
}

#[test]
fn spanish() {
    insta::assert_snapshot!("spanish", page(Language::Spanish));
}

#[test]
fn french() {
    insta::assert_snapshot!("french", page(Language::French));
}

#[test]
fn portuguese() {
    insta::assert_snapshot!("portuguese", page(Language::Portuguese));
}

#[test]
fn swahili() {
    insta::assert_snapshot!("swahili", page(Language::Swahili));
}

/// The numbers behind each sentence, as records keep them.
#[test]
fn numbers() {
    let report = write(&explained(facts(Label::Refer, 2), |explanation| explanation.agreement = 0.2), Language::French);
    let line = |sentence: &lentigo::explain::report::Sentence| format!("{}\n", serde_json::to_string(sentence).unwrap());
    insta::assert_snapshot!("numbers", report.sentences.iter().map(line).collect::<String>());
}

/// Facts in tests are made by hand; the names of what was measured must be those of the measurements.
#[test]
fn a_number_of_the_measurements_has_their_value() {
    use lentigo::explain::abc::Abc;
    for (name, facts) in grid() {
        let Some(explanation) = &facts.explanation else { continue };
        let sentences = write(&facts, Language::English).sentences;
        let numbers = sentences.iter().flat_map(|sentence| &sentence.numbers);
        let known: Vec<_> = numbers.filter(|number| Abc::KEYS.contains(&number.name) || number.name == Abc::SCORE).collect();
        assert!(known.len() >= 8, "{name}");
        for number in known.into_iter().filter(|number| !number.name.starts_with("size_")) {
            assert_eq!(explanation.abc.value(number.name), Some(number.value), "{name}: {number:?}");
        }
    }
}

/// The words of the verdict's screen and those of the report are the same.
#[test]
fn english_has_the_next_steps_of_the_verdict() {
    for label in [Label::Refer, Label::NoReferralIndicated, Label::Retake, Label::CannotAssess] {
        let report = write(&unanswered(label), Language::English);
        assert!(report.full().contains(label.next_step()), "{label}");
    }
}

/// Short enough for a screen of its own, at 320 x 240 too.
#[test]
fn the_short_form_is_short() {
    for language in Language::ALL {
        for (name, facts) in grid() {
            let brief = write(&facts, language).brief();
            assert!(brief.chars().count() <= 330, "{language}, {name}: {} letters: {brief}", brief.chars().count());
        }
    }
}
