//! The loop of the device, run with a fake camera, assessor, screen and clock: what a person sees, what is recorded, how it ends.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking, in its helper functions too")]

mod support;

use std::{
    cell::RefCell,
    collections::VecDeque,
    io,
    path::PathBuf,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use jiff::Timestamp;
use lentigo::{
    capture::{Camera, CaptureError, Captured},
    case::{BundleId, Case, Timings},
    device::{
        Assess, Cause, Clock, Device, End, Event, Patients, RunError, ShowScene, Summary,
        board::{CapturePolicy, Closing, Trigger},
    },
    display::scene::Scene,
    frame::Frame,
    quality::{Gate, Limits, Measurements, Passed, Quality, Reason},
    record::{Line, Outcome, RecordError, RecordLog, read},
    verdict::{Assessment, OperatingPoint, Verdict},
};

/// What the camera does when it is asked for a frame. The kind of a frame stands in its one pixel.
#[derive(Clone, Copy)]
enum Take {
    Good,
    Blurred,
    /// Passes the gate, but the model has no answer.
    Odd,
    TimesOut,
    Gone,
    Damaged,
}
use Take::{Blurred, Damaged, Gone, Good, Odd, TimesOut};

impl Take {
    fn frame(self) -> Frame {
        Frame::new(1, 1, vec![self as u8; 3]).unwrap()
    }

    fn of(frame: &Frame) -> Self {
        [Good, Blurred, Odd][frame.pixels()[0] as usize]
    }
}

#[derive(Default)]
struct FakeCamera {
    takes: VecDeque<Take>,
    /// Set when the frames run out, instead of having finished.
    stop_at_end: Option<Arc<AtomicBool>>,
}

impl Camera for FakeCamera {
    fn capture(&mut self) -> Result<Captured, CaptureError> {
        let device = "/dev/video9".to_owned();
        match self.takes.pop_front() {
            Some(TimesOut) => Err(CaptureError::TimedOut { device, waited: Duration::from_secs(2) }),
            Some(Gone) => Err(CaptureError::Gone { device, cause: io::Error::from(io::ErrorKind::NotFound) }),
            Some(Damaged) => Err(CaptureError::Damaged { source_name: device, format: "MJPG".into(), detail: "cut short".into() }),
            Some(take) => Ok(Captured { frame: take.frame(), sequence: 0, taken_at: Duration::ZERO }),
            None => match &self.stop_at_end {
                Some(stop) => {
                    stop.store(true, Ordering::Relaxed);
                    Err(CaptureError::TimedOut { device, waited: Duration::from_secs(2) })
                }
                None => Err(CaptureError::Finished { source_name: device }),
            },
        }
    }

    fn describe(&self) -> String {
        "fake camera".to_owned()
    }
}

impl Patients for FakeCamera {
    fn next_patient(&mut self, _patient: u32) -> Result<(), CaptureError> {
        Ok(())
    }
}

struct FakeAssessor {
    broken: bool,
}

impl Assess for FakeAssessor {
    fn hints(&mut self, frame: &Frame) -> Vec<Reason> {
        if matches!(Take::of(frame), Blurred) { vec![Reason::Blurred, Reason::Glare] } else { vec![] }
    }

    fn assess(&mut self, frame: Frame) -> Result<Case, Cause> {
        if self.broken {
            return Err("the graph is gone".into());
        }
        let verdict = match Take::of(&frame) {
            Blurred => Verdict::Retake { reasons: self.hints(&frame) },
            Odd => Verdict::CannotAssess { cause: "The network gives no number.".to_owned() },
            _ => Verdict::Assessed(Assessment::new(
                0.7,
                OperatingPoint { name: "sensitivity-95".into(), sensitivity: 0.95, threshold: 0.3 },
                passed(),
            )),
        };
        let bundle = BundleId { name: "fake".into(), version: "1.0.0".into(), digest: "00".into() };
        Ok(Case { frame, measurements: Measurements::default(), verdict, evidence: None, bundle, timings: Timings::default() })
    }
}

/// Only the gate gives one out: here the gate of the very small bundle, for the picture that comes with it.
fn passed() -> Passed {
    let manifest: toml::Table = std::fs::read_to_string(support::asff_tiny().join("manifest.toml")).unwrap().parse().unwrap();
    let limits: Limits = manifest["quality"].clone().try_into().unwrap();
    match Gate::new(limits).judge(&support::golden_frame()) {
        Quality::Pass(passed) => passed,
        Quality::Refuse { reasons, .. } => panic!("{reasons:?}"),
    }
}

/// Writes down what is shown.
struct FakeScreen {
    seen: Rc<RefCell<Vec<String>>>,
    fails_at: Option<usize>,
}

impl ShowScene for FakeScreen {
    fn show(&mut self, scene: &Scene<'_>) -> Result<Option<PathBuf>, Cause> {
        let what = match scene {
            Scene::Preview { hints, .. } => format!("preview {}", hints.len()),
            Scene::Analysing { .. } => "analysing".to_owned(),
            Scene::Verdict(view) => view.label.to_string(),
            Scene::CannotAssess { cause, .. } => format!("cannot assess: {cause}"),
            Scene::Retake { reasons, .. } => format!("retake {}", reasons.iter().map(|reason| reason.code()).collect::<Vec<_>>().join(" ")),
            Scene::Fault { cause, next_step, .. } => format!("fault: {cause} {next_step}"),
            other => panic!("this loop never shows {other:?}"),
        };
        let mut seen = self.seen.borrow_mut();
        if self.fails_at == Some(seen.len()) {
            return Err("no glass".into());
        }
        seen.push(what);
        Ok(Some(PathBuf::from(format!("{}.png", seen.len()))))
    }
}

struct FakeClock {
    pauses: Rc<RefCell<Vec<u128>>>,
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        "2026-11-22T12:00:00Z".parse().unwrap()
    }

    fn pause(&mut self, duration: Duration, _stop: &AtomicBool) {
        if !duration.is_zero() {
            self.pauses.borrow_mut().push(duration.as_millis());
        }
    }
}

