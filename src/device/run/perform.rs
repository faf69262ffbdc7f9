//! Has done what the state machine asks for.

use std::{sync::atomic::Ordering, time::Duration};

use super::{
    conductor::Conductor,
    message::{AnalysisJob, Burst, Live, Picture, PictureId},
};
use crate::{
    device::{
        command::Command,
        fault,
        state::{Action, Event, Part},
    },
    patient::form::{Form, Outcome},
    record::ClosingLine,
};

/// A frame that a person saw longer ago than this is not the one that they want.
const STALE: Duration = Duration::from_millis(1500);

impl Conductor {
    pub(super) fn perform(&mut self, action: Action) {
        match action {
            Action::BeginCase => {
                self.desk.begin_case();
                self.wanted.patient.store(self.desk.patient, Ordering::Release);
                self.shown.changed();
            }
            Action::TakeBurst => self.take_burst(),
            Action::Assess { attempt, last } => self.assess(attempt, last),
            Action::RecordClosing(closed) => {
                let closing = ClosingLine {
                    time: self.parts.clock.now(),
                    case: self.desk.case_number,
                    attempt: self.desk.attempt,
                    closed,
                    context: self.desk.context.clone(),
                };
                self.ask(AnalysisJob::Close(closing));
            }
            Action::Open(Part::Display) => self.stage.open(),
            // The camera is opened again by itself, as soon as it is there.
            Action::Open(Part::Camera) => {}
            Action::Open(part) => self.ask(AnalysisJob::Open(part)),
            Action::OpenForm => {
                self.desk.form = Some(Form::new(self.desk.context.clone(), &self.operators));
                self.shown.changed();
            }
            Action::ToForm(command) => self.press_in_form(command),
            Action::TurnPage { on } => {
                let pages = self.pages();
                self.desk.page = if on { (self.desk.page + 1).min(pages.saturating_sub(1)) } else { self.desk.page.saturating_sub(1) };
            }
            Action::Refuse(hint) => self.refused = Some(hint),
            Action::End(_) => {}
        }
    }

    /// The sharpest of a burst, or the frame that was shown last where the board wants that.
    fn take_burst(&mut self) {
        self.desk.asked = self.clock.now();
        self.desk.taken = None;
        if self.policy.burst > 1 {
            self.desk.burst += 1;
            let burst = Burst { number: self.desk.burst, frames: self.policy.burst };
            if self.bursts.try_send(burst).is_err() {
                self.queue.push_back(Event::NotTaken(fault::busy_camera()));
            }
            return;
        }
        let fresh = |live: &Live| !self.camera_is_live || crate::display::monotonic().saturating_sub(live.light) < STALE;
        match self.shown_last().filter(fresh) {
            Some(live) => {
                self.desk.taken = Some(live);
                self.queue.push_back(Event::Taken);
            }
            None => self.queue.push_back(Event::NotTaken(fault::busy_camera())),
        }
    }

    fn assess(&mut self, attempt: u32, last: bool) {
        let Some(live) = self.desk.taken.clone() else {
            self.queue.push_back(Event::NotAssessed(Part::Camera, fault::busy_camera()));
            return;
        };
        self.desk.attempt = attempt;
        self.ask(AnalysisJob::Assess(Box::new(Picture {
            live,
            id: PictureId { case: self.desk.case_number, attempt },
            last_of: last.then_some(self.policy.attempts),
            context: self.desk.context.clone(),
            scale: self.scale,
            source: self.desk.camera.name.clone(),
        })));
    }

    fn press_in_form(&mut self, command: Command) {
        let Some(form) = self.desk.form.as_mut() else {
            self.queue.push_back(Event::FormLeft);
            return;
        };
        match form.press(command) {
            Outcome::Open => {}
            Outcome::Keep(context) => {
                self.desk.context = context;
                self.desk.form = None;
                self.queue.push_back(Event::FormLeft);
            }
            Outcome::Leave => {
                self.desk.form = None;
                self.queue.push_back(Event::FormLeft);
            }
        }
        self.shown.changed();
    }

    /// Gives the analysis thread a job. One that takes none is stuck, and is dealt with by whoever watches it.
    pub(super) fn ask(&mut self, job: AnalysisJob) {
        if let Err(error) = self.jobs.try_send(job) {
            tracing::error!(%error, "the analysis thread takes no job");
        }
    }
}
