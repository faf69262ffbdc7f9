//! The transition function, state by state.

use std::{mem, time::Duration};

use super::{
    Action, End, Event, Found, LAST_WRITE, Lesion, Machine, Part, Resume, SCAN_TIME, START_ANEW, Shown, State, Thread, WayBack, hint,
};
use crate::{
    case::Ending,
    device::{
        board::{Closing, Trigger},
        command::Command,
        link::Trouble,
    },
};

impl Machine {
    /// What the device is, and what it has to do, after `event` at the time `now` (monotonic, since the start).
    #[must_use]
    pub fn step(mut self, event: Event, now: Duration) -> (Self, Vec<Action>) {
        let mut actions = Vec::new();
        if !matches!(self.state, State::Ended(_)) {
            self.react(event, now, &mut actions);
            self.settle(now, &mut actions);
        } else if let Event::Press(command) = event {
            actions.push(Action::Refuse(hint::instead(&self.state, command)));
        }
        (self, actions)
    }

    /// Whether preview frames are of use now.
    #[must_use]
    pub fn wants_frames(&self, now: Duration) -> bool {
        match self.state {
            State::Preview(_) | State::Form(_) | State::Scanning { .. } => true,
            State::Verdict(shown) | State::Details(shown) => self.awaits_lift(shown, now),
            _ => false,
        }
    }

    fn react(&mut self, event: Event, now: Duration, actions: &mut Vec<Action>) {
        match event {
            Event::Started => {
                if self.state == State::Boot {
                    self.state = State::SelfTest;
                }
            }
            Event::Works(part) => self.works(part),
            Event::Broken(part, trouble) => {
                if !self.untested.contains(&part) {
                    self.untested.push(part);
                }
                self.fault(trouble, WayBack::TryAgain);
            }
            Event::Frame { good } => self.frame(good, now, actions),
            Event::Blind(trouble) => self.blind = Some(trouble),
            Event::Finished => self.finished = true,
            Event::Taken => {
                if let State::Captured(mut lesion) = self.state {
                    lesion.pictures += 1;
                    let last = lesion.refused + 1 >= self.policy.attempts;
                    actions.push(Action::Assess { attempt: lesion.pictures, last });
                    self.state = State::Analysing(lesion);
                }
            }
            Event::NotTaken(trouble) => {
                if let State::Captured(lesion) = self.state {
                    self.blind = Some(trouble);
                    self.state = State::Preview(lesion.again());
                }
            }
            Event::Assessed(found) => self.assessed(found, now),
            Event::NotAssessed(part, trouble) => {
                if matches!(self.state, State::Analysing(_)) {
                    self.react(Event::Broken(part, trouble), now, actions);
                }
            }
            Event::Closed => {
                if let State::Closing { shown, how } = self.state {
                    self.after_closing(shown, how, actions);
                }
            }
            Event::NotClosed(trouble) => {
                if let State::Closing { shown, how } = self.state {
                    // Whatever else went wrong meanwhile: that it is not recorded is what the person must know first.
                    self.state = State::Fault { trouble, way: WayBack::RecordClosing(shown, how) };
                }
            }
            Event::Press(command) => self.press(command, now, actions),
            Event::FormLeft => {
                if let State::Form(lesion) = self.state {
                    self.state = State::Preview(lesion.again());
                }
            }
            Event::Code => {
                if let State::Scanning { lesion, .. } = self.state {
                    actions.push(Action::OpenForm);
                    self.state = State::Form(lesion);
                }
            }
            Event::Restarted(thread) => self.restarted(thread, actions),
            Event::GaveUp(_, trouble) => self.fault(trouble, WayBack::StartAnew(now + START_ANEW)),
            Event::Unfit(trouble) => self.fault(trouble, WayBack::ByItself),
            Event::Fit => {
                if matches!(self.state, State::Fault { way: WayBack::ByItself, .. }) {
                    self.try_again(actions);
                }
                if matches!(self.postponed, Some((_, WayBack::ByItself))) {
                    self.postponed = None;
                }
            }
            Event::Tick => {}
            Event::Overgrown => self.overgrown = true,
            Event::Stop(end) => {
                self.stopping.get_or_insert((now, end));
            }
        }
    }

