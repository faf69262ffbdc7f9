//! `lentigo evaluate` on bundles of every kind: classes, outlines, evidence, metadata, painting over, comparing, charts.
#![allow(clippy::unwrap_used, reason = "a test may stop")]

mod support;

use std::{collections::BTreeMap, fmt::Write, fs, path::Path};

use serde_json::Value;
use support::{
    TinyBundle,
    command::{arg, text, with_bundle},
    pictures,
};
use tempfile::{TempDir, tempdir};

/// What the last runs of the command wrote.
struct Results {
    summary: Value,
    /// Column name to cells.
    predictions: BTreeMap<String, Vec<String>>,
    header: String,
    said: String,
}

/// Twelve phantoms, all with a mask but the last, with classes, labels and persons.
fn labelled_set() -> TempDir {
    let folder = tempdir().unwrap();
    let mut table = String::from("file,mask,dataset,split,lesion_id,dx,malignant,melanoma,seborrheic_keratosis,age,sex,site\n");
    for seed in 0..12 {
        let (name, mask) = (format!("images/{seed}.png"), format!("masks/{seed}.png"));
        pictures::phantom_with_mask(folder.path(), &name, &mask, seed);
        let dx = ["nv", "mel", "bkl", "bcc"][seed as usize % 4];
        let (malignant, melanoma, keratosis) = (u8::from(seed % 2 == 1), u8::from(dx == "mel"), u8::from(dx == "bkl"));
        let (age, sex, site) = [("20.0", "female", "back"), ("70.0", "male", "face"), ("", "", "unknown")][seed as usize % 3];
        let mask = if seed == 11 { String::new() } else { mask };
        writeln!(table, "{name},{mask},one,val,L{},{dx},{malignant},{melanoma},{keratosis},{age},{sex},{site}", seed / 2).unwrap();
    }
    fs::write(folder.path().join("index.csv"), table).unwrap();
    folder
}

fn sealed(bundle: TinyBundle) -> TinyBundle {
    bundle.seal().unwrap();
    bundle
}

fn evaluate(bundle: &TinyBundle, set: &TempDir, more: &[&str]) -> Results {
    let out = set.path().join("out");
    let output = with_bundle("evaluate", bundle)
        .args(["--index", arg(&set.path().join("index.csv")), "--out", arg(&out)])
        .args(more)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    read(&out, text(&output.stdout))
}

fn read(out: &Path, said: String) -> Results {
    let mut table = csv::Reader::from_path(out.join("predictions.csv")).unwrap();
    let header: Vec<String> = table.headers().unwrap().iter().map(str::to_owned).collect();
    let lines: Vec<csv::StringRecord> = table.records().map(Result::unwrap).collect();
    let column = |at: usize| lines.iter().map(|line| line[at].to_owned()).collect();
    Results {
        summary: serde_json::from_slice(&fs::read(out.join("summary.json")).unwrap()).unwrap(),
        predictions: header.iter().enumerate().map(|(at, name)| (name.clone(), column(at))).collect(),
        header: header.join(","),
        said,
    }
}

/// Every key of an object and of the objects in it, but not those named after classes, groups and reasons.
fn keys(value: &Value, path: &str, into: &mut Vec<String>) {
    let named_by_data = ["gate.reasons", "independent", "classes.by_class", "classes.confusion", "against.differences"];
    let Some(object) = value.as_object() else { return };
    for (key, value) in object {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        into.push(path.clone());
        if named_by_data.contains(&path.as_str()) {
            if let Some(first) = value.as_object().and_then(|object| object.values().next()) {
                keys(first, &format!("{path}.*"), into);
            }
        } else if let Some(first) = value.as_array().and_then(|array| array.first()) {
            keys(first, &format!("{path}[]"), into);
        } else if value.get("low").is_none() {
            keys(value, &path, into);
        }
    }
}

fn all_keys(summary: &Value) -> String {
    let mut found = vec![];
    keys(summary, "", &mut found);
    found.sort();
    found.join("\n")
}

