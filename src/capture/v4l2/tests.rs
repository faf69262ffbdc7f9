use super::{
    driver::{Given, Offer},
    fake::{Event, Fake},
    *,
};
use crate::frame::FrameError;

fn settings(format: PixelFormat) -> V4l2Settings {
    V4l2Settings { timeout: Duration::from_millis(500), ..V4l2Settings::new("/dev/video7", 8, 8, format) }
}

fn camera(fake: &Fake, format: PixelFormat) -> V4l2Camera {
    V4l2Camera::with_driver(settings(format), Box::new(fake.clone())).unwrap()
}

/// A whole grey frame whose brightness is its number.
fn grey(sequence: u32) -> Event {
    Event::Buffer { bytes: vec![sequence as u8; 64], damaged: false, sequence, dated: true }
}

fn jpeg(brightness: u8) -> Vec<u8> {
    PixelFormat::Mjpg.encode(&Frame::from_fn(8, 8, |_, _| [brightness; 3]).unwrap(), 0).unwrap()
}

fn brightness(captured: &Captured) -> u8 {
    captured.frame.pixel(3, 3)[1]
}

#[test]
fn frames_that_waited_while_nobody_asked_are_never_shown() {
    let fake = Fake::new();
    let mut camera = camera(&fake, PixelFormat::Grey);
    for number in 0..200 {
        fake.at(u64::from(number) * 40, grey(number));
    }
    assert_eq!(brightness(&camera.capture().unwrap()), 0);
    // Five seconds of analysis: the queue holds frames 1 to 4, and the driver dropped all that followed.
    fake.pass(5_010);
    let asked = fake.now();
    let captured = camera.capture().unwrap();
    assert!(captured.taken_at >= asked && brightness(&captured) == 126, "frame {}", brightness(&captured));
}

#[test]
fn the_newest_of_the_waiting_frames_is_taken_at_once_when_it_is_fresh() {
    let fake = Fake::new();
    let mut camera = camera(&fake, PixelFormat::Grey);
    for number in 0..4 {
        fake.at(u64::from(number) * 40, grey(number));
    }
    fake.pass(130);
    let asked = fake.now();
    assert_eq!(brightness(&camera.capture().unwrap()), 3);
    assert_eq!(fake.now(), asked, "without waiting");
}

#[test]
fn a_waiting_frame_without_a_date_is_not_trusted_to_be_fresh() {
    let fake = Fake::new();
    let mut camera = camera(&fake, PixelFormat::Grey);
    for number in 0..4 {
        fake.at(u64::from(number) * 100, Event::Buffer { bytes: vec![number as u8; 64], damaged: false, sequence: number, dated: false });
    }
    fake.pass(150);
    assert_eq!(brightness(&camera.capture().unwrap()), 2, "the first to arrive after asking");
}

#[test]
fn a_stall_is_a_time_out_and_the_next_call_opens_the_camera_again() {
    let fake = Fake::new();
    let mut camera = camera(&fake, PixelFormat::Grey);
    fake.at(0, grey(40));
    fake.at(2_000, grey(0));
    let before = camera.capture().unwrap();
    let asked = fake.now();
    let error = camera.capture().unwrap_err();
    assert!(matches!(&error, CaptureError::TimedOut { waited, .. } if *waited == Duration::from_millis(500)));
    assert!(error.to_string().contains("/dev/video7") && fake.now() == asked + Duration::from_millis(500));
    assert_eq!(fake.world().opened, 1);
    assert_eq!(fake.world().stopped, 1, "the stream is stopped at once");
    fake.pass(1_400);
    let after = camera.capture().unwrap();
    assert_eq!(fake.world().opened, 2);
    assert!(after.sequence > before.sequence, "though the driver counts from 0 again");
}

#[test]
fn an_unplugged_camera_is_named_and_works_again_once_it_is_back() {
    let fake = Fake::new();
    let mut camera = camera(&fake, PixelFormat::Grey);
    fake.at(0, grey(1));
    fake.at(10, Event::Unplugged);
    fake.at(5_000, grey(9));
    let before = camera.capture().unwrap();
    assert!(matches!(camera.capture(), Err(CaptureError::Gone { device, .. }) if device == "/dev/video7"));
    fake.world().open = Err(io::ErrorKind::NotFound);
    for _ in 0..3 {
        let error = camera.capture().unwrap_err();
        assert!(matches!(error, CaptureError::Open { .. }) && error.to_string().contains("plugged in"), "{error}");
    }
    fake.world().open = Ok(());
    fake.pass(4_900);
    let after = camera.capture().unwrap();
    assert!(brightness(&after) == 9 && after.sequence > before.sequence);
}

#[test]
fn a_busy_or_forbidden_camera_says_what_to_do() {
    let fake = Fake::new();
    for (kind, advice) in [(io::ErrorKind::ResourceBusy, "Another program"), (io::ErrorKind::PermissionDenied, "group `video`")] {
        fake.world().open = Err(kind);
        let error = V4l2Camera::with_driver(settings(PixelFormat::Grey), Box::new(fake.clone())).err().unwrap();
        assert!(error.to_string().contains(advice), "{error}");
    }
}

