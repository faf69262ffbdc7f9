//! `lentigo evaluate` and `lentigo gate`: predictions, figures and limits from a labelled set.
#![allow(clippy::unwrap_used, reason = "a test may stop")]

mod support;

use std::{fmt::Write, fs, path::Path};

use serde_json::Value;
use support::{
    TinyBundle,
    command::{arg, lentigo, text, with_bundle},
    pictures,
};
use tempfile::{TempDir, tempdir};

/// Eight phantoms of two sets, with labels.
fn labelled_set() -> TempDir {
    let folder = tempdir().unwrap();
    let mut table = String::from("file,dataset,split,lesion_id,malignant\n");
    for seed in 0..8 {
        let name = format!("images/{seed}.png");
        pictures::phantom(folder.path(), &name, seed);
        let (dataset, split) = (if seed < 6 { "one" } else { "two" }, if seed == 5 { "train" } else { "val" });
        let label = if seed == 4 { "" } else { ["0", "1"][seed as usize % 2] };
        writeln!(table, "{name},{dataset},{split},L{},{label}", seed / 2).unwrap();
    }
    fs::write(folder.path().join("index.csv"), table).unwrap();
    folder
}

fn summary(out: &Path) -> Value {
    serde_json::from_slice(&fs::read(out.join("summary.json")).unwrap()).unwrap()
}

#[test]
fn a_labelled_set_gives_a_prediction_a_row_and_figures_with_intervals() {
    let (bundle, set) = (TinyBundle::sealed(), labelled_set());
    let out = set.path().join("out");
    let output = with_bundle("evaluate", &bundle)
        .args(["--index", arg(&set.path().join("index.csv")), "--dataset", "one", "--split", "val", "--out", arg(&out)])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let predictions = fs::read_to_string(out.join("predictions.csv")).unwrap();
    let lines: Vec<&str> = predictions.lines().collect();
    assert_eq!(lines[0], "file,malignant,quality,latency_ms,referral,novelty,disagreement,abstained,mask_jaccard,mask_dice,cam_in_lesion");
    assert_eq!(lines.len(), 6);
    assert!(lines[1].starts_with("images/0.png,0."));

    let summary = summary(&out);
    // Row 4 has no label: it is predicted, not counted.
    assert_eq!((summary["n"].as_u64(), summary["positives"].as_u64()), (Some(4), Some(2)));
    for figure in ["accuracy", "balanced_accuracy", "roc_auc", "pr_auc", "sensitivity", "specificity", "ece"] {
        let [low, value, high] = ["low", "value", "high"].map(|part| summary[figure][part].as_f64().unwrap());
        assert!(0.0 <= low && low <= high && high <= 1.0 && (0.0..=1.0).contains(&value), "{figure}: {}", summary[figure]);
    }
    assert_eq!(summary["gate"]["judged"], 5);
}

#[test]
fn an_image_that_is_missing_is_named_and_the_rest_is_measured() {
    let (bundle, set) = (TinyBundle::sealed(), labelled_set());
    fs::remove_file(set.path().join("images/1.png")).unwrap();
    let out = set.path().join("out");
    let output = with_bundle("evaluate", &bundle)
        .args(["--index", arg(&set.path().join("index.csv")), "--root", arg(set.path()), "--out", arg(&out)])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("images/1.png"));
    assert_eq!((summary(&out)["n"].as_u64(), summary(&out)["unreadable"].as_u64()), (Some(6), Some(1)));
}

#[test]
fn a_set_without_labels_keeps_its_predictions_and_has_no_figures() {
    let (bundle, set) = (TinyBundle::sealed(), labelled_set());
    let index = set.path().join("unlabelled.csv");
    fs::write(&index, "file,dataset,split,malignant\nimages/0.png,one,test,\nimages/1.png,one,test,\n").unwrap();
    let out = set.path().join("out");
    let output = with_bundle("evaluate", &bundle).args(["--index", arg(&index), "--out", arg(&out)]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(fs::read_to_string(out.join("predictions.csv")).unwrap().lines().count(), 3);
    let summary = summary(&out);
    assert_eq!((summary["n"].as_u64(), &summary["roc_auc"], &summary["accuracy"]), (Some(0), &Value::Null, &Value::Null));
}

#[test]
fn a_filter_that_leaves_nothing_says_what_there_is() {
    let (bundle, set) = (TinyBundle::sealed(), labelled_set());
    let output = with_bundle("evaluate", &bundle)
        .args(["--index", arg(&set.path().join("index.csv")), "--dataset", "three", "--out", arg(&set.path().join("out"))])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stderr).contains("datasets there: one, two"), "{}", text(&output.stderr));
}

#[test]
fn a_survey_proposes_limits_that_a_manifest_takes() {
    let set = labelled_set();
    let out = set.path().join("out");
    let output = lentigo(&["gate", "--index", arg(&set.path().join("index.csv")), "--out", arg(&out)]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("one train"));
    let table = fs::read_to_string(out.join("measurements.csv")).unwrap();
    assert_eq!(table.lines().count(), 9);
    assert!(table.starts_with("file,dataset,split,"));

    let bundle = TinyBundle::unsealed();
    let manifest = fs::read_to_string(bundle.file("manifest.toml")).unwrap();
    let (before, rest) = manifest.split_once("[quality]").unwrap();
    let after = &rest[rest.find("\n[").unwrap()..];
    let proposed = fs::read_to_string(out.join("quality.toml")).unwrap();
    fs::write(bundle.file("manifest.toml"), format!("{before}{proposed}{after}")).unwrap();
    bundle.seal().unwrap();
    with_bundle("screen", &bundle).arg(set.path().join("images/0.png")).assert().success();
}

#[test]
fn prepared_squares_are_those_that_the_network_sees() {
    let set = labelled_set();
    let out = set.path().join("squares");
    let index = set.path().join("index.csv");
    let output = lentigo(&["prepare", "--index", arg(&index), "--size", "64", "--out", arg(&out)]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let squares = fs::read(&out).unwrap();
    assert_eq!(squares.len(), 8 * 64 * 64 * 3);
    let manifest = fs::read_to_string(TinyBundle::sealed().file("manifest.toml")).unwrap();
    let recipe = lentigo::prepare::Recipe { size: 64, ..lentigo::bundle::Manifest::parse(&manifest).unwrap().prepare };
    let frame = lentigo::capture::read_picture(&set.path().join("images/3.png")).unwrap();
    let square = lentigo::prepare::Preparer::new(recipe).prepare(&frame).unwrap().square;
    assert_eq!(squares[3 * 64 * 64 * 3..4 * 64 * 64 * 3], *square.pixels());

    fs::write(set.path().join("images/7.png"), b"not a picture").unwrap();
    let output = lentigo(&["prepare", "--index", arg(&index), "--out", arg(&out)]).output().unwrap();
    assert_eq!(output.status.code(), Some(3), "a missing row would shift all others");
    assert!(text(&output.stderr).contains("images/7.png"));
}
