//! From a board file to a device that runs, with a real (very small) bundle, phantoms and picture files.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking, in its helper functions too")]

mod support;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use lentigo::{
    device::{Device, End, News, Summary, board::Board},
    record::{RecordLog, read},
    verdict::{Label, Verdict},
};
use support::TinyBundle;

/// A board file in `folder`; `more` goes at its end, under `[capture]`.
fn board(folder: &Path, bundle: &TinyBundle, camera: &str, more: &str) -> Board {
    let key = bundle.public_key().lines().last().unwrap().to_owned();
    let text = format!(
        "[camera]\n{camera}\n[display]\nkind = \"png\"\nfolder = \"screens\"\nwidth = 320\nheight = 240\n\
         [model]\nbundle = {:?}\ntrusted_keys = [\"{key}\"]\n[records]\nfolder = \"records\"\n[capture]\nhold_ms = 0\nlift_frames = 0\n{more}\n",
        bundle.dir()
    );
    let path = folder.join("board.toml");
    fs::write(&path, text).unwrap();
    Board::load(&path).unwrap()
}

const PHANTOM: &str = "kind = \"phantom\"\nwidth = 320\nheight = 240";

fn pictures(folder: &Path) -> Vec<PathBuf> {
    let mut pictures: Vec<_> = fs::read_dir(folder.join("screens")).unwrap().map(|entry| entry.unwrap().path()).collect();
    pictures.sort();
    pictures
}

/// Why a run that nobody watches ends.
fn run_error(board: &Board) -> String {
    let mut board = board.clone();
    board.capture.patients = Some(1);
    match Device::of(&board, Arc::default()) {
        Ok(mut device) => device.run(&mut |_| {}).err().unwrap().to_string(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn three_simulated_patients_go_the_whole_way() {
    let (folder, bundle) = (tempfile::tempdir().unwrap(), TinyBundle::sealed());
    let board = board(folder.path(), &bundle, PHANTOM, "patients = 3\nsteady_frames = 2\npreview_limit = 3\nattempts = 2");
    let mut device = Device::of(&board, Arc::default()).unwrap();
    let mut closed = Vec::new();
    let summary = device
        .run(&mut |news| {
            if let News::Verdict { patient, verdict, picture, .. } = news {
                assert!(picture.as_ref().unwrap().is_file());
                closed.push((*patient, verdict.label()));
                assert_eq!(matches!(verdict, Verdict::Assessed(_)), !matches!(verdict.label(), Label::CannotAssess));
            }
        })
        .unwrap();
    assert_eq!(summary, Summary { cases: 3, end: End::Patients });
    assert_eq!(closed.iter().map(|(patient, _)| *patient).collect::<Vec<_>>(), [1, 2, 3]);
    drop(device);

    let lines: Vec<_> = read(&folder.path().join("records").join(RecordLog::FILE_NAME)).unwrap().map(Result::unwrap).collect();
    for (patient, label) in closed {
        let last = lines.iter().rfind(|line| line.case == u64::from(patient)).unwrap();
        assert_eq!(last.outcome.label(), label);
        assert_eq!(last.bundle.name, "asff-tiny");
        assert!(last.source.starts_with("phantom"), "{}", last.source);
    }
    // One picture for each record, and the live one.
    assert_eq!(pictures(folder.path()).len(), lines.len() + 1);
}

#[test]
fn a_damaged_bundle_is_a_fault_on_the_screen() {
    let (folder, bundle) = (tempfile::tempdir().unwrap(), TinyBundle::sealed());
    let board = board(folder.path(), &bundle, PHANTOM, "");
    fs::write(bundle.file("graph.onnx"), b"other").unwrap();
    let said = run_error(&board);
    assert!(said.contains("graph.onnx"), "{said}");
    assert!(pictures(folder.path()).contains(&folder.path().join("screens/screen-0001.png")), "the fault is on the screen");
}

#[test]
fn a_bundle_signed_by_a_stranger_is_refused() {
    let (folder, bundle) = (tempfile::tempdir().unwrap(), TinyBundle::sealed());
    let mut board = board(folder.path(), &bundle, PHANTOM, "");
    board.model.trusted_keys.clear();
    let said = run_error(&board);
    assert!(said.contains("signed"), "{said}");
}

#[test]
fn an_operating_point_that_the_bundle_does_not_have_is_told_with_those_it_has() {
    let (folder, bundle) = (tempfile::tempdir().unwrap(), TinyBundle::sealed());
    let mut board = board(folder.path(), &bundle, PHANTOM, "");
    board.model.operating_point = Some("sensitivity-12".to_owned());
    let said = run_error(&board);
    assert!(said.contains("\"sensitivity-12\"") && said.contains("Choose one of "), "{said}");
}

#[test]
fn a_camera_that_is_not_there_is_told_before_anything_starts() {
    let (folder, bundle) = (tempfile::tempdir().unwrap(), TinyBundle::sealed());
    let board = board(folder.path(), &bundle, "kind = \"v4l2\"\ndevice = \"/dev/no-such-camera\"", "");
    let said = run_error(&board);
    assert!(said.contains("camera.device: /dev/no-such-camera cannot be found"), "{said}");
}

#[test]
fn folders_that_cannot_be_made_are_named() {
    let (folder, bundle) = (tempfile::tempdir().unwrap(), TinyBundle::sealed());
    let mut board = board(folder.path(), &bundle, PHANTOM, "");
    fs::write(folder.path().join("records"), "a file").unwrap();
    let said = run_error(&board);
    assert!(said.contains("no records can be kept in") && said.contains("another under [records]"), "{said}");
    board.records = folder.path().join("kept");
    board.display = match board.display {
        lentigo::device::board::DisplayBoard::Png(png) => lentigo::device::board::DisplayBoard::Png(lentigo::device::board::PngBoard {
            folder: folder.path().join("records/screens"),
            ..png
        }),
        other => other,
    };
    let said = run_error(&board);
    assert!(said.contains("cannot be used as a folder for pictures"), "{said}");
}
