//! What must hold over any run of events, and the ways that people take through the states.

use proptest::prelude::*;

use super::*;
use crate::device::{
    board::{Closing, Trigger},
    command::Command,
};

fn policy() -> CapturePolicy {
    CapturePolicy {
        trigger: Trigger::Press,
        closing: Closing::Press,
        burst: 5,
        steady_frames: 3,
        preview_limit: None,
        attempts: 2,
        lift_frames: 2,
        hold: Duration::from_secs(2),
        patients: None,
    }
}

fn trouble(cause: &str) -> Trouble {
    Trouble { cause: cause.to_owned(), next_step: "Do something.".to_owned(), detail: String::new() }
}

/// A machine with the actions that it asked for, one event a second.
struct Run {
    machine: Machine,
    now: Duration,
    actions: Vec<Action>,
}

impl Run {
    fn new(policy: CapturePolicy) -> Self {
        let power = PowerBoard { sleep_after: Some(Duration::from_secs(600)) };
        Self { machine: Machine::new(policy, &power), now: Duration::ZERO, actions: Vec::new() }
    }

    /// Up to the first live picture.
    fn started(policy: CapturePolicy) -> Self {
        let mut run = Self::new(policy);
        run.all(&[Event::Started]);
        run.all(&Part::ALL.map(Event::Works));
        assert_eq!(run.word(), "preview");
        assert_eq!(run.actions, [Action::BeginCase]);
        run
    }

    fn verdict(policy: CapturePolicy) -> Self {
        let mut run = Self::started(policy);
        run.all(&[Event::Press(Command::Capture), Event::Taken, Event::Assessed(Found::Answer)]);
        assert_eq!(run.word(), "verdict");
        run
    }

    fn all(&mut self, events: &[Event]) -> &mut Self {
        for event in events {
            self.now += Duration::from_secs(1);
            let (machine, actions) = self.machine.clone().step(event.clone(), self.now);
            self.machine = machine;
            self.actions = actions;
        }
        self
    }

    fn word(&self) -> &'static str {
        self.machine.state().word()
    }
}

fn frame(good: bool) -> Event {
    Event::Frame { good }
}

#[test]
fn a_press_takes_a_picture_and_another_accepts_the_verdict() {
    let mut run = Run::started(policy());
    run.all(&[Event::Press(Command::Capture)]);
    assert_eq!((run.word(), run.actions.as_slice()), ("captured", [Action::TakeBurst].as_slice()));
    run.all(&[Event::Taken]);
    assert_eq!((run.word(), run.actions.as_slice()), ("analysing", [Action::Assess { attempt: 1, last: false }].as_slice()));
    run.all(&[Event::Assessed(Found::Answer), Event::Press(Command::Accept)]);
    assert_eq!((run.word(), run.actions.as_slice()), ("closing", [Action::RecordClosing(Ending::Accepted)].as_slice()));
    run.all(&[Event::Closed]);
    assert_eq!((run.word(), run.actions.as_slice(), run.machine.closed()), ("preview", [Action::BeginCase].as_slice(), 1));
}

#[test]
fn a_refused_picture_is_taken_again_until_there_is_no_further_try() {
    let mut run = Run::started(policy());
    run.all(&[Event::Press(Command::Capture), Event::Taken, Event::Assessed(Found::Refused)]);
    assert_eq!(run.word(), "retake");
    run.all(&[Event::Tick, Event::Tick]);
    assert_eq!(run.word(), "preview");
    run.all(&[Event::Press(Command::Capture), Event::Taken]);
    assert_eq!(run.actions, [Action::Assess { attempt: 2, last: true }]);
    run.all(&[Event::Assessed(Found::GivenUp)]);
    assert_eq!(run.word(), "verdict");
}

#[test]
fn a_verdict_that_is_taken_again_stays_the_same_case_and_costs_no_try() {
    let mut run = Run::verdict(policy());
    run.all(&[Event::Press(Command::Retake)]);
    assert_eq!(run.actions, [Action::RecordClosing(Ending::Retaken)]);
    run.all(&[Event::Closed]);
    assert_eq!((run.word(), run.actions.as_slice(), run.machine.closed()), ("preview", [].as_slice(), 0));
    run.all(&[Event::Press(Command::Capture), Event::Taken]);
    assert_eq!(run.actions, [Action::Assess { attempt: 2, last: false }]);
}

