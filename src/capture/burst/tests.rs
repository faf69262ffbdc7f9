use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex},
};

use proptest::prelude::*;

use super::*;

/// What a camera does when it is asked for a frame.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Answer {
    /// A frame of that number, time in milliseconds, and brightness.
    Frame(u64, u64, u8),
    Damaged,
    Gone,
    Ended,
}

/// A camera with its answers written down, that notes when it is held and let go.
struct Scripted {
    answers: VecDeque<Answer>,
    now: Option<Duration>,
    holds: Result<(), i32>,
    notes: Arc<Mutex<Vec<&'static str>>>,
}

impl Scripted {
    fn new(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self { answers: answers.into_iter().collect(), now: None, holds: Ok(()), notes: Arc::default() }
    }

    fn note(&self, what: &'static str) {
        self.notes.lock().unwrap().push(what);
    }

    fn notes(&self) -> Vec<&'static str> {
        self.notes.lock().unwrap().clone()
    }
}

fn gone(code: i32) -> CaptureError {
    CaptureError::Gone { device: "scripted".into(), cause: std::io::Error::from_raw_os_error(code) }
}

impl Camera for Scripted {
    fn capture(&mut self) -> Result<Captured, CaptureError> {
        self.note("capture");
        match self.answers.pop_front().unwrap_or(Answer::Ended) {
            Answer::Frame(sequence, at, level) => {
                Ok(Captured { frame: Frame::from_fn(2, 2, |_, _| [level; 3]).unwrap(), sequence, taken_at: Duration::from_millis(at) })
            }
            Answer::Damaged => {
                Err(CaptureError::Damaged { source_name: "scripted".into(), format: "MJPG".into(), detail: "cut short".into() })
            }
            Answer::Gone => Err(gone(19)),
            Answer::Ended => Err(CaptureError::Finished { source_name: "scripted".into() }),
        }
    }

    fn hold_still(&mut self) -> Result<(), CaptureError> {
        self.note("hold");
        self.holds.map_err(gone)
    }

    fn let_go(&mut self) -> Result<(), CaptureError> {
        self.note("let go");
        Ok(())
    }

    fn now(&self) -> Option<Duration> {
        self.now
    }

    fn describe(&self) -> String {
        "scripted".into()
    }
}

const SHOWN: Shown = Shown { sequence: 10, taken_at: Duration::from_millis(1000), light: [4.0; 3] };

fn brightness(frame: &Frame) -> f32 {
    f32::from(frame.pixel(0, 0)[0])
}

fn burst(camera: &mut Scripted, frames: u32) -> Result<Burst, CaptureError> {
    take(camera, frames, Some(SHOWN), &mut brightness)
}

#[test]
fn the_sharpest_frame_is_taken_while_the_camera_stands_still() {
    let mut camera = Scripted::new([Answer::Frame(11, 1040, 5), Answer::Frame(12, 1080, 9), Answer::Frame(15, 1200, 7)]);
    let burst = burst(&mut camera, 3).unwrap();
    assert_eq!(burst.sharpest.sequence, 12);
    assert_eq!(burst.frames.iter().map(|frame| (frame.sequence, frame.sharpness)).collect::<Vec<_>>(), [(11, 5.0), (12, 9.0), (15, 7.0)]);
    assert_eq!((burst.damaged, burst.stale, burst.missed, burst.unsteady, burst.held), (0, 0, 2, 0, true));
    assert_eq!(camera.notes(), ["hold", "capture", "capture", "capture", "let go"]);
}

