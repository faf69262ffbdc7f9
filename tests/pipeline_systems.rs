//! From a bundle of each system and a frame to a case: views, masks, metadata, and answers that do not count.

#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use lentigo::{
    bundle::{Bundle, Manifest},
    engine::{Engine, EngineError, Int8Engine, Options, Tensor, TractEngine},
    frame::{Flip, Frame, Heatmap},
    patient::{Context, Field},
    pipeline::{Analyser, LoadError, Score},
    prepare::Preparer,
    verdict::{Abstention, Label, Verdict},
};
use support::{
    TinyBundle,
    command::{arg, lentigo, text},
    golden_frame,
};

const FLIPS: &str = "flips = [\"none\", \"horizontal\", \"vertical\", \"both\"]";

/// The bundle with lines of its manifest replaced.
fn edited(tiny: TinyBundle, edits: &[(&str, &str)]) -> Bundle {
    edits.iter().for_each(|(from, to)| tiny.edit("manifest.toml", from, to));
    tiny.seal().unwrap();
    tiny.open().unwrap()
}

fn multitask(edits: &[(&str, &str)]) -> Analyser {
    Analyser::load(edited(TinyBundle::multitask(), edits)).unwrap()
}

/// What the network of system C says to the picture as it is, with nothing done to it.
fn raw() -> Vec<Tensor> {
    let bundle = edited(TinyBundle::multitask(), &[]);
    let mut preparer = Preparer::new(bundle.manifest().prepare.clone());
    let prepared = preparer.prepare(&golden_frame()).unwrap();
    let mut engine = TractEngine::load(bundle.graph(), &bundle.manifest().graph).unwrap();
    engine.run_picture(&preparer.picture(&prepared), &[]).unwrap().to_vec()
}

