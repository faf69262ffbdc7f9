use proptest::prelude::*;

use super::{
    driver::{Control, Span},
    fake::{Event, Fake},
    *,
};

fn span(least: i32, most: i32, step: i32, usual: i32) -> Span {
    Span { least, most, step, usual, choices: None }
}

fn menu(choices: &[i32], usual: i32) -> Span {
    let (least, most) = (*choices.iter().min().unwrap(), *choices.iter().max().unwrap());
    Span { least, most, step: 1, usual, choices: Some(choices.to_vec()) }
}

/// A webcam as most are: exposure by aperture priority, no automatic gain of its own, no 60 Hz.
fn webcam() -> Fake {
    let fake = Fake::new();
    fake.with(Control::ExposureMode, menu(&[1, 3], 3));
    fake.with(Control::ExposureTime, span(3, 2047, 1, 250));
    fake.with(Control::Gain, span(0, 255, 1, 64));
    fake.with(Control::WhiteBalanceMode, span(0, 1, 1, 1));
    fake.with(Control::WhiteBalanceKelvin, span(2800, 6500, 10, 4600));
    fake.with(Control::FocusMode, span(0, 1, 1, 1));
    fake.with(Control::FocusPlace, span(0, 250, 5, 0));
    fake.with(Control::PowerLine, menu(&[0, 1], 1));
    fake
}

fn camera(fake: &Fake, controls: ControlSettings) -> V4l2Camera {
    let settings = V4l2Settings { controls, ..V4l2Settings::new("/dev/video7", 8, 8, PixelFormat::Grey) };
    V4l2Camera::with_driver(settings, Box::new(fake.clone())).unwrap()
}

/// Every control of the fake, by value.
fn values(fake: &Fake) -> Vec<(Control, i32)> {
    fake.world().adjustable.iter().map(|each| (each.control, each.value)).collect()
}

fn found(camera: &V4l2Camera, name: &str) -> Option<String> {
    camera.controls().into_iter().find(|reading| reading.name == name).unwrap().found
}

fn fixed() -> ControlSettings {
    ControlSettings {
        exposure: Some(Adjustment::Fixed(10_000)),
        white_balance: Some(Adjustment::Fixed(5000)),
        focus: Some(Adjustment::Fixed(120)),
        gain: Some(Adjustment::Fixed(32)),
        power_line: Some(PowerLine::Hertz50),
    }
}

#[test]
fn what_the_board_file_asks_for_is_set_after_the_automatic_is_off_and_read_back() {
    let fake = webcam();
    let camera = camera(&fake, fixed());
    assert_eq!(
        fake.world().written,
        [
            (Control::PowerLine, 1),
            (Control::ExposureMode, 1),
            (Control::ExposureTime, 100),
            (Control::Gain, 32),
            (Control::WhiteBalanceMode, 0),
            (Control::WhiteBalanceKelvin, 5000),
            (Control::FocusMode, 0),
            (Control::FocusPlace, 120),
        ]
    );
    let readings: Vec<_> = camera.controls().into_iter().map(|reading| (reading.name, reading.asked, reading.found)).collect();
    let same = |name, value: &str| (name, value.to_owned(), Some(value.to_owned()));
    assert_eq!(
        readings,
        [
            same("power_line", "50 Hz"),
            same("exposure", "10000 us"),
            same("gain", "32"),
            same("white_balance", "5000 K"),
            same("focus", "120")
        ]
    );
}

#[test]
fn nothing_is_set_and_nothing_reported_when_nothing_is_asked_for() {
    let fake = webcam();
    let before = values(&fake);
    assert_eq!(camera(&fake, ControlSettings::default()).controls(), []);
    assert_eq!((values(&fake), fake.world().written.len()), (before, 0));
}

#[test]
fn the_camera_chooses_by_the_automatic_that_it_has() {
    let auto = Some(Adjustment::Auto);
    let fake = webcam();
    fake.change(Control::ExposureMode, |mode| mode.value = 1);
    fake.change(Control::FocusMode, |mode| mode.value = 0);
    let camera =
        camera(&fake, ControlSettings { exposure: auto, white_balance: auto, focus: auto, gain: auto, power_line: Some(PowerLine::Auto) });
    assert_eq!([Control::ExposureMode, Control::FocusMode].map(|mode| fake.value(mode)), [3, 1]);
    assert_eq!(
        ["exposure", "white_balance", "focus"].map(|name| found(&camera, name)),
        [const { None }; 3].map(|_: Option<()>| Some("auto".to_owned()))
    );
    assert_eq!(found(&camera, "gain"), None, "it has no automatic gain");
    assert_eq!(found(&camera, "power_line").unwrap(), "50 Hz (legal: off, 50 Hz)", "it keeps what it had");
}

