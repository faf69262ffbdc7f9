//! What a board file can ask of a camera's adjustments, and what is said when it asks for something else.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking, in its helper functions too")]

use std::time::Duration;

use lentigo::{
    capture::{Adjustment, ControlSettings, PowerLine},
    device::board::{Board, BoardError, CameraBoard, V4l2Board},
};
use proptest::prelude::*;

fn parse(lines: &str) -> Result<V4l2Board, BoardError> {
    let text = format!(
        "[camera]\nkind = \"v4l2\"\ndevice = \"/dev/v4l/by-id/cam\"\n{lines}\n\
         [display]\nkind = \"png\"\nfolder = \"s\"\n[model]\nbundle = \"b\"\n[records]\nfolder = \"r\"\n"
    );
    Board::parse(&text).map(|board| match board.camera {
        CameraBoard::V4l2(camera) => camera,
        other => panic!("{other:?}"),
    })
}

#[test]
fn what_is_left_out_is_left_to_the_camera() {
    let board = parse("").unwrap();
    assert_eq!(board.controls, ControlSettings::default());
    assert_eq!(board.timeout, Duration::from_millis(1500));
}

#[test]
fn fixed_and_automatic_adjustments_are_read() {
    let fixed = "exposure = 10_000\nwhite_balance = 5000\nfocus = 0\ngain = \"auto\"\npower_line = \"50 Hz\"";
    let read = ControlSettings {
        exposure: Some(Adjustment::Fixed(10_000)),
        white_balance: Some(Adjustment::Fixed(5000)),
        focus: Some(Adjustment::Fixed(0)),
        gain: Some(Adjustment::Auto),
        power_line: Some(PowerLine::Hertz50),
    };
    assert_eq!(parse(fixed).unwrap().controls, read);
    for each in PowerLine::ALL {
        assert_eq!(parse(&format!("power_line = \"{}\"", each.name())).unwrap().controls.power_line, Some(each));
    }
}

#[test]
fn a_wrong_adjustment_names_the_legal_ones() {
    for (wrong, said) in [
        ("exposure = 50", "camera.exposure must be \"auto\" or an integer from 100 to 10000000 microseconds; here it is the integer 50"),
        ("exposure = \"atuo\"", "did you mean \"auto\"?"),
        ("white_balance = 4600.5", "here it is the number 4600.5"),
        ("white_balance = 99999999999999999999", "from 1000 to 20000 kelvin"),
        ("focus = -1", "camera.focus must be \"auto\" or an integer from 0 to 65535; here it is the integer -1"),
        ("gain = true", "here it is true"),
        ("power_line = 50", "camera.power_line must be \"off\", \"50 Hz\", \"60 Hz\" or \"auto\"; here it is the integer 50"),
    ] {
        let message = parse(wrong).unwrap_err().to_string();
        assert!(message.contains(said), "{message}");
    }
}

proptest! {
    #[test]
    fn every_exposure_in_the_range_is_read_as_it_stands_and_no_other(value in prop_oneof![50..200i64, any::<i64>(), 9_999_000..10_001_000i64]) {
        let read = parse(&format!("exposure = {value}"));
        let legal = (100..=10_000_000).contains(&value);
        prop_assert_eq!(read.ok().and_then(|board| board.controls.exposure), legal.then_some(Adjustment::Fixed(value as u32)));
    }
}
