//! The V4L2 camera on a real kernel: the `vivid` test driver, with the faults that it can inject.
//!
//! Ignored where there is no such device. To run, as root on a machine whose kernel has vivid:
//! `modprobe vivid n_devs=1 node_types=0x1 num_inputs=1 input_types=0` and
//! `LENTIGO_VIVID=/dev/video0 cargo test --test capture_v4l2 -- --ignored --test-threads=1`.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests fail the test")]

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use lentigo::capture::{
    Adjustment, Camera, CaptureError, ControlSettings, PixelFormat, V4l2Camera, V4l2Settings,
    burst::{self, Shown},
    reopen::Reopen,
};
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
    let (device, id) = control(name);
    device.set_control(Control { id, value: Value::Integer(value) }).unwrap();
}

/// What the control of that name is now.
fn now(name: &str) -> i64 {
    let (device, id) = control(name);
    match device.control(id).unwrap().value {
        Value::Integer(value) => value,
        Value::Boolean(on) => i64::from(on),
        other => unreachable!("{name} is {other:?}"),
    }
}

fn control(name: &str) -> (v4l::Device, u32) {
    let device = v4l::Device::with_path(device()).unwrap();
    let id = device.query_controls().unwrap().iter().find(|control| control.name == name).expect(name).id;
    (device, id)
}

fn with_gain(gain: Adjustment) -> V4l2Camera {
    let controls = ControlSettings { gain: Some(gain), exposure: Some(Adjustment::Auto), ..ControlSettings::default() };
    V4l2Camera::open(V4l2Settings { controls, ..settings(PixelFormat::Yuyv) }).unwrap()
}

fn found(camera: &V4l2Camera, name: &str) -> Option<String> {
    camera.controls().into_iter().find(|reading| reading.name == name).unwrap().found
}

