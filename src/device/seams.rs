//! What the device needs from the other rooms, as small traits, so that it runs in tests without camera, model, screen or clock.

use std::{error::Error, path::PathBuf, time::Duration};

use jiff::Timestamp;

use crate::{
    capture::{Camera, CaptureError},
    case::{BundleId, Case},
    display::scene::Scene,
    frame::Frame,
    patient::Context,
    quality::{Limits, Reason},
    verdict::AbstentionLimits,
};

/// The typed error of another room, on its way to a person.
pub type Cause = Box<dyn Error + Send + Sync>;

/// Judges and assesses frames.
pub trait Assess {
    /// What speaks here.
    fn model(&self) -> ModelFacts;

    /// What the gate would refuse `frame` for; empty when it is good.
    fn hints(&mut self, frame: &Frame) -> Vec<Reason>;

    /// Takes `frame` of a lesion of `patient` through the whole chain.
    ///
    /// # Errors
    /// A fault of the device, not a finding about the picture.
    fn assess(&mut self, frame: Frame, patient: &Context) -> Result<Case, Cause>;
}

/// What the screen and the console tell of the model.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelFacts {
    /// Name, version, digest.
    pub bundle: BundleId,
    /// Name of the operating point in force.
    pub operating_point: String,
    /// What the bundle calls its positive classes together.
    pub positive: String,
    /// Names of its classes, in the order of their probabilities.
    pub classes: Vec<String>,
    /// When its answers do not count.
    pub abstention: AbstentionLimits,
    /// Its answers hang on age, sex and site too, as far as they are known.
    pub takes_metadata: bool,
    /// What the gate refuses.
    pub limits: Limits,
}

/// Shows scenes to the person holding the device.
pub trait ShowScene {
    /// Shows `scene`.
    ///
    /// # Errors
    /// The screen does not work any more.
    fn show(&mut self, scene: &Scene<'_>) -> Result<OnGlass, Cause>;

    /// The glass goes dark, or wakes up.
    ///
    /// # Errors
    /// The screen does not work any more.
    fn rest(&mut self, rest: bool) -> Result<(), Cause>;

    /// What it is, and its size in pixels, for status and for taps.
    fn describe(&self) -> (String, (u32, u32));
}

/// A scene that is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnGlass {
    /// Where it can be looked at, when the screen is files.
    pub picture: Option<PathBuf>,
    /// When it was on the glass, on `CLOCK_MONOTONIC`.
    pub at: Duration,
}

/// A camera with patients before it.
pub trait Patients: Camera {
    /// Patient number `patient` (from 1) comes before the camera. A real camera need not be told.
    ///
    /// # Errors
    /// As [`Camera::capture`]; the patient is called again then.
    fn next_patient(&mut self, patient: u32) -> Result<(), CaptureError>;

    /// A frame shows one patient only, so that those of the patient before are of no use to the next.
    fn knows_patients(&self) -> bool {
        false
    }

    /// Frames come at the camera's own rate, whether anybody takes them or not. Others give the next one when the last was taken.
    fn is_live(&self) -> bool;

    /// Frames are dated by `CLOCK_MONOTONIC`.
    fn is_dated(&self) -> bool;

    /// How long one capture may take, with opening the device anew in it.
    fn patience(&self) -> Duration;
}

/// The date, for records.
pub trait Clock: Send + Sync {
    /// Now, in UTC.
    fn now(&self) -> Timestamp;
}

/// The clock of the system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}