const POLICY: CapturePolicy = CapturePolicy {
    trigger: Trigger::Steady,
    closing: Closing::Lift,
    burst: 1,
    steady_frames: 2,
    preview_limit: Some(3),
    attempts: 2,
    lift_frames: 0,
    hold: Duration::ZERO,
    patients: None,
};

/// One run with everything that came of it.
struct Run {
    result: Result<Summary, RunError>,
    seen: Vec<String>,
    told: Vec<String>,
    pauses: Vec<u128>,
    lines: Vec<Line>,
}

fn run(policy: CapturePolicy, takes: &[Take]) -> Run {
    run_with(policy, FakeCamera { takes: takes.iter().copied().collect(), stop_at_end: None }, |_| {})
}

fn run_with<'a>(policy: CapturePolicy, camera: FakeCamera, change: impl FnOnce(&mut Device<'a>)) -> Run {
    let folder = tempfile::tempdir().unwrap();
    let (seen, pauses) = (Rc::default(), Rc::default());
    let stop = camera.stop_at_end.clone().unwrap_or_default();
    let mut device = Device {
        policy,
        camera: Box::new(camera),
        assessor: Box::new(FakeAssessor { broken: false }),
        screen: Box::new(FakeScreen { seen: Rc::clone(&seen), fails_at: None }),
        records: RecordLog::open(folder.path()).unwrap(),
        clock: Box::new(FakeClock { pauses: Rc::clone(&pauses) }),
        stop,
    };
    change(&mut device);
    let mut told = Vec::new();
    let result = device.run(&mut |event| {
        told.push(match event {
            Event::Retake { patient, case, attempt, picture, .. } => {
                format!("{patient}/{case} retake after {attempt}, {}", picture.unwrap().display())
            }
            Event::Closed { patient, case, verdict, picture } => {
                format!("{patient}/{case} {}, {}", verdict.label(), picture.unwrap().display())
            }
            Event::CameraTrouble { failures, wait, .. } => format!("camera {failures}, {} ms", wait.as_millis()),
        });
    });
    drop(device);
    let lines = read(&folder.path().join(RecordLog::FILE_NAME)).unwrap().map(Result::unwrap).collect();
    Run { result, seen: seen.take(), told, pauses: pauses.take(), lines }
}

