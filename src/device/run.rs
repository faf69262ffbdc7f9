//! The plain loop of the device: preview, capture, analysis, verdict; one patient after the other, on one thread.
//!
//! Must never show a number for a refused picture, show a verdict that was not recorded, or print.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use super::{
    board::CapturePolicy,
    event::{End, Event, Summary},
    fault::{Fault, RunError},
    seams::{Assess, Clock, Patients, ShowScene},
};
use crate::{
    capture::CaptureError,
    display::scene::{Scene, StatusBar},
    frame::Frame,
    quality::Reason,
    record::{Line, RecordError, RecordLog},
    verdict::Verdict,
};

/// Wait after the first failure of the camera; doubled with each further one.
const FIRST_WAIT: Duration = Duration::from_millis(250);
/// A camera that failed this many times in a row ends the run.
const CAMERA_TRIES: u32 = 5;
/// The longest wait between two tries.
const LONGEST_WAIT: Duration = Duration::from_secs(8);

/// Everything that a run needs.
pub struct Device<'a> {
    /// When a picture is taken and how often it is tried.
    pub policy: CapturePolicy,
    /// Camera and who is before it.
    pub camera: Box<dyn Patients + 'a>,
    /// Gate and model.
    pub assessor: Box<dyn Assess + 'a>,
    /// Display.
    pub screen: Box<dyn ShowScene + 'a>,
    /// Where cases are recorded.
    pub records: RecordLog,
    /// Time.
    pub clock: Box<dyn Clock + 'a>,
    /// Ends the run when set.
    pub stop: Arc<AtomicBool>,
}

/// Why the way from camera to verdict was left.
enum Halt {
    End(End),
    Failed(RunError),
}

impl From<RunError> for Halt {
    fn from(error: RunError) -> Self {
        Self::Failed(error)
    }
}

impl From<RecordError> for Halt {
    fn from(error: RecordError) -> Self {
        Self::Failed(error.into())
    }
}

