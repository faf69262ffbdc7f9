//! From a bundle and a frame to a case: what a person gets, also when the bundle, the build or the network is not sound.

#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use std::{collections::VecDeque, time::Duration};

use lentigo::{
    engine::{Engine, EngineError, Tensor, TractEngine},
    frame::{Frame, Region},
    patient::Context,
    pipeline::{Analyser, AnalysisError, LoadError},
    quality::{Quality, Reason},
    verdict::{Label, Verdict},
};
use support::{TinyBundle, golden_frame};

/// What ONNX Runtime gives for the golden picture, calibrated (`tests/data/asff-tiny/int8.json`).
const GOLDEN: f32 = 0.836_858_8;

fn analyser() -> Analyser {
    Analyser::load(TinyBundle::sealed().open().unwrap()).unwrap()
}

/// An engine that gives prepared answers, the last one again and again; whether it has given one yet.
struct Scripted(VecDeque<Result<Vec<Tensor>, EngineError>>, bool);

impl Engine for Scripted {
    fn run(&mut self, _: &[Tensor]) -> Result<&[Tensor], EngineError> {
        if self.1 && self.0.len() > 1 {
            self.0.pop_front();
        }
        self.1 = true;
        self.0[0].as_deref().map_err(Clone::clone)
    }

    fn describe(&self) -> String {
        "scripted".to_owned()
    }
}

fn outputs(logits: [f32; 2], cell: f32) -> Vec<Tensor> {
    vec![Tensor { shape: vec![1, 2], values: logits.to_vec() }, Tensor { shape: vec![1, 2, 6, 6], values: vec![cell; 72] }]
}

/// An analyser whose network meets the golden case and then answers `then`.
fn scripted(then: Result<Vec<Tensor>, EngineError>) -> Result<Analyser, LoadError> {
    let bundle = TinyBundle::sealed().open().unwrap();
    Analyser::with_engine(&bundle, Box::new(Scripted(VecDeque::from([Ok(outputs([-2.628, -0.425], 0.0)), then]), false)))
}

#[test]
fn a_good_frame_becomes_a_case_with_label_number_and_evidence() {
    let case = analyser().assess(golden_frame(), &Context::default()).unwrap();
    let Verdict::Assessed(assessment) = &case.verdict else { panic!("{:?}", case.verdict) };
    assert_eq!(case.verdict.label(), Label::Refer);
    assert!((assessment.probability() - GOLDEN).abs() < 0.02, "{}", assessment.probability());
    assert_eq!(assessment.operating_point().name, "sensitivity-95");
    let evidence = case.evidence.unwrap();
    assert_eq!(evidence.region, Region { x: 0, y: 0, width: 96, height: 96 });
    let heatmap = evidence.heatmap.unwrap();
    assert_eq!((heatmap.width(), heatmap.height()), (6, 6));
    assert!(heatmap.values().iter().any(|cell| *cell > 0.0));
    assert_eq!((case.bundle.name.as_str(), case.frame), ("asff-tiny", golden_frame()));
    assert!(case.timings.infer > Duration::ZERO && case.timings.infer < Duration::from_secs(5));
}

#[test]
fn a_frame_that_the_gate_refuses_gets_reasons_and_is_never_shown_to_the_network() {
    // This network fails whenever it is asked: a case without an error shows that it was not.
    let mut analyser = scripted(Err(EngineError::Run { detail: "it was asked".to_owned() })).unwrap();
    let black = Frame::from_fn(96, 96, |_, _| [0, 0, 0]).unwrap();
    let small = golden_frame().crop(Region { x: 40, y: 40, width: 20, height: 20 }).unwrap();
    for (frame, reason) in [(black, Reason::TooDark), (small, Reason::TooFewPixels)] {
        let case = analyser.assess(frame.clone(), &Context::default()).unwrap();
        let Verdict::Retake { reasons } = &case.verdict else { panic!("{:?}", case.verdict) };
        assert!(reasons.contains(&reason), "{reasons:?}");
        assert_eq!((case.verdict.label(), case.evidence.is_none(), case.frame), (Label::Retake, true, frame));
    }
    assert!(analyser.assess(golden_frame(), &Context::default()).is_err(), "a good frame is shown to it");
}

#[test]
fn a_refused_frame_can_still_be_scored_for_evaluation() {
    let black = Frame::from_fn(96, 96, |_, _| [0, 0, 0]).unwrap();
    let score = analyser().score(&black, &Context::default()).unwrap();
    assert!(matches!(score.quality, Quality::Refuse { .. }));
    assert!((0.0..=1.0).contains(&score.probability));
}

#[test]
fn the_evidence_is_that_of_the_class_that_was_chosen() {
    for (scores, label, cell) in [([0.0, 9.0], Label::Refer, 3.0), ([9.0, 0.0], Label::NoReferralIndicated, 1.0)] {
        let mut maps = outputs(scores, 1.0);
        maps[1].values[36..].fill(3.0);
        let case = scripted(Ok(maps)).unwrap().assess(golden_frame(), &Context::default()).unwrap();
        assert_eq!(case.verdict.label(), label);
        assert!(case.evidence.unwrap().heatmap.unwrap().values().iter().all(|found| *found == cell), "{label}");
    }
}

