//! The V4L2 camera on a real kernel: the `vivid` test driver, with the faults that it can inject.
//!
//! Ignored where there is no such device. To run, as root on a machine whose kernel has vivid:
//! `modprobe vivid n_devs=1 node_types=0x1 num_inputs=1 input_types=0` and
//! `LENTIGO_VIVID=/dev/video0 cargo test --test capture_v4l2 -- --ignored --test-threads=1`.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests fail the test")]

use std::time::{Duration, Instant};

use lentigo::capture::{Camera, CaptureError, PixelFormat, V4l2Camera, V4l2Settings};
use v4l::control::{Control, Value};

/// The 75 % colour bars that vivid shows: white, yellow, cyan, green, magenta, red, blue, black.
const BARS: [[u8; 3]; 8] = [[191, 191, 191], [191, 191, 0], [0, 191, 191], [0, 191, 0], [191, 0, 191], [191, 0, 0], [0, 0, 191], [0, 0, 0]];

fn device() -> String {
    std::env::var("LENTIGO_VIVID").expect("LENTIGO_VIVID names a vivid capture node")
}

fn settings(format: PixelFormat) -> V4l2Settings {
    V4l2Settings { timeout: Duration::from_secs(5), ..V4l2Settings::new(device(), 640, 360, format) }
}

/// Sets the control of that name, or presses its button.
fn turn(name: &str, value: i64) {
    let device = v4l::Device::with_path(device()).unwrap();
    let controls = device.query_controls().unwrap();
    let control = controls.iter().find(|control| control.name == name).expect(name);
    device.set_control(Control { id: control.id, value: Value::Integer(value) }).unwrap();
}

#[test]
#[ignore = "needs a vivid device"]
fn every_raw_format_shows_the_colours_that_the_driver_draws() {
    for format in [PixelFormat::Yuyv, PixelFormat::Nv12, PixelFormat::Rgb3, PixelFormat::Grey] {
        let mut camera = V4l2Camera::open(settings(format)).unwrap();
        let mut last = None;
        for _ in 0..4 {
            let captured = camera.capture().unwrap();
            assert!(last < Some((captured.sequence, captured.taken_at)), "{format}: {last:?}");
            last = Some((captured.sequence, captured.taken_at));
            for (bar, colour) in BARS.iter().enumerate() {
                // In the middle of the bar, below the text that vivid writes.
                let seen = captured.frame.pixel(bar as u32 * 80 + 40, 350);
                let near = |limit| seen.iter().zip(colour).all(|(seen, sent)| seen.abs_diff(*sent) <= limit);
                assert!(format == PixelFormat::Grey && seen[0] == seen[2] || near(4), "{format} bar {bar}: {seen:?}, not {colour:?}");
            }
        }
        println!("{}: 4 frames, the last {last:?}", camera.describe());
    }
}

#[test]
#[ignore = "needs a vivid device"]
fn a_format_or_size_that_the_driver_replaces_is_refused_with_its_own() {
    for wanted in [settings(PixelFormat::Mjpg), V4l2Settings { width: 641, ..settings(PixelFormat::Yuyv) }] {
        let error = V4l2Camera::open(wanted).err().unwrap();
        assert!(matches!(error, CaptureError::Format { .. }), "{error}");
        println!("{error}");
        assert!(error.to_string().contains("gives YUYV 640x360"), "{error}");
        assert!(
            error.to_string().ends_with(|last: char| last.is_ascii_digit()) && error.to_string().contains("; NV12 320x180, 640x360"),
            "{error}"
        );
    }
}

#[test]
#[ignore = "needs a vivid device"]
fn a_frame_taken_after_a_long_pause_is_not_one_that_waited() {
    let mut camera = V4l2Camera::open(settings(PixelFormat::Yuyv)).unwrap();
    let before = camera.capture().unwrap();
    let paused = Instant::now();
    std::thread::sleep(Duration::from_secs(3));
    let after = camera.capture().unwrap();
    let between = after.taken_at.checked_sub(before.taken_at).unwrap();
    println!("{between:?} between the frames, {:?} on the clock", paused.elapsed());
    assert!(between >= Duration::from_millis(2_800));
}

#[test]
#[ignore = "needs a vivid device"]
fn a_stall_is_a_time_out_and_the_camera_works_again_after_it() {
    let mut camera = V4l2Camera::open(V4l2Settings { timeout: Duration::from_secs(1), ..settings(PixelFormat::Yuyv) }).unwrap();
    let before = camera.capture().unwrap();
    turn("Percentage of Dropped Buffers", 100);
    // Buffers that were filled before the stall may still come.
    let error = (0..10).find_map(|_| camera.capture().err()).expect("a time-out");
    println!("{error}");
    assert!(matches!(error, CaptureError::TimedOut { .. }), "{error}");
    assert!(matches!(camera.capture(), Err(CaptureError::TimedOut { .. })), "and again while it lasts");
    turn("Percentage of Dropped Buffers", 0);
    let after = camera.capture().unwrap();
    assert!(after.sequence > before.sequence && after.taken_at > before.taken_at);
}

#[test]
#[ignore = "needs a vivid device"]
fn a_camera_that_goes_away_is_an_error_and_works_again_once_it_is_back() {
    for fault in ["Disconnect", "Inject Fatal Streaming Error"] {
        let mut camera = V4l2Camera::open(settings(PixelFormat::Yuyv)).unwrap();
        camera.capture().unwrap();
        turn(fault, 1);
        let error = (0..10).find_map(|_| camera.capture().err()).expect("an error");
        println!("{fault}: {error}");
        assert!(matches!(error, CaptureError::Gone { .. }), "{fault}: {error}");
        camera.capture().unwrap();
    }
}

#[test]
#[ignore = "needs a vivid device"]
fn a_buffer_that_the_driver_marks_as_damaged_is_passed_over() {
    let mut camera = V4l2Camera::open(settings(PixelFormat::Yuyv)).unwrap();
    let before = camera.capture().unwrap();
    turn("Inject V4L2_BUF_FLAG_ERROR", 1);
    assert!(camera.capture().unwrap().sequence > before.sequence);
}

#[test]
#[ignore = "needs a vivid device"]
fn a_camera_in_use_elsewhere_says_so() {
    let mut first = V4l2Camera::open(settings(PixelFormat::Yuyv)).unwrap();
    first.capture().unwrap();
    let error = V4l2Camera::open(settings(PixelFormat::Nv12)).err().unwrap();
    println!("{error}");
    assert!(error.to_string().contains("Another program is using it"), "{error}");
    first.capture().unwrap();
}

#[test]
fn what_is_no_camera_is_refused_with_what_to_do() {
    let open = |path: &str| V4l2Camera::open(V4l2Settings::new(path, 640, 480, PixelFormat::Yuyv)).err().unwrap().to_string();
    assert!(open("/dev/video-of-nobody").contains("plugged in"));
    let null = open("/dev/null");
    assert!(null.contains("/dev/null") && null.contains("video capture device"), "{null}");
    let odd = open("/dev/null\0x");
    assert!(odd.contains("cannot open"), "{odd}");
}