impl Device<'_> {
    /// Takes patients one after the other until there are enough, the camera has no more frames, or `stop` is set.
    ///
    /// # Errors
    /// [`RunError`]; the screen then shows the fault.
    pub fn run(&mut self, tell: &mut dyn FnMut(Event<'_>)) -> Result<Summary, RunError> {
        let mut cases = 0;
        let halt = loop {
            if self.policy.patients == Some(cases) {
                break Halt::End(End::Patients);
            }
            match self.patient(cases + 1, tell) {
                Ok(()) => cases += 1,
                Err(halt) => break halt,
            }
        };
        match halt {
            Halt::End(end) => {
                tracing::info!(cases, ?end, "run ended");
                Ok(Summary { cases, end })
            }
            Halt::Failed(error) => {
                tracing::error!(%error, "run failed");
                let Fault { cause, next_step } = Fault::from(&error);
                // The first cause counts, even when the screen fails over it.
                if let Err(error) = self.screen.show(&Scene::Fault { cause: &cause, next_step, way_back: "", bar: StatusBar::default() }) {
                    tracing::error!(%error, "the fault cannot be shown");
                }
                Err(error)
            }
        }
    }

    /// One patient from the first preview to the verdict.
    fn patient(&mut self, patient: u32, tell: &mut dyn FnMut(Event<'_>)) -> Result<(), Halt> {
        if patient > 1 {
            self.wait_for_lift(tell)?;
        }
        self.persist(tell, |camera| camera.next_patient(patient))?;
        let case = self.records.next_case();
        for attempt in 1.. {
            let frame = self.preview(tell)?;
            self.show(&Scene::Analysing { frame: &frame, bar: StatusBar::default() })?;
            let mut found = self.assessor.assess(frame).map_err(RunError::Analysis)?;
            if let Verdict::Retake { reasons } = &found.verdict
                && attempt >= self.policy.attempts
            {
                found.verdict = Verdict::CannotAssess { cause: no_good_picture(attempt, reasons) };
            }
            let source = self.camera.describe();
            self.records.append(&Line::new(self.clock.now(), case, attempt, &source, &found))?;
            tracing::info!(case, attempt, "recorded");
            if let Verdict::Retake { reasons } = &found.verdict {
                let picture = self.show(&Scene::from(&found))?;
                tell(Event::Retake { patient, case, attempt, reasons, picture });
                self.clock.pause(self.policy.hold, &self.stop);
                continue;
            }
            let picture = self.show(&Scene::from(&found))?;
            tell(Event::Closed { patient, case, verdict: &found.verdict, picture });
            self.clock.pause(self.policy.hold, &self.stop);
            break;
        }
        Ok(())
    }

    /// Shows the live picture with the gate's hints until it is time to take the picture, which is the frame last shown:
    /// what the person saw is what is assessed.
    fn preview(&mut self, tell: &mut dyn FnMut(Event<'_>)) -> Result<Frame, Halt> {
        let (mut shown, mut steady) = (0, 0);
        loop {
            let frame = self.persist(tell, |camera| camera.capture())?.frame;
            let hints = self.assessor.hints(&frame);
            self.show(&Scene::Preview { frame: &frame, hints: &hints, ready: "", bar: StatusBar::default() })?;
            shown += 1;
            steady = if hints.is_empty() { steady + 1 } else { 0 };
            if steady >= self.policy.steady_frames || self.policy.preview_limit.is_some_and(|limit| shown >= limit) {
                return Ok(frame);
            }
        }
    }

    /// Leaves the last verdict on the screen until the lens is off the skin, lest one lesion becomes two cases.
    fn wait_for_lift(&mut self, tell: &mut dyn FnMut(Event<'_>)) -> Result<(), Halt> {
        let mut lifted = 0;
        while lifted < self.policy.lift_frames {
            let frame = self.persist(tell, |camera| camera.capture())?.frame;
            lifted = if self.assessor.hints(&frame).is_empty() { 0 } else { lifted + 1 };
        }
        Ok(())
    }

    /// Asks the camera, over as many failures in a row as the policy allows.
    fn persist<T>(
        &mut self,
        tell: &mut dyn FnMut(Event<'_>),
        mut ask: impl FnMut(&mut dyn Patients) -> Result<T, CaptureError>,
    ) -> Result<T, Halt> {
        let mut failures = 0;
        loop {
            if self.stop.load(Ordering::Relaxed) {
                return Err(Halt::End(End::Stopped));
            }
            let cause = match ask(self.camera.as_mut()) {
                Ok(answer) => return Ok(answer),
                Err(CaptureError::Finished { .. }) => return Err(Halt::End(End::CameraFinished)),
                Err(cause) => cause,
            };
            failures += 1;
            if failures >= CAMERA_TRIES {
                return Err(RunError::Camera { camera: self.camera.describe(), tries: failures, cause: Box::new(cause) }.into());
            }
            let wait = wait_after(&cause, failures);
            tracing::warn!(%cause, failures, "no frame");
            tell(Event::CameraTrouble { cause: &cause, failures, wait });
            if !wait.is_zero() {
                let Fault { cause, next_step } = Fault::from(&cause);
                self.show(&Scene::Fault { cause: &cause, next_step, way_back: "", bar: StatusBar::default() })?;
                self.clock.pause(wait, &self.stop);
            }
        }
    }

    fn show(&mut self, scene: &Scene<'_>) -> Result<Option<std::path::PathBuf>, RunError> {
        self.screen.show(scene).map_err(RunError::Display)
    }
}

/// How long to leave the camera alone. A damaged frame now and then is nothing to stop for: the next one is at hand.
fn wait_after(cause: &CaptureError, failures: u32) -> Duration {
    match cause {
        CaptureError::Damaged { .. } | CaptureError::File { .. } => Duration::ZERO,
        _ => FIRST_WAIT.saturating_mul(1 << (failures - 1).min(16)).min(LONGEST_WAIT),
    }
}

/// "No good picture in 3 tries: not sharp, reflections."
fn no_good_picture(attempts: u32, reasons: &[Reason]) -> String {
    // The part before the colon says what is wrong; what to do about it is of no use any more.
    let wrong: Vec<&str> = reasons.iter().map(|reason| reason.advice().split(':').next().unwrap_or_default()).collect();
    let tries = if attempts == 1 { "1 try".to_owned() } else { format!("{attempts} tries") };
    format!("No good picture in {tries}: {}.", wrong.join(", "))
}