#[test]
fn what_was_taken_before_the_burst_was_asked_for_is_never_the_picture() {
    let mut camera = Scripted::new([
        Answer::Frame(10, 1000, 255),
        Answer::Frame(11, 1040, 255),
        Answer::Frame(12, 1100, 255),
        Answer::Frame(9, 1140, 255),
        Answer::Frame(13, 1180, 3),
    ]);
    camera.now = Some(Duration::from_millis(1100));
    // In a box, as the device has it: what it passes on must be all.
    let mut boxed: Box<dyn Camera> = Box::new(camera);
    let burst = take(&mut boxed, 1, Some(SHOWN), &mut brightness).unwrap();
    assert_eq!((burst.sharpest.sequence, burst.stale), (13, 4));
}

#[test]
fn a_camera_that_gives_only_old_frames_gives_no_picture() {
    let mut camera = Scripted::new((0..100).map(|_| Answer::Frame(10, 1000, 1)));
    let error = burst(&mut camera, 5).unwrap_err();
    assert!(matches!(&error, CaptureError::TimedOut { device, .. } if device == "scripted"), "{error}");
    assert_eq!(camera.answers.len(), 89, "it is not asked for ever");
    assert_eq!(camera.notes().last(), Some(&"let go"));
}

#[test]
fn damaged_frames_are_passed_over_within_a_bound() {
    let mut camera = Scripted::new([Answer::Damaged, Answer::Frame(12, 1080, 1), Answer::Damaged, Answer::Frame(14, 1160, 2)]);
    let some = burst(&mut camera, 2).unwrap();
    assert_eq!((some.sharpest.sequence, some.damaged, some.missed), (14, 2, 1));
    let mut camera = Scripted::new([Answer::Damaged; 100]);
    assert!(matches!(burst(&mut camera, 1), Err(CaptureError::Damaged { .. })));
    assert_eq!(camera.answers.len(), 95);
}

#[test]
fn the_camera_is_let_go_after_an_unplug_a_refused_hold_and_a_panic() {
    let mut unplugged = Scripted::new([Answer::Frame(11, 1040, 5), Answer::Gone]);
    assert!(matches!(burst(&mut unplugged, 3), Err(CaptureError::Gone { .. })));
    assert_eq!(unplugged.notes(), ["hold", "capture", "capture", "let go"]);
    let mut refused = Scripted::new([]);
    refused.holds = Err(19);
    assert!(matches!(burst(&mut refused, 3), Err(CaptureError::Gone { .. })));
    assert_eq!(refused.notes(), ["hold", "let go"]);
    let mut camera = Scripted::new([Answer::Frame(11, 1040, 5)]);
    let measuring = AssertUnwindSafe(|| take(&mut camera, 1, Some(SHOWN), &mut |_| panic!("measuring failed")).is_ok());
    assert!(catch_unwind(measuring).is_err());
    assert_eq!(camera.notes(), ["hold", "capture", "let go"]);
}

#[test]
fn a_replay_that_ends_in_the_middle_gives_what_it_had() {
    let mut camera = Scripted::new([Answer::Frame(11, 1040, 5), Answer::Frame(12, 1080, 4)]);
    assert_eq!(burst(&mut camera, 5).unwrap().sharpest.sequence, 11);
    assert!(matches!(burst(&mut Scripted::new([]), 5), Err(CaptureError::Finished { .. })));
}

#[test]
fn what_cannot_be_measured_is_not_sharp_and_no_frames_are_one() {
    let mut camera = Scripted::new([Answer::Frame(11, 1040, 0), Answer::Frame(12, 1080, 3)]);
    let mut odd = |frame: &Frame| if brightness(frame) == 0.0 { f32::NAN } else { -1.0 };
    assert_eq!(take(&mut camera, 2, None, &mut odd).unwrap().sharpest.sequence, 12);
    let mut camera = Scripted::new([Answer::Frame(11, 1040, 0), Answer::Frame(12, 1080, 3)]);
    assert_eq!(burst(&mut camera, 0).unwrap().frames.len(), 1);
}