#[test]
fn another_operating_point_can_turn_the_label_but_not_the_number() {
    let mut strict = analyser().with_operating_point("sensitivity-60").unwrap();
    let case = strict.assess(golden_frame(), &Context::default()).unwrap();
    assert_eq!(case.verdict.label(), Label::NoReferralIndicated);
    let message = analyser().with_operating_point("sensitivity-96").err().unwrap().to_string();
    assert!(message.contains("sensitivity-95, sensitivity-60"), "{message}");
}

#[test]
fn a_score_gives_every_class_its_share_and_agrees_with_the_verdict() {
    let score = analyser().score(&golden_frame(), &Context::default()).unwrap();
    assert!((score.probabilities.iter().sum::<f32>() - 1.0).abs() < 1e-6);
    assert_eq!(score.probabilities[1], score.probability);
    assert!((score.probability - GOLDEN).abs() < 0.02);
    assert_eq!(score.evidence.region.width, 96);
}

#[test]
fn any_size_of_frame_can_be_scored() {
    let mut analyser = analyser();
    for (width, height) in [(1, 1), (1, 700), (640, 480), (97, 96)] {
        let frame = Frame::from_fn(width, height, |x, y| [(x % 256) as u8, (y % 256) as u8, 90]).unwrap();
        let score = analyser.score(&frame, &Context::default()).unwrap();
        assert_eq!(score.evidence.region, Region::centre_square(width, height));
        assert!((0.0..=1.0).contains(&score.probability));
    }
}

#[test]
fn a_golden_case_that_is_not_met_stops_the_start() {
    let tiny = TinyBundle::unsealed();
    tiny.edit("golden/expected.json", "\"probability\": 0.83", "\"probability\": 0.53");
    tiny.seal().unwrap();
    let error = Analyser::load(tiny.open().unwrap()).err().unwrap();
    assert!(matches!(error, LoadError::GoldenMismatch { .. }), "{error}");
    let message = error.to_string();
    for part in ["asff-tiny", "0.53", "0.83", "0.02", "The bundle or this build is damaged; reinstall"] {
        assert!(message.contains(part), "{message:?} does not tell {part:?}");
    }
}

#[test]
fn a_golden_case_that_gives_no_number_stops_the_start() {
    let bundle = TinyBundle::sealed().open().unwrap();
    for broken in [Ok(outputs([f32::NAN, 0.0], 0.0)), Ok(vec![]), Err(EngineError::Run { detail: "out of memory".to_owned() })] {
        let error = Analyser::with_engine(&bundle, Box::new(Scripted(VecDeque::from([broken]), false))).err().unwrap();
        assert!(matches!(error, LoadError::GoldenFailed { .. }), "{error}");
        assert!(error.to_string().contains("reinstall"));
    }
}

#[test]
fn a_system_that_is_not_known_stops_the_start() {
    let tiny = TinyBundle::unsealed();
    tiny.edit("manifest.toml", "system = \"asff\"", "system = \"oracle\"");
    tiny.seal().unwrap();
    let message = Analyser::load(tiny.open().unwrap()).err().unwrap().to_string();
    assert!(message.contains("oracle") && message.contains("this build knows asff"), "{message}");
}

#[test]
fn a_graph_that_does_not_fit_its_manifest_stops_the_start() {
    let tiny = TinyBundle::unsealed();
    tiny.edit("manifest.toml", "shape = [1, 2, 6, 6]", "shape = [1, 2, 7, 7]");
    tiny.seal().unwrap();
    let error = Analyser::load(tiny.open().unwrap()).err().unwrap();
    assert!(matches!(error, LoadError::Engine(EngineError::Shape { .. })), "{error}");
}

#[test]
fn a_network_without_a_usable_number_cannot_assess_and_never_refers_or_clears() {
    for broken in [outputs([f32::NAN, 0.0], 0.0), outputs([0.0, f32::INFINITY], 0.0), outputs([0.0, 0.0], f32::NAN)] {
        let mut analyser = scripted(Ok(broken)).unwrap();
        let case = analyser.assess(golden_frame(), &Context::default()).unwrap();
        assert_eq!(case.verdict.label(), Label::CannotAssess);
        assert_eq!((case.evidence, case.frame), (None, golden_frame()));
        assert!(matches!(analyser.score(&golden_frame(), &Context::default()), Err(AnalysisError::System(_))));
    }
}

#[test]
fn a_broken_engine_is_a_fault_and_not_a_finding() {
    let mut analyser = scripted(Err(EngineError::Run { detail: "out of memory".to_owned() })).unwrap();
    let error = analyser.assess(golden_frame(), &Context::default()).unwrap_err();
    assert!(error.to_string().contains("out of memory"), "{error}");
    let mut analyser = scripted(Ok(vec![])).unwrap();
    assert!(matches!(analyser.assess(golden_frame(), &Context::default()), Err(AnalysisError::System(_))));
}

#[test]
fn the_engine_of_a_loaded_bundle_can_be_named() {
    let bundle = TinyBundle::float32().open().unwrap();
    let engine = TractEngine::load(bundle.graph(), &bundle.manifest().graph).unwrap();
    assert_eq!(engine.describe(), "tract, float32");
    assert_eq!(Analyser::load(bundle).unwrap().describe_engine(), "tract, float32");
}