#[test]
fn three_patients_get_three_verdicts_and_three_records() {
    let run = run(CapturePolicy { patients: Some(3), ..POLICY }, &[Good; 6]);
    assert_eq!(run.result.unwrap(), Summary { cases: 3, end: End::Patients });
    assert_eq!(run.told, ["1/1 refer, 4.png", "2/2 refer, 8.png", "3/3 refer, 12.png"]);
    assert_eq!(run.seen[..4], ["preview 0", "preview 0", "analysing", "refer"]);
    assert_eq!(
        run.lines.iter().map(|line| (line.case, line.attempt, line.source.as_str())).collect::<Vec<_>>(),
        [(1, 1, "fake camera"), (2, 1, "fake camera"), (3, 1, "fake camera")]
    );
    let Outcome::Refer(number) = &run.lines[0].outcome else { panic!("{:?}", run.lines[0]) };
    assert_eq!((number.probability, number.operating_point.name.as_str()), (0.7, "sensitivity-95"));
    assert_eq!(run.lines[0].time.to_string(), "2026-11-22T12:00:00Z");
}

#[test]
fn a_refused_picture_is_taken_again_and_then_assessed_under_the_same_case() {
    let run = run(CapturePolicy { patients: Some(1), ..POLICY }, &[Blurred, Blurred, Blurred, Good, Good]);
    assert_eq!(run.result.unwrap().cases, 1);
    assert_eq!(
        run.seen,
        ["preview 2", "preview 2", "preview 2", "analysing", "retake blurred glare", "preview 0", "preview 0", "analysing", "refer"]
    );
    assert_eq!(run.told, ["1/1 retake after 1, 5.png", "1/1 refer, 9.png"]);
    assert_eq!(run.lines.iter().map(|line| (line.case, line.attempt)).collect::<Vec<_>>(), [(1, 1), (1, 2)]);
    assert_eq!(run.lines[0].outcome, Outcome::Retake { reasons: vec!["blurred".into(), "glare".into()] });
}

#[test]
fn a_lesion_that_no_good_picture_can_be_had_of_cannot_be_assessed() {
    let run = run(CapturePolicy { patients: Some(1), ..POLICY }, &[Blurred; 6]);
    assert_eq!(run.result.unwrap().cases, 1);
    assert_eq!(run.seen.last().unwrap(), "cannot assess: No good picture in 2 tries: not sharp, reflections.");
    assert_eq!(run.told, ["1/1 retake after 1, 5.png", "1/1 cannot assess, 10.png"]);
    assert_eq!(run.lines.len(), 2);
    assert!(matches!(run.lines[1].outcome, Outcome::CannotAssess { .. }));
}

#[test]
fn a_refused_picture_never_has_a_number_on_screen_or_in_the_record() {
    let run = run(CapturePolicy { patients: Some(2), ..POLICY }, &[Blurred, Blurred, Blurred, Blurred, Blurred, Blurred, Odd, Odd]);
    assert_eq!(run.result.unwrap().cases, 2);
    for line in &run.lines {
        let text = serde_json::to_string(line).unwrap();
        assert!(!text.contains("probability") && !text.contains("operating_point"), "{text}");
    }
    assert_eq!(run.seen.last().unwrap(), "cannot assess: The network gives no number.");
}

#[test]
fn without_a_preview_limit_the_device_waits_for_a_good_picture() {
    let takes: Vec<Take> = [Blurred; 20].into_iter().chain([Good, Blurred, Good, Good]).collect();
    let run = run(CapturePolicy { preview_limit: None, patients: Some(1), ..POLICY }, &takes);
    assert_eq!(run.told, ["1/1 refer, 26.png"]);
}

#[test]
fn the_next_case_begins_only_when_the_lens_was_lifted_and_the_verdict_stays_until_then() {
    let takes = [Good, Good, Good, Good, Blurred, Good, Blurred, Blurred, Good, Good];
    let run = run(CapturePolicy { lift_frames: 2, patients: Some(2), ..POLICY }, &takes);
    assert_eq!(run.seen, ["preview 0", "preview 0", "analysing", "refer", "preview 0", "preview 0", "analysing", "refer"]);
    assert_eq!(run.lines.len(), 2);
}

#[test]
fn a_camera_that_times_out_is_shown_waited_for_and_used_again() {
    let run = run(CapturePolicy { patients: Some(1), ..POLICY }, &[Good, TimesOut, Gone, Good]);
    assert_eq!(run.result.unwrap().cases, 1);
    assert_eq!(
        run.seen,
        [
            "preview 0",
            "fault: The camera gives no picture. Check the camera's cable. It is tried again by itself.",
            "fault: The camera was unplugged. Plug it in again. It is found by itself.",
            "preview 0",
            "analysing",
            "refer"
        ]
    );
    assert_eq!(run.told, ["camera 1, 250 ms", "camera 2, 500 ms", "1/1 refer, 6.png"]);
    assert_eq!(run.pauses, [250, 500]);
}