    /// What follows from time and from what is known, whatever happened last.
    fn settle(&mut self, now: Duration, actions: &mut Vec<Action>) {
        match self.state {
            State::SelfTest if self.untested.is_empty() => match mem::replace(&mut self.resume, Resume::NextCase) {
                Resume::NextCase => self.next_case(0, actions),
                Resume::Lesion(lesion) => self.state = State::Preview(lesion.again()),
                Resume::Shown(shown) => self.state = State::Verdict(shown),
            },
            State::Retake { lesion, until } if now >= until => self.state = State::Preview(lesion.again()),
            State::Scanning { lesion, until } if now >= until => {
                self.state = State::Preview(lesion.again());
            }
            State::Verdict(shown) if self.is_over(shown, now) => self.close(shown, Ending::Left, actions),
            State::Preview(lesion) if self.sleep_after.is_some_and(|after| now.saturating_sub(self.active) >= after) => {
                self.state = State::Sleep(lesion);
            }
            State::Fault { way: WayBack::StartAnew(at), .. } if now >= at => self.end(End::Restart, actions),
            _ => {}
        }
        let recording = matches!(self.state, State::Closing { .. });
        if let Some((since, end)) = self.stopping
            && (!recording || now.saturating_sub(since) >= LAST_WRITE)
        {
            self.end(end, actions);
        } else if self.overgrown && matches!(self.state, State::Preview(Lesion { pictures: 0, .. }) | State::Sleep(_)) {
            self.end(End::Restart, actions);
        } else if self.finished && matches!(self.state, State::Preview(_) | State::Form(_) | State::Scanning { .. } | State::Sleep(_)) {
            self.end(End::CameraFinished, actions);
        }
    }

    fn works(&mut self, part: Part) {
        self.untested.retain(|untested| *untested != part);
        if part == Part::Camera {
            self.blind = None;
        }
        // A display that was plugged in again needs no press.
        if self.untested.is_empty() && matches!(self.state, State::Fault { way: WayBack::TryAgain, .. }) {
            self.state = State::SelfTest;
        }
    }

    fn frame(&mut self, good: bool, now: Duration, actions: &mut Vec<Action>) {
        // A burst that came to nothing says nothing about the frames after it.
        self.blind = None;
        if good {
            self.active = now;
        }
        match &mut self.state {
            State::Preview(lesion) => {
                lesion.seen = lesion.seen.saturating_add(1);
                lesion.steady = if good { lesion.steady.saturating_add(1) } else { 0 };
                lesion.covered = if good && lesion.covered > 0 { self.policy.lift_frames } else { lesion.covered.saturating_sub(1) };
                let steady = lesion.steady >= self.policy.steady_frames;
                let tired = self.policy.preview_limit.is_some_and(|limit| lesion.seen >= limit);
                if self.policy.trigger == Trigger::Steady && lesion.covered == 0 && (steady || tired) {
                    let lesion = *lesion;
                    self.capture(lesion, actions);
                }
            }
            State::Verdict(shown) | State::Details(shown) => {
                shown.lifted = if good { 0 } else { shown.lifted.saturating_add(1) };
            }
            _ => {}
        }
    }

    fn assessed(&mut self, found: Found, now: Duration) {
        let State::Analysing(mut lesion) = self.state else { return };
        self.active = now;
        self.state = match found {
            Found::Answer => State::Verdict(Shown { lesion, since: now, lifted: 0 }),
            Found::Refused | Found::GivenUp => {
                lesion.refused += 1;
                if found == Found::GivenUp {
                    State::Verdict(Shown { lesion, since: now, lifted: 0 })
                } else {
                    State::Retake { lesion, until: now + self.policy.hold }
                }
            }
        };
    }

    fn press(&mut self, command: Command, now: Duration, actions: &mut Vec<Action>) {
        self.active = now;
        match (&self.state, command) {
            (State::Preview(lesion), Command::Capture) => {
                if self.blind.is_some() {
                    actions.push(Action::Refuse("the camera gives no picture; it is tried again by itself"));
                } else {
                    self.capture(*lesion, actions);
                }
            }
            (State::Preview(lesion), Command::Details) => {
                actions.push(Action::OpenForm);
                self.state = State::Form(*lesion);
            }
            (State::Preview(lesion) | State::Form(lesion), Command::Scan) => {
                self.state = State::Scanning { lesion: *lesion, until: now + SCAN_TIME };
            }
            (State::Preview(lesion), Command::Sleep) => {
                self.state = State::Sleep(*lesion);
            }
            (State::Form(_), Command::Sleep) => actions.push(Action::Refuse(hint::instead(&self.state, command))),
            (State::Form(_), command) => actions.push(Action::ToForm(command)),
            (State::Scanning { lesion, .. }, Command::Scan | Command::Details | Command::Retake) => {
                self.state = State::Preview(lesion.again());
            }
            (State::Retake { lesion, .. }, Command::Capture | Command::Retake | Command::Accept) => {
                self.state = State::Preview(lesion.again());
            }
            (State::Verdict(shown) | State::Details(shown), Command::Accept) => self.close(*shown, Ending::Accepted, actions),
            (State::Verdict(shown) | State::Details(shown), Command::Retake) => self.close(*shown, Ending::Retaken, actions),
            (State::Verdict(shown), Command::Details | Command::Down | Command::Up) => self.state = State::Details(*shown),
            (State::Details(_), Command::Down | Command::Up) => actions.push(Action::TurnPage { on: command == Command::Down }),
            (State::Details(shown), Command::Details) => self.state = State::Verdict(*shown),
            (State::Sleep(lesion), _) => {
                self.state = State::Preview(lesion.again());
            }
            (State::Fault { way, .. }, Command::Accept | Command::Retake | Command::Capture) => match way.clone() {
                WayBack::TryAgain => self.try_again(actions),
                WayBack::RecordClosing(shown, how) => self.close(shown, how, actions),
                WayBack::StartAnew(_) => self.end(End::Restart, actions),
                WayBack::ByItself => {
                    actions.push(Action::Refuse("the device goes on by itself once it is fit again; see what is on the screen"));
                }
            },
            _ => actions.push(Action::Refuse(hint::instead(&self.state, command))),
        }
    }

