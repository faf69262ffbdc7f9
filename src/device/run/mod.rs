//! The device at work: threads for camera, analysis, screen, console and inputs, a conductor that decides by the state machine, and a
//! supervisor that starts anew what is stuck.
//!
//! ```text
//! camera --newest frame--> analysis        inputs, console
//!    \                        |                 |
//!     `--------- messages ----+-----------------'
//!                             v
//!                 conductor (state machine) --scenes--> screen
//! ```
//!
//! The conductor waits for nobody, and nobody shares a lock over a device. Must never print, and never show what was not recorded.

mod actions;
mod analysis_thread;
mod camera_thread;
mod conductor;
mod desk;
mod handle;
mod hear;
mod message;
mod newest;
mod parts;
mod perform;
mod post;
mod present;
mod publish;
mod requests;
mod scene;
mod screen_thread;
mod stage;

use std::{
    collections::VecDeque,
    io,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

use crossbeam_channel::{Sender, bounded};

use self::{
    analysis_thread::AnalysisSide,
    camera_thread::{CameraSide, Wanted},
    conductor::Conductor,
    handle::Handle,
    message::{Message, Watched},
    present::Shown,
    screen_thread::ScreenSide,
};
use super::{
    board::{CapturePolicy, PowerBoard, SupervisionBoard},
    command::Command,
    fault::RunError,
    link::{CameraStatus, Link, Status},
    news::{News, Summary},
    state::{End, Machine, Thread},
    supervise::{Lifeline, Monotonic, Over, Progress, Pulse, Supervised, Supervisor, Watch},
};
use crate::{
    explain::{lesion::Scale, report::Language},
    health::{Reading, Sampler},
};

pub use parts::{OpenAssessor, OpenCamera, OpenRecords, OpenScreen, Parts};

/// Messages that may wait for the conductor.
const MESSAGES: usize = 64;
/// How long each thread has for its first beat.
const FIRST_BEAT: Duration = Duration::from_secs(20);
/// How long a press waits for a device that is busy.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often the supervisor looks.
const LOOK: Duration = Duration::from_millis(200);
/// How long the end of a run waits for its threads; they end with the process otherwise.
const FAREWELL: Duration = Duration::from_millis(150);

/// How the supervisor is told that the run goes on, has ended, or has ended for another to begin.
const RUNNING: u8 = 0;
const ENDED: u8 = 1;
const AGAIN: u8 = 2;

/// A thread that speaks with a person: its whole life, to be begun anew when it is stuck.
pub type Talk = dyn Fn(&Pulse, &dyn Port) -> Result<(), Over> + Send + Sync;

/// The whole life of a thread.
type Work = dyn Fn(&Pulse) -> Result<(), Over> + Send + Sync;

/// The device as a thread that speaks with a person sees it.
pub trait Port: Send + Sync {
    /// The device as a console sees it.
    fn link(&self) -> Arc<dyn Link>;

    /// Somebody pressed this. Waits a moment for a device that is busy: an acceptance must not be lost.
    fn press(&self, command: Command);

    /// Somebody touched the glass: how far from the left and from the top, in [0, 1]. Never waits.
    fn tap(&self, x: f32, y: f32);
}

/// Everything that a run needs.
pub struct Device {
    /// When a picture is taken and how often it is tried.
    pub policy: CapturePolicy,
    /// When the device sleeps.
    pub power: PowerBoard,
    /// What is watched and when it is too much.
    pub supervision: SupervisionBoard,
    /// How each thread opens what it works with.
    pub parts: Parts,
    /// The serial console.
    pub console: Option<Arc<Talk>>,
    /// Buttons, keys and touch.
    pub inputs: Option<Arc<Talk>>,
    /// Operators to choose from in the case form.
    pub operators: Vec<String>,
    /// How large things are before the lens, where that is known.
    pub scale: Option<Scale>,
    /// In which language reports are written.
    pub language: Language,
    /// Folder of the records: its storage is watched.
    pub records: std::path::PathBuf,
    /// Nobody is there to mend anything: a fault ends the run.
    pub unattended: bool,
    /// What the person must know of how the board was started, a sentence each.
    pub notices: Vec<String>,
    /// Ends the run when set.
    pub stop: Arc<AtomicBool>,
    /// Ends the run when set, for another one to begin.
    pub restart: Arc<AtomicBool>,
}

impl Device {
    /// Takes patients one after the other until there are enough, the camera has no more frames, or the run is told to end.
    ///
    /// # Errors
    /// [`RunError::System`] when there are no threads to be had, and [`RunError::Fault`] when something breaks in an unattended run; otherwise
    /// faults stay on the screen, with a way back.
    pub fn run(&mut self, tell: &mut dyn FnMut(&News)) -> Result<Summary, RunError> {
        let clock = Monotonic::running();
        let progress = Arc::new(Progress::default());
        let (channel, inbox) = bounded(MESSAGES);
        let (bursts, burst_jobs) = bounded(1);
        let (jobs, analysis_jobs) = bounded(16);
        let parts = Arc::new(self.parts.clone());
        let wanted = Arc::new(Wanted { patient: AtomicU32::new(1), rest: AtomicBool::new(false) });
        let (newest, stage, last) = (Arc::default(), Arc::default(), Arc::new(Mutex::new(None)));
        let status = Arc::new(Mutex::new(blank()));
        let handle = Handle { channel: channel.clone(), status: Arc::clone(&status), last: Arc::clone(&last) };

        let camera = CameraSide {
            parts: Arc::clone(&parts),
            bursts: burst_jobs,
            wanted: Arc::clone(&wanted),
            newest: Arc::clone(&newest),
            last,
            channel: channel.clone(),
        };
        let analysis = AnalysisSide {
            parts: Arc::clone(&parts),
            jobs: analysis_jobs,
            newest: Arc::clone(&newest),
            records: Mutex::new(None),
            language: self.language,
            channel: channel.clone(),
        };
        let screen = ScreenSide { parts: Arc::clone(&parts), stage: Arc::clone(&stage), channel: channel.clone() };

        let mut watch = Watch::new(clock.clone());
        let spawn = |thread: Thread, work: Box<Work>| Supervised::spawn(thread.name(), FIRST_BEAT, &clock, work);
        watch.add(spawn(Thread::Screen, Box::new(move |pulse| screen_thread::work(pulse, &screen)))?);
        watch.add(spawn(Thread::Camera, Box::new(move |pulse| camera_thread::work(pulse, &camera)))?);
        watch.add(spawn(Thread::Analysis, Box::new(move |pulse| analysis_thread::work(pulse, &analysis)))?);
        for (thread, talk) in [(Thread::Console, &self.console), (Thread::Inputs, &self.inputs)] {
            if let Some(talk) = talk.clone() {
                let handle = handle.clone();
                watch.add(spawn(thread, Box::new(move |pulse| talk(pulse, &handle)))?);
            }
        }
        let pulse = Pulse::new("conductor", 1, clock.clone(), FIRST_BEAT);
        watch.observe(pulse.clone());

        let lifeline = Lifeline::open(&self.supervision, Arc::clone(&progress));
        let sampler = Sampler::new(&self.records);
        let supervisor = Supervisor::new(&self.supervision, watch, lifeline, sampler, clock.clone(), Arc::clone(&progress));
        let over = Arc::new(AtomicU8::new(RUNNING));
        let supervision = supervise(supervisor, handle.clone(), channel, Arc::clone(&over))?;

        let mut conductor = Conductor {
            machine: Machine::new(self.policy.clone(), &self.power),
            desk: desk::Desk { standing: (!self.notices.is_empty()).then(|| self.notices.join(" ")), ..desk::Desk::default() },
            policy: self.policy.clone(),
            parts,
            clock,
            inbox,
            bursts,
            jobs,
            stage,
            wanted,
            progress,
            status,
            operators: self.operators.clone(),
            scale: self.scale,
            bounded: self.unattended,
            stop: Arc::clone(&self.stop),
            restart_flag: Arc::clone(&self.restart),
            looking: false,
            next_look: Duration::ZERO,
            blind_since: None,
            queue: VecDeque::new(),
            pending: Vec::new(),
            shown: Shown::default(),
            untold: VecDeque::new(),
            telling: VecDeque::new(),
            reboot: false,
            refused: None,
            camera_is_live: false,
            fresh: false,
            kept: 0,
            kept_shown: 0,
            verdict_scene: None,
            said: None,
            pattern_until: None,
            confirmed: None,
            confirm_until: None,
            records: self.records.display().to_string(),
        };
        let summary = conductor.conduct(&pulse, tell);
        let again = matches!(&summary, Ok(Summary { end: End::Restart | End::Reboot, .. }));
        over.store(if again { AGAIN } else { ENDED }, Ordering::Release);
        // The supervisor ends the threads; one that hangs in a device must not hold up the end of the run.
        drop(conductor);
        if supervision.join().is_err() {
            tracing::error!("the supervisor panicked");
        }
        summary
    }
}

/// Begins the supervisor's thread.
fn supervise(mut supervisor: Supervisor, handle: Handle, channel: Sender<Message>, over: Arc<AtomicU8>) -> io::Result<JoinHandle<()>> {
    std::thread::Builder::new().name("supervisor".to_owned()).spawn(move || {
        while over.load(Ordering::Acquire) == RUNNING {
            let status = handle.status();
            let turn = supervisor.turn(status.state, status.fault.is_some());
            let watched = Watched { threads: turn.threads, reports: turn.reports, health: turn.health };
            // A report must reach the conductor; mere readings come again.
            let patience = if watched.reports.is_empty() { Duration::ZERO } else { FIRST_BEAT };
            if channel.send_timeout(Message::Watched(watched), patience).is_err() {
                tracing::debug!("the conductor is busy");
            }
            let begin = std::time::Instant::now();
            while begin.elapsed() < LOOK && over.load(Ordering::Acquire) == RUNNING {
                std::thread::sleep(LOOK / 10);
            }
        }
        supervisor.lifeline.stopping();
        let late = supervisor.watch.end(FAREWELL);
        if !late.is_empty() {
            tracing::warn!(threads = ?late, "threads did not end in time; they end with the process");
        }
        // A program that starts anew takes over a watchdog that goes on.
        if over.load(Ordering::Acquire) == ENDED {
            supervisor.lifeline.end();
        }
    })
}

/// The state of a device of which nothing is known yet.
fn blank() -> Status {
    Status {
        version: env!("CARGO_PKG_VERSION"),
        uptime_s: 0,
        state: "boot",
        fault: None,
        case: None,
        context: crate::patient::Context::default(),
        camera: CameraStatus::default(),
        display: String::new(),
        bundle: None,
        operating_point: None,
        health: Reading::default(),
        threads: Vec::new(),
        cases: 0,
        records: String::new(),
        told: None,
        last_verdict_ms: None,
        light_to_glass_ms: None,
    }
}

impl Port for Handle {
    fn link(&self) -> Arc<dyn Link> {
        Arc::new(self.clone())
    }

    fn press(&self, command: Command) {
        if self.channel.send_timeout(Message::Press(command), PATIENCE).is_err() {
            tracing::error!(%command, "a press is lost: the device does not answer");
        }
    }

    fn tap(&self, x: f32, y: f32) {
        if self.channel.try_send(Message::Tap(x, y)).is_err() {
            tracing::warn!("a tap is lost: the device is busy");
        }
    }
}