#[test]
fn a_steady_picture_takes_itself_and_the_lifted_lens_closes_the_case() {
    let mut run = Run::started(CapturePolicy { trigger: Trigger::Steady, closing: Closing::Lift, ..policy() });
    run.all(&[frame(true), frame(true), frame(false), frame(true), frame(true)]);
    assert_eq!(run.word(), "preview");
    run.all(&[frame(true)]);
    assert_eq!(run.word(), "captured");
    run.all(&[Event::Taken, Event::Assessed(Found::Answer), frame(false), frame(true), frame(false)]);
    assert_eq!(run.word(), "verdict", "one refused frame is a tremor, not a lifted lens");
    run.all(&[frame(false)]);
    assert_eq!(run.actions, [Action::RecordClosing(Ending::Left)]);
}

#[test]
fn an_accepted_lesion_under_the_lens_does_not_become_a_second_case_by_itself() {
    let mut run = Run::verdict(CapturePolicy { trigger: Trigger::Steady, ..policy() });
    run.all(&[Event::Press(Command::Accept), Event::Closed]);
    run.all(&vec![frame(true); 20]);
    assert_eq!(run.word(), "preview");
    run.all(&[frame(false), frame(false), frame(true), frame(true), frame(true)]);
    assert_eq!(run.word(), "captured");
}

#[test]
fn an_acceptance_that_cannot_be_recorded_is_said_and_can_be_tried_again() {
    let mut run = Run::verdict(policy());
    run.all(&[Event::Press(Command::Accept), Event::Broken(Part::Display, trouble("no glass")), Event::NotClosed(trouble("full"))]);
    assert!(matches!(run.machine.state(), State::Fault { trouble, .. } if trouble.cause == "full"));
    run.all(&[Event::Press(Command::Accept)]);
    assert_eq!(run.actions, [Action::RecordClosing(Ending::Accepted)]);
    run.all(&[Event::Closed]);
    assert!(matches!(run.machine.state(), State::Fault { trouble, .. } if trouble.cause == "no glass"), "what was put off comes now");
    run.all(&[Event::Press(Command::Accept)]);
    assert_eq!((run.word(), run.actions.as_slice()), ("self-test", [Action::Open(Part::Display)].as_slice()));
    run.all(&[Event::Works(Part::Display)]);
    assert_eq!(run.word(), "preview");
}

#[test]
fn a_verdict_comes_back_after_the_screen_was_gone() {
    let mut run = Run::verdict(policy());
    run.all(&[Event::Broken(Part::Display, trouble("no glass"))]);
    assert_eq!(run.word(), "fault");
    run.all(&[Event::Press(Command::Accept), Event::Works(Part::Display)]);
    assert_eq!((run.word(), run.actions.as_slice()), ("verdict", [].as_slice()));
}

#[test]
fn a_camera_that_is_away_takes_no_picture_and_a_burst_without_frames_goes_back() {
    let mut run = Run::started(policy());
    run.all(&[Event::Blind(trouble("unplugged")), Event::Press(Command::Capture)]);
    assert!(matches!(run.actions.as_slice(), [Action::Refuse(_)]));
    run.all(&[Event::Works(Part::Camera), Event::Press(Command::Capture), Event::NotTaken(trouble("stalled"))]);
    assert_eq!((run.word(), run.machine.blind().map(|trouble| trouble.cause.as_str())), ("preview", Some("stalled")));
    run.all(&[frame(true), Event::Press(Command::Capture)]);
    assert_eq!(run.word(), "captured", "a frame shows that the camera is there");
}

#[test]
fn a_thread_that_starts_anew_loses_the_picture_but_not_the_closing() {
    let mut run = Run::started(policy());
    run.all(&[Event::Press(Command::Capture), Event::Restarted(Thread::Camera)]);
    assert_eq!(run.word(), "preview");
    run.all(&[Event::Press(Command::Capture), Event::Taken, Event::Restarted(Thread::Analysis), Event::Assessed(Found::Answer)]);
    assert_eq!(run.word(), "preview", "a late answer of the abandoned thread is no verdict");
    let mut run = Run::verdict(policy());
    run.all(&[Event::Press(Command::Accept), Event::Restarted(Thread::Analysis)]);
    assert_eq!((run.word(), run.actions.as_slice()), ("closing", [Action::RecordClosing(Ending::Accepted)].as_slice()));
}

#[test]
fn a_fault_that_only_a_new_start_mends_starts_anew_by_itself() {
    let mut run = Run::started(policy());
    run.all(&[Event::GaveUp(Thread::Analysis, trouble("stuck"))]);
    assert_eq!(run.word(), "fault");
    run.now += START_ANEW;
    run.all(&[Event::Tick]);
    assert_eq!(run.actions, [Action::End(End::Restart)]);
}

