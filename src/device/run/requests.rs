//! Wishes from outside, such as a console's, and their answers.

use std::time::Duration;

use crossbeam_channel::Sender;

use super::{
    conductor::Conductor,
    hear::state_message,
    message::{AnalysisJob, Request},
};
use crate::{
    case::{Case, Ending},
    device::{
        command::Command,
        link::{Answer, Check, Refusal},
        state::{Found, State},
    },
    patient::Context,
    verdict::Verdict,
};

/// How long the confirmation of an acceptance stays on the screen.
const CONFIRMATION: Duration = Duration::from_millis(1200);

/// A wish that is being fulfilled.
#[derive(Debug)]
pub(super) enum Pending {
    /// A picture: until it is assessed.
    Picture(Sender<Result<Answer, Refusal>>),
    /// An acceptance or its refusal: until it is recorded.
    Closing(Sender<Result<Answer, Refusal>>),
    /// A self-test.
    Test(Sender<Result<Vec<Check>, Refusal>>),
}

impl Conductor {
    pub(super) fn request(&mut self, request: Request) {
        // Whoever asked may have gone meanwhile; then nobody minds that the answer is lost.
        match request {
            Request::Press(command, reply) => self.wish(command, reply),
            Request::Describe(context, reply) => drop(reply.send(self.describe(context))),
            Request::SelfTest(reply) => match self.machine.state() {
                State::Captured(_) | State::Analysing(_) | State::Closing { .. } => drop(reply.send(Err(self.not_now("self-test")))),
                _ => {
                    self.ask(AnalysisJob::Test);
                    self.pending.push(Pending::Test(reply));
                }
            },
            Request::Pattern(duration, reply) => {
                let busy =
                    !matches!(self.machine.state(), State::Preview(_) | State::Fault { .. } | State::SelfTest | State::Retake { .. });
                drop(reply.send(if busy { Err(self.not_now("the test pattern")) } else { Ok(()) }));
                if !busy {
                    self.pattern_until = Some(self.clock.now().saturating_add(duration));
                    self.shown.forget();
                }
            }
            Request::Restart(what, reply) => {
                let open = matches!(self.machine.state(), State::Verdict(_) | State::Details(_) | State::Closing { .. });
                drop(reply.send(if open { Err(self.not_now("a restart")) } else { Ok(()) }));
                if !open {
                    self.restart(what);
                }
            }
        }
    }

    fn wish(&mut self, command: Command, reply: Sender<Result<Answer, Refusal>>) {
        let before = self.machine.state().word();
        self.press(command);
        self.publish();
        let answer = match (self.refused.take(), self.machine.state()) {
            (Some(hint), _) => Err(Refusal::NotNow { command: command.to_string(), state: before, hint }),
            (None, State::Captured(_) | State::Analysing(_)) => return self.pending.push(Pending::Picture(reply)),
            (None, State::Closing { .. }) => return self.pending.push(Pending::Closing(reply)),
            (None, State::Preview(_)) if command == Command::Capture && self.machine.blind().is_some() => Err(self.lost_picture()),
            (None, state) => Ok(Answer { message: "Done.".to_owned(), ..self.now_in(state.word()) }),
        };
        drop(reply.send(answer));
    }

    fn describe(&mut self, context: Context) -> Result<(), Refusal> {
        if self.desk.patient == 0 || matches!(self.machine.state(), State::Closing { .. } | State::Ended(_)) {
            return Err(self.not_now("a patient's description"));
        }
        if self.would_outdate_verdict(&context) {
            let hint =
                "the answer hangs on age, sex and site as they were when the picture was taken: take it again, then describe the patient";
            return Err(Refusal::NotNow { command: "another age, sex or site".to_owned(), state: self.machine.state().word(), hint });
        }
        self.desk.context = context;
        if let Some(form) = self.desk.form.as_mut() {
            form.learn(&self.desk.context);
        }
        self.shown.changed();
        Ok(())
    }

    /// Whether a verdict that is being made, or shown, hangs on something that `context` would change: what stands on the screen and in the
    /// records would then be the answer to another question.
    fn would_outdate_verdict(&self, context: &Context) -> bool {
        let takes_metadata = self.desk.model.as_ref().is_some_and(|model| model.takes_metadata);
        let answered = match self.machine.state() {
            State::Analysing(_) | State::Verdict(_) | State::Details(_) => true,
            // The way back may lead to a verdict.
            State::Fault { .. } => self.desk.case.is_some(),
            _ => false,
        };
        let known = &self.desk.context;
        takes_metadata && answered && (known.age, known.sex, known.site) != (context.age, context.sex, context.site)
    }

