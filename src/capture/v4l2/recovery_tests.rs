//! Whatever happens to a camera, it works again within two seconds of the end of it, and shows nothing that is not whole and new.

use proptest::prelude::*;

use super::{
    fake::{Event, Fake},
    *,
};
use crate::capture::{
    burst::{self, Shown},
    reopen::Reopen,
};

/// Within this of its end, a trouble must be over for the person too.
const RECOVERED: Duration = Duration::from_secs(2);
/// From starting a camera to its first frame: as long as cheap ones take.
const START_UP: Duration = Duration::from_millis(450);
/// From frame to frame, in milliseconds.
const INTERVAL: u64 = 33;
/// The whole frames of a run are this bright, others are not.
const WHOLE: u8 = 100;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Trouble {
    /// The device is gone, and an open one says so.
    Unplugged,
    /// No frames.
    Stalled,
    /// No frames, and none afterwards for a session from before the end.
    Wedged,
    /// Buffers that the driver marks as damaged.
    Marked,
    /// Buffers without a byte.
    Empty,
    /// Buffers that end early.
    Short,
    /// After an unplug, another format.
    Misformatted,
}

fn troubles() -> impl Strategy<Value = Vec<(Trouble, u64, u64)>> {
    let kind = prop::sample::select(vec![
        Trouble::Unplugged,
        Trouble::Stalled,
        Trouble::Wedged,
        Trouble::Marked,
        Trouble::Empty,
        Trouble::Short,
        Trouble::Misformatted,
    ]);
    prop::collection::vec((kind, 0..5_000u64, 2_500..4_000u64), 1..6)
}

/// Writes the troubles (kind, how long, quiet afterwards) into the fake's future, and gives the end of each and of all.
fn prepare(fake: &Fake, troubles: &[(Trouble, u64, u64)]) -> (Vec<Duration>, Duration) {
    let start = fake.now();
    let at = |milliseconds| start + Duration::from_millis(milliseconds);
    let (mut spans, mut from) = (Vec::new(), 1_000);
    for &(kind, lasts, quiet) in troubles {
        spans.push((kind, from, from + lasts));
        let mut world = fake.world();
        match kind {
            Trouble::Unplugged => world.absent.push(at(from)..at(from + lasts)),
            Trouble::Misformatted => {
                world.absent.push(at(from)..at(from + lasts / 2));
                world.misformatted.push(at(from + lasts / 2)..at(from + lasts));
            }
            Trouble::Wedged => world.wedges.push(at(from + lasts)),
            _ => {}
        }
        from += lasts + quiet;
    }
    for number in 0..from / INTERVAL {
        let time = number * INTERVAL;
        for &(kind, since, _) in &spans {
            if (time..time + INTERVAL).contains(&since) && matches!(kind, Trouble::Unplugged | Trouble::Misformatted) {
                fake.at(since.max(time), Event::Unplugged);
            }
        }
        let trouble = spans.iter().find(|(_, since, until)| (*since..*until).contains(&time)).map(|(kind, ..)| *kind);
        let buffer = |bytes, damaged| Event::Buffer { bytes, damaged, sequence: number as u32, dated: true };
        match trouble {
            None => fake.at(time, buffer(vec![WHOLE; 64], false)),
            Some(Trouble::Marked) => fake.at(time, buffer(vec![1; 64], true)),
            Some(Trouble::Empty) => fake.at(time, buffer(vec![], false)),
            Some(Trouble::Short) => fake.at(time, buffer(vec![1; 63], false)),
            Some(_) => {}
        }
    }
    fake.world().timeline.make_contiguous().sort_by_key(|(at, _)| *at);
    (spans.iter().map(|(_, _, until)| at(*until)).collect(), at(from))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_camera_works_again_within_two_seconds_of_the_end_of_any_trouble(troubles in troubles(), pace in 1..80u64) {
        let fake = Fake::new();
        fake.world().start_up = START_UP;
        let (ends, end) = prepare(&fake, &troubles);
        let settings = V4l2Settings::new("/dev/video7", 8, 8, PixelFormat::Grey);
        let mut camera = V4l2Camera::with_driver(settings, Box::new(fake.clone())).unwrap();
        let mut reopen = Reopen::default();
        let (mut seen, mut tries): (Vec<(Duration, u64)>, u32) = (Vec::new(), 0);
        while fake.now() < end {
            tries += 1;
            prop_assert!(tries < 20_000, "time stands still at {:?}", fake.now());
            match camera.capture() {
                Ok(captured) => {
                    reopen.worked();
                    prop_assert_eq!(captured.frame.pixel(0, 0), [WHOLE; 3]);
                    prop_assert!(captured.taken_at <= fake.now() && fake.now() - captured.taken_at < Duration::from_millis(150));
                    prop_assert!(seen.last().is_none_or(|last| *last < (captured.taken_at, captured.sequence)));
                    prop_assert!(seen.last().is_none_or(|last| last.1 < captured.sequence));
                    seen.push((captured.taken_at, captured.sequence));
                    fake.pass(pace);
                }
                Err(error) => fake.pass(reopen.failed(&error).unwrap().as_millis() as u64),
            }
        }
        for until in ends {
            let first = seen.iter().map(|(at, _)| *at).find(|at| *at >= until);
            prop_assert!(first.is_some_and(|first| first <= until + RECOVERED), "{until:?}: {first:?}");
        }
        let world = fake.world();
        prop_assert!(world.started - world.stopped <= 1, "sessions are closed");
    }
}

