//! System B from bundle and frame to a case: what explains an answer by its criteria, when there is nothing to explain, and a golden case that
//! holds the explanation too.

#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use lentigo::{
    bundle::{Bundle, BundleError},
    case::Explanation,
    engine::{Engine, EngineError, Tensor, TractEngine},
    explain::abc,
    frame::{Flip, Frame},
    patient::Context,
    pipeline::{Analyser, LoadError, Score},
    prepare::Preparer,
    system::embedding::cosine,
    verdict::Verdict,
};
use support::{
    TinyBundle,
    command::{arg, lentigo, text},
    golden_frame,
};

fn edited(edits: &[(&str, &str)]) -> Bundle {
    let tiny = TinyBundle::cefm();
    edits.iter().for_each(|(from, to)| tiny.edit("manifest.toml", from, to));
    tiny.seal().unwrap();
    tiny.open().unwrap()
}

fn analyser(edits: &[(&str, &str)]) -> Analyser {
    Analyser::load(edited(edits)).unwrap()
}

fn score(edits: &[(&str, &str)], frame: &Frame) -> Score {
    analyser(edits).score(frame, &Context::default()).unwrap()
}

fn expected() -> serde_json::Value {
    let path = format!("{}/tests/data/systems/cefm/expected.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn numbers(value: &serde_json::Value) -> Vec<f32> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap() as f32).collect()
}

/// A mask that is lesion nowhere.
const NO_LESION: (&str, &str) = ("[mask]\nthreshold = 0.5", "[mask]\nthreshold = 0.9999999");

#[test]
fn an_answer_that_counts_is_explained_by_what_was_measured() {
    let bundle = edited(&[]);
    let manifest = bundle.manifest().clone();
    let case = { analyser(&[]) }.assess(golden_frame(), &Context::default()).unwrap();
    assert!(matches!(case.verdict, Verdict::Assessed(_)), "{:?}", case.verdict);
    let evidence = case.evidence.unwrap();
    let Explanation { abc, severity, read, agreement, agreement_min, embedding, criteria_embedding, prototypes } =
        case.explanation.unwrap();

    let settings = manifest.criteria.unwrap();
    assert_eq!(Some(&abc), abc::measure_in(&case.frame, evidence.region, evidence.lesion.as_ref().unwrap(), &settings).as_ref());
    assert!(abc.size.area_share > 0.05 && abc.size.area_share < 0.4, "the lesion of the golden picture: {:?}", abc.size);
    assert_eq!(Some(severity), manifest.severity.as_ref().unwrap().levels(&abc));

    // The network's own words, as ONNX Runtime has them.
    assert!(cosine(&embedding, &numbers(&expected()["embedding"])) > 0.9999);
    let criteria = numbers(&expected()["criteria"]);
    assert!(read.unwrap().iter().zip(&criteria).all(|(found, wanted)| (found - wanted).abs() < 1e-3), "{read:?} {criteria:?}");

    // The clinical head on what was measured, by hand.
    let clinical = manifest.clinical.unwrap();
    let input: Vec<f32> = clinical
        .measures
        .iter()
        .zip(clinical.mean.iter().zip(&clinical.deviation))
        .map(|(measure, (mean, deviation))| ((abc.value(measure).unwrap() - mean) / deviation).clamp(-4.0, 4.0) as f32)
        .collect();
    let mut head = TractEngine::load(bundle.clinical_graph().unwrap(), &clinical.graph_spec()).unwrap();
    let of_criteria = head.run(&[Tensor { shape: vec![1, 5], values: input }]).unwrap()[0].values.clone();
    assert!(cosine(&criteria_embedding, &of_criteria) > 1.0 - 1e-5);
    assert!((agreement - cosine(&embedding, &of_criteria)).abs() < 1e-5);
    assert_eq!(agreement_min, 0.35);

    assert!(prototypes.is_sorted_by(|one, next| one.cosine >= next.cosine), "the nearest first: {prototypes:?}");
    let mut known: Vec<(u8, f32)> =
        bundle.prototypes().iter().map(|prototype| (prototype.level.number(), cosine(&embedding, &prototype.embedding))).collect();
    known.sort_by(|one, other| other.1.total_cmp(&one.1));
    assert_eq!(prototypes.iter().map(|near| (near.level.number(), near.cosine)).collect::<Vec<_>>(), known);
}

#[test]
fn measuring_takes_time_of_its_own() {
    let case = { analyser(&[]) }.assess(golden_frame(), &Context::default()).unwrap();
    let timings = case.timings;
    assert!(!timings.criteria.is_zero());
    assert_eq!(timings.total(), timings.gate + timings.prepare + timings.infer + timings.explain + timings.criteria);
    let without = { Analyser::load(TinyBundle::sealed().open().unwrap()).unwrap() }.assess(golden_frame(), &Context::default()).unwrap();
    assert!(without.timings.criteria.is_zero() && without.explanation.is_none(), "another system measures nothing");
}

#[test]
fn embeddings_of_the_views_are_added_up() {
    let bundle = edited(&[]);
    let mut preparer = Preparer::new(bundle.manifest().prepare.clone());
    let mut engine = TractEngine::load(bundle.graph(), &bundle.manifest().graph).unwrap();
    let mut prepared = preparer.prepare(&golden_frame()).unwrap();
    let mut view = |flip| {
        prepared.square.flip(flip);
        engine.run_picture(&preparer.picture(&prepared), &[]).unwrap()[3].values.clone()
    };
    let (plain, mirrored) = (view(Flip::None), view(Flip::Horizontal));
    assert!(cosine(&plain, &mirrored) < 0.99999, "views that are alike prove nothing");
    let sum: Vec<f32> = plain.iter().zip(&mirrored).map(|(a, b)| a + b).collect();
    let length = sum.iter().map(|value| value * value).sum::<f32>().sqrt();
    let embedding = score(&[], &golden_frame()).explanation.unwrap().embedding;
    assert!(embedding.iter().zip(&sum).all(|(found, sum)| (found - sum / length).abs() < 1e-5));
}

#[test]
fn a_refused_frame_and_an_answer_that_does_not_count_are_not_explained() {
    let black = Frame::from_fn(96, 96, |_, _| [0, 0, 0]).unwrap();
    let refused = { analyser(&[]) }.assess(black, &Context::default()).unwrap();
    assert!(matches!(refused.verdict, Verdict::Retake { .. }) && refused.explanation.is_none() && refused.timings.criteria.is_zero());

    let mut strict = analyser(&[("disagreement_max = 0.25", "disagreement_max = 1e-9")]);
    let case = strict.assess(golden_frame(), &Context::default()).unwrap();
    assert!(matches!(case.verdict, Verdict::CannotAssess { .. }) && case.explanation.is_none(), "{:?}", case.verdict);
    let score = strict.score(&golden_frame(), &Context::default()).unwrap();
    assert!(score.abstention.is_some() && score.explanation.is_some(), "evaluation sees what it would have been");
}

#[test]
fn without_a_lesion_to_measure_the_verdict_stands() {
    let mut analyser = analyser(&[NO_LESION]);
    let case = analyser.assess(golden_frame(), &Context::default()).unwrap();
    assert!(matches!(case.verdict, Verdict::Assessed(_)), "{:?}", case.verdict);
    assert_eq!(case.explanation, None);
    assert_eq!(analyser.score(&golden_frame(), &Context::default()).unwrap().explanation, None);
}

#[test]
fn a_graph_that_reads_criteria_says_so_in_its_manifest() {
    let without = "[[graph.outputs]]\nname = \"criteria\"\nshape = [1, 3]\ntype = \"f32\"\n";
    let error = Analyser::load(edited(&[(without, "")])).err().unwrap();
    assert!(matches!(error, LoadError::Engine(EngineError::Names { .. })), "the graph gives what the manifest does not list: {error}");
}

/// The complaint of a bundle with a change to its golden answer.
fn golden(change: impl Fn(&mut serde_json::Map<String, serde_json::Value>), edits: &[(&str, &str)]) -> Result<LoadedOrNot, BundleError> {
    let tiny = TinyBundle::cefm();
    edits.iter().for_each(|(from, to)| tiny.edit("manifest.toml", from, to));
    let mut answer = expected();
    change(answer.as_object_mut().unwrap());
    std::fs::write(tiny.file("golden/expected.json"), answer.to_string()).unwrap();
    tiny.seal()?;
    Ok(Analyser::load(tiny.open()?).map(drop))
}

type LoadedOrNot = Result<(), LoadError>;

#[test]
fn a_golden_case_holds_embedding_criteria_and_agreement() {
    let agreement = score(&[], &golden_frame()).explanation.unwrap().agreement;
    let set = |key: &'static str, value: serde_json::Value| {
        golden(move |answer| drop(answer.insert(key.to_owned(), value.clone())), &[]).unwrap()
    };
    assert_eq!(set("agreement", agreement.into()), Ok(()));
    assert_eq!(set("agreement", (agreement + 0.04).into()), Ok(()));
    let error = set("agreement", (agreement - 0.06).into()).unwrap_err();
    assert!(matches!(error, LoadError::GoldenAgreement { .. }) && error.to_string().contains("reinstall"), "{error}");

    let mut embedding = numbers(&expected()["embedding"]);
    embedding.iter_mut().for_each(|value| *value *= 3.0);
    assert_eq!(set("embedding", embedding.clone().into()), Ok(()), "its length says nothing");
    embedding.iter_mut().step_by(8).for_each(|value| *value = -*value);
    let error = set("embedding", embedding.into()).unwrap_err();
    assert!(matches!(error, LoadError::GoldenEmbedding { found, least, .. } if found < least), "{error}");

    let criteria = numbers(&expected()["criteria"]);
    for (at, (name, allowed)) in [("A", 0.3), ("B", 1.2), ("C", 0.75)].into_iter().enumerate() {
        let moved = |by: f32| {
            let mut criteria = criteria.clone();
            criteria[at] += by;
            set("criteria", criteria.into())
        };
        assert_eq!(moved(allowed * 0.95), Ok(()));
        let error = moved(-allowed * 1.05).unwrap_err();
        assert!(matches!(&error, LoadError::GoldenCriterion { criterion, .. } if *criterion == name), "{error}");
    }
    let without = golden(|answer| answer.retain(|key, _| key == "probability"), &[]).unwrap();
    assert_eq!(without, Ok(()), "each may be left out");
    let unmeasured = golden(|answer| drop(answer.insert("agreement".to_owned(), 0.5.into())), &[NO_LESION]).unwrap().unwrap_err();
    assert!(matches!(unmeasured, LoadError::GoldenMissing { .. }), "{unmeasured}");
}

