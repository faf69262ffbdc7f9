//! A device of fakes at work in threads of its own: a camera that does as it is told, a gate and a network with fixed answers, a screen
//! that writes down what it is shown, and a console in the hands of the test.

use std::{
    collections::VecDeque,
    io,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering},
        mpsc,
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use lentigo::{
    capture::{Camera, CaptureError, Captured},
    case::{BundleId, Case, Evidence, Timings},
    device::{
        Assess, Cause, Clock, Command, Device, Link, ModelFacts, News, OnGlass, Parts, Patients, RunError, ShowScene, StartError, Summary,
        board::{Board, CapturePolicy, Closing, PowerBoard, Trigger},
    },
    display::scene::Scene,
    explain::report::Language,
    frame::{Frame, Heatmap, Region},
    patient::Context,
    pipeline::LoadError,
    quality::{Gate, Limits, Measurements, Passed, Quality, Reason},
    record::{Entry, RecordError, RecordLog, entries},
    verdict::{AbstentionLimits, Assessment, OperatingPoint, Verdict},
};
use tempfile::TempDir;

use crate::{
    criteria::explanation,
    support::{asff_tiny, golden_frame},
};

/// What the camera does when it is asked for a frame. The kind of a frame stands in its one pixel.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Take {
    Good,
    Blurred,
    /// Passes the gate, but the model has no answer.
    Odd,
    /// The analysis panics over it.
    Deadly,
    /// The analysis takes a while over it.
    Slow,
    TimesOut,
    Gone,
    Damaged,
    /// The camera hangs for much longer than it may.
    Hangs,
    Finished,
}

impl Take {
    fn frame(self) -> Frame {
        Frame::new(1, 1, vec![self as u8; 3]).unwrap()
    }

    fn of(frame: &Frame) -> Self {
        [Self::Good, Self::Blurred, Self::Odd, Self::Deadly, Self::Slow][frame.pixels()[0] as usize]
    }
}

/// What the test can change while the device runs.
#[derive(Clone)]
pub(crate) struct Strings {
    pub(crate) takes: Arc<Mutex<VecDeque<Take>>>,
    /// What the camera does when there is nothing more in `takes`.
    pub(crate) then: Arc<Mutex<Take>>,
    pub(crate) seen: Arc<Mutex<Vec<String>>>,
    pub(crate) display_broken: Arc<AtomicBool>,
    pub(crate) records_broken: Arc<AtomicBool>,
    pub(crate) model_broken: Arc<AtomicBool>,
    /// The answer hangs on the patient's age too, and the lesion is seen.
    pub(crate) takes_metadata: Arc<AtomicBool>,
    /// The bundle measures criteria, and the lesion is seen.
    pub(crate) explains: Arc<AtomicBool>,
    pub(crate) cameras_opened: Arc<AtomicU32>,
    frames: Arc<AtomicU64>,
}

struct FakeCamera {
    strings: Strings,
    live: bool,
}

impl Camera for FakeCamera {
    fn capture(&mut self) -> Result<Captured, CaptureError> {
        let device = "/dev/video9".to_owned();
        let next = self.strings.takes.lock().unwrap().pop_front();
        let take = next.unwrap_or_else(|| *self.strings.then.lock().unwrap());
        if self.live {
            std::thread::sleep(Duration::from_millis(2));
        }
        match take {
            Take::TimesOut => Err(CaptureError::TimedOut { device, waited: Duration::from_secs(2) }),
            Take::Gone => Err(CaptureError::Gone { device, cause: io::Error::from(io::ErrorKind::NotFound) }),
            Take::Damaged => Err(CaptureError::Damaged { source_name: device, format: "MJPG".into(), detail: "cut short".into() }),
            Take::Finished => Err(CaptureError::Finished { source_name: device }),
            Take::Hangs => {
                std::thread::sleep(Duration::from_secs(4));
                Err(CaptureError::TimedOut { device, waited: Duration::from_secs(4) })
            }
            take => {
                let sequence = self.strings.frames.fetch_add(1, Ordering::Relaxed) + 1;
                Ok(Captured { frame: take.frame(), sequence, taken_at: Duration::from_millis(sequence) })
            }
        }
    }

    fn describe(&self) -> String {
        "fake camera".to_owned()
    }
}

impl Patients for FakeCamera {
    fn next_patient(&mut self, _patient: u32) -> Result<(), CaptureError> {
        Ok(())
    }

    fn is_live(&self) -> bool {
        self.live
    }

