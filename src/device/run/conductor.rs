//! The conductor: hears what the threads tell, asks the state machine what follows, and has it done. It waits for nobody.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};

use super::{
    camera_thread::Wanted,
    desk::Desk,
    message::{AnalysisJob, Burst, Live, Message, ScreenNews},
    parts::Parts,
    present::Shown,
    requests::Pending,
    stage::Stage,
};
use crate::{
    device::{
        board::CapturePolicy,
        fault::RunError,
        link::{Restart, Status},
        news::{News, Summary},
        state::{End, Event, Machine, State},
        supervise::{self, Doing, Monotonic, Progress, Pulse},
    },
    explain::lesion::Scale,
    verdict::Verdict,
};

/// The longest time between two looks at the clock.
const TURN: Duration = Duration::from_millis(40);
/// A turn that takes longer is stuck.
const STUCK: Duration = Duration::from_secs(10);
/// How long a run that nobody watches may be without frames.
const BLIND_FOR: Duration = Duration::from_secs(30);
/// How long the end waits for the last pictures to be on the screen.
const LAST_PICTURES: Duration = Duration::from_secs(10);

/// What the conductor works with.
pub(super) struct Conductor {
    pub(super) machine: Machine,
    pub(super) desk: Desk,
    pub(super) policy: CapturePolicy,
    pub(super) parts: Arc<Parts>,
    pub(super) clock: Monotonic,
    pub(super) inbox: Receiver<Message>,
    pub(super) bursts: Sender<Burst>,
    pub(super) jobs: Sender<AnalysisJob>,
    pub(super) stage: Arc<Stage>,
    pub(super) wanted: Arc<Wanted>,
    pub(super) progress: Arc<Progress>,
    pub(super) status: Arc<Mutex<Status>>,
    pub(super) operators: Vec<String>,
    /// How large things are before the lens.
    pub(super) scale: Option<Scale>,
    /// The run ends by itself, and nobody is there to mend anything: a fault ends it too.
    pub(super) bounded: bool,
    pub(super) stop: Arc<AtomicBool>,
    pub(super) restart_flag: Arc<AtomicBool>,
    /// A look at the live picture was asked for and not yet answered.
    pub(super) looking: bool,
    pub(super) next_look: Duration,
    /// Since when there were no frames.
    pub(super) blind_since: Option<Duration>,
    /// Events that follow from what was done, to be taken before any message.
    pub(super) queue: VecDeque<Event>,
    /// Wishes that are being fulfilled.
    pub(super) pending: Vec<Pending>,
    pub(super) shown: Shown,
    /// What is to be told once its scene is on the screen.
    pub(super) untold: VecDeque<(u64, News)>,
    pub(super) telling: VecDeque<News>,
    /// The board boots anew after this run.
    pub(super) reboot: bool,
    /// Why the last press did nothing.
    pub(super) refused: Option<&'static str>,
    /// The camera's frames come at its own rate.
    pub(super) camera_is_live: bool,
    /// A preview frame came that was not shown yet.
    pub(super) fresh: bool,
    /// Number of the last kept scene.
    pub(super) kept: u64,
    /// Number of the last kept scene that is on the screen.
    pub(super) kept_shown: u64,
    /// Number of the scene of the last picture, until it is on the screen.
    pub(super) verdict_scene: Option<u64>,
    /// What the device has to say to the person in this state.
    pub(super) said: Option<String>,
    /// The test pattern is shown until then.
    pub(super) pattern_until: Option<Duration>,
    /// What was confirmed, and until when that stays on the screen.
    pub(super) confirmed: Option<String>,
    pub(super) confirm_until: Option<Duration>,
    /// Folder of the records, for status.
    pub(super) records: String,
}

impl Conductor {
    /// Conducts until the run is over.
    pub(super) fn conduct(&mut self, pulse: &Pulse, tell: &mut dyn FnMut(&News)) -> Result<Summary, RunError> {
        self.happened(Event::Started);
        loop {
            let _: Result<(), supervise::Over> = pulse.beat(Doing::Turning, STUCK);
            match self.inbox.recv_timeout(TURN) {
                Ok(message) => self.hear(message),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
            }
            // What has piled up is dealt with before anything is drawn.
            while let Ok(message) = self.inbox.try_recv() {
                self.hear(message);
            }
            if self.stop.load(Ordering::Acquire) {
                self.happened(Event::Stop(End::Stopped));
            } else if self.restart_flag.load(Ordering::Acquire) {
                self.happened(Event::Stop(End::Restart));
            }
            self.happened(Event::Tick);
            self.ask_for_a_look();
            self.present();
            self.answer();
            self.publish();
            self.progress.made(supervise::Part::Conductor);
            self.telling.drain(..).for_each(|news| tell(&news));
            if let State::Ended(end) = *self.machine.state() {
                self.finish(end, tell);
                return Ok(Summary { cases: self.machine.closed(), end: if self.reboot { End::Reboot } else { end } });
            }
            if self.bounded {
                self.give_up_when_hopeless()?;
            }
        }
    }

