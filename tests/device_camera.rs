//! From a board file to frames.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking, in its helper functions too")]

use std::path::Path;

use lentigo::{
    capture::{CaptureError, Captured},
    device::{Patients, board::Board, open_camera},
};

fn open(camera: &str, preview_limit: &str) -> Result<Box<dyn Patients>, CaptureError> {
    let text = format!(
        "[camera]\n{camera}\n[display]\nkind = \"png\"\nfolder = \"s\"\n[model]\nbundle = \"b\"\n[records]\nfolder = \"r\"\n[capture]\n{preview_limit}\n"
    );
    open_camera(&Board::parse(&text).unwrap())
}

/// Mean difference between neighbours in a row: fine detail.
fn detail(captured: &Captured) -> f64 {
    let luma = captured.frame.luma();
    let differences = luma.values.windows(2).map(|pair| f64::from(pair[0].abs_diff(pair[1])));
    differences.sum::<f64>() / luma.values.len() as f64
}

#[test]
fn every_second_phantom_is_out_of_focus_for_one_whole_preview() {
    let mut camera = open("kind = \"phantom\"\nwidth = 320\nheight = 240\npatients = [1, 2]", "preview_limit = 4").unwrap();
    let mut sharpness = |patient| -> Vec<f64> {
        camera.next_patient(patient).unwrap();
        (0..8).map(|_| detail(&camera.capture().unwrap())).collect()
    };
    let (odd, even) = (sharpness(1), sharpness(2));
    let jump = |values: &[f64], at: usize| values[at] / values[at - 1];
    assert!((1..8).all(|at| (0.9..1.1).contains(&jump(&odd, at))), "{odd:?}");
    assert!(jump(&even, 4) > 1.05 && (1..8).filter(|at| *at != 4).all(|at| (0.95..1.05).contains(&jump(&even, at))), "{even:?}");
}

#[test]
fn frames_of_phantoms_count_on_from_patient_to_patient_and_phantoms_come_round_again() {
    let mut camera = open("kind = \"phantom\"\nwidth = 64\nheight = 64\npatients = [5]", "").unwrap();
    let mut last: Option<Captured> = None;
    for patient in 1..=3 {
        camera.next_patient(patient).unwrap();
        for _ in 0..2 {
            let captured = camera.capture().unwrap();
            if let Some(last) = last {
                assert!(captured.sequence > last.sequence && captured.taken_at > last.taken_at);
            }
            last = Some(captured);
        }
    }
}

#[test]
fn a_picture_is_replayed_and_the_end_is_told() {
    let picture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/asff-tiny/input.png");
    let mut camera = open(&format!("kind = \"replay\"\npath = {picture:?}"), "").unwrap();
    camera.next_patient(1).unwrap();
    assert!(camera.capture().is_ok());
    assert!(matches!(camera.capture(), Err(CaptureError::Finished { .. })));
    assert!(open("kind = \"replay\"\npath = \"/no/such/folder\"", "").is_err());
}

#[test]
fn a_camera_that_is_not_there_is_named() {
    let error = open("kind = \"v4l2\"\ndevice = \"/dev/no-such-camera\"", "").err().unwrap();
    assert!(error.to_string().contains("/dev/no-such-camera"), "{error}");
}