#[test]
#[ignore = "needs a vivid device"]
fn every_raw_format_shows_the_colours_that_the_driver_draws() {
    for format in PixelFormat::RAW {
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
#[ignore = "needs a vivid device"]
fn controls_are_set_and_read_back() {
    let camera = with_gain(Adjustment::Fixed(50));
    println!("{:?}", camera.controls());
    assert_eq!((now("Gain, Automatic"), now("Gain")), (0, 50));
    assert_eq!((found(&camera, "gain").as_deref(), found(&camera, "exposure")), (Some("50"), None), "vivid has no exposure");
    drop(camera);
    let camera = with_gain(Adjustment::Fixed(60_000));
    assert_eq!(found(&camera, "gain").unwrap(), "255 (legal: 0 to 255 in steps of 1)");
    drop(camera);
    let camera = with_gain(Adjustment::Auto);
    assert_eq!((now("Gain, Automatic"), found(&camera, "gain").as_deref()), (1, Some("auto")));
}

#[test]
#[ignore = "needs a vivid device"]
fn the_gain_that_the_driver_changes_every_second_stands_still_while_held() {
    let mut camera = with_gain(Adjustment::Auto);
    let seconds = || {
        let gains = (0..6).map(|_| {
            std::thread::sleep(Duration::from_millis(500));
            now("Gain")
        });
        gains.collect::<Vec<i64>>()
    };
    camera.hold_still().unwrap();
    assert_eq!(now("Gain, Automatic"), 0);
    let held = seconds();
    assert!(held.iter().all(|gain| *gain == held[0]), "{held:?}");
    camera.capture().unwrap();
    camera.let_go().unwrap();
    assert_eq!(now("Gain, Automatic"), 1);
    let free = seconds();
    println!("held: {held:?}, let go: {free:?}");
    assert!(free.iter().any(|gain| *gain != free[0]), "{free:?}");
}

#[test]
#[ignore = "needs a vivid device"]
fn a_burst_is_of_frames_that_were_taken_after_it_was_asked_for() {
    let mut camera = with_gain(Adjustment::Auto);
    let shown = Shown::from(&camera.capture().unwrap());
    std::thread::sleep(Duration::from_secs(1));
    turn("Inject V4L2_BUF_FLAG_ERROR", 1);
    let asked = camera.now().unwrap();
    let burst = burst::take(&mut camera, 5, Some(shown), &mut |frame| f32::from(frame.pixel(0, 0)[0])).unwrap();
    println!("{burst:?}, {:?} from asking to the last", burst.frames[4].taken_at.saturating_sub(asked));
    assert_eq!(burst.frames.len(), 5);
    assert!(burst.frames.iter().all(|frame| frame.taken_at > asked && frame.sequence > shown.sequence));
    assert_eq!(now("Gain, Automatic"), 1, "let go");
}

/// Takes the device from its driver or gives it back; the node goes and comes, as when a cable is pulled and put in.
fn bind(what: &str) {
    fs::write(Path::new("/sys/bus/platform/drivers/vivid").join(what), "vivid.0").unwrap();
}

/// The video nodes that there are.
fn nodes() -> Vec<PathBuf> {
    let entries = fs::read_dir("/dev").unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.to_str().is_some_and(|path| path.starts_with("/dev/video"))).collect()
}

#[test]
#[ignore = "needs a vivid device"]
fn a_camera_that_is_unplugged_and_plugged_in_under_another_number_works_within_two_seconds() {
    let link = std::env::temp_dir().join("lentigo-camera-by-id");
    let _ = fs::remove_file(&link);
    symlink(device(), &link).unwrap();
    let opened = V4l2Settings { device: link.clone(), timeout: V4l2Settings::USUAL_TIMEOUT, ..settings(PixelFormat::Yuyv) };
    for another_number in [false, true] {
        let mut camera = V4l2Camera::open(opened.clone()).unwrap();
        let before = camera.capture().unwrap();
        let node = fs::read_link(&link).unwrap();
        // Who keeps the old node open keeps its number taken.
        let keeper = another_number.then(|| fs::File::open(&node).unwrap());
        let cable = std::thread::spawn({
            let link = link.clone();
            move || {
                std::thread::sleep(Duration::from_millis(300));
                let pulled = Instant::now();
                bind("unbind");
                std::thread::sleep(Duration::from_millis(1500));
                bind("bind");
                let plugged = Instant::now();
                fs::remove_file(&link).unwrap();
                symlink(nodes().pop().unwrap(), &link).unwrap();
                (pulled, plugged)
            }
        });
        let mut reopen = Reopen::default();
        let (mut noticed, mut tries) = (None, 0);
        let (after, back) = loop {
            match camera.capture() {
                Ok(captured) if noticed.is_some() => break (captured, Instant::now()),
                Ok(_) => reopen.worked(),
                Err(error) => {
                    let wait = reopen.failed(&error).unwrap();
                    println!("{error}");
                    noticed.get_or_insert((Instant::now(), error));
                    tries += 1;
                    std::thread::sleep(wait);
                }
            }
        };
        let (pulled, plugged) = cable.join().unwrap();
        let (noticed, first) = noticed.unwrap();
        let now = fs::read_link(&link).unwrap();
        println!(
            "{} -> {}: noticed after {:?}, a frame {:?} after it was there again, {tries} failures",
            node.display(),
            now.display(),
            noticed.duration_since(pulled),
            back.duration_since(plugged)
        );
        assert!(matches!(first, CaptureError::Gone { .. }), "{first}");
        assert!(noticed.duration_since(pulled) < Duration::from_secs(1));
        assert!(back.duration_since(plugged) < Duration::from_secs(2));
        assert!(after.sequence > before.sequence && after.taken_at > before.taken_at);
        assert_eq!(node == now, !another_number);
        drop((camera, keeper));
    }
    // As it was, for whoever comes next.
    bind("unbind");
    bind("bind");
    fs::remove_file(&link).unwrap();
    assert!(Path::new(&device()).exists());
}

#[test]
#[ignore = "needs a vivid device"]
fn a_stall_that_ends_is_over_within_two_seconds() {
    let mut camera = V4l2Camera::open(V4l2Settings { timeout: V4l2Settings::USUAL_TIMEOUT, ..settings(PixelFormat::Yuyv) }).unwrap();
    camera.capture().unwrap();
    let begun = Instant::now();
    turn("Percentage of Dropped Buffers", 100);
    let end = std::thread::spawn(|| {
        std::thread::sleep(Duration::from_secs(4));
        turn("Percentage of Dropped Buffers", 0);
        Instant::now()
    });
    let (mut reopen, mut noticed) = (Reopen::default(), None);
    let back = loop {
        match camera.capture() {
            Ok(_) if noticed.is_some() => break Instant::now(),
            Ok(_) => reopen.worked(),
            Err(error) => {
                noticed = noticed.or_else(|| Some(begun.elapsed()));
                std::thread::sleep(reopen.failed(&error).unwrap());
            }
        }
    };
    let end = end.join().unwrap();
    println!("noticed after {:?}, a frame {:?} after its end", noticed.unwrap(), back.saturating_duration_since(end));
    assert!(back.saturating_duration_since(end) < Duration::from_secs(2));
}

#[test]
#[ignore = "needs a vivid device"]
fn opening_again_and_again_leaves_no_descriptor_and_no_buffer_behind() {
    let open =
        || (fs::read_dir("/proc/self/fd").unwrap().count(), fs::read_to_string("/proc/self/maps").unwrap().matches("/dev/video").count());
    let before = open();
    for _ in 0..10 {
        let mut camera = V4l2Camera::open(settings(PixelFormat::Yuyv)).unwrap();
        camera.capture().unwrap();
        turn("Disconnect", 1);
        assert!((0..10).any(|_| camera.capture().is_err()));
        camera.capture().unwrap();
    }
    assert_eq!(open(), before);
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