#[test]
fn a_golden_answer_that_cannot_be_is_refused_before_anything_runs() {
    for (key, value, message) in [
        ("embedding", serde_json::json!([1.0, 0.0]), "embedding must have 128 numbers, there are 2"),
        ("embedding", serde_json::json!([0.0; 64].repeat(2)), "has no direction"),
        ("criteria", serde_json::json!([1.0, 2.0]), "length 2"),
        ("agreement", serde_json::json!(1.5), "agreement must be -1 to 1"),
    ] {
        let error = golden(|answer| drop(answer.insert(key.to_owned(), value.clone())), &[]).unwrap_err().to_string();
        assert!(error.contains(message) && error.contains("golden"), "{error}");
    }
    // Of a system without criteria none can be expected.
    let tiny = TinyBundle::multitask();
    tiny.edit("golden/expected.json", "{", "{\"criteria\": [1.0, 2.0, 3.0], ");
    tiny.seal().unwrap();
    let error = Analyser::load(tiny.open().unwrap()).err().unwrap();
    assert!(matches!(error, LoadError::GoldenMissing { what: "criteria", .. }), "{error}");
}

#[test]
fn clinical_graph_and_prototypes_are_listed_checked_and_needed() {
    for file in ["clinical.onnx", "prototypes.json"] {
        let tiny = TinyBundle::cefm();
        tiny.seal().unwrap();
        assert!(tiny.open().unwrap().manifest().files.contains_key(file));
        let mut bytes = std::fs::read(tiny.file(file)).unwrap();
        bytes[100] ^= 1;
        std::fs::write(tiny.file(file), bytes).unwrap();
        assert!(matches!(tiny.open(), Err(BundleError::Digest { .. })), "{file}");
        std::fs::remove_file(tiny.file(file)).unwrap();
        assert!(matches!(tiny.open(), Err(BundleError::Missing { .. })), "{file}");
        let error = tiny.seal().unwrap_err().to_string();
        assert!(error.contains(file), "what no device could open is not sealed: {error}");
    }
    let tiny = TinyBundle::cefm();
    tiny.edit("prototypes.json", "\"level\": 3", "\"level\": 2");
    let error = tiny.seal().unwrap_err();
    assert!(matches!(&error, BundleError::Prototypes { detail, .. } if detail.contains("level 3")), "{error}");
}

