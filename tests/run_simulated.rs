//! `lentigo run` on a board of simulated parts, from the command line to the record.
#![allow(clippy::unwrap_used, reason = "a test may stop")]

mod support;

use std::{fs, path::PathBuf};

use support::{
    TinyBundle,
    command::{arg, json_lines, lentigo, text},
};
use tempfile::{TempDir, tempdir};

/// The simulated board as it ships, with the very small bundle and folders of its own.
fn board(bundle: &TinyBundle) -> (TempDir, PathBuf) {
    let folder = tempdir().unwrap();
    let shipped = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/boards/simulated/board.toml")).unwrap();
    let key = bundle.public_key();
    let key = key.lines().last().unwrap();
    let mut text = shipped.replace("../../target/simulated/", "");
    text = text.replace("\"../../models/bundles/multitask-edge\"", &format!("{:?}\ntrusted_keys = [{key:?}]", bundle.dir()));
    assert!(text.contains("trusted_keys") && !text.contains("target/"), "the shipped board has changed: {text}");
    let path = folder.path().join("board.toml");
    fs::write(&path, text).unwrap();
    (folder, path)
}

#[test]
fn three_patients_go_the_whole_way_and_a_refused_picture_has_no_number() {
    let bundle = TinyBundle::unsealed();
    bundle.edit("manifest.toml", "focus_min = 0.0", "focus_min = 0.4");
    bundle.seal().unwrap();
    let (folder, board) = board(&bundle);
    let output = lentigo(&["run", "--board", arg(&board)]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let printed = text(&output.stdout);
    for patient in ["patient 1: ", "patient 2: ", "patient 3: "] {
        assert!(printed.contains(patient), "{printed}");
    }
    for path in printed.lines().filter_map(|line| line.trim().strip_prefix("screen: ")) {
        assert_eq!(image::open(path).unwrap().width(), 800);
    }
    let records = json_lines(&fs::read(folder.path().join("records/records.jsonl")).unwrap());
    let answered = records.iter().filter(|record| record.get("label").is_some_and(|label| label != "retake")).count();
    assert_eq!(answered, 3);
    assert_eq!(records.iter().filter(|record| record["closed"] == "left").count(), 3, "nobody accepted them");
    let refused: Vec<_> = records.iter().filter(|record| record["label"] == "retake").collect();
    assert!(!refused.is_empty(), "the simulated script has an out-of-focus picture");
    assert!(refused.iter().all(|record| record.get("probability").is_none()));
}

#[test]
fn what_is_wrong_with_a_board_is_said_before_anything_starts() {
    let bundle = TinyBundle::sealed();
    let (folder, board) = board(&bundle);
    let good = fs::read_to_string(&board).unwrap();
    for (from, to, expected) in [
        ("kind = \"phantom\"", "kind = \"v4l2\"\ndevice = \"/dev/video97\"", "/dev/video97"),
        ("steady_frames", "steady_frame", "steady_frames"),
        ("width = 800", "width = \"wide\"", "width"),
    ] {
        fs::write(
            &board,
            good.replacen(from, to, 1).replace("patients = [1, 2, 3]\n", if to.contains("v4l2") { "" } else { "patients = [1, 2, 3]\n" }),
        )
        .unwrap();
        let output = lentigo(&["run", "--board", arg(&board)]).output().unwrap();
        assert_eq!(output.status.code(), Some(3), "{}", text(&output.stdout));
        assert!(text(&output.stderr).contains(expected), "{}", text(&output.stderr));
    }
    let output = lentigo(&["run", "--board", arg(&folder.path().join("none.toml"))]).output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stderr).contains("none.toml"));
}