#[test]
fn a_camera_without_controls_takes_pictures_and_says_that_it_has_none() {
    let fake = Fake::new();
    let mut camera = camera(&fake, fixed());
    assert!(camera.controls().iter().all(|reading| reading.found.is_none()) && camera.controls().len() == 5);
    fake.at(0, Event::Buffer { bytes: vec![7; 64], damaged: false, sequence: 1, dated: true });
    camera.hold_still().unwrap();
    assert!(camera.capture().is_ok());
    camera.let_go().unwrap();
    assert_eq!(fake.world().written, []);
}

#[test]
fn a_value_beyond_the_range_gives_the_nearest_and_names_range_and_step() {
    let fake = webcam();
    let camera = camera(
        &fake,
        ControlSettings {
            exposure: Some(Adjustment::Fixed(9_000_000)),
            white_balance: Some(Adjustment::Fixed(4604)),
            focus: Some(Adjustment::Fixed(u32::MAX)),
            ..ControlSettings::default()
        },
    );
    assert_eq!(found(&camera, "exposure").unwrap(), "204700 us (legal: 300 to 204700 us in steps of 100)");
    assert_eq!(found(&camera, "white_balance").unwrap(), "4600 K (legal: 2800 to 6500 K in steps of 10)");
    assert_eq!(found(&camera, "focus").unwrap(), "250 (legal: 0 to 250 in steps of 5)");
}

#[test]
fn a_refused_value_leaves_the_camera_working_and_is_seen_in_the_reading() {
    /// `errno(3)`: in use; bad value; input/output error; no permission.
    const REFUSALS: [i32; 4] = [16, 22, 5, 13];
    for code in REFUSALS {
        let fake = webcam();
        fake.change(Control::ExposureMode, |mode| mode.refuses = Some(code));
        fake.change(Control::Gain, |gain| gain.refuses = Some(code));
        let camera = camera(&fake, fixed());
        assert_eq!(["exposure", "gain", "focus"].map(|name| found(&camera, name).unwrap()), ["auto", "64", "120"]);
    }
}

#[test]
fn controls_are_set_again_whenever_the_camera_is_opened_again() {
    let fake = webcam();
    let mut camera = camera(&fake, fixed());
    fake.at(10, Event::Unplugged);
    assert!(camera.capture().is_err());
    // Another one of its kind, fresh from the box.
    for (control, value) in [(Control::ExposureMode, 3), (Control::ExposureTime, 250), (Control::Gain, 64)] {
        fake.change(control, |each| each.value = value);
    }
    assert!(matches!(camera.capture(), Err(CaptureError::TimedOut { .. })), "it is there, without frames");
    assert_eq!([Control::ExposureMode, Control::ExposureTime, Control::Gain].map(|control| fake.value(control)), [1, 100, 32]);
}

#[test]
fn a_camera_that_goes_away_while_it_is_set_is_gone_and_not_wrongly_set() {
    let fake = webcam();
    fake.world().dead = true;
    let settings = V4l2Settings { controls: fixed(), ..V4l2Settings::new("/dev/video7", 8, 8, PixelFormat::Grey) };
    let error = V4l2Camera::with_driver(settings, Box::new(fake.clone())).err().unwrap();
    assert!(matches!(error, CaptureError::Gone { .. }), "{error}");
    assert_eq!(fake.world().stopped, 1, "the stream is stopped");
}