#[test]
fn heat_stops_the_device_until_it_has_cooled_down() {
    let mut run = Run::verdict(policy());
    run.all(&[Event::Unfit(trouble("hot")), Event::Press(Command::Accept)]);
    assert!(matches!(run.actions.as_slice(), [Action::Refuse(_)]));
    run.all(&[Event::Fit]);
    assert_eq!(run.word(), "verdict");
}

#[test]
fn a_program_that_has_grown_too_large_starts_anew_only_between_two_cases() {
    let mut run = Run::verdict(policy());
    run.all(&[Event::Overgrown, Event::Press(Command::Retake), Event::Closed]);
    assert_eq!(run.word(), "preview", "the same lesion");
    run.all(&[Event::Press(Command::Capture), Event::Taken, Event::Assessed(Found::Answer), Event::Press(Command::Accept), Event::Closed]);
    assert_eq!(run.actions, [Action::BeginCase, Action::End(End::Restart)]);
}

#[test]
fn the_device_sleeps_when_nobody_is_there_and_wakes_at_a_press() {
    let mut run = Run::started(policy());
    run.now += Duration::from_secs(599);
    run.all(&[frame(true)]);
    run.now += Duration::from_secs(598);
    run.all(&[frame(false)]);
    assert_eq!(run.word(), "preview", "a good picture counts as somebody");
    run.all(&[Event::Tick]);
    assert_eq!(run.word(), "sleep");
    run.all(&[Event::Press(Command::Accept)]);
    assert_eq!(run.word(), "preview");
}

#[test]
fn the_end_waits_for_an_acceptance_but_not_for_ever() {
    let mut run = Run::verdict(policy());
    run.all(&[Event::Press(Command::Accept)]);
    let (machine, actions) = run.machine.clone().step(Event::Stop(End::Stopped), run.now);
    assert_eq!(actions, []);
    let (_, ended) = machine.clone().step(Event::Closed, run.now);
    assert_eq!(ended, [Action::BeginCase, Action::End(End::Stopped)]);
    let (_, ended) = machine.step(Event::Tick, run.now + LAST_WRITE);
    assert_eq!(ended, [Action::End(End::Stopped)]);
}

#[test]
fn a_replay_ends_only_after_its_last_picture_is_closed() {
    let mut run = Run::verdict(CapturePolicy { closing: Closing::Lift, ..policy() });
    run.all(&[Event::Finished]);
    assert_eq!(run.word(), "verdict", "the verdict stays for as long as it should");
    run.all(&[Event::Tick]);
    assert_eq!(run.word(), "closing");
    run.all(&[Event::Closed]);
    assert_eq!(run.actions, [Action::BeginCase, Action::End(End::CameraFinished)]);
}

fn any_event() -> impl Strategy<Value = Event> {
    let part = prop::sample::select(Part::ALL.to_vec());
    let thread = prop::sample::select(Thread::ALL.to_vec());
    let found = prop::sample::select(vec![Found::Answer, Found::Refused, Found::GivenUp]);
    prop_oneof![
        1 => Just(Event::Started),
        1 => part.clone().prop_map(Event::Works),
        1 => part.clone().prop_map(|part| Event::Broken(part, trouble("broken"))),
        4 => any::<bool>().prop_map(frame),
        1 => Just(Event::Blind(trouble("blind"))),
        4 => Just(Event::Taken),
        1 => Just(Event::NotTaken(trouble("no frame"))),
        4 => found.prop_map(Event::Assessed),
        1 => part.prop_map(|part| Event::NotAssessed(part, trouble("no answer"))),
        4 => Just(Event::Closed),
        1 => Just(Event::NotClosed(trouble("full"))),
        8 => prop::sample::select(Command::ALL.to_vec()).prop_map(Event::Press),
        1 => Just(Event::FormLeft),
        1 => Just(Event::Code),
        1 => thread.clone().prop_map(Event::Restarted),
        1 => thread.prop_map(|thread| Event::GaveUp(thread, trouble("stuck"))),
        1 => Just(Event::Unfit(trouble("hot"))),
        1 => Just(Event::Fit),
        1 => Just(Event::Overgrown),
        2 => Just(Event::Tick),
    ]
}

fn any_policy() -> impl Strategy<Value = CapturePolicy> {
    (any::<bool>(), any::<bool>(), 1..4_u32, 1..4_u32, 0..3_u32, 0..4_u64).prop_map(|(steady, lift, frames, attempts, lifted, hold)| {
        CapturePolicy {
            trigger: if steady { Trigger::Steady } else { Trigger::Press },
            closing: if lift { Closing::Lift } else { Closing::Press },
            steady_frames: frames,
            attempts,
            lift_frames: lifted,
            hold: Duration::from_secs(hold),
            ..policy()
        }
    })
}