    fn is_dated(&self) -> bool {
        false
    }

    fn patience(&self) -> Duration {
        Duration::from_millis(400)
    }
}

struct FakeAssessor {
    takes_metadata: bool,
    explains: bool,
}

impl Assess for FakeAssessor {
    fn model(&self) -> ModelFacts {
        ModelFacts {
            bundle: bundle(),
            operating_point: "sensitivity-95".into(),
            positive: "malignant".into(),
            classes: vec!["benign".into(), "malignant".into()],
            abstention: AbstentionLimits::default(),
            takes_metadata: self.takes_metadata,
            limits: limits(),
        }
    }

    fn hints(&mut self, frame: &Frame) -> Vec<Reason> {
        if Take::of(frame) == Take::Blurred { vec![Reason::Blurred, Reason::Glare] } else { vec![] }
    }

    fn assess(&mut self, frame: Frame, patient: &Context) -> Result<Case, Cause> {
        if Take::of(&frame) == Take::Slow {
            std::thread::sleep(Duration::from_millis(1500));
        }
        let verdict = match Take::of(&frame) {
            Take::Blurred => Verdict::Retake { reasons: self.hints(&frame) },
            Take::Odd => Verdict::CannotAssess { cause: "The network gives no number.".to_owned() },
            Take::Deadly => panic!("as the test wants it"),
            _ => Verdict::Assessed(Assessment::new(
                if self.takes_metadata && patient.age.is_some_and(|age| age < 18) { 0.1 } else { 0.7 },
                OperatingPoint { name: "sensitivity-95".into(), sensitivity: 0.95, threshold: 0.3 },
                passed(),
            )),
        };
        Ok(Case {
            frame,
            measurements: Measurements::default(),
            verdict,
            evidence: (self.takes_metadata || self.explains).then(half_lesion),
            numbers: None,
            explanation: self.explains.then(explanation),
            bundle: bundle(),
            timings: Timings::default(),
        })
    }
}

/// A lesion over the left half of the one pixel.
fn half_lesion() -> Evidence {
    let lesion = Heatmap::new(2, 1, vec![1.0, 0.0]).unwrap();
    Evidence { region: Region { x: 0, y: 0, width: 1, height: 1 }, heatmap: None, lesion: Some(lesion) }
}

fn bundle() -> BundleId {
    BundleId { name: "fake".into(), version: "1.0.0".into(), digest: "00".into() }
}

fn limits() -> Limits {
    let manifest: toml::Table = std::fs::read_to_string(asff_tiny().join("manifest.toml")).unwrap().parse().unwrap();
    manifest["quality"].clone().try_into().unwrap()
}

/// Only the gate gives one out: here the gate of the very small bundle, for the picture that comes with it.
fn passed() -> Passed {
    match Gate::new(limits()).judge(&golden_frame()) {
        Quality::Pass(passed) => passed,
        Quality::Refuse { reasons, .. } => panic!("{reasons:?}"),
    }
}

struct FakeScreen {
    strings: Strings,
    count: u32,
}

impl ShowScene for FakeScreen {
    fn show(&mut self, scene: &Scene<'_>) -> Result<OnGlass, Cause> {
        if self.strings.display_broken.load(Ordering::Relaxed) {
            return Err("no glass".into());
        }
        let what = match scene {
            Scene::Start { .. } => "start".to_owned(),
            Scene::Preview { hints, bar, .. } => {
                format!("preview {}{}", hints.len(), bar.notice.map_or(String::new(), |n| format!(" ({n})")))
            }
            Scene::Waiting { cause, .. } => format!("waiting: {cause}"),
            Scene::Captured { .. } => "captured".to_owned(),
            Scene::Analysing { .. } => "analysing".to_owned(),
            Scene::Verdict(view) => {
                let behind = view.bar.actions.iter().find(|action| action.button == "Details").map_or("", |action| action.what);
                format!("{} for {:?} {behind}", view.label, view.bar.chips)
            }
            Scene::Explanation(view) => format!("explanation {} in {}, {} after", view.page, view.report.language, view.after),
            Scene::Details(view) => format!("details {}", view.page),
            Scene::CannotAssess { cause, .. } => format!("cannot assess: {cause}"),
            Scene::Retake { reasons, .. } => format!("retake {}", reasons.iter().map(|reason| reason.code()).collect::<Vec<_>>().join(" ")),
            Scene::Closed { words, .. } => (*words).to_owned(),
            Scene::Form { fields, .. } => format!("form {}", fields.iter().map(|field| field.value).collect::<Vec<_>>().join(", ")),
            Scene::Scanning { .. } => "scanning".to_owned(),
            Scene::Fault { cause, way_back, .. } => format!("fault: {cause} {way_back}"),
            Scene::Sleep => "sleep".to_owned(),
            Scene::Pattern => "pattern".to_owned(),
        };
        self.count += 1;
        let mut seen = self.strings.seen.lock().unwrap();
        // Of a live picture that goes on, once is enough.
        if seen.last() != Some(&what) {
            seen.push(what);
        }
        Ok(OnGlass { picture: Some(PathBuf::from(format!("{}.png", self.count))), at: Duration::ZERO })
    }