    fn capture(&mut self, lesion: Lesion, actions: &mut Vec<Action>) {
        actions.push(Action::TakeBurst);
        self.state = State::Captured(lesion);
    }

    fn close(&mut self, shown: Shown, how: Ending, actions: &mut Vec<Action>) {
        actions.push(Action::RecordClosing(how));
        self.state = State::Closing { shown, how };
    }

    fn after_closing(&mut self, shown: Shown, how: Ending, actions: &mut Vec<Action>) {
        match how {
            Ending::Retaken => self.state = State::Preview(shown.lesion.again()),
            Ending::Accepted | Ending::Left => {
                self.closed = self.closed.saturating_add(1);
                if self.policy.patients == Some(self.closed) {
                    self.end(End::Patients, actions);
                } else {
                    // A verdict may be accepted while the lens is still on the lesion, which must not become a second case.
                    self.next_case(if how == Ending::Accepted { self.policy.lift_frames } else { 0 }, actions);
                }
            }
        }
        if let Some((trouble, way)) = self.postponed.take() {
            self.fault(trouble, way);
        }
    }

    fn next_case(&mut self, covered: u32, actions: &mut Vec<Action>) {
        actions.push(Action::BeginCase);
        self.state = State::Preview(Lesion { covered, ..Lesion::default() });
    }

    fn restarted(&mut self, thread: Thread, actions: &mut Vec<Action>) {
        match (thread, &self.state) {
            // What the thread was asked for is gone with it.
            (Thread::Camera, State::Captured(lesion)) | (Thread::Analysis, State::Analysing(lesion)) => {
                self.state = State::Preview(lesion.again());
            }
            (Thread::Analysis, State::Closing { how, .. }) => actions.push(Action::RecordClosing(*how)),
            _ => {}
        }
    }

    /// The first fault stays on the screen until it is mended; a closing that is being recorded comes before any.
    fn fault(&mut self, trouble: Trouble, way: WayBack) {
        self.resume = match self.state {
            State::Closing { .. } | State::Fault { way: WayBack::RecordClosing(..), .. } => {
                if self.postponed.is_none() || matches!(way, WayBack::StartAnew(_)) {
                    self.postponed = Some((trouble, way));
                }
                return;
            }
            State::Fault { way: WayBack::TryAgain | WayBack::ByItself, .. } if matches!(way, WayBack::StartAnew(_)) => self.resume,
            State::Fault { .. } | State::Ended(_) => return,
            State::Boot | State::SelfTest => self.resume,
            State::Preview(lesion)
            | State::Form(lesion)
            | State::Scanning { lesion, .. }
            | State::Captured(lesion)
            | State::Analysing(lesion)
            | State::Retake { lesion, .. }
            | State::Sleep(lesion) => Resume::Lesion(lesion),
            State::Verdict(shown) | State::Details(shown) => Resume::Shown(shown),
        };
        self.state = State::Fault { trouble, way };
    }

    fn try_again(&mut self, actions: &mut Vec<Action>) {
        actions.extend(self.untested.iter().map(|part| Action::Open(*part)));
        self.state = State::SelfTest;
    }

    fn end(&mut self, end: End, actions: &mut Vec<Action>) {
        actions.push(Action::End(end));
        self.state = State::Ended(end);
    }

    /// The lens being lifted would close the case.
    fn awaits_lift(&self, shown: Shown, now: Duration) -> bool {
        self.policy.closing == Closing::Lift && now.saturating_sub(shown.since) >= self.policy.hold
    }

    fn is_over(&self, shown: Shown, now: Duration) -> bool {
        // Nobody lifts the lens of a replay that has ended.
        self.awaits_lift(shown, now) && (shown.lifted >= self.policy.lift_frames || self.finished)
    }
}

impl Lesion {
    /// The same lesion before the next picture of it.
    fn again(self) -> Self {
        Self { steady: 0, seen: 0, ..self }
    }
}
