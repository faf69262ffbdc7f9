//! What a person meets who writes a manifest: every mistake is named by its key, with what would be right.

#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use lentigo::bundle::{Manifest, ManifestError};
use proptest::prelude::*;

fn text() -> String {
    std::fs::read_to_string(support::asff_tiny().join("manifest.toml")).unwrap()
}

/// The message for a manifest in which `from`, which must be there, is replaced.
fn complaint(from: &str, to: &str) -> String {
    let text = text();
    assert!(text.contains(from), "the manifest has no {from:?}");
    Manifest::parse(&text.replacen(from, to, 1)).unwrap_err().to_string()
}

#[test]
fn a_manifest_reads_and_writes_the_same() {
    let manifest = Manifest::parse(&text()).unwrap();
    assert_eq!(Manifest::parse(&toml::to_string(&manifest).unwrap()).unwrap(), manifest);
}

#[test]
fn every_number_and_name_that_cannot_be_right_is_named_by_its_key() {
    let digest = "0".repeat(64);
    for (from, to, key) in [
        ("name = \"asff-tiny\"", "name = \"Asff tiny\"", "name must be"),
        ("version = \"1.0.0\"", "version = \"one\"", "version must be"),
        ("shape = [1, 3, 96, 96]", "shape = [1, 3, 64, 96]", "graph.inputs must be one image"),
        ("shape = [1, 3, 96, 96]", "shape = []", "graph.inputs must have"),
        ("shape = [1, 2, 6, 6]", "shape = [1, 2, 0, 6]", "graph.outputs must have"),
        ("shape = [1, 2, 6, 6]", "shape = [4294967296, 4294967296, 4294967296]", "graph.outputs must have"),
        ("name = \"cam\"", "name = \"logits\"", "graph.outputs must be names, each once"),
        ("size = 96", "size = 8", "prepare.size must be"),
        ("mean = [127.0, 127.0, 127.0]", "mean = [nan, 127.0, 127.0]", "prepare.mean must be"),
        ("scale = [0.0078125, ", "scale = [0.0, ", "prepare.scale must be"),
        ("names = [\"benign\", \"malignant\"]", "names = [\"malignant\"]", "classes.names must be"),
        ("names = [\"benign\", \"malignant\"]", "names = [\"malignant\", \"malignant\"]", "classes.names must be names, each once"),
        ("positive = \"malignant\"", "positive = \"melanoma\"", "classes.positive must be one of"),
        ("temperature = 1.5", "temperature = 0.0", "calibration.temperature must be above 0"),
        ("temperature = 1.5", "temperature = nan", "calibration.temperature must be above 0"),
        ("bias = 0.25", "bias = inf", "calibration.bias must be"),
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
    let message = complaint("temperature = 1.5", "temprature = 1.5");
    assert!(message.contains("temprature") && message.contains("did you mean `temperature`?"), "{message}");
    let message = complaint("colour_constancy = \"none\"", "colour_constancy = \"nome\"");
    assert!(message.contains("nome"), "{message}");
    let message = complaint("bias = 0.25", "bias = 0.25\nquite_another_thing = 1");
    assert!(message.contains("quite_another_thing") && !message.contains("did you mean"), "{message}");
}

#[test]
fn wrong_types_and_missing_keys_are_named_with_their_line() {
    let message = complaint("temperature = 1.5", "temperature = \"warm\"");
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
