//! What a person meets who writes a manifest: every mistake is named by its key, with what would be right.

#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use lentigo::{
    bundle::{Manifest, ManifestError, Views},
    system::Relation,
    verdict::AbstentionLimits,
};
use proptest::prelude::*;

fn text() -> String {
    std::fs::read_to_string(support::asff_tiny().join("manifest.toml")).unwrap()
}

fn text_of(system: &str) -> String {
    std::fs::read_to_string(format!("{}/tests/data/systems/{system}/manifest.toml", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// The message for a manifest in which `from`, which must be there, is replaced.
fn complaint(from: &str, to: &str) -> String {
    complaint_of(&text(), from, to)
}

fn complaint_of(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "the manifest has no {from:?}");
    Manifest::parse(&text.replacen(from, to, 1)).unwrap_err().to_string()
}

#[test]
fn a_manifest_reads_and_writes_the_same() {
    for text in [text(), text_of("multitask"), text_of("dual-network"), text_of("cefm")] {
        let manifest = Manifest::parse(&text).unwrap();
        assert_eq!(Manifest::parse(&toml::to_string(&manifest).unwrap()).unwrap(), manifest);
    }
}

#[test]
fn what_a_manifest_leaves_out_is_one_view_and_no_limits() {
    let manifest = Manifest::parse(&text()).unwrap();
    assert_eq!((manifest.views, manifest.abstention), (Views::default(), AbstentionLimits::default()));
    assert_eq!((manifest.mask, manifest.metadata, manifest.classes.relation), (None, None, Relation::Exclusive));
}

#[test]
fn what_a_manifest_says_of_views_mask_and_limits_is_held_to_its_graph() {
    let text = text_of("multitask");
    for (from, to, key) in [
        ("relation = \"independent\"", "relation = \"dependent\"", "`exclusive` or `independent`"),
        ("positive = [\"melanoma\"]", "positive = []", "classes.positive must be at least one"),
        ("positive = [\"melanoma\"]", "positive = [\"melanoma\", \"melanoma\"]", "classes.positive must be names, each once"),
        ("flips = [\"none\", ", "flips = [", "views.flips must begin with none"),
        ("flips = [\"none\", \"horizontal\", \"vertical\", \"both\"]", "flips = []", "views.flips must begin with none"),
        ("\"vertical\", \"both\"", "\"vertical\", \"vertical\"", "views.flips must hold each way once"),
        ("\"both\"]", "\"diagonal\"]", "diagonal"),
        ("[views]", "[view]", "did you mean `views`?"),
        ("threshold = 0.4", "threshold = 1.0", "mask.threshold must be above 0 and below 1"),
        ("threshold = 0.4", "threshold = nan", "mask.threshold must be above 0 and below 1"),
        ("threshold = 0.4", "threshold = 0.4\ncleaning = [\"largest\", \"largest\"]", "mask.cleaning must hold each step once"),
        ("threshold = 0.4", "threshold = 0.4\ncleaning = [\"holes\"]", "`largest` or `log-odds`"),
        ("[mask]\nthreshold = 0.4\n", "", "mask must give the threshold"),
        ("name = \"mask\"", "name = \"lesion\"", "mask is there, but the graph has no output mask"),
        ("name = \"distances\"", "name = \"distance\"", "abstention.novelty is distance, which needs an output distances"),
        ("shape = [1, 3]\n", "shape = [3]\n", "abstention.novelty is distance, which needs an output distances"),
        ("novelty = \"distance\"", "novelty = \"mahalanobis\"", "`distance` or `energy`"),
        ("novelty = \"distance\"\n", "", "abstention.novelty_max needs abstention.novelty"),
        ("novelty_max = 50.0", "novelty_max = -1.0", "abstention.novelty_max must be a number above 0"),
        ("novelty_max = 50.0", "novelty_max = inf", "abstention.novelty_max must be a number above 0"),
        ("novelty_max = 50.0", "novelty_mx = 50.0", "did you mean `novelty_max`?"),
        ("disagreement_max = 0.25", "disagreement_max = 0.0", "abstention.disagreement_max must be a number above 0"),
        (
            "flips = [\"none\", \"horizontal\", \"vertical\", \"both\"]",
            "flips = [\"none\"]",
            "abstention.disagreement_max needs more than one view",
        ),
    ] {
        let message = complaint_of(&text, from, to);
        assert!(message.contains(key), "{to}: {message:?} does not say {key:?}");
    }
    let all = text.replacen("positive = [\"melanoma\"]", "positive = [\"melanoma\", \"seborrheic_keratosis\"]", 1);
    assert!(Manifest::parse(&all).is_ok(), "all of several independent classes may ask for a referral");
}

#[test]
fn what_a_manifest_says_of_the_patient_is_held_to_its_graph() {
    let text = text_of("dual-network");
    let section = &text[text.find("[metadata]").unwrap()..text.find("[[operating_points]]").unwrap()];
    for (from, to, key) in [
        ("shape = [1, 14]", "shape = [1, 13]", "graph.inputs must give metadata the shape [1, 14]"),
        ("name = \"metadata\"", "name = \"patient\"", "graph.inputs must be \"image\" and perhaps \"metadata\""),
        ("name = \"image\"", "name = \"picture\"", "graph.inputs must begin with one image"),
        (section, "", "metadata must say how"),
        ("[[graph.inputs]]\nname = \"metadata\"\nshape = [1, 14]\ntype = \"f32\"\n", "", "metadata is there, but the graph has no input"),
        ("age = [0, 40, 80]", "age = [0, 80, 40]", "metadata.age must ascend"),
        ("age = [0, 40, 80]", "age = [0, 40, 40]", "metadata.age must ascend"),
        ("age = [0, 40, 80]", "age = []", "metadata.age must be 1 to 64 ages"),
        ("age = [0, 40, 80]", "age = [0, 40, nan]", "metadata.age must be ages"),
        ("age = [0, 40, 80]", "age = [-5, 40, 80]", "metadata.age must be ages"),
        ("sex = [\"female\", \"male\"]", "sex = [\"female\", \"man\"]", "metadata.sex must be female and male"),
        ("sex = [\"female\", \"male\"]", "sex = [\"male\", \"male\"]", "metadata.sex must be names, each once"),
        ("\"back\", ", "\"abdomen\", ", "metadata.site must be names, each once"),
        ("site = [", "sight = [", "did you mean `site`?"),
        ("temperature = [1.0, ", "temperature = [", "calibration.temperature must have one entry a class (4), it has 3"),
        ("bias = [0.0, ", "bias = [0.0, 0.0, ", "calibration.bias must have one entry a class (4), it has 5"),
        ("novelty_max = 100.0", "novelty_max = nan", "abstention.novelty_max must be a number"),
        ("positive = [\"mel\", \"bcc\"]", "positive = [\"nv\", \"mel\", \"bkl\", \"bcc\"]", "classes.positive must leave out at least one"),
    ] {
        let message = complaint_of(&text, from, to);
        assert!(message.contains(key), "{to}: {message:?} does not say {key:?}");
    }
    let negative = text.replacen("novelty_max = 100.0", "novelty_max = -3.5", 1);
    assert!(Manifest::parse(&negative).is_ok(), "an energy may be negative");
}

#[test]
fn what_explains_by_criteria_belongs_to_its_system_alone() {
    let text = text_of("cefm");
    let section = |from: &str, to: &str| &text[text.find(from).unwrap()..text.find(to).unwrap()];
    let sections = [
        ("criteria", section("[criteria]", "[severity.asymmetry]")),
        ("severity", section("[severity.asymmetry]", "[clinical]")),
        ("clinical", section("[clinical]", "[prototypes]")),
        ("prototypes", section("[prototypes]", "[[operating_points]]")),
    ];
    for (key, section) in sections {
        let message = complaint_of(&text, section, "");
        assert!(message.starts_with(&format!("{key} must say")) && message.contains("cefm"), "{message}");
        let other = text_of("dual-network");
        let message = complaint_of(&other, "[[operating_points]]", &format!("{section}[[operating_points]]"));
        assert!(message.starts_with(&format!("{key} is there")) && message.contains("dual-network"), "{message}");
    }
}

#[test]
fn what_a_manifest_says_of_criteria_can_be_true() {
    let text = text_of("cefm");
    for (from, to, key) in [
        ("colour_constancy = \"shades-of-grey\"", "colour_constancy = \"grey-world\"", "`none` or `shades-of-grey`"),
        ("shape_min = 0.1", "shape_mn = 0.1", "did you mean `shape_min`?"),
        ("shape_min = 0.1", "shape_min = 0.0", "criteria.shape_min must be above 0 and at most 1"),
        ("shape_min = 0.1", "shape_min = nan", "criteria.shape_min must be above 0 and at most 1"),
        ("colour_share_min = 0.03", "colour_share_min = 1.5", "criteria.colour_share_min must be above 0 and at most 1"),
        ("colour_min = 8.0", "colour_min = -8.0", "criteria.colour_min must be a number above 0"),
        ("abrupt_min = 12.0", "abrupt_min = inf", "criteria.abrupt_min must be a number above 0"),
        ("measure = \"border_compactness\"", "measure = \"border_compact\"", "severity.border.measure must be a measurement"),
        ("measure = \"colour_lab_l\"", "measure = \"color_lab_l\"", "did you mean `colour_lab_l`?"),
        ("measure = \"score\"", "measure = \"\"", "severity.overall.measure must be a measurement"),
        ("cuts = [0.05, 0.1, 0.15, 0.2]", "cuts = [0.05, 0.1, 0.1, 0.2]", "severity.asymmetry.cuts must be four numbers that rise"),
        ("cuts = [0.05, 0.1, 0.15, 0.2]", "cuts = [0.05, 0.1, 0.15, inf]", "severity.asymmetry.cuts must be four numbers that rise"),
        ("cuts = [0.05, 0.1, 0.15, 0.2]", "cuts = [0.05, 0.1, 0.15]", "array of length 4"),
        ("cuts = [2.0, 4.0, 8.0, 12.0]", "cuts = [nan, 4.0, 8.0, 12.0]", "severity.colour.cuts must be four numbers that rise"),
        ("[severity.colour]", "[severity.color]", "did you mean `colour`?"),
        ("measures = [", "measures = [\"score\", ", "clinical.measures must be a measurement of `lentigo measure`, \"score\" is none"),
        ("\"asymmetry_shape_minor\", ", "\"asymmetry_shape_major\", ", "clinical.measures must be names, each once"),
        ("\"colour_points\"]", "\"colour_pints\"]", "did you mean `colour_points`?"),
        ("mean = [0.1, ", "mean = [", "clinical.mean must have one entry a measurement (5), it has 4"),
        ("mean = [0.1, ", "mean = [nan, ", "clinical.mean must be numbers"),
        ("deviation = [0.05, ", "deviation = [0.05, 0.05, ", "clinical.deviation must have one entry a measurement (5), it has 6"),
        ("deviation = [0.05, ", "deviation = [0.0, ", "clinical.deviation must be numbers above 0"),
        ("deviation = [0.05, ", "deviation = [1e-320, ", "clinical.deviation must be numbers above 0"),
        ("limit = 4.0", "limit = 0.0", "clinical.limit must be a number above 0"),
        ("limit = 4.0", "limit = inf", "clinical.limit must be a number above 0"),
        ("agreement_min = 0.35", "agreement_min = 1.5", "clinical.agreement_min must be -1 to 1"),
        ("agreement_min = 0.35", "agreement_min = nan", "clinical.agreement_min must be -1 to 1"),
        ("graph = \"clinical.onnx\"", "graph = \"../clinical.onnx\"", "clinical.graph must be a path inside"),
        ("graph = \"clinical.onnx\"", "graph = \"graph.onnx\"", "\"graph.onnx\" is named twice"),
        ("file = \"prototypes.json\"", "file = \"/prototypes.json\"", "prototypes.file must be a path inside"),
        ("file = \"prototypes.json\"", "file = \"prototypes.json\"\nlevels = 5", "levels"),
    ] {
        let message = complaint_of(&text, from, to);
        assert!(message.contains(key), "{to}: {message:?} does not say {key:?}");
    }
    let without_measures = text.replacen(
        &text[text.find("measures = [").unwrap()..text.find("limit = 4.0").unwrap()],
        "measures = []\nmean = []\ndeviation = []\n",
        1,
    );
    assert!(Manifest::parse(&without_measures).unwrap_err().to_string().contains("clinical.measures must name at least one"));
}

#[test]
fn every_number_and_name_that_cannot_be_right_is_named_by_its_key() {
    let digest = "0".repeat(64);
    for (from, to, key) in [
        ("name = \"asff-tiny\"", "name = \"Asff tiny\"", "name must be"),
        ("version = \"1.0.0\"", "version = \"one\"", "version must be"),
        ("shape = [1, 3, 96, 96]", "shape = [1, 3, 64, 96]", "graph.inputs must begin with one image"),
        ("shape = [1, 3, 96, 96]", "shape = []", "graph.inputs must have"),
        ("shape = [1, 2, 6, 6]", "shape = [1, 2, 0, 6]", "graph.outputs must have"),
        ("shape = [1, 2, 6, 6]", "shape = [4294967296, 4294967296, 4294967296]", "graph.outputs must have"),
        ("name = \"cam\"", "name = \"logits\"", "graph.outputs must be names, each once"),
        ("size = 96", "size = 8", "prepare.size must be"),
        ("mean = [127.0, 127.0, 127.0]", "mean = [nan, 127.0, 127.0]", "prepare.mean must be"),
        ("scale = [0.0078125, ", "scale = [0.0, ", "prepare.scale must be"),
        ("names = [\"benign\", \"malignant\"]", "names = [\"malignant\"]", "classes.names must be"),
        ("names = [\"benign\", \"malignant\"]", "names = [\"malignant\", \"malignant\"]", "classes.names must be names, each once"),
        ("positive = [\"malignant\"]", "positive = [\"melanoma\"]", "classes.positive must be among the names"),
        ("label = \"malignant\"", "label = \"\"", "classes.label must name"),
        (
            "label = \"malignant\"",
            "label = \"malignant\"\nfrequencies = [0.5]",
            "classes.frequencies must have one entry a class (2), it has 1",
        ),
        ("label = \"malignant\"", "label = \"malignant\"\nfrequencies = [1.0, 0.0]", "classes.frequencies must be above 0 and at most 1"),
        ("exposure_min = -6.0", "exposure_min = nan", "quality.exposure_min must be a number"),
        ("temperature = [1.5, 1.5]", "temperature = [1.5, 0.0]", "calibration.temperature must be numbers above 0"),
        ("temperature = [1.5, 1.5]", "temperature = [nan, 1.5]", "calibration.temperature must be numbers above 0"),
        ("temperature = [1.5, 1.5]", "temperature = [1.5]", "calibration.temperature must have one entry a class (2)"),
        ("bias = [0.0, ", "bias = [inf, ", "calibration.bias must be"),
        ("threshold = 0.31", "threshold = 1.31", "operating_points.threshold must be"),
        ("sensitivity = 0.95", "sensitivity = 0.0", "operating_points.sensitivity must be"),
        ("name = \"sensitivity-60\"", "name = \"sensitivity-95\"", "operating_points.name must be names, each once"),
        ("operating_point = \"sensitivity-95\"", "operating_point = \"x\"", "decision.operating_point must be one of"),
        ("tolerance = 0.02", "tolerance = 0.5", "golden.tolerance must be"),
        ("file = \"graph.onnx\"", "file = \"../graph.onnx\"", "graph.file must be a path inside"),
        ("file = \"graph.onnx\"", "file = \"/graph.onnx\"", "graph.file must be a path inside"),
        ("input = \"golden/input.png\"", "input = \"golden//input.png\"", "golden.input must be a path inside"),
        ("tolerance = 0.02", &format!("tolerance = 0.02\n[files]\n\"a/../../b\" = \"{digest}\""), "graph.file is"),
        ("tolerance = 0.02", "tolerance = 0.02\n[files]\n\"graph.onnx\" = \"00\"", "golden.input is"),
    ] {
        let message = complaint(from, to);
        assert!(message.contains(key), "{to}: {message:?} does not say {key:?}");
    }
}

#[test]
fn listed_paths_and_digests_are_checked() {
    let digest = "0".repeat(64);
    let files = |extra: &str| {
        let listed = ["graph.onnx", "golden/input.png", "golden/expected.json"].map(|path| format!("\"{path}\" = \"{digest}\"\n")).concat();
        Manifest::parse(&format!("{}\n[files]\n{listed}{extra}", text()))
    };
    assert_eq!(files("").unwrap().files.len(), 3);
    for path in ["../x", "/etc/passwd", "a/./b", "a//b", "a\\\\b", ""] {
        let message = files(&format!("\"{path}\" = \"{digest}\"")).unwrap_err().to_string();
        assert!(message.contains("files must hold paths inside the bundle"), "{path}: {message}");
    }
    for digest in ["", "00", &"G".repeat(64), &"A".repeat(64)] {
        let message = files(&format!("\"x\" = \"{digest}\"")).unwrap_err().to_string();
        assert!(message.contains("64 lower case hexadecimal digits"), "{digest}: {message}");
    }
}

#[test]
fn an_unknown_key_is_named_with_the_nearest_known_one() {
    let message = complaint("temperature = [", "temprature = [");
    assert!(message.contains("temprature") && message.contains("did you mean `temperature`?"), "{message}");
    let message = complaint("colour_constancy = \"none\"", "colour_constancy = \"nome\"");
    assert!(message.contains("nome"), "{message}");
    let message = complaint("bias = [", "quite_another_thing = 1\nbias = [");
    assert!(message.contains("quite_another_thing") && !message.contains("did you mean"), "{message}");
}

#[test]
fn wrong_types_and_missing_keys_are_named_with_their_line() {
    let message = complaint("temperature = [1.5, 1.5]", "temperature = \"warm\"");
    assert!(message.contains("line") && message.contains("temperature"), "{message}");
    let message = complaint("summary", "#summary");
    assert!(message.contains("missing field `summary`"), "{message}");
    assert!(matches!(Manifest::parse(""), Err(ManifestError::Syntax { .. })));
    assert!(matches!(Manifest::parse("format = "), Err(ManifestError::Syntax { .. })));
}

#[test]
fn a_later_format_asks_for_a_newer_lentigo_whatever_else_it_holds() {
    for number in ["2", "-1", "9223372036854775807"] {
        let text = text().replacen("format = 1", &format!("format = {number}\nnovelty = true"), 1);
        let error = Manifest::parse(&text).unwrap_err();
        assert!(matches!(error, ManifestError::Format { .. }), "{error}");
        assert!(error.to_string().contains("Install a newer lentigo"));
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_fall_over(text in ".{0,400}") {
        let _ = Manifest::parse(&text);
    }

    #[test]
    fn no_damaged_line_makes_the_reader_fall_over(line in 0_usize..70, with in "[ -~]{0,40}") {
        let text = text();
        let damaged: Vec<&str> = text.lines().enumerate().map(|(at, old)| if at == line { with.as_str() } else { old }).collect();
        let _ = Manifest::parse(&damaged.join("\n"));
    }
}
