//! The analysis thread: looks at the live picture, assesses and records pictures, records how cases are closed.
//!
//! A picture is on storage before anything is said of it: what leaves this thread as assessed is recorded.

use std::{
    sync::{Arc, Mutex, MutexGuard, TryLockError},
    time::Duration,
};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};

use super::{
    message::{AnalysisJob, AnalysisNews, Delivery, Look, Message, Opened, Picture},
    newest::Newest,
    parts::Parts,
    post::Post,
};
use crate::{
    device::{
        fault,
        link::{Check, Trouble},
        seams::Assess,
        state::{Found, Part},
        supervise::{Doing, Over, Pulse},
    },
    explain::report::{Facts, Language, write},
    input,
    quality::Reason,
    record::{ClosingLine, Line, RecordError, RecordLog},
    verdict::Verdict,
};

/// A bundle is read, verified, compiled, and its golden case run.
const OPENING: Duration = Duration::from_secs(60);
/// The gate over one frame.
const JUDGING: Duration = Duration::from_secs(5);
/// The whole chain over one picture, with a paper-scale network on the smallest board.
const ASSESSING: Duration = Duration::from_secs(60);
/// A line on a slow card that tidies up.
const RECORDING: Duration = Duration::from_secs(20);
/// How long to wait for a job at a time.
const IDLE: Duration = Duration::from_millis(100);

/// What the analysis thread shares with the others.
pub(super) struct AnalysisSide {
    pub(super) parts: Arc<Parts>,
    pub(super) jobs: Receiver<AnalysisJob>,
    pub(super) newest: Arc<Newest<Delivery>>,
    /// Shared by all generations of the thread: a log has one writer, and one that hangs elsewhere must not keep it from the next.
    pub(super) records: Mutex<Option<RecordLog>>,
    pub(super) language: Language,
    pub(super) channel: Sender<Message>,
}

/// One life of the thread.
pub(super) fn work(pulse: &Pulse, side: &AnalysisSide) -> Result<(), Over> {
    let mut worker = Worker { pulse, side, post: Post::new(pulse, &side.channel, Message::Analysis), assessor: None };
    // What was asked of a generation before this one is asked again by the conductor, if it still matters.
    while side.jobs.try_recv().is_ok() {}
    worker.open(Part::Records)?;
    worker.open(Part::Model)?;
    loop {
        pulse.rest()?;
        match side.jobs.recv_timeout(IDLE) {
            Ok(job) => worker.take_up(job)?,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
    }
}

struct Worker<'a> {
    pulse: &'a Pulse,
    side: &'a AnalysisSide,
    post: Post<'a, AnalysisNews>,
    assessor: Option<Box<dyn Assess>>,
}