#[test]
fn damaged_and_short_buffers_are_dropped_and_not_shown() {
    let fake = Fake::new();
    let mut camera = camera(&fake, PixelFormat::Grey);
    fake.at(0, Event::Buffer { bytes: vec![1; 64], damaged: true, sequence: 1, dated: true });
    fake.at(10, Event::Buffer { bytes: vec![2; 63], damaged: false, sequence: 2, dated: true });
    fake.at(20, Event::Buffer { bytes: vec![], damaged: false, sequence: 3, dated: true });
    fake.at(30, grey(4));
    assert_eq!(brightness(&camera.capture().unwrap()), 4);
}

#[test]
fn the_same_frame_is_never_shown_twice() {
    let fake = Fake::new();
    let mut camera = camera(&fake, PixelFormat::Grey);
    let undated = |number: u32| Event::Buffer { bytes: vec![number as u8; 64], damaged: false, sequence: number, dated: false };
    fake.at(10, undated(5));
    fake.at(40, undated(5));
    fake.at(80, undated(4));
    fake.at(120, undated(6));
    let shown = [camera.capture().unwrap(), camera.capture().unwrap()];
    assert_eq!(shown.each_ref().map(brightness), [5, 6]);
    assert!(shown[1].sequence > shown[0].sequence);
}

#[test]
fn an_mjpg_frame_of_bogus_length_or_cut_short_gives_way_to_the_next_whole_one() {
    let fake = Fake::new();
    let mut camera = camera(&fake, PixelFormat::Mjpg);
    let whole = jpeg(200);
    let event = |bytes: &[u8], sequence| Event::Buffer { bytes: bytes.to_vec(), damaged: false, sequence, dated: true };
    fake.at(0, event(&[0; 5000], 0));
    fake.at(40, event(&whole[..whole.len() / 2], 1));
    fake.at(80, event(&whole, 2));
    assert!(brightness(&camera.capture().unwrap()).abs_diff(200) < 3);
}

#[test]
fn a_camera_that_sends_nothing_but_cut_frames_is_reported_as_damaged() {
    let fake = Fake::new();
    let mut camera = camera(&fake, PixelFormat::Mjpg);
    let whole = jpeg(90);
    for number in 0..40 {
        let bytes = whole[..whole.len() - 9].to_vec();
        fake.at(u64::from(number) * 40, Event::Buffer { bytes, damaged: false, sequence: number, dated: true });
    }
    let error = camera.capture().unwrap_err();
    assert!(
        matches!(&error, CaptureError::Damaged { format, .. } if format == "MJPG") && error.to_string().contains("cut short"),
        "{error}"
    );
}

#[test]
fn another_format_or_size_or_too_small_a_buffer_is_refused_with_what_is_offered() {
    let right = Given { fourcc: *b"YUYV", width: 8, height: 8, stride: 16, size: 128, progressive: true, full_range: false };
    let fake = Fake::new();
    fake.world().offers.push(Offer { fourcc: *b"NV12", sizes: vec!["48x27 to 3840x2160".into()] });
    fake.world().offers.push(Offer { fourcc: *b"H264", sizes: vec!["640x480".into()] });
    for (wanted, given) in [
        (PixelFormat::Mjpg, right),
        (PixelFormat::Yuyv, Given { width: 16, ..right }),
        (PixelFormat::Yuyv, Given { height: 4, ..right }),
        (PixelFormat::Yuyv, Given { stride: 8, ..right }),
        (PixelFormat::Yuyv, Given { stride: u32::MAX, ..right }),
        (PixelFormat::Yuyv, Given { size: 127, ..right }),
        (PixelFormat::Yuyv, Given { progressive: false, ..right }),
    ] {
        fake.world().given = Some(given);
        let error = V4l2Camera::with_driver(settings(wanted), Box::new(fake.clone())).err().unwrap();
        assert!(matches!(error, CaptureError::Format { .. }), "{given:?}: {error}");
        let message = error.to_string();
        assert!(message.contains("/dev/video7") && message.contains("YUYV 640x480, 1280x720; NV12 48x27 to 3840x2160"), "{message}");
        assert!(!message.contains("H264"), "only what is read: {message}");
    }
    fake.world().given = Some(right);
    assert!(V4l2Camera::with_driver(settings(PixelFormat::Yuyv), Box::new(fake)).is_ok());
}

#[test]
fn lines_with_padding_are_read_without_it() {
    let fake = Fake::new();
    fake.world().given = Some(Given { fourcc: *b"GREY", width: 8, height: 8, stride: 12, size: 96, progressive: true, full_range: false });
    let mut camera = camera(&fake, PixelFormat::Grey);
    let bytes = (0..96).map(|at| if at % 12 < 8 { 50 } else { 255 }).collect();
    fake.at(0, Event::Buffer { bytes, damaged: false, sequence: 0, dated: true });
    assert!(camera.capture().unwrap().frame.pixels().iter().all(|&level| level == 50));
}

#[test]
fn a_size_that_no_picture_can_have_is_refused_before_the_device_is_asked() {
    let wanted = V4l2Settings { width: 0, ..settings(PixelFormat::Mjpg) };
    let error = V4l2Camera::with_driver(wanted, Box::new(Fake::new())).err().unwrap();
    assert!(matches!(error, CaptureError::Frame { cause: FrameError::Size { .. }, .. }), "{error}");
}
