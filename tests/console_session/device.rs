//! A device that does what the console asks, in memory.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use lentigo::{
    capture::{Captured, ControlReading},
    case::BundleId,
    device::{Answer, CameraStatus, Check, Command, Link, Refusal, Restart, Status, ThreadStatus, Told, Trouble},
    explain::report::{Decision, Facts, Language, Outline, write},
    frame::Frame,
    health::Reading,
    patient::Context,
    record::Criteria,
    verdict::Label,
};

use crate::criteria::explanation;

/// What the device is like, to be changed by a test.
pub(crate) struct Inside {
    pub(crate) state: &'static str,
    pub(crate) case: u64,
    pub(crate) cases: u64,
    pub(crate) context: Context,
    pub(crate) refuse_next: bool,
    /// The bundle measures criteria.
    pub(crate) explains: bool,
    pub(crate) restarts: Vec<Restart>,
    pub(crate) presses: Vec<Command>,
}

pub(crate) struct FakeDevice(pub(crate) Mutex<Inside>);

impl FakeDevice {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(Inside {
            state: "preview",
            case: 1,
            cases: 0,
            context: Context::default(),
            refuse_next: false,
            explains: false,
            restarts: Vec::new(),
            presses: Vec::new(),
        })))
    }
}

fn answer(state: &'static str, message: &str, case: Option<u64>) -> Answer {
    Answer { state, message: message.to_owned(), case, label: None, probability: None, criteria: None, report: None, reasons: Vec::new() }
}

/// What is told of the verdict, with or without criteria.
fn told(explains: bool) -> Told {
    let explanation = explains.then(explanation);
    let facts = Facts {
        label: Label::Refer,
        decision: Some(Decision { probability: 0.618_2, threshold: 0.2 }),
        reasons: Vec::new(),
        abstention: None,
        outline: Outline::Unknown,
        explanation: explanation.clone(),
        disagreement: None,
    };
    Told { label: Label::Refer, criteria: explanation.as_ref().map(Criteria::of), report: write(&facts, Language::English) }
}

impl Link for FakeDevice {
    fn status(&self) -> Status {
        let inside = self.0.lock().unwrap();
        let fault = (inside.state == "fault").then(|| Trouble {
            cause: "The camera was unplugged.".to_owned(),
            next_step: "Plug it in again.".to_owned(),
            detail: "/dev/video0: ENODEV".to_owned(),
        });
        Status {
            version: "0.1.0",
            uptime_s: 3_723,
            state: inside.state,
            camera: CameraStatus {
                name: "phantom, 160x120".to_owned(),
                live: fault.is_none(),
                frames: 720,
                rate: 24.96,
                frame_age_ms: Some(17),
                reopened: 1,
                controls: vec![ControlReading { name: "exposure", asked: "156".to_owned(), found: Some("156".to_owned()) }],
            },
            fault,
            case: Some(inside.case),
            context: inside.context.clone(),
            display: "png, 800x480".to_owned(),
            bundle: Some(BundleId { name: "asff-tiny".to_owned(), version: "1.0.0".to_owned(), digest: "0123456789ab".to_owned() }),
            operating_point: Some("sensitivity-95".to_owned()),
            health: Reading {
                temperature_c: Some(51.2),
                throttled: Some(false),
                resident_bytes: Some(93_400_000),
                memory_free_bytes: Some(210_000_000),
                storage_free_bytes: Some(5_120_000_000),
                descriptors: Some(23),
                threads: None,
            },
            threads: vec![ThreadStatus { name: "camera", age_ms: 12, restarts: 0 }],
            cases: inside.cases,
            records: "RECORDS".to_owned(),
            told: (inside.state == "verdict").then(|| Arc::new(told(inside.explains))),
            last_verdict_ms: Some(412.4),
            light_to_glass_ms: Some(38.1),
        }
    }

    fn press(&self, command: Command) -> Result<Answer, Refusal> {
        let mut inside = self.0.lock().unwrap();
        inside.presses.push(command);
        match (inside.state, command) {
            ("fault", _) => Err(Refusal::NotNow { command: command.to_string(), state: "fault", hint: "Plug the camera in again." }),
            ("preview" | "retake", Command::Capture) if std::mem::take(&mut inside.refuse_next) => {
                inside.state = "retake";
                let mut answer = answer("retake", "The picture was refused; another one is needed.", Some(inside.case));
                answer.label = Some("retake");
                answer.reasons = vec!["out-of-focus", "glare"];
                Ok(answer)
            }
            ("preview" | "retake", Command::Capture) => {
                inside.state = "verdict";
                let mut answer = answer("verdict", "The picture was assessed and recorded.", Some(inside.case));
                answer.label = Some("refer");
                answer.probability = Some(0.618_2);
                let told = told(inside.explains);
                answer.criteria = told.criteria;
                answer.report = told.criteria.is_some().then(|| told.report.brief());
                Ok(answer)
            }
            ("verdict", Command::Accept) => {
                inside.state = "preview";
                inside.cases += 1;
                let closed = inside.case;
                inside.case += 1;
                inside.context = Context::default();
                Ok(answer("preview", "The case is closed and recorded.", Some(closed)))
            }
            (state, Command::Accept) => {
                Err(Refusal::NotNow { command: "accept".to_owned(), state, hint: "there is no verdict yet; type capture" })
            }
            (state, _) => Ok(answer(state, "Done.", None)),
        }
    }

    fn describe_patient(&self, context: Context) -> Result<(), Refusal> {
        let mut inside = self.0.lock().unwrap();
        if inside.state == "fault" {
            return Err(Refusal::NotNow { command: "case".to_owned(), state: "fault", hint: "Plug the camera in again." });
        }
        inside.context = context;
        Ok(())
    }

    fn newest_frame(&self) -> Option<Arc<Captured>> {
        let frame = Frame::from_fn(160, 120, |x, y| [(x + y) as u8, x as u8, y as u8]).unwrap();
        Some(Arc::new(Captured { frame, sequence: 720, taken_at: Duration::from_secs(29) }))
    }

    fn self_test(&self) -> Result<Vec<Check>, Refusal> {
        Ok(vec![
            Check { name: "camera", passed: Some(true), detail: "25.0 frames a second".to_owned() },
            Check { name: "bundle", passed: Some(false), detail: "the golden case is off by 0.2".to_owned() },
        ])
    }

    fn show_pattern(&self, _: Duration) -> Result<(), Refusal> {
        match self.0.lock().unwrap().state {
            "verdict" => {
                Err(Refusal::NotNow { command: "test pattern".to_owned(), state: "verdict", hint: "accept the verdict or retake first" })
            }
            _ => Ok(()),
        }
    }

    fn restart(&self, what: Restart) -> Result<(), Refusal> {
        let mut inside = self.0.lock().unwrap();
        if inside.state == "verdict" {
            return Err(Refusal::NotNow { command: "restart".to_owned(), state: "verdict", hint: "accept the verdict or retake first" });
        }
        inside.restarts.push(what);
        Ok(())
    }
}
