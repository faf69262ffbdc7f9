//! Threads that hang, panic and come back late, as the supervisor deals with them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking, in its helper functions too")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, unbounded};
use lentigo::device::supervise::{Doing, Hand, Monotonic, Over, Pulse, Report, Stamped, Supervised, Watch, Why};

const SECOND: Duration = Duration::from_secs(1);

/// Waits for something that another thread does at once; how long that takes decides nothing but when a broken test ends.
fn eventually<T>(mut look: impl FnMut() -> Option<T>) -> T {
    let begin = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begin.elapsed() < Duration::from_secs(20), "it never happened");
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn watch_over(work: impl Fn(&Pulse) -> Result<(), Over> + Send + Sync + 'static) -> (Watch, Hand) {
    let (clock, hand) = Monotonic::by_hand();
    let mut watch = Watch::new(clock.clone());
    watch.add(Supervised::spawn("camera", SECOND, &clock, work).unwrap());
    (watch, hand)
}

/// Hangs while it asks its device, until `release` is dropped, and then says something late.
fn hanging(say: crossbeam_channel::Sender<Stamped<u32>>, hang: Receiver<()>) -> impl Fn(&Pulse) -> Result<(), Over> {
    move |pulse| {
        let generation = pulse.generation();
        pulse.beat(Doing::Capturing, SECOND)?;
        let _ = say.send(pulse.stamp(generation));
        let _ = hang.recv();
        let _ = say.send(pulse.stamp(generation * 100));
        pulse.beat(Doing::Capturing, SECOND)
    }
}

#[test]
fn a_thread_that_hangs_is_replaced_and_what_it_says_late_does_not_count() {
    let ((say, hear), (release, hang)) = (unbounded(), unbounded());
    let (mut watch, hand) = watch_over(hanging(say, hang));
    assert_eq!(hear.recv().unwrap().current(), Some(1));
    hand.pass(SECOND);
    assert!(watch.look().is_empty(), "it has a second");
    hand.pass(SECOND);
    let why = Why::Stuck { doing: Doing::Capturing, silent: 2 * SECOND };
    assert_eq!(watch.look(), [Report::Restarted { name: "camera", why, restarts: 1 }]);
    assert_eq!(hear.recv().unwrap().current(), Some(2));
    drop(release);
    let late: Vec<Option<u32>> = [hear.recv().unwrap(), hear.recv().unwrap()].into_iter().map(Stamped::current).collect();
    assert!(late.contains(&None) && late.contains(&Some(200)), "{late:?}");
    assert_eq!(watch.threads()[0].restarts, 1);
}

#[test]
fn a_thread_that_was_replaced_ends_at_its_next_beat_and_holds_nothing_any_more() {
    let ((say, hear), (release, hang)) = (unbounded(), unbounded());
    let (clock, _hand) = Monotonic::by_hand();
    let held = Arc::new(());
    let work = {
        let (work, held) = (hanging(say, hang), Arc::clone(&held));
        move |pulse: &Pulse| {
            let _mine = Arc::clone(&held);
            work(pulse)
        }
    };
    let mut thread = Supervised::spawn("camera", SECOND, &clock, work).unwrap();
    hear.recv().unwrap();
    thread.replace().unwrap();
    hear.recv().unwrap();
    assert_eq!((thread.abandoned(), thread.pulse().generation()), (1, 2));
    drop(release);
    eventually(|| (thread.abandoned() == 0 && !thread.is_running()).then_some(()));
    drop(thread);
    assert_eq!(Arc::strong_count(&held), 1);
}

#[test]
fn a_thread_that_panics_is_started_anew_and_after_three_times_in_a_minute_it_is_given_up_until_a_person_asks() {
    let (starts, broken) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicBool::new(true)));
    let (mut watch, _hand) = watch_over({
        let (starts, broken) = (Arc::clone(&starts), Arc::clone(&broken));
        move |pulse| {
            starts.fetch_add(1, Ordering::SeqCst);
            assert!(!broken.load(Ordering::SeqCst), "the lens fell off");
            pulse.rest()?;
            loop {
                std::thread::sleep(Duration::from_millis(1));
                pulse.rest()?;
            }
        }
    });
    let why = Why::Panicked { message: "the lens fell off".to_owned() };
    for restarts in 1..=3 {
        let reports = eventually(|| Some(watch.look()).filter(|reports| !reports.is_empty()));
        assert_eq!(reports, [Report::Restarted { name: "camera", why: why.clone(), restarts }]);
    }
    let reports = eventually(|| Some(watch.look()).filter(|reports| !reports.is_empty()));
    assert_eq!(reports, [Report::GaveUp { name: "camera", why }]);
    assert_eq!(starts.load(Ordering::SeqCst), 4);
    assert_eq!(watch.look(), []);
    assert_eq!(watch.given_up().collect::<Vec<_>>(), ["camera"]);

    broken.store(false, Ordering::SeqCst);
    watch.try_again("camera");
    eventually(|| (starts.load(Ordering::SeqCst) == 5).then_some(()));
    assert_eq!((watch.look(), watch.given_up().count()), (Vec::new(), 0));
    assert!(watch.end(20 * SECOND).is_empty());
}

#[test]
fn a_thread_that_rests_or_has_finished_is_left_alone() {
    let ((done, wait), (rests, resting)) = (unbounded::<()>(), unbounded());
    let (mut watch, hand) = watch_over(move |pulse| {
        pulse.rest()?;
        let _ = rests.send(());
        let _ = wait.recv();
        Ok(())
    });
    resting.recv().unwrap();
    hand.pass(1000 * SECOND);
    assert_eq!(watch.look(), []);
    drop(done);
    let reports = eventually(|| watch.look().into_iter().find(|report| matches!(report, Report::Finished { .. })));
    assert_eq!(reports, Report::Finished { name: "camera" });
    hand.pass(1000 * SECOND);
    assert_eq!(watch.look(), []);
}

#[test]
fn a_stuck_conductor_is_reported_once_and_again_when_it_happens_again() {
    let (clock, hand) = Monotonic::by_hand();
    let (mut watch, pulse) = (Watch::new(clock.clone()), Pulse::new("conductor", 1, clock, SECOND));
    watch.observe(pulse.clone());
    hand.pass(2 * SECOND);
    assert!(matches!(watch.look().as_slice(), [Report::Stuck { name: "conductor", .. }]));
    assert_eq!(watch.look(), []);
    pulse.beat(Doing::Turning, SECOND).unwrap();
    assert_eq!(watch.look(), []);
    hand.pass(2 * SECOND);
    assert_eq!(watch.look().len(), 1);
}

#[test]
fn the_end_waits_for_threads_that_listen_and_names_those_that_do_not() {
    let (clock, _hand) = Monotonic::by_hand();
    let mut watch = Watch::new(clock.clone());
    let (begun, begin) = unbounded();
    let listens = move |pulse: &Pulse| {
        let _ = begun.send(());
        loop {
            pulse.beat(Doing::Drawing, SECOND)?;
            std::thread::sleep(Duration::from_millis(1));
        }
    };
    let (never, hang) = unbounded::<()>();
    watch.add(Supervised::spawn("screen", SECOND, &clock, listens).unwrap());
    watch.add(
        Supervised::spawn("camera", SECOND, &clock, move |_| {
            let _ = hang.recv();
            Ok(())
        })
        .unwrap(),
    );
    begin.recv().unwrap();
    assert_eq!(watch.end(Duration::from_millis(300)), ["camera"]);
    drop(never);
}