/// What the device would be told next if everything went well and the person pressed what the screen says.
fn good_turn(machine: &Machine) -> Event {
    match machine.state() {
        State::Boot => Event::Started,
        State::SelfTest => machine.untested().first().map_or(Event::Tick, |part| Event::Works(*part)),
        State::Captured(_) => Event::Taken,
        State::Analysing(_) => Event::Assessed(Found::Answer),
        State::Verdict(_) | State::Details(_) => Event::Press(Command::Accept),
        State::Closing { .. } => Event::Closed,
        State::Fault { way: WayBack::ByItself, .. } => Event::Fit,
        State::Fault { .. } | State::Sleep(_) => Event::Press(Command::Accept),
        State::Form(_) => Event::FormLeft,
        State::Scanning { .. } => Event::Press(Command::Details),
        State::Retake { .. } => Event::Press(Command::Capture),
        State::Preview(_) | State::Ended(_) => Event::Tick,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn no_verdict_without_a_picture_that_was_taken_and_assessed(policy in any_policy(), events in prop::collection::vec(any_event(), 1..80)) {
        let mut run = Run::new(policy);
        run.all(&[Event::Started]);
        // What must have happened, in this order, since the last live picture.
        let (mut taken, mut assessed) = (false, false);
        for event in events {
            let before = run.machine.state().clone();
            run.all(std::slice::from_ref(&event));
            match (&before, &event) {
                (State::Captured(_), Event::Taken) => taken = true,
                (State::Analysing(_), Event::Assessed(_)) => assessed = taken,
                _ => {}
            }
            match run.machine.state() {
                State::Verdict(_) | State::Details(_) | State::Closing { .. } => prop_assert!(taken && assessed, "{before:?} {event:?}"),
                State::Preview(_) => (taken, assessed) = (false, false),
                _ => {}
            }
        }
    }

    #[test]
    fn no_acceptance_is_lost(policy in any_policy(), events in prop::collection::vec(any_event(), 1..120)) {
        let mut run = Run::new(policy);
        run.all(&[Event::Started]);
        // An acceptance that was asked to be recorded and of which nothing has been heard yet.
        let mut owed = false;
        for event in events {
            let before = run.machine.state().clone();
            run.all(std::slice::from_ref(&event));
            let asked = run.actions.iter().filter(|action| **action == Action::RecordClosing(Ending::Accepted)).count();
            if matches!(before, State::Verdict(_) | State::Details(_)) && event == Event::Press(Command::Accept) {
                prop_assert_eq!(asked, 1);
                owed = true;
            }
            if owed {
                let waits = match run.machine.state() {
                    State::Closing { how, .. } => *how == Ending::Accepted,
                    State::Fault { way: WayBack::RecordClosing(_, how), .. } => *how == Ending::Accepted,
                    _ => false,
                };
                let recorded = matches!(before, State::Closing { .. }) && event == Event::Closed;
                prop_assert!(waits || recorded, "{before:?} {event:?} {:?}", run.machine.state());
                owed = !recorded;
            }
        }
    }

    #[test]
    fn every_state_has_a_way_back_to_the_live_picture(policy in any_policy(), events in prop::collection::vec(any_event(), 0..80)) {
        let mut run = Run::new(policy);
        run.all(&events);
        for _ in 0..40 {
            if matches!(run.machine.state(), State::Preview(_) | State::Ended(_)) {
                return Ok(());
            }
            let event = good_turn(&run.machine);
            run.all(&[event]);
        }
        prop_assert!(false, "stays in {:?}", run.machine.state());
    }

    #[test]
    fn every_press_does_something_or_is_answered(policy in any_policy(), events in prop::collection::vec(any_event(), 0..60), command in prop::sample::select(Command::ALL.to_vec())) {
        let mut run = Run::new(policy);
        run.all(&events);
        let before = run.machine.state().clone();
        run.all(&[Event::Press(command)]);
        prop_assert!(run.machine.state() != &before || !run.actions.is_empty(), "{command} in {before:?}");
    }

    #[test]
    fn a_run_that_is_told_to_stop_ends_within_the_time_of_a_last_write(policy in any_policy(), events in prop::collection::vec(any_event(), 0..60)) {
        let mut run = Run::new(policy);
        run.all(&events);
        run.all(&[Event::Stop(End::Stopped), Event::Tick]);
        prop_assert_eq!(run.word(), "ended");
    }
}