#[test]
fn a_bundle_of_several_classes_is_measured_against_dx_masks_and_groups() {
    let (bundle, set) = (sealed(TinyBundle::dual_network()), labelled_set());
    let found = evaluate(&bundle, &set, &[]);
    assert_eq!(
        found.header,
        "file,nv,mel,bkl,bcc,quality,latency_ms,referral,novelty,disagreement,abstained,mask_jaccard,mask_dice,cam_in_lesion,class"
    );
    let numbers = |column: &str| found.predictions[column].iter().map(|cell| cell.parse().unwrap()).collect::<Vec<f64>>();
    for at in 0..12 {
        let [nv, mel, bkl, bcc] = ["nv", "mel", "bkl", "bcc"].map(|class| numbers(class)[at]);
        assert!((nv + mel + bkl + bcc - 1.0).abs() < 1e-5);
        assert!((mel + bcc - numbers("referral")[at]).abs() < 1e-5, "a referral is asked for by two classes");
    }
    assert!(found.predictions["abstained"].iter().all(|cause| ["", "novelty", "disagreement"].contains(&cause.as_str())));
    assert_eq!(found.predictions["mask_jaccard"].iter().filter(|cell| cell.is_empty()).count(), 1, "the row without a mask");
    insta::assert_snapshot!("summary_keys_of_several_classes", all_keys(&found.summary));

    let summary = &found.summary;
    assert_eq!((summary["classes"]["n"].as_u64(), summary["mask"]["n"].as_u64()), (Some(12), Some(11)));
    assert_eq!(summary["operating_points"].as_array().unwrap().len(), 2);
    let counted: u64 = summary["classes"]["confusion"]["mel"].as_object().unwrap().values().map(|n| n.as_u64().unwrap()).sum();
    assert_eq!(counted, 3);
    let bands: Vec<&str> = summary["groups"]["age"].as_array().unwrap().iter().map(|band| band["group"].as_str().unwrap()).collect();
    assert_eq!(bands, ["<30", "60-74", "unknown"]);
    assert_eq!(summary["groups"]["sex"][0]["roc_auc"], "too few");
    assert!(found.said.contains("balanced accuracy") && found.said.contains("by site"), "{}", found.said);
}

#[test]
fn metadata_are_told_unless_they_are_withheld() {
    let (bundle, set) = (sealed(TinyBundle::dual_network()), labelled_set());
    let told = evaluate(&bundle, &set, &[]);
    let withheld = evaluate(&bundle, &set, &["--without-metadata"]);
    assert_eq!((&told.summary["with_metadata"], &withheld.summary["with_metadata"]), (&Value::Bool(true), &Value::Bool(false)));
    for (row, (told, withheld)) in told.predictions["referral"].iter().zip(&withheld.predictions["referral"]).enumerate() {
        // Of every third person nothing is known anyway.
        assert_eq!(told == withheld, row % 3 == 2, "row {row}: {told} {withheld}");
    }
}

#[test]
fn classes_that_are_questions_of_their_own_are_measured_against_their_own_columns() {
    let (bundle, set) = (sealed(TinyBundle::multitask()), labelled_set());
    let found = evaluate(&bundle, &set, &[]);
    assert!(found.header.starts_with("file,melanoma,seborrheic_keratosis,quality,latency_ms,referral,"), "{}", found.header);
    assert_eq!(found.summary["label"], "melanoma");
    let independent = &found.summary["independent"];
    assert_eq!(
        (independent["melanoma"]["positives"].as_u64(), independent["seborrheic_keratosis"]["positives"].as_u64()),
        (Some(3), Some(3))
    );
    assert_eq!(independent["melanoma"]["roc_auc"], found.summary["roc_auc"], "melanoma is what a referral is for");
    assert_eq!(found.summary["classes"], Value::Null);
    assert!(found.predictions["novelty"].iter().all(|cell| cell.parse::<f64>().is_ok()));
    insta::assert_snapshot!("summary_keys_of_independent_classes", all_keys(&found.summary));
    for chart in ["roc", "pr", "coverage", "reliability", "reliability-melanoma", "reliability-seborrheic_keratosis"] {
        let svg = fs::read_to_string(set.path().join(format!("out/{chart}.svg"))).unwrap();
        assert!(svg.starts_with("<svg") && svg.contains("n = 12"), "{chart}");
    }
}