#[test]
fn holding_still_switches_off_what_is_automatic_at_its_value_and_letting_go_switches_it_on() {
    let fake = webcam();
    let mut camera = camera(&fake, ControlSettings::default());
    // The camera has chosen in the meantime.
    for (control, value) in
        [(Control::ExposureTime, 333), (Control::Gain, 99), (Control::WhiteBalanceKelvin, 3950), (Control::FocusPlace, 85)]
    {
        fake.change(control, |each| each.value = value);
    }
    let before = values(&fake);
    camera.hold_still().unwrap();
    assert_eq!([Control::ExposureMode, Control::WhiteBalanceMode, Control::FocusMode].map(|mode| fake.value(mode)), [1, 0, 0]);
    assert_eq!(
        fake.world().written,
        [
            (Control::ExposureMode, 1),
            (Control::WhiteBalanceMode, 0),
            (Control::FocusMode, 0),
            (Control::ExposureTime, 333),
            (Control::Gain, 99),
            (Control::WhiteBalanceKelvin, 3950),
            (Control::FocusPlace, 85),
        ]
    );
    camera.hold_still().unwrap();
    camera.let_go().unwrap();
    assert_eq!(values(&fake), before);
    let writes = fake.world().written.len();
    camera.let_go().unwrap();
    assert_eq!(fake.world().written.len(), writes, "once is enough");
}

#[test]
fn what_the_board_file_fixes_is_neither_held_nor_let_go() {
    let fake = webcam();
    let mut camera = camera(&fake, fixed());
    let writes = fake.world().written.len();
    camera.hold_still().unwrap();
    camera.let_go().unwrap();
    assert_eq!(fake.world().written.len(), writes);
}

#[test]
fn a_camera_that_was_opened_again_while_held_still_is_let_go() {
    for fixed_gain in [None, Some(Adjustment::Fixed(10))] {
        let fake = webcam();
        let settings = ControlSettings { gain: fixed_gain, ..ControlSettings::default() };
        let mut camera = camera(&fake, settings);
        camera.hold_still().unwrap();
        assert!(matches!(camera.capture(), Err(CaptureError::TimedOut { .. })), "a stall: the device keeps its controls");
        assert_eq!(fake.value(Control::ExposureMode), 1);
        camera.let_go().unwrap();
        fake.at(2_000, Event::Buffer { bytes: vec![7; 64], damaged: false, sequence: 0, dated: true });
        camera.capture().unwrap();
        assert_eq!([Control::ExposureMode, Control::WhiteBalanceMode, Control::FocusMode].map(|mode| fake.value(mode)), [3, 1, 1]);
        assert!(fixed_gain.is_none() || fake.value(Control::Gain) == 10);
    }
}

#[test]
fn a_camera_that_is_dropped_while_held_still_is_let_go() {
    let fake = webcam();
    let before = values(&fake);
    let mut camera = camera(&fake, ControlSettings::default());
    camera.hold_still().unwrap();
    drop(camera);
    assert_eq!(values(&fake), before);
}

#[test]
fn a_run_that_was_cut_off_in_a_burst_leaves_no_camera_that_never_chooses_again() {
    let fake = webcam();
    fake.change(Control::ExposureMode, |mode| mode.value = 1);
    fake.change(Control::WhiteBalanceMode, |mode| mode.value = 0);
    camera(&fake, ControlSettings { white_balance: Some(Adjustment::Fixed(4600)), ..ControlSettings::default() });
    assert_eq!([Control::ExposureMode, Control::WhiteBalanceMode].map(|mode| fake.value(mode)), [3, 0]);
}

#[test]
fn a_camera_that_goes_away_while_held_still_is_gone_and_let_go_when_it_is_back() {
    let fake = webcam();
    let mut camera = camera(&fake, ControlSettings::default());
    camera.hold_still().unwrap();
    fake.world().dead = true;
    assert!(matches!(camera.let_go(), Err(CaptureError::Gone { .. })));
    assert_eq!(fake.world().stopped, 1, "the session is over");
    fake.world().dead = false;
    fake.at(100, Event::Buffer { bytes: vec![7; 64], damaged: false, sequence: 0, dated: true });
    camera.capture().unwrap();
    assert_eq!(fake.value(Control::ExposureMode), 3);
}

#[test]
fn a_choice_that_could_not_be_given_back_is_given_back_the_next_time() {
    let fake = webcam();
    let mut camera = camera(&fake, ControlSettings::default());
    camera.hold_still().unwrap();
    fake.change(Control::FocusMode, |mode| mode.refuses = Some(5));
    camera.let_go().unwrap();
    assert_eq!([Control::ExposureMode, Control::FocusMode].map(|mode| fake.value(mode)), [3, 0]);
    fake.change(Control::FocusMode, |mode| mode.refuses = None);
    camera.let_go().unwrap();
    assert_eq!(fake.value(Control::FocusMode), 1);
}

