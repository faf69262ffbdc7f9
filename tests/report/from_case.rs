//! Facts of whole cases, as the pipeline makes them.

use lentigo::{
    case::{BundleId, Case, Evidence, Numbers, Timings},
    explain::{
        lesion::Scale,
        report::{Facts, Language, Outline, write},
    },
    frame::{Frame, Heatmap, Region},
    quality::{Gate, Measurements, Quality, Reason},
    verdict::{Abstention, Assessment, Label, OperatingPoint, Verdict},
};

use crate::{facts, support};

/// A case of a 480 x 360 picture with this verdict.
fn case(verdict: Verdict) -> Case {
    Case {
        frame: Frame::from_fn(480, 360, |_, _| [200; 3]).unwrap(),
        measurements: Measurements::default(),
        verdict,
        evidence: None,
        numbers: None,
        explanation: None,
        bundle: BundleId { name: "made-up".into(), version: "1.0.0".into(), digest: "00".into() },
        timings: Timings::default(),
    }
}

fn assessed(probability: f32) -> Case {
    let manifest: toml::Table = std::fs::read_to_string(support::asff_tiny().join("manifest.toml")).unwrap().parse().unwrap();
    let gate = Gate::new(manifest["quality"].clone().try_into().unwrap());
    let Quality::Pass(passed) = gate.judge(&support::golden_frame()) else { panic!("the golden frame passes") };
    let point = OperatingPoint { name: "sensitivity-95".into(), sensitivity: 0.95, threshold: 0.14 };
    case(Verdict::Assessed(Assessment::new(probability, point, passed)))
}

/// A lesion that covers cells 2 and 3 of 6 each way, or reaches the left edge, or is nowhere.
fn evidence(from: u32, to: u32) -> Evidence {
    let values = (0..36).map(|at| if (from..to).contains(&(at % 6)) && (2..4).contains(&(at / 6)) { 1.0 } else { 0.0 }).collect();
    Evidence { region: Region::centre_square(480, 360), heatmap: None, lesion: Some(Heatmap::new(6, 6, values).unwrap()) }
}

fn numbers(disagreement: Option<f32>, abstention: Option<Abstention>) -> Option<Numbers> {
    Some(Numbers { probabilities: vec![0.69, 0.31], novelty: Some(1.0), disagreement, abstention })
}

#[test]
fn an_assessed_case_gives_its_number_its_size_and_its_criteria() {
    let explanation = facts::facts(Label::Refer, 3).explanation;
    let case =
        Case { evidence: Some(evidence(2, 4)), numbers: numbers(Some(0.03), None), explanation: explanation.clone(), ..assessed(0.31) };
    let facts = Facts::of(&case, Scale::of_field(18.0));
    let decision = facts.decision.unwrap();
    assert_eq!((facts.label, decision.probability, decision.threshold), (Label::Refer, 0.31, 0.14));
    assert_eq!((facts.disagreement, &facts.explanation), (Some(0.03), &explanation));
    let Outline::Found(extent) = facts.outline else { panic!("{:?}", facts.outline) };
    // Two of six cells, each 60 pixels or 3 mm wide; the outline lies half-way to the next.
    let millimetres = extent.millimetres.unwrap();
    assert!((millimetres.diameter_mm - 18.0 * extent.diameter_share).abs() < 1e-9);
    assert!((5.9..9.0).contains(&millimetres.diameter_mm) && !extent.cut_off, "{extent:?}");
    assert!((0.07..0.13).contains(&extent.area_share), "{extent:?}");
    assert!(write(&facts, Language::Swahili).full().contains("mm\u{a0}"));
}

#[test]
fn without_a_scale_there_are_no_millimetres_and_the_report_says_so() {
    let case = Case { evidence: Some(evidence(0, 4)), ..assessed(0.31) };
    let facts = Facts::of(&case, None);
    assert!(matches!(facts.outline, Outline::Found(extent) if extent.cut_off && extent.millimetres.is_none()), "{:?}", facts.outline);
    let report = write(&facts, Language::English).full();
    for said in ["Size: length at least", "The scale of this camera is not known.", "reaches the edge of the picture"] {
        assert!(report.contains(said), "{report}");
    }
}

#[test]
fn a_case_without_a_lesion_says_so_and_so_does_a_model_without_outlines() {
    let nowhere = Case { evidence: Some(evidence(0, 0)), ..assessed(0.1) };
    assert_eq!(Facts::of(&nowhere, None).outline, Outline::NotFound);
    assert!(write(&Facts::of(&nowhere, None), Language::English).full().contains("The model found no lesion in the picture."));
    let outlineless = Case { evidence: Some(Evidence { lesion: None, ..evidence(2, 4) }), ..assessed(0.1) };
    assert_eq!(Facts::of(&outlineless, None).outline, Outline::Unknown);
    assert!(write(&Facts::of(&outlineless, None), Language::English).full().contains("This model does not measure them."));
}

#[test]
fn a_refused_picture_gives_reasons_and_no_number() {
    let reasons = vec![Reason::TooDark, Reason::Blurred];
    let facts = Facts::of(&case(Verdict::Retake { reasons: reasons.clone() }), Scale::of_field(18.0));
    assert_eq!((facts.label, facts.decision, facts.reasons.clone()), (Label::Retake, None, reasons));
    let report = write(&facts, Language::English);
    assert!(report.sentences.iter().all(|sentence| sentence.numbers.is_empty()), "{report:?}");
    assert!(report.brief().starts_with("The device says: retake. The picture is too dark"), "{}", report.brief());
}

#[test]
fn an_answer_that_does_not_count_gives_its_cause_and_no_number() {
    let abstention = Abstention::Disagreement { found: 0.3, limit: 0.2 };
    let case = Case { numbers: numbers(Some(0.3), Some(abstention)), ..case(Verdict::CannotAssess { cause: abstention.to_string() }) };
    let facts = Facts::of(&case, None);
    assert_eq!((facts.decision, facts.abstention, facts.disagreement), (None, Some(abstention), None));
    let report = write(&facts, Language::English);
    assert!(report.sentences.iter().all(|sentence| sentence.numbers.is_empty()), "{report:?}");
    assert!(report.brief().contains("The answer changes when the picture is turned"), "{}", report.brief());
}