#[test]
fn either_part_of_a_picture_can_be_painted_over() {
    let (bundle, set) = (sealed(TinyBundle::multitask()), labelled_set());
    let whole = evaluate(&bundle, &set, &[]);
    let before: Vec<_> = walk(set.path());
    let mut differing = vec![];
    for part in ["lesion", "surroundings"] {
        let hidden = evaluate(&bundle, &set, &["--hide", part]);
        assert_eq!(hidden.summary["hidden"], part);
        assert_eq!((hidden.summary["left_out"].as_u64(), hidden.predictions["file"].len()), (Some(1), 11), "the row without a mask");
        differing.push(hidden.predictions["referral"].iter().zip(&whole.predictions["referral"]).filter(|(a, b)| a != b).count());
    }
    assert!(differing.iter().all(|count| *count > 8), "{differing:?}");
    assert_eq!(walk(set.path()), before, "painted pictures are written nowhere");
}

fn walk(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .flat_map(|entry| {
            let path = entry.unwrap().path();
            if path.is_dir() { walk(&path) } else { vec![path] }
        })
        .collect();
    found.sort();
    found
}

#[test]
fn two_bundles_are_compared_on_the_same_rows() {
    let (float, set) = (TinyBundle::float32(), labelled_set());
    let int8 = TinyBundle::sealed();
    let key = set.path().join("other.pub");
    fs::write(&key, float.public_key()).unwrap();
    let found = evaluate(&int8, &set, &["--trust", arg(&key), "--against", arg(float.dir())]);
    let against = &found.summary["against"];
    assert_eq!((against["n"].as_u64(), against["bundle"]["name"].as_str()), (Some(12), Some("asff-tiny")));
    let area = &against["differences"]["roc_auc"];
    let part = |name: &str| area[name].as_f64().unwrap();
    assert!((part("here") - part("there") - part("value")).abs() < 1e-12 && part("low") <= part("high"), "{area}");
    assert_eq!(found.summary["roc_auc"]["value"].as_f64(), Some(part("here")));
    let largest = against["largest_distance"].as_f64().unwrap();
    assert!(largest > 0.0 && largest < 0.1, "int8 is near float32 but not the same: {largest}");
    assert!(set.path().join("out/predictions-against.csv").exists());
    assert!(found.said.contains("minus asff-tiny"), "{}", found.said);
}

#[test]
fn a_mask_that_cannot_be_read_costs_only_its_own_figures() {
    let (bundle, set) = (sealed(TinyBundle::multitask()), labelled_set());
    fs::write(set.path().join("masks/3.png"), b"no picture").unwrap();
    let found = evaluate(&bundle, &set, &[]);
    assert_eq!((found.summary["masks_unreadable"].as_u64(), found.summary["mask"]["n"].as_u64()), (Some(1), Some(10)));
    assert_eq!((found.summary["unreadable"].as_u64(), found.predictions["file"].len()), (Some(0), 12));
}

/// The twelve phantoms as two datasets, with three raters' ratings and experts', as `index.csv` has them.
fn rated_set() -> TempDir {
    let folder = labelled_set();
    let path = folder.path().join("index.csv");
    let table = fs::read_to_string(&path).unwrap();
    let mut rated = String::new();
    for (at, line) in table.lines().enumerate() {
        let line = if at > 6 { line.replace(",one,val,", ",two,val,") } else { line.to_owned() };
        let rating = |most: usize| (0..3).map(|rater| ((at * 7 + rater * rater) % (most + 1)).to_string()).collect::<Vec<_>>().join("|");
        match at {
            0 => writeln!(rated, "{line},abc_asymmetry,abc_border,abc_colour,ph2_asymmetry,ph2_colours").unwrap(),
            _ => writeln!(rated, "{line},{},{},{},{},light_brown|red", rating(2), rating(8), rating(6), at % 3).unwrap(),
        }
    }
    fs::write(&path, rated).unwrap();
    folder
}