fn camera(fake: &Fake) -> V4l2Camera {
    V4l2Camera::with_driver(V4l2Settings::new("/dev/video7", 8, 8, PixelFormat::Grey), Box::new(fake.clone())).unwrap()
}

#[test]
fn a_running_camera_that_stops_is_noticed_sooner_than_one_that_has_not_begun() {
    let fake = Fake::new();
    let mut camera = camera(&fake);
    let waited = |error| if let CaptureError::TimedOut { waited, .. } = error { waited } else { panic!("{error}") };
    assert_eq!(waited(camera.capture().unwrap_err()), V4l2Settings::USUAL_TIMEOUT);
    fake.at(2_000, Event::Buffer { bytes: vec![1; 64], damaged: false, sequence: 1, dated: true });
    camera.capture().unwrap();
    let asked = fake.now();
    assert_eq!(waited(camera.capture().unwrap_err()), LEAST_STALL);
    assert_eq!(fake.now() - asked, LEAST_STALL);
}

#[test]
fn a_camera_that_sends_nothing_but_marked_buffers_is_reported_as_damaged_and_opened_again() {
    let fake = Fake::new();
    let mut camera = camera(&fake);
    for number in 0..100 {
        fake.at(u64::from(number) * 40, Event::Buffer { bytes: vec![1; 64], damaged: true, sequence: number, dated: true });
    }
    let error = camera.capture().unwrap_err();
    assert!(matches!(error, CaptureError::Damaged { .. }) && error.to_string().contains("marks it as damaged"), "{error}");
    assert_eq!(fake.world().stopped, 1);
}

#[test]
fn the_first_buffer_of_a_loopback_that_claims_another_length_is_passed_over() {
    let fake = Fake::new();
    let mut camera = camera(&fake);
    fake.at(0, Event::Buffer { bytes: vec![1; 4], damaged: false, sequence: 0, dated: true });
    fake.at(30, Event::Buffer { bytes: vec![WHOLE; 64], damaged: false, sequence: 1, dated: true });
    assert_eq!(camera.capture().unwrap().frame.pixel(0, 0), [WHOLE; 3]);
}

#[test]
fn a_burst_takes_nothing_that_lay_in_the_queue_when_it_was_asked_for() {
    let fake = Fake::new();
    let mut camera = camera(&fake);
    for number in 0..100 {
        fake.at(
            u64::from(number) * 40,
            Event::Buffer { bytes: vec![150 + number as u8 / 2; 64], damaged: number == 52, sequence: number, dated: true },
        );
    }
    let shown = Shown::from(&camera.capture().unwrap());
    fake.pass(2_010);
    let asked = fake.now();
    // The older a frame, the sharper it is said to be.
    let burst = burst::take(&mut camera, 3, Some(shown), &mut |frame| 255.0 - f32::from(frame.pixel(0, 0)[0])).unwrap();
    assert!(burst.frames.iter().all(|frame| frame.taken_at > asked));
    assert_eq!((burst.sharpest.frame.pixel(0, 0), burst.frames.len(), burst.missed), ([175; 3], 3, 1));
}

#[test]
fn a_frame_from_before_a_stall_is_not_shown_when_it_arrives_after_it() {
    let fake = Fake::new();
    let mut camera = camera(&fake);
    let belated = |brightness, sequence, milliseconds| Event::Belated {
        bytes: vec![brightness; 64],
        sequence,
        age: Duration::from_millis(milliseconds),
    };
    fake.at(1_000, belated(1, 0, 900));
    fake.at(1_033, belated(WHOLE, 1, 120));
    fake.pass(950);
    let captured = camera.capture().unwrap();
    assert_eq!(
        (captured.frame.pixel(0, 0), captured.taken_at),
        ([WHOLE; 3], Duration::from_millis(100_913)),
        "a camera's own delay is no stall"
    );
}