#[test]
fn a_camera_whose_light_jumps_when_it_is_held_is_let_go_and_given_time() {
    // It is held at an exposure that it did not have, and finds the right one again when it may.
    let levels = [100, 100, 20, 30, 50, 78, 99, 101];
    let mut camera = Scripted::new(levels.iter().zip(11..).map(|(level, sequence)| Answer::Frame(sequence, sequence * 100, *level)));
    let shown = Shown { light: [100.0; 3], ..SHOWN };
    let burst = take(&mut camera, 5, Some(shown), &mut brightness).unwrap();
    let used: Vec<f32> = burst.frames.iter().map(|frame| frame.sharpness).collect();
    assert_eq!((used.as_slice(), burst.unsteady, burst.held), (&[100.0, 100.0, 78.0, 99.0, 101.0][..], 3, false));
    assert_eq!(camera.notes()[..5], ["hold", "capture", "capture", "capture", "let go"]);
    assert_eq!(camera.notes().iter().filter(|note| **note == "let go").count(), 1);
}

#[test]
fn a_lens_that_was_lifted_does_not_stop_a_burst() {
    let mut camera = Scripted::new((11..40).map(|sequence| Answer::Frame(sequence, sequence * 100, 250)));
    let burst = burst(&mut camera, 5).unwrap();
    assert_eq!((burst.frames.len(), burst.unsteady, burst.held), (5, SETTLING, false));
}

#[test]
fn a_jump_of_one_colour_is_a_jump_and_a_tremble_is_none() {
    let shown = |light| Shown { light, ..SHOWN };
    let before = shown([120.0, 90.0, 80.0]);
    assert!(before.is_lit_as(&shown([130.0, 80.0, 90.0])));
    assert!(!before.is_lit_as(&shown([120.0, 90.0, 130.0])) && !before.is_lit_as(&shown([60.0, 90.0, 80.0])));
    assert!(shown([0.0; 3]).is_lit_as(&shown([6.0; 3])) && !shown([0.0; 3]).is_lit_as(&shown([60.0; 3])));
}

fn answers() -> impl Strategy<Value = Answer> {
    prop_oneof![
        4 => (5..40u64, 900..2000u64, prop_oneof![0..12u8, any::<u8>()]).prop_map(|(sequence, at, level)| Answer::Frame(sequence, at, level)),
        2 => Just(Answer::Damaged),
        1 => Just(Answer::Gone),
        1 => Just(Answer::Ended),
    ]
}

proptest! {
    #[test]
    fn whatever_the_camera_does_a_burst_is_of_fresh_frames_in_order_and_ends(
        script in prop::collection::vec(answers(), 0..60), frames in 0..8u32, now in prop::option::of(900..1500u64),
    ) {
        let mut camera = Scripted::new(script);
        camera.now = now.map(Duration::from_millis);
        let least = SHOWN.taken_at.max(camera.now.unwrap_or_default());
        let result = burst(&mut camera, frames);
        let notes = camera.notes();
        prop_assert_eq!(notes.first(), Some(&"hold"));
        prop_assert_eq!(notes.iter().filter(|note| **note == "let go").count(), 1);
        prop_assert!(notes.len() as u32 <= 2 + frames.max(1) + (2 * frames).max(4) + 1 + SETTLING);
        if let Ok(burst) = result {
            prop_assert!(!burst.frames.is_empty() && burst.frames.len() as u32 <= frames.max(1));
            prop_assert!(burst.frames.iter().all(|frame| frame.sequence > SHOWN.sequence && frame.taken_at > least));
            prop_assert!(burst.frames.windows(2).all(|two| two[0].sequence < two[1].sequence && two[0].taken_at < two[1].taken_at));
            let sharpest = burst.frames.iter().map(|frame| frame.sharpness).fold(f32::MIN, f32::max);
            let first = burst.frames.iter().find(|frame| frame.sharpness == sharpest).unwrap();
            prop_assert_eq!(first.sequence, burst.sharpest.sequence);
            prop_assert_eq!(brightness(&burst.sharpest.frame), sharpest);
        }
    }
}