#[test]
fn datasets_are_joined_each_with_its_own_classes() {
    let (bundle, set) = (sealed(TinyBundle::cefm()), rated_set());
    let found = evaluate(&bundle, &set, &["--dataset", "one:mel", "--dataset", "two:nv,mel"]);
    // Of six images each: nv at 0, 4, 8, mel at 1, 5, 9.
    assert_eq!(found.predictions["file"], [1, 5, 8, 9].map(|seed| format!("images/{seed}.png")));
    assert_eq!(found.summary["rows"], "dataset 'one:mel' or 'two:nv,mel'");
    assert_eq!((found.summary["n"].as_u64(), found.summary["positives"].as_u64()), (Some(4), Some(3)));
}

#[test]
fn criteria_are_set_beside_raters_experts_and_the_pictures_own() {
    let (bundle, set) = (sealed(TinyBundle::cefm()), rated_set());
    let found = evaluate(&bundle, &set, &[]);
    for column in ["severity_overall", "read_border", "agreement", "nearest_prototype", "asymmetry_shape_major", "score"] {
        assert!(found.predictions.contains_key(column), "{column} is not among {}", found.header);
    }
    let measured = found.predictions["score"].iter().filter(|cell| !cell.is_empty()).count();
    let (criteria, alignment) = (&found.summary["criteria"], &found.summary["alignment"]);
    assert_eq!((criteria["n"].as_u64(), criteria["unmeasured"].as_u64()), (Some(measured as u64), Some(12 - measured as u64)));
    assert!(measured > 6, "the network sees a lesion in most phantoms: {measured}");
    for criterion in ["asymmetry", "border", "colour"] {
        let beside = &criteria["raters"][criterion];
        assert_eq!(beside["n"].as_u64(), Some(measured as u64));
        let values: Vec<&String> = beside["values"].as_object().unwrap().keys().collect();
        assert_eq!(values, ["measured", "points", "read"], "{beside}");
    }
    assert_eq!(criteria["experts"]["n"].as_u64(), Some(measured as u64));
    let positive = alignment["positive"]["value"].as_f64().unwrap();
    let agreements: Vec<f64> = found.predictions["agreement"].iter().filter_map(|cell| cell.parse().ok()).collect();
    assert!((positive - agreements.iter().sum::<f64>() / measured as f64).abs() < 1e-5, "{positive} {agreements:?}");
    let chance: Vec<f64> = alignment["retrieval"].as_array().unwrap().iter().map(|of| of["chance"].as_f64().unwrap()).collect();
    for (found, depth) in chance.into_iter().zip([1.0, 10.0]) {
        assert!((found - (depth / measured as f64).min(1.0)).abs() < 1e-9, "{found} at {depth}");
    }
    assert!(alignment["prototypes"]["within_one"]["value"].as_f64().is_some());
    assert!(found.summary["median_steps_ms"]["criteria"].as_f64().unwrap() > 0.0);
    assert!(found.said.contains("cosine with own") && found.said.contains("experts: "), "{}", found.said);
}

#[test]
fn bundles_that_measure_no_criteria_have_neither_columns_nor_sections_of_them() {
    let (bundle, set) = (sealed(TinyBundle::multitask()), rated_set());
    let found = evaluate(&bundle, &set, &[]);
    assert!(found.header.ends_with("cam_in_lesion") && found.summary.get("criteria").is_none() && found.summary.get("alignment").is_none());
    assert_eq!(found.summary["median_steps_ms"]["criteria"].as_f64(), Some(0.0));
}