    /// Takes `event` and everything that follows from it.
    pub(super) fn happened(&mut self, event: Event) {
        self.queue.push_back(event);
        while let Some(event) = self.queue.pop_front() {
            let now = self.clock.now();
            let before = self.machine.state().word();
            let (machine, actions) = self.machine.clone().step(event, now);
            self.machine = machine;
            let after = self.machine.state().word();
            if before != after {
                tracing::debug!(from = before, to = after, "state");
                self.said = None;
                self.wanted.rest.store(after == "sleep", Ordering::Release);
            }
            for action in actions {
                self.perform(action);
            }
        }
    }

    /// Has the newest frame looked at, if that is of use and none is being looked at.
    fn ask_for_a_look(&mut self) {
        let now = self.clock.now();
        if self.looking || now < self.next_look || !self.machine.wants_frames(now) || self.desk.model.is_none() {
            return;
        }
        let for_code = matches!(self.machine.state(), State::Scanning { .. });
        self.looking = self.jobs.try_send(AnalysisJob::Look { wait: TURN, for_code }).is_ok();
    }

    /// The frame that the person saw last, as long as it is that of this patient and not a stale one.
    pub(super) fn shown_last(&self) -> Option<Live> {
        let (live, _) = self.desk.seen.as_ref()?;
        (live.may_show(self.desk.patient) && self.machine.blind().is_none()).then(|| live.clone())
    }

    /// A run that ends by itself has nobody who could mend a fault.
    fn give_up_when_hopeless(&mut self) -> Result<(), RunError> {
        let trouble = match self.machine.state() {
            State::Fault { trouble, .. } => Some(trouble.clone()),
            _ => self.blind_since.filter(|since| self.clock.now().saturating_sub(*since) >= BLIND_FOR).and(self.machine.blind().cloned()),
        };
        match trouble {
            Some(trouble) => {
                // A fault that is not on the screen has not been told to whoever stands before it.
                self.wait_for_screen(LAST_PICTURES, &mut |_| {});
                tracing::error!(cause = trouble.detail, "run failed");
                Err(RunError::Fault(trouble))
            }
            None => Ok(()),
        }
    }

    /// Waits until what was kept is on the screen, so that it can be told of.
    fn finish(&mut self, end: End, tell: &mut dyn FnMut(&News)) {
        let patience = if matches!(end, End::Patients | End::CameraFinished) { LAST_PICTURES } else { TURN };
        self.wait_for_screen(patience, tell);
        // A screen that is behind must not hide what was said.
        self.untold.drain(..).for_each(|(_, news)| tell(&news));
        self.answer();
        tracing::info!(cases = self.machine.closed(), ?end, "run ended");
    }

    /// Waits until every kept scene is on the screen, as long as there is one.
    fn wait_for_screen(&mut self, patience: Duration, tell: &mut dyn FnMut(&News)) {
        let until = self.clock.now().saturating_add(patience);
        while self.kept_shown < self.kept && self.clock.now() < until && !self.stop.load(Ordering::Acquire) {
            // The state is what it is; only what is on the screen counts now.
            if let Ok(Message::Screen(news)) = self.inbox.recv_timeout(TURN) {
                match news.current() {
                    Some(ScreenNews::Broken(_)) => return,
                    Some(news @ ScreenNews::Shown { .. }) => self.screen_says(news),
                    _ => {}
                }
            }
            self.telling.drain(..).for_each(|news| tell(&news));
        }
    }

    /// What is told of the case at hand.
    pub(super) fn news_of_case(&self, verdict: &Verdict) -> News {
        let (patient, case, attempt) = (self.desk.patient, self.desk.case_number, self.desk.attempt);
        match verdict {
            Verdict::Retake { reasons } => News::Retake { patient, case, attempt, reasons: reasons.clone(), picture: None },
            verdict => News::Verdict { patient, case, verdict: verdict.clone(), picture: None },
        }
    }

    pub(super) fn restart(&mut self, what: Restart) {
        self.reboot = what == Restart::Board;
        self.happened(Event::Stop(End::Restart));
    }
}