#[test]
fn another_frame_rate_than_asked_for_is_told() {
    for (interval, told) in [(Some(40), Some("25")), (Some(33), Some("30")), (Some(133), Some("7.52")), (None, None)] {
        let fake = Fake::new();
        fake.world().interval = interval.map(Duration::from_millis);
        let settings = V4l2Settings { frames_per_second: Some(30), ..V4l2Settings::new("/dev/video7", 8, 8, PixelFormat::Grey) };
        let camera = V4l2Camera::with_driver(settings, Box::new(fake)).unwrap();
        let found = found(&camera, "fps");
        assert_eq!(found.as_deref(), told);
    }
}

fn spans() -> impl Strategy<Value = Span> {
    let ends = prop_oneof![-50..50i32, Just(i32::MIN), Just(i32::MAX), any::<i32>()];
    (ends.clone(), ends, prop_oneof![-1..7i32, Just(i32::MAX)]).prop_map(|(a, b, step)| Span {
        least: a.min(b),
        most: a.max(b),
        step,
        usual: a,
        choices: None,
    })
}

proptest! {
    #[test]
    fn the_nearest_value_is_legal_and_none_is_nearer(span in spans(), wish in prop_oneof![-120..120i64, any::<i32>().prop_map(i64::from), any::<i64>()]) {
        let nearest = span.nearest(wish);
        prop_assert!(span.allows(nearest), "{span:?} {wish}: {nearest}");
        let distance = (i128::from(nearest) - i128::from(wish)).abs();
        let step = i64::from(span.step.max(1));
        for other in [i64::from(nearest) - step, i64::from(nearest) + step] {
            if let Ok(other) = i32::try_from(other) {
                prop_assert!(!span.allows(other) || (i128::from(other) - i128::from(wish)).abs() >= distance, "{span:?} {wish}: {nearest}, not {other}");
            }
        }
    }

    #[test]
    fn whatever_a_camera_has_and_refuses_it_is_as_before_once_it_is_let_go(
        modes in prop::collection::vec(any::<bool>(), 4), settings in prop::collection::vec(prop::option::of(0..3u32), 4),
        missing in prop::collection::vec(any::<bool>(), 8), refusing in prop::option::of(0..8usize),
    ) {
        let fake = webcam();
        fake.with(Control::GainMode, span(0, 1, 1, 0));
        {
            let mut world = fake.world();
            let mut at = 0;
            world.adjustable.retain(|_| { at += 1; !missing.get(at - 1).copied().unwrap_or(false) });
            let automatic = [(Control::ExposureMode, 3, 1), (Control::GainMode, 1, 0), (Control::WhiteBalanceMode, 1, 0), (Control::FocusMode, 1, 0)];
            for (on, (control, auto, manual)) in modes.iter().zip(automatic) {
                if let Some(found) = world.adjustable.iter_mut().find(|each| each.control == control) {
                    found.value = if *on { auto } else { manual };
                }
            }
        }
        let wish = |at: usize| settings[at].map(|wish| if wish == 0 { Adjustment::Auto } else { Adjustment::Fixed(wish * 1000) });
        let settings = ControlSettings { exposure: wish(0), white_balance: wish(1), focus: wish(2), gain: wish(3), power_line: None };
        let mut camera = camera(&fake, settings);
        let before = values(&fake);
        if let Some(each) = refusing.and_then(|at| { let count = fake.world().adjustable.len(); (at < count).then_some(at) }) {
            fake.world().adjustable[each].refuses = Some(16);
        }
        camera.hold_still().unwrap();
        let automatic = fake.world().adjustable.iter().filter(|each| each.refuses.is_none()).any(|each| match each.control {
            Control::ExposureMode => each.value == 3,
            Control::GainMode | Control::WhiteBalanceMode | Control::FocusMode => each.value == 1,
            _ => false,
        });
        prop_assert!(!automatic, "something still chooses by itself: {:?}", values(&fake));
        camera.let_go().unwrap();
        prop_assert_eq!(values(&fake), before);
    }
}