#[test]
fn a_clinical_graph_that_takes_other_measurements_is_refused() {
    let bundle = edited(&[("\"colour_lab_l\", \"colour_points\"]", "\"colour_lab_l\"]"), ("6.0, 3.0]", "6.0]"), ("3.0, 1.0]", "3.0]")]);
    let error = Analyser::load(bundle).err().unwrap();
    assert!(matches!(&error, LoadError::Engine(EngineError::Shape { name, .. }) if name == "criteria"), "{error}");
    assert!(error.to_string().contains("clinical.onnx"));
    let tiny = TinyBundle::cefm();
    std::fs::copy(tiny.file("graph.onnx"), tiny.file("clinical.onnx")).unwrap();
    tiny.seal().unwrap();
    let error = Analyser::load(tiny.open().unwrap()).err().unwrap();
    assert!(matches!(error, LoadError::Engine(EngineError::Names { .. })), "{error}");
}

#[test]
fn a_bundle_shows_how_it_explains() {
    let tiny = TinyBundle::cefm();
    tiny.seal().unwrap();
    let key = tiny.dir().with_extension("pub");
    std::fs::write(&key, tiny.public_key()).unwrap();
    let run = |arguments: &[&str]| {
        let output = lentigo(&[arguments, &["--trust", arg(&key)]].concat()).output().unwrap();
        format!("{}{}", text(&output.stdout), text(&output.stderr))
    };
    let shown = run(&["bundle", "show", arg(tiny.dir())]);
    for word in [
        "colour constancy shades of grey",
        "overall by score, cut at [1.0, 2.0, 3.0, 4.0]",
        "clinical.onnx, 5353 bytes, float32; agreement usual from 0.35",
        "5 within 4 deviations: asymmetry_shape_major",
        "6 of the levels 1, 2, 3, 4, 5, 5",
    ] {
        assert!(shown.contains(word), "{word:?} in {shown}");
    }
    let verified = run(&["bundle", "verify", arg(tiny.dir())]);
    assert!(verified.contains("golden case met") && verified.contains("clinical.onnx by tract, float32"), "{verified}");
    let timed = run(&["bench", "--bundle", arg(tiny.dir()), "--runs", "1"]);
    assert!(timed.contains("criteria ") && timed.contains("clinical.onnx by tract, float32"), "{timed}");
}
