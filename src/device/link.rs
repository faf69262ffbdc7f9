//! What a console sees of the device: a snapshot of its state, and wishes that it answers.
//!
//! The console never reaches into camera, model or records: it asks through [`Link`], so that it works with a fake in tests,
//! and goes on working while the device is in a fault.

use std::{sync::Arc, time::Duration};

use serde::Serialize;
use thiserror::Error;

use super::command::Command;
use crate::{
    capture::{Captured, ControlReading},
    case::{BundleId, Case},
    explain::report::Report,
    health::Reading,
    patient::Context,
    record::Criteria,
    verdict::Label,
};

/// The device as its console sees it.
pub trait Link: Send + Sync {
    /// The state of everything, as of now.
    fn status(&self) -> Status;

    /// Asks for `command`, and waits for what came of it: for [`Command::Capture`] the verdict, for [`Command::Accept`] the record.
    ///
    /// # Errors
    /// [`Refusal`] says why nothing came of it and what to do.
    fn press(&self, command: Command) -> Result<Answer, Refusal>;

    /// Replaces what is known of the patient of the running case. It stands in the records from the next picture or acceptance on.
    ///
    /// # Errors
    /// [`Refusal`] when there is no case to say it of, such as in a fault, and when another age, sex or site would outdate a verdict that is being
    /// made or shown.
    fn describe_patient(&self, context: Context) -> Result<(), Refusal>;

    /// The frame that the camera gave last.
    fn newest_frame(&self) -> Option<Arc<Captured>>;

    /// Tests everything that can be tested without a person, and says what came of it.
    ///
    /// # Errors
    /// [`Refusal`] while a picture is being assessed.
    fn self_test(&self) -> Result<Vec<Check>, Refusal>;

    /// Shows the test pattern in place of everything else for `duration`.
    ///
    /// # Errors
    /// [`Refusal`] while a verdict waits for acceptance.
    fn show_pattern(&self, duration: Duration) -> Result<(), Refusal>;

    /// Ends this run cleanly and begins another: with the committed settings, or after the board has booted anew.
    ///
    /// # Errors
    /// [`Refusal`] when a verdict waits for acceptance.
    fn restart(&self, what: Restart) -> Result<(), Refusal>;
}

/// What is to begin anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Restart {
    /// This program, with the settings as they are then.
    Program,
    /// The board.
    Board,
}

/// What came of a wish.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Answer {
    /// The state that the device is in now, in a word: `preview`.
    pub state: &'static str,
    /// What happened, in a sentence.
    pub message: String,
    /// The case that this is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case: Option<u64>,
    /// The label of the verdict, when there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<&'static str>,
    /// Calibrated probability in [0, 1]; only for a picture that passed the gate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probability: Option<f32>,
    /// The criteria behind the answer, where the bundle measures them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub criteria: Option<Criteria>,
    /// The short form of what was written of such a case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub report: Option<String>,
    /// Codes of the gate's reasons, for a picture that it refused.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<&'static str>,
}

/// Why nothing came of a wish, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// Not in this state.
    #[error("{command} does nothing in the state {state}: {hint}")]
    NotNow {
        /// What was asked.
        command: String,
        /// The state.
        state: &'static str,
        /// What would be right.
        hint: &'static str,
    },
    /// It began but came to nothing.
    #[error("{cause} {next_step}")]
    Failed {
        /// What happened, a sentence.
        cause: String,
        /// What to do, a sentence.
        next_step: String,
    },
    /// The device does not answer.
    #[error("the device did not answer within {} s; see `show status`", waited.as_secs())]
    Silent {
        /// How long the console waited.
        waited: Duration,
    },
}

/// One thing that was tested.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What: `camera`.
    pub name: &'static str,
    /// Whether it works; `None` while it is being tested.
    pub passed: Option<bool>,
    /// What was found, in a few words.
    pub detail: String,
}

/// The state of everything.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Status {
    /// Version of this program.
    pub version: &'static str,
    /// Seconds since it started.
    pub uptime_s: u64,
    /// State of the device in a word: `preview`.
    pub state: &'static str,
    /// What is wrong, with the next step, in a fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<Trouble>,
    /// The running case.
    pub case: Option<u64>,
    /// What is known of its patient.
    pub context: Context,
    /// The camera.
    pub camera: CameraStatus,
    /// The display: `/dev/dri/card0, 800x480`.
    pub display: String,
    /// The bundle at work; `None` until it is loaded.
    pub bundle: Option<BundleId>,
    /// Name of the operating point in force.
    pub operating_point: Option<String>,
    /// How the board is.
    pub health: Reading,
    /// Every thread of the device.
    pub threads: Vec<ThreadStatus>,
    /// Cases in the records.
    pub cases: u64,
    /// Folder of the records.
    pub records: String,
    /// What was found in the last picture of the running case. Asked for by name, and no part of the status as data.
    #[serde(skip)]
    pub told: Option<Arc<Told>>,
    /// Wall time of the last assessment, capture to verdict on the screen, in milliseconds.
    pub last_verdict_ms: Option<f64>,
    /// Time from a frame's exposure to its showing on the screen, median of the last hundred, in milliseconds.
    pub light_to_glass_ms: Option<f64>,
}

/// What was found in a picture, in words.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// The label.
    pub label: Label,
    /// The criteria behind it, where the bundle measures them.
    pub criteria: Option<Criteria>,
    /// What was written of it.
    pub report: Report,
}

impl Told {
    /// What is told of `case`.
    #[must_use]
    pub fn of(case: &Case, report: &Report) -> Self {
        Self { label: case.verdict.label(), criteria: case.explanation.as_ref().map(Criteria::of), report: report.clone() }
    }
}

/// What is wrong and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Trouble {
    /// What happened, a sentence for the person holding the device.
    pub cause: String,
    /// What the person can do, a sentence.
    pub next_step: String,
    /// Device names and numbers, for a technician.
    pub detail: String,
}

/// State of the camera.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct CameraStatus {
    /// `/dev/video0, 1280x720 MJPG`.
    pub name: String,
    /// It gives frames now.
    pub live: bool,
    /// Frames since the start.
    pub frames: u64,
    /// Frames a second over the last seconds.
    pub rate: f32,
    /// Age of the newest frame in milliseconds.
    pub frame_age_ms: Option<u64>,
    /// Times that it was opened anew.
    pub reopened: u64,
    /// Every control that the board file sets, as asked and as the camera has it.
    pub controls: Vec<ControlReading>,
}

/// State of one thread.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ThreadStatus {
    /// `camera`.
    pub name: &'static str,
    /// Milliseconds since it last made progress.
    pub age_ms: u64,
    /// Times that it was started anew.
    pub restarts: u32,
}