fn expected(system: &str) -> serde_json::Value {
    let path = format!("{}/tests/data/systems/{system}/expected.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn numbers(value: &serde_json::Value) -> Vec<f32> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap() as f32).collect()
}

fn close(found: &[f32], wanted: &[f32], tolerance: f32) {
    assert_eq!(found.len(), wanted.len());
    let worst = found.iter().zip(wanted).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(worst <= tolerance, "{worst} apart");
}

fn logistic(z: f32) -> f32 {
    1.0 / (1.0 + (-z).exp())
}

#[test]
fn independent_classes_each_get_a_probability_of_their_own_and_the_lesion_an_outline() {
    let mut analyser = multitask(&[]);
    let score = analyser.score(&golden_frame(), &Context::default()).unwrap();
    let logits = numbers(&expected("multitask")["logits"]);
    close(&score.probabilities, &[logistic(logits[0] / 1.25 - 0.5), logistic(logits[1])], 1e-4);
    assert_eq!(score.probability, score.probabilities[0], "only melanoma asks for a referral");
    let distances = &raw()[3].values;
    close(&[score.novelty.unwrap()], &[distances.iter().copied().fold(f32::INFINITY, f32::min)], 0.2);
    assert_eq!(score.abstention, None);

    let case = analyser.assess(golden_frame(), &Context::default()).unwrap();
    assert_eq!(case.verdict.label(), Label::Refer);
    let evidence = case.evidence.unwrap();
    assert_eq!(evidence, score.evidence);
    let lesion = evidence.lesion.unwrap();
    let mask = &raw()[2].values;
    for (cell, logit) in lesion.values().iter().zip(mask).filter(|(_, logit)| (logistic(**logit) - 0.4).abs() > 1e-3) {
        assert_eq!(*cell >= 0.5, logistic(*logit) >= 0.4, "the bundle's threshold is 0.4; {logit} gave {cell}");
    }
    assert!(lesion.values().iter().any(|cell| *cell < 0.5) && lesion.values().iter().any(|cell| *cell > 0.5));
}

#[test]
fn what_is_found_in_a_picture_turned_over_is_turned_back() {
    // The maps of this network turn with the picture: turned back they are those of the picture as it is.
    let score = multitask(&[]).score(&golden_frame(), &Context::default()).unwrap();
    let melanoma = &raw()[1].values[..64];
    let heatmap = score.evidence.heatmap.unwrap();
    close(heatmap.values(), melanoma, 1e-4);
    for flip in [Flip::Horizontal, Flip::Vertical, Flip::Both] {
        let mut mirrored = heatmap.clone();
        mirrored.flip(flip);
        let differs = mirrored.values().iter().zip(melanoma).any(|(a, b)| (a - b).abs() > 0.01);
        assert!(differs, "a map that is its own mirror image proves nothing: {flip:?}");
    }
}

#[test]
fn views_are_averaged_and_their_disagreement_is_told() {
    let views: Vec<f32> = expected("multitask")["views"].as_array().unwrap().iter().map(|view| numbers(view)[0]).collect();
    let referrals: Vec<f32> = views.iter().map(|score| logistic(score / 1.25 - 0.5)).collect();
    let mean = referrals.iter().sum::<f32>() / 4.0;
    let deviation = (referrals.iter().map(|p| (p - mean).powi(2)).sum::<f32>() / 4.0).sqrt();
    let score = multitask(&[]).score(&golden_frame(), &Context::default()).unwrap();
    close(&[score.disagreement], &[deviation], 1e-5);
    assert!(deviation > 1e-4, "views that agree prove nothing");

    let one = multitask(&[(FLIPS, "flips = [\"none\"]"), ("disagreement_max = 0.25\n", "")]);
    let single = { one }.score(&golden_frame(), &Context::default()).unwrap();
    close(&[single.probability], &[referrals[0]], 1e-4);
    assert_eq!(single.disagreement, 0.0);
}

#[test]
fn without_a_referral_and_without_another_likely_class_the_map_is_that_of_none() {
    let maps = &raw()[1].values;
    let strict = multitask(&[]).with_operating_point("sensitivity-60").unwrap();
    let case = { strict }.assess(golden_frame(), &Context::default()).unwrap();
    assert_eq!(case.verdict.label(), Label::NoReferralIndicated);
    close(case.evidence.unwrap().heatmap.unwrap().values(), &maps[128..], 1e-4);
    // With a bias that makes the other class likelier than not its map is shown.
    let likely = multitask(&[("bias = [-0.5, 0.0]", "bias = [-0.5, 1.0]")]).with_operating_point("sensitivity-60").unwrap();
    let case = { likely }.assess(golden_frame(), &Context::default()).unwrap();
    close(case.evidence.unwrap().heatmap.unwrap().values(), &maps[64..128], 1e-4);
}

#[test]
fn an_answer_that_does_not_count_becomes_cannot_assess_with_something_to_do() {
    for (edit, novel) in
        [(("novelty_max = 50.0", "novelty_max = 0.001"), true), (("disagreement_max = 0.25", "disagreement_max = 0.0001"), false)]
    {
        let mut analyser = multitask(&[edit]);
        let case = analyser.assess(golden_frame(), &Context::default()).unwrap();
        let Verdict::CannotAssess { cause } = &case.verdict else { panic!("{:?}", case.verdict) };
        assert!(cause.contains("hold"), "{cause}");
        assert!(!cause.bytes().any(|byte| byte.is_ascii_digit()), "a number that does not count is not shown: {cause}");
        assert_eq!(case.evidence, None);
        // Evaluation still sees what it would have been.
        let score = analyser.score(&golden_frame(), &Context::default()).unwrap();
        let plain = multitask(&[]).score(&golden_frame(), &Context::default()).unwrap();
        assert_eq!((score.probability, score.evidence), (plain.probability, plain.evidence));
        match score.abstention.unwrap() {
            Abstention::Novelty { found, limit } => assert!(novel && found > limit && Some(found) == score.novelty),
            Abstention::Disagreement { found, limit } => assert!(!novel && found > limit && found == score.disagreement),
        }
        let black = Frame::from_fn(96, 96, |_, _| [0, 0, 0]).unwrap();
        assert_eq!(analyser.assess(black, &Context::default()).unwrap().verdict.label(), Label::Retake, "the gate comes first");
    }
}

#[test]
fn limits_may_be_left_out_and_novelty_is_told_all_the_same() {
    let mut analyser = multitask(&[("novelty_max = 50.0\n", ""), ("disagreement_max = 0.25\n", "")]);
    let score = analyser.score(&golden_frame(), &Context::default()).unwrap();
    assert!(score.novelty.is_some() && score.abstention.is_none());
    let without = multitask(&[("novelty = \"distance\"\nnovelty_max = 50.0\n", "")]);
    assert_eq!({ without }.score(&golden_frame(), &Context::default()).unwrap().novelty, None);
}

#[test]
fn a_golden_case_is_held_to_its_scores_too() {
    let tiny = TinyBundle::multitask();
    // The same probability of a referral, and yet another network.
    let score = expected("multitask")["logits"][1].to_string();
    tiny.edit("golden/expected.json", &score, "-0.9");
    tiny.seal().unwrap();
    let error = Analyser::load(tiny.open().unwrap()).err().unwrap();
    assert!(matches!(&error, LoadError::GoldenScore { class, .. } if class == "seborrheic_keratosis"), "{error}");
    assert!(error.to_string().contains("reinstall"));

    let tiny = TinyBundle::multitask();
    tiny.edit("golden/expected.json", &format!(", {score}"), "");
    assert!(tiny.seal().unwrap_err().to_string().contains("logits must be one a class (2)"));
    let tiny = TinyBundle::multitask();
    tiny.edit("golden/expected.json", "\"logits\"", "\"other\"");
    tiny.seal().unwrap();
    assert!(Analyser::load(tiny.open().unwrap()).is_ok(), "scores may be left out");
}

fn dual() -> Analyser {
    Analyser::load(edited(TinyBundle::dual_network(), &[])).unwrap()
}

fn patient(fields: &[(Field, &str)]) -> Context {
    let mut patient = Context::default();
    fields.iter().for_each(|(field, text)| patient.set(*field, text).unwrap());
    patient
}

#[test]
fn a_network_that_asks_for_the_patient_hears_of_him_and_unknown_is_an_ordinary_answer() {
    let mut analyser = dual();
    let mut ask = |fields: &[(Field, &str)]| -> Score { analyser.score(&golden_frame(), &patient(fields)).unwrap() };
    let unknown = ask(&[]);
    let golden = expected("dual-network")["probability"].as_f64().unwrap() as f32;
    close(&[unknown.probability], &[golden], 0.02);
    assert!((unknown.probabilities.iter().sum::<f32>() - 1.0).abs() < 1e-6);
    close(&[unknown.probability], &[unknown.probabilities[1] + unknown.probabilities[3]], 1e-6);
    assert!(unknown.novelty.unwrap().is_finite());

    for field in [(Field::Age, "71"), (Field::Sex, "female"), (Field::Site, "back")] {
        assert_ne!(ask(&[field]).probabilities, unknown.probabilities, "{field:?} is heard");
    }
    for field in [(Field::Site, "palms-soles"), (Field::Phototype, "IV"), (Field::Operator, "ab")] {
        assert_eq!(ask(&[field]).probabilities, unknown.probabilities, "{field:?} says nothing to this network");
    }
    assert_eq!(ask(&[]).probabilities, unknown.probabilities, "nothing stays of the patient before");
}

#[test]
fn the_integer_engine_takes_a_picture_with_other_tensors_and_checks_them() {
    let bundle = edited(TinyBundle::dual_network(), &[]);
    let Manifest { graph, prepare, metadata, .. } = bundle.manifest().clone();
    let mut preparer = Preparer::new(prepare);
    let prepared = preparer.prepare(&golden_frame()).unwrap();
    let picture = preparer.picture(&prepared);
    let metadata = metadata.unwrap();
    let mut engine = Int8Engine::load(bundle.graph(), &graph, &Options { threads: 1, ..Options::default() }).unwrap();
    for fields in [&[][..], &[(Field::Age, "20"), (Field::Sex, "male")][..]] {
        let mut vector = Tensor { shape: vec![1, metadata.length()], values: vec![0.0; metadata.length()] };
        metadata.encode(&patient(fields), &mut vector.values);
        let whole = engine.run(&[picture.to_tensor(), vector.clone()]).unwrap().to_vec();
        assert_eq!(engine.run_picture(&picture, std::slice::from_ref(&vector)).unwrap(), whole, "pixels and their tensor are the same");
        let mut tract = TractEngine::load(bundle.graph(), &graph).unwrap();
        let other = tract.run_picture(&picture, std::slice::from_ref(&vector)).unwrap();
        // One step of the last quantisation.
        close(&whole[0].values, &other[0].values, 0.2);
    }
    let wrong =
        [vec![], vec![Tensor { shape: vec![1, 13], values: vec![0.0; 13] }], vec![Tensor { shape: vec![1, 14], values: vec![0.0; 14] }; 2]];
    for others in wrong {
        let error = engine.run_picture(&picture, &others).unwrap_err();
        assert!(matches!(error, EngineError::Input { .. }), "{error}");
    }
    let small = Frame::from_fn(32, 32, |_, _| [9; 3]).unwrap();
    let other_size = lentigo::engine::Picture { pixels: small.pixels(), width: 32, height: 32, ..picture };
    let vector = Tensor { shape: vec![1, 14], values: vec![0.0; 14] };
    assert!(matches!(engine.run_picture(&other_size, &[vector]), Err(EngineError::Input { .. })));
}

#[test]
fn the_lesion_of_every_system_with_a_mask_lies_between_zero_and_one() {
    let lesions =
        [multitask(&[]), dual()].map(|mut analyser| analyser.score(&golden_frame(), &Context::default()).unwrap().evidence.lesion);
    for lesion in lesions {
        let lesion: Heatmap = lesion.unwrap();
        assert_eq!((lesion.width(), lesion.height()), (8, 8));
        assert!(lesion.values().iter().all(|cell| (0.0..=1.0).contains(cell)));
    }
}

#[test]
fn a_bundle_shows_what_is_made_of_its_answers_and_what_it_asks() {
    for (tiny, words) in [
        (
            TinyBundle::multitask(),
            vec![
                "melanoma, seborrheic_keratosis (independent)",
                "together melanoma",
                "4 (none, horizontal, vertical, both)",
                "lesion at or above 0.4",
                "novelty by distance, cannot assess above 50",
                "disagreement of the views, cannot assess above 0.25",
                "p = sigmoid(",
            ],
        ),
        (
            TinyBundle::dual_network(),
            vec!["(exclusive)", "mel, bcc; together malignant", "14 numbers", "female, male", "novelty by energy", "p = softmax("],
        ),
    ] {
        tiny.seal().unwrap();
        let key = tiny.dir().with_extension("pub");
        std::fs::write(&key, tiny.public_key()).unwrap();
        let output = lentigo(&["bundle", "show", arg(tiny.dir()), "--trust", arg(&key)]).output().unwrap();
        let shown = text(&output.stdout);
        for word in words {
            assert!(shown.contains(word), "{word:?} in {shown}{}", text(&output.stderr));
        }
        lentigo(&["bundle", "verify", arg(tiny.dir()), "--trust", arg(&key)]).assert().success();
    }
}