    /// Answers who waits for a picture.
    pub(super) fn assessed(&mut self, case: &Case, found: Found) {
        let (probability, reasons) = match &case.verdict {
            Verdict::Assessed(assessment) => (Some(assessment.probability()), Vec::new()),
            Verdict::Retake { reasons } => (None, reasons.iter().map(|reason| reason.code()).collect()),
            Verdict::CannotAssess { .. } => (None, Vec::new()),
        };
        let state = if found == Found::Refused { "retake" } else { "verdict" };
        let told = self.desk.told.as_deref();
        let answer = Answer {
            message: state_message(found).to_owned(),
            label: Some(case.verdict.label().text()),
            probability,
            criteria: told.as_ref().and_then(|told| told.criteria),
            report: told.filter(|told| told.criteria.is_some()).map(|told| told.report.brief()),
            reasons,
            ..self.now_in(state)
        };
        // Whoever is answered may look at the status next.
        self.publish();
        self.pending.retain(|pending| match pending {
            Pending::Picture(reply) => {
                drop(reply.send(Ok(answer.clone())));
                false
            }
            _ => true,
        });
    }

    /// Answers who waits for a closing, and confirms an acceptance on the screen.
    pub(super) fn closed(&mut self, case: u64, ending: Ending, words: String) {
        let answer = Answer { message: words.clone(), case: Some(case), ..self.now_in(self.machine.state().word()) };
        if ending == Ending::Accepted {
            self.confirmed = Some(words);
            self.confirm_until = Some(self.clock.now().saturating_add(CONFIRMATION));
        }
        self.publish();
        self.pending.retain(|pending| match pending {
            Pending::Closing(reply) => {
                drop(reply.send(Ok(answer.clone())));
                false
            }
            _ => true,
        });
    }

    /// Answers who asked for a self-test: what the analysis thread found, and what is known of the rest.
    pub(super) fn tested(&mut self, found: Vec<Check>) {
        let mut checks = self.desk.checks(&self.machine);
        for check in &mut checks {
            if let Some(tested) = found.iter().find(|tested| tested.name == check.name) {
                *check = tested.clone();
            }
        }
        self.pending.retain(|pending| match pending {
            Pending::Test(reply) => {
                drop(reply.send(Ok(checks.clone())));
                false
            }
            _ => true,
        });
    }

    /// Answers who waits for what has come to nothing.
    pub(super) fn answer(&mut self) {
        let state = self.machine.state();
        let taking = matches!(state, State::Captured(_) | State::Analysing(_));
        let closing = matches!(state, State::Closing { .. });
        let ended = matches!(state, State::Ended(_));
        let refusal = self.lost_picture();
        self.pending.retain(|pending| match pending {
            Pending::Picture(reply) if !taking => {
                drop(reply.send(Err(refusal.clone())));
                false
            }
            Pending::Closing(reply) if !closing => {
                drop(reply.send(Err(refusal.clone())));
                false
            }
            Pending::Test(reply) if ended => {
                drop(reply.send(Err(refusal.clone())));
                false
            }
            _ => true,
        });
    }

    /// Why nothing came of a wish that had begun.
    fn lost_picture(&self) -> Refusal {
        let (cause, next_step) = match (self.machine.state(), self.machine.blind()) {
            (State::Fault { trouble, .. }, _) | (_, Some(trouble)) => (trouble.cause.clone(), trouble.next_step.clone()),
            (State::Ended(_), None) => ("The device ends its run.".to_owned(), "Try again when it is back.".to_owned()),
            _ => ("The picture was lost when a part of the device started anew.".to_owned(), "Take it again.".to_owned()),
        };
        Refusal::Failed { cause, next_step }
    }

    fn not_now(&self, what: &str) -> Refusal {
        let hint = "wait, or close the case first";
        Refusal::NotNow { command: what.to_owned(), state: self.machine.state().word(), hint }
    }

    fn now_in(&self, state: &'static str) -> Answer {
        let case = (self.desk.patient > 0).then_some(self.desk.case_number);
        Answer { state, message: String::new(), case, label: None, probability: None, criteria: None, report: None, reasons: Vec::new() }
    }
}