#[test]
fn a_camera_that_stays_away_ends_the_run_with_an_error_and_a_fault_screen() {
    let run = run(POLICY, &[Good, TimesOut, TimesOut, TimesOut, Good]);
    let error = run.result.unwrap_err();
    assert_eq!(
        error.to_string(),
        "fake camera: no picture in 3 tries in a row. /dev/video9 gave no frame for 2s. Check the cable; the camera is opened again at the next try"
    );
    assert_eq!(run.seen.last().unwrap(), "fault: The camera gives no picture. Check the camera, then switch the device off and on.");
    assert_eq!(run.lines, []);
}

#[test]
fn waits_double_up_to_eight_seconds() {
    let run = run(POLICY, &[TimesOut; 9]);
    assert!(run.result.is_err());
    assert_eq!(run.pauses, [250, 500, 1000, 2000, 4000, 8000, 8000, 8000]);
}

#[test]
fn a_damaged_frame_now_and_then_is_skipped_without_alarm() {
    let run = run(CapturePolicy { patients: Some(1), ..POLICY }, &[Good, Damaged, Damaged, Good]);
    assert_eq!(run.result.unwrap().cases, 1);
    assert_eq!(run.seen, ["preview 0", "preview 0", "analysing", "refer"]);
    assert_eq!(run.pauses, [0_u128; 0]);
}

#[test]
fn failures_count_only_when_in_a_row() {
    let run = run(
        CapturePolicy { patients: Some(1), steady_frames: 3, preview_limit: None, ..POLICY },
        &[Gone, Gone, Good, Gone, Gone, Good, Gone, Good],
    );
    assert_eq!(run.result.unwrap().cases, 1);
}

#[test]
fn the_end_of_a_replay_ends_the_run_well() {
    let run = run(POLICY, &[Good, Good, Good]);
    assert_eq!(run.result.unwrap(), Summary { cases: 1, end: End::CameraFinished });
}

#[test]
fn the_stop_flag_ends_the_run_between_two_frames_and_loses_no_record() {
    let stop = Arc::new(AtomicBool::new(false));
    let camera = FakeCamera { takes: [Good; 3].into(), stop_at_end: Some(stop) };
    let run = run_with(POLICY, camera, |_| {});
    assert_eq!(run.result.unwrap(), Summary { cases: 1, end: End::Stopped });
    assert_eq!(run.lines.len(), 1);
}

#[test]
fn verdicts_and_retakes_stay_on_the_screen_for_as_long_as_the_policy_says() {
    let run = run(CapturePolicy { hold: Duration::from_secs(4), patients: Some(1), ..POLICY }, &[Blurred, Blurred, Blurred, Good, Good]);
    assert_eq!(run.pauses, [4000, 4000]);
}

#[test]
fn a_broken_analysis_ends_the_run_with_a_fault_screen() {
    let run = run_with(POLICY, FakeCamera { takes: [Good; 4].into(), stop_at_end: None }, |device| {
        device.assessor = Box::new(FakeAssessor { broken: true });
    });
    assert_eq!(run.result.unwrap_err().to_string(), "the analysis failed: the graph is gone");
    assert_eq!(
        run.seen.last().unwrap(),
        "fault: The picture could not be analysed. Switch the device off and on. If it stays, send it to service."
    );
}

#[test]
fn a_screen_that_fails_ends_the_run() {
    let seen = Rc::default();
    let screen = FakeScreen { seen: Rc::clone(&seen), fails_at: Some(1) };
    let run = run_with(POLICY, FakeCamera { takes: [Good; 4].into(), stop_at_end: None }, move |device| device.screen = Box::new(screen));
    assert!(matches!(run.result, Err(RunError::Display(_))));
}

#[test]
fn a_verdict_that_cannot_be_recorded_is_not_shown() {
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("/dev/full", folder.path().join(RecordLog::FILE_NAME)).unwrap();
    let records = RecordLog::open(folder.path()).unwrap();
    let run = run_with(POLICY, FakeCamera { takes: [Good; 4].into(), stop_at_end: None }, move |device| device.records = records);
    assert!(matches!(run.result, Err(RunError::Record(RecordError::Full { case: 1, .. }))));
    assert_eq!(
        run.seen,
        [
            "preview 0",
            "preview 0",
            "analysing",
            "fault: The storage is full: the case was not recorded. Free some space, then take the picture again."
        ]
    );
}