impl Worker<'_> {
    fn take_up(&mut self, job: AnalysisJob) -> Result<(), Over> {
        match job {
            AnalysisJob::Look { wait, for_code } => {
                let look = self.look(wait, for_code)?;
                self.post.tell(AnalysisNews::Looked(look))
            }
            AnalysisJob::Assess(picture) => {
                let news = self.assess(*picture)?;
                self.post.tell(news)
            }
            AnalysisJob::Close(closing) => {
                let closed = self.close(&closing)?;
                self.post.tell(AnalysisNews::Closed(closing, closed))
            }
            AnalysisJob::Open(part) => self.open(part),
            AnalysisJob::Test => {
                let checks = self.test()?;
                self.post.tell(AnalysisNews::Tested(checks))
            }
        }
    }

    fn look(&mut self, wait: Duration, for_code: bool) -> Result<Look, Over> {
        let live = match self.side.newest.take(wait) {
            None => return Ok(Look::Nothing),
            Some(Delivery::Finished) => {
                // It stays true for whoever looks next.
                self.side.newest.put(Delivery::Finished);
                return Ok(Look::Finished);
            }
            Some(Delivery::Frame(live)) => live,
        };
        self.pulse.beat(Doing::Judging, JUDGING)?;
        let frame = &live.captured.frame;
        let hints = self.assessor.as_mut().map(|assessor| assessor.hints(frame)).unwrap_or_default();
        let code = if for_code {
            self.pulse.beat(Doing::Scanning, JUDGING)?;
            Some(input::code::look(frame))
        } else {
            None
        };
        Ok(Look::Frame { live, hints, code })
    }

    fn assess(&mut self, picture: Picture) -> Result<AnalysisNews, Over> {
        let Some(assessor) = self.assessor.as_mut() else {
            return Ok(AnalysisNews::NotAssessed(picture.id, Part::Model, fault::absent_model()));
        };
        self.pulse.beat(Doing::Assessing, ASSESSING)?;
        let mut case = match assessor.assess(picture.live.captured.frame.clone(), &picture.context) {
            Ok(case) => case,
            Err(cause) => return Ok(AnalysisNews::NotAssessed(picture.id, Part::Model, fault::analysis(cause.as_ref()))),
        };
        let found = match (&case.verdict, picture.last_of) {
            (Verdict::Retake { reasons }, Some(pictures)) => {
                case.verdict = Verdict::CannotAssess { cause: no_good_picture(pictures, reasons) };
                Found::GivenUp
            }
            (Verdict::Retake { .. }, None) => Found::Refused,
            _ => Found::Answer,
        };
        // A generation that was replaced meanwhile must not record: the picture has been given up, and may be taken again by now.
        self.pulse.beat(Doing::Recording, RECORDING)?;
        // Written once: what stands on the screen is what stands in the records.
        let report = write(&Facts::of(&case, picture.scale), self.side.language);
        let line = Line::new(self.side.parts.clock.now(), picture.id.case, picture.id.attempt, &picture.source, &case)
            .with_scale(&case, picture.scale)
            .with_report(&report)
            .with_context(picture.context);
        Ok(match self.record(|records| records.append(&line))? {
            Ok(()) => AnalysisNews::Assessed { id: picture.id, case: Arc::new(case), report: Arc::new(report), found },
            Err(trouble) => AnalysisNews::NotAssessed(picture.id, Part::Records, trouble),
        })
    }

    fn close(&mut self, closing: &ClosingLine) -> Result<Result<(), Trouble>, Over> {
        if self.log()?.is_some_and(|records| records.is_none()) {
            self.open(Part::Records)?;
        }
        self.record(|records| records.close(closing))
    }

    /// Has something written to the records.
    fn record(&self, write: impl FnOnce(&mut RecordLog) -> Result<(), RecordError>) -> Result<Result<(), Trouble>, Over> {
        let Some(mut records) = self.log()? else { return Ok(Err(fault::stuck_records())) };
        self.pulse.beat(Doing::Recording, RECORDING)?;
        Ok(match records.as_mut().map(write) {
            Some(Ok(())) => Ok(()),
            Some(Err(error)) => {
                tracing::error!(%error, "not recorded");
                Err(fault::trouble(&error))
            }
            None => Err(fault::absent_records()),
        })
    }

    /// The records; `None` when a generation that was given up hangs in the middle of writing to them.
    fn log(&self) -> Result<Option<MutexGuard<'_, Option<RecordLog>>>, Over> {
        const TRIES: u32 = 100;
        for _ in 0..TRIES {
            match self.side.records.try_lock() {
                Ok(records) => return Ok(Some(records)),
                Err(TryLockError::Poisoned(poisoned)) => return Ok(Some(poisoned.into_inner())),
                Err(TryLockError::WouldBlock) => {
                    self.pulse.rest()?;
                    std::thread::sleep(IDLE / 10);
                }
            }
        }
        Ok(None)
    }

    /// Opens the records as if for the first time.
    fn open_records(&self) -> Result<Result<Opened, Trouble>, Over> {
        let Some(mut records) = self.log()? else { return Ok(Err(fault::stuck_records())) };
        self.pulse.beat(Doing::Opening, OPENING)?;
        // A log that this very process has open would refuse itself.
        *records = None;
        Ok(match (self.side.parts.records)() {
            Ok(log) => {
                let last_case = log.next_case().saturating_sub(1);
                let set_apart = log.set_apart().map(ToOwned::to_owned);
                *records = Some(log);
                Ok(Opened::Records { last_case, set_apart })
            }
            Err(error) => Err(fault::trouble(&error)),
        })
    }

    /// Opens `part` when it is not open, and tells what came of it.
    fn open(&mut self, part: Part) -> Result<(), Over> {
        self.pulse.beat(Doing::Opening, OPENING)?;
        let news = match part {
            Part::Records => match self.open_records()? {
                Ok(opened) => AnalysisNews::Opened(opened),
                Err(trouble) => AnalysisNews::Broken(part, trouble),
            },
            Part::Model => match (self.side.parts.assessor)() {
                Ok(assessor) => {
                    let model = assessor.model();
                    self.assessor = Some(assessor);
                    AnalysisNews::Opened(Opened::Model(model))
                }
                Err(error) => {
                    self.assessor = None;
                    AnalysisNews::Broken(part, fault::trouble(&error))
                }
            },
            // Theirs to open are other threads.
            Part::Display | Part::Camera => return Ok(()),
        };
        self.post.tell(news)
    }

    /// Opens bundle and records as if for the first time.
    fn test(&mut self) -> Result<Vec<Check>, Over> {
        self.pulse.beat(Doing::Testing, OPENING)?;
        let model = match (self.side.parts.assessor)() {
            Ok(assessor) => {
                let bundle = assessor.model().bundle;
                self.assessor = Some(assessor);
                Ok(format!("{} {} {}: signature, digests and golden case are right", bundle.name, bundle.version, bundle.digest))
            }
            Err(error) => Err(error.to_string()),
        };
        let records = match self.open_records()? {
            Ok(_) => Ok("the log can be written".to_owned()),
            Err(trouble) => Err(trouble.detail),
        };
        Ok(vec![check(Part::Model, model), check(Part::Records, records)])
    }
}

fn check(part: Part, found: Result<String, String>) -> Check {
    let passed = found.is_ok();
    Check { name: part.name(), passed: Some(passed), detail: found.unwrap_or_else(|error| error) }
}

/// "No good picture in 3 tries: not sharp, reflections."
fn no_good_picture(pictures: u32, reasons: &[Reason]) -> String {
    // The part before the colon says what is wrong; what to do about it is of no use any more.
    let wrong: Vec<&str> = reasons.iter().map(|reason| reason.advice().split(':').next().unwrap_or_default()).collect();
    let tries = if pictures == 1 { "1 try".to_owned() } else { format!("{pictures} tries") };
    format!("No good picture in {tries}: {}.", wrong.join(", "))
}