    fn rest(&mut self, rest: bool) -> Result<(), Cause> {
        self.strings.seen.lock().unwrap().push(if rest { "dark" } else { "lit" }.to_owned());
        Ok(())
    }

    fn describe(&self) -> (String, (u32, u32)) {
        ("fake screen".to_owned(), (800, 480))
    }
}

struct FakeClock;

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        "2026-11-22T12:00:00Z".parse().unwrap()
    }
}

/// A person with a button, who accepts or refuses every verdict.
pub(crate) const BY_HAND: CapturePolicy = CapturePolicy {
    trigger: Trigger::Press,
    closing: Closing::Press,
    burst: 3,
    steady_frames: 2,
    preview_limit: None,
    attempts: 2,
    lift_frames: 0,
    hold: Duration::ZERO,
    patients: None,
};

/// Nobody: pictures take themselves, cases close themselves, in step with the camera.
pub(crate) const UNATTENDED: CapturePolicy =
    CapturePolicy { trigger: Trigger::Steady, closing: Closing::Lift, burst: 1, preview_limit: Some(3), ..BY_HAND };

/// A device at work.
pub(crate) struct Bench {
    pub(crate) strings: Strings,
    /// The device as its console sees it.
    pub(crate) link: Arc<dyn Link>,
    pub(crate) folder: TempDir,
    stop: Arc<AtomicBool>,
    news: mpsc::Receiver<News>,
    run: JoinHandle<Result<Summary, RunError>>,
}

impl Bench {
    pub(crate) fn start(policy: CapturePolicy, takes: &[Take], then: Take) -> Self {
        Self::start_with(policy, takes, then, |_, _| {})
    }

    /// As [`Bench::start`], after `change` to the device and the strings.
    pub(crate) fn start_with(policy: CapturePolicy, takes: &[Take], then: Take, change: impl FnOnce(&mut Device, &Strings)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let strings = Strings {
            takes: Arc::new(Mutex::new(takes.iter().copied().collect())),
            then: Arc::new(Mutex::new(then)),
            seen: Arc::default(),
            display_broken: Arc::default(),
            records_broken: Arc::default(),
            model_broken: Arc::default(),
            takes_metadata: Arc::default(),
            explains: Arc::default(),
            cameras_opened: Arc::default(),
            frames: Arc::default(),
        };
        let stop: Arc<AtomicBool> = Arc::default();
        let mut device = device(policy, &strings, folder.path().to_owned(), Arc::clone(&stop));
        let (give, take) = mpsc::channel();
        let give = Mutex::new(give);
        device.console = Some(Arc::new(move |pulse, port| {
            let _ = give.lock().unwrap().send(port.link());
            loop {
                pulse.rest()?;
                std::thread::sleep(Duration::from_millis(5));
            }
        }));
        change(&mut device, &strings);
        let (tell, news) = mpsc::channel();
        let run = std::thread::spawn(move || {
            device.run(&mut |news| {
                let _ = tell.send(news.clone());
            })
        });
        let link = take.recv_timeout(Duration::from_secs(20)).expect("the console is started");
        Self { strings, link, folder, stop, news, run }
    }

