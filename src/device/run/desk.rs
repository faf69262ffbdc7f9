//! What the conductor has before it: the running case, its patient, what the threads have told.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use super::message::Live;
use crate::{
    capture::ControlReading,
    case::Case,
    device::{
        link::{CameraStatus, Check, ThreadStatus, Told},
        seams::ModelFacts,
        state::{Machine, Part},
    },
    explain::report::Report,
    health::{Level, Reading},
    patient::{Context, Field, form::Form},
    quality::Reason,
};

/// Latencies that the median is taken of.
const LATENCIES: usize = 100;

/// What the conductor has before it.
#[derive(Debug, Default)]
pub(super) struct Desk {
    /// Which patient of this run, from 1; 0 before the first.
    pub(super) patient: u32,
    /// Number of the running case.
    pub(super) case_number: u64,
    /// The highest case number of the records.
    pub(super) last_case: u64,
    /// What is known of the patient.
    pub(super) context: Context,
    /// The case form, while it is open.
    pub(super) form: Option<Form>,
    /// The preview frame that was judged last, with the gate's hints.
    pub(super) seen: Option<(Live, Vec<Reason>)>,
    /// Number of the burst that was asked for last.
    pub(super) burst: u64,
    /// The frame that is being assessed.
    pub(super) taken: Option<Live>,
    /// Which picture of the case that is, from 1.
    pub(super) attempt: u32,
    /// What came of the last picture.
    pub(super) case: Option<Arc<Case>>,
    /// What was written of that.
    pub(super) report: Option<Arc<Report>>,
    /// What consoles tell of it.
    pub(super) told: Option<Arc<Told>>,
    /// When its burst was asked for.
    pub(super) asked: Duration,
    /// Capture to verdict on the screen, the last time.
    pub(super) last_verdict: Option<Duration>,
    /// Page of the details.
    pub(super) page: usize,
    pub(super) model: Option<ModelFacts>,
    pub(super) camera: CameraFacts,
    pub(super) display: Option<(String, (u32, u32))>,
    pub(super) health: Reading,
    pub(super) level: Level,
    /// What the person must know of the board's health while the device works.
    pub(super) notice: Option<String>,
    /// What the person must know of how the board was started.
    pub(super) standing: Option<String>,
    pub(super) threads: Vec<ThreadStatus>,
    pub(super) latencies: VecDeque<Duration>,
}

/// What is known of the camera.
#[derive(Debug, Default)]
pub(super) struct CameraFacts {
    pub(super) name: String,
    pub(super) controls: Vec<ControlReading>,
    pub(super) live: bool,
    pub(super) reopened: u64,
    pub(super) frames: u64,
    /// Arrivals of the last frames, for the rate.
    arrivals: VecDeque<Duration>,
}

impl CameraFacts {
    /// A frame was looked at, at the time `now`.
    pub(super) fn frame(&mut self, now: Duration) {
        self.frames += 1;
        self.arrivals.push_back(now);
        while self.arrivals.front().is_some_and(|first| now.saturating_sub(*first) > Duration::from_secs(3)) {
            self.arrivals.pop_front();
        }
    }

    pub(super) fn status(&self, now: Duration) -> CameraStatus {
        let span = self.arrivals.front().map_or(Duration::ZERO, |first| now.saturating_sub(*first)).as_secs_f32();
        CameraStatus {
            name: self.name.clone(),
            live: self.live,
            frames: self.frames,
            rate: if span > 0.0 { (self.arrivals.len().saturating_sub(1)) as f32 / span } else { 0.0 },
            frame_age_ms: self.arrivals.back().map(|last| now.saturating_sub(*last).as_millis() as u64),
            reopened: self.reopened,
            controls: self.controls.clone(),
        }
    }
}

impl Desk {
    /// The next case begins: only who holds the device is still known.
    pub(super) fn begin_case(&mut self) {
        self.patient += 1;
        self.case_number = self.last_case.saturating_add(1);
        self.context = Context { operator: self.context.operator.take(), ..Context::default() };
        self.form = None;
        self.seen = None;
        self.taken = None;
        self.case = None;
        self.report = None;
        self.told = None;
        self.attempt = 0;
    }

    /// A live picture took so long from light to glass.
    pub(super) fn latency(&mut self, latency: Duration) {
        if self.latencies.len() == LATENCIES {
            self.latencies.pop_front();
        }
        self.latencies.push_back(latency);
    }

    /// The median of the last latencies.
    pub(super) fn light_to_glass(&self) -> Option<Duration> {
        let mut sorted: Vec<Duration> = self.latencies.iter().copied().collect();
        sorted.sort_unstable();
        sorted.get(sorted.len() / 2).copied()
    }

    /// Every part, with what is known of it.
    pub(super) fn checks(&self, machine: &Machine) -> Vec<Check> {
        Part::ALL
            .map(|part| {
                let works = !machine.untested().contains(&part);
                let detail = match part {
                    Part::Display => self.display.as_ref().map(|(name, _)| name.clone()),
                    Part::Camera => works.then(|| self.camera.name.clone()),
                    Part::Model => self.model.as_ref().map(|model| format!("{} {}", model.bundle.name, model.bundle.version)),
                    Part::Records => works.then(|| match self.last_case {
                        0 => "empty".to_owned(),
                        last => format!("up to case {last}"),
                    }),
                };
                let blind = machine.blind().filter(|_| part == Part::Camera && !works);
                Check {
                    name: part.name(),
                    passed: if works { Some(true) } else { blind.map(|_| false) },
                    detail: blind.map(|trouble| trouble.cause.clone()).or(detail.filter(|_| works)).unwrap_or_default(),
                }
            })
            .into()
    }

    /// `Case 12`, with the clinic's own number when it is known.
    pub(super) fn title(&self) -> String {
        match &self.context.case_number {
            Some(own) => format!("Case {} · {own}", self.case_number),
            None => format!("Case {}", self.case_number),
        }
    }

    /// What is known of the patient, a few words each.
    pub(super) fn chips(&self) -> Vec<String> {
        let known = Field::ALL.into_iter().filter(|field| *field != Field::Case && self.context.knows(*field));
        known.map(|field| self.context.shown(field)).collect()
    }
}