    pub(crate) fn state(&self) -> &'static str {
        self.link.status().state
    }

    /// Waits for the device to get into `state`; a test that waits in vain fails.
    pub(crate) fn wait_for(&self, state: &str) -> &Self {
        self.wait(state, || self.state() == state)
    }

    /// Waits until something was on the screen that begins like this.
    pub(crate) fn wait_seen(&self, what: &str) -> &Self {
        self.wait(what, || self.seen().iter().any(|seen| seen.starts_with(what)))
    }

    pub(crate) fn wait(&self, what: &str, happened: impl Fn() -> bool) -> &Self {
        let begin = Instant::now();
        while !happened() {
            assert!(begin.elapsed() < Duration::from_secs(20), "waited in vain for {what}; {} {:?}", self.state(), self.seen());
            std::thread::sleep(Duration::from_millis(3));
        }
        self
    }

    pub(crate) fn press(&self, command: Command) -> lentigo::device::Answer {
        self.link.press(command).unwrap_or_else(|refusal| panic!("{refusal}; {:?}", self.seen()))
    }

    pub(crate) fn seen(&self) -> Vec<String> {
        self.strings.seen.lock().unwrap().clone()
    }

    /// Everything in the records.
    pub(crate) fn records(&self) -> Vec<Entry> {
        entries(&self.folder.path().join(RecordLog::FILE_NAME)).unwrap().map(Result::unwrap).collect()
    }

    /// The lines of the records in short: `1/1 refer`, `1/1 accepted`.
    pub(crate) fn records_in_short(&self) -> Vec<String> {
        let short = |entry: Entry| match entry {
            Entry::Picture(line) => format!("{}/{} {}", line.case, line.attempt, line.outcome.label()),
            Entry::Closing(line) => {
                format!("{}/{} {}", line.case, line.attempt, serde_json::to_string(&line.closed).unwrap().trim_matches('"'))
            }
        };
        self.records().into_iter().map(short).collect()
    }

    /// Ends the run, and says what came of it, what was told, and how long the end took.
    pub(crate) fn stop(self) -> (Result<Summary, RunError>, Vec<News>, Duration) {
        let begin = Instant::now();
        self.stop.store(true, Ordering::Release);
        let result = self.run.join().unwrap();
        (result, self.news.try_iter().collect(), begin.elapsed())
    }

    /// Waits for the run to end by itself; gives back what came of it, what was told, and what was seen.
    pub(crate) fn end(self) -> Ended {
        let result = self.run.join().unwrap();
        let seen = self.strings.seen.lock().unwrap().clone();
        Ended { result, news: self.news.try_iter().collect(), seen, folder: self.folder }
    }
}

/// A run that has ended by itself.
pub(crate) struct Ended {
    pub(crate) result: Result<Summary, RunError>,
    pub(crate) news: Vec<News>,
    pub(crate) seen: Vec<String>,
    pub(crate) folder: TempDir,
}

fn device(policy: CapturePolicy, strings: &Strings, folder: PathBuf, stop: Arc<AtomicBool>) -> Device {
    let of = || strings.clone();
    let (camera, screen, model, records) = (of(), of(), of(), of());
    let records_folder = folder.clone();
    // In step where nobody presses anything, so that no frame is lost between two looks.
    let live = policy.trigger == Trigger::Press;
    let board = Board::parse(
        "[camera]\nkind = \"phantom\"\n[display]\nkind = \"png\"\nfolder = \"x\"\n[model]\nbundle = \"x\"\n[records]\nfolder = \"x\"\n",
    )
    .unwrap();
    Device {
        unattended: policy.patients.is_some(),
        policy,
        power: PowerBoard { sleep_after: None },
        supervision: board.supervision,
        parts: Parts {
            camera: Arc::new(move || {
                camera.cameras_opened.fetch_add(1, Ordering::Relaxed);
                Ok(Box::new(FakeCamera { strings: camera.clone(), live }))
            }),
            assessor: Arc::new(move || {
                if model.model_broken.load(Ordering::Relaxed) {
                    let (bundle, name, known) =
                        ("fake".to_owned(), "sensitivity-95".to_owned(), "sensitivity-90, sensitivity-98".to_owned());
                    return Err(StartError::Load(LoadError::OperatingPoint { bundle, name, known }));
                }
                Ok(Box::new(FakeAssessor {
                    takes_metadata: model.takes_metadata.load(Ordering::Relaxed),
                    explains: model.explains.load(Ordering::Relaxed),
                }))
            }),
            screen: Arc::new(move || Ok(Box::new(FakeScreen { strings: screen.clone(), count: 0 }))),
            records: Arc::new(move || {
                if records.records_broken.load(Ordering::Relaxed) {
                    return Err(RecordError::Busy { path: records_folder.clone() });
                }
                RecordLog::open(&records_folder)
            }),
            clock: Arc::new(FakeClock),
            sharpness: |_| 1.0,
        },
        console: None,
        inputs: None,
        operators: Vec::new(),
        scale: None,
        language: Language::English,
        records: folder,
        notices: Vec::new(),
        stop,
        restart: Arc::default(),
    }
}
