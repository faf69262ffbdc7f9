//! What the loop needs from the other rooms, as small traits, so that it runs in tests without camera, model, screen or clock.

use std::{
    error::Error,
    path::PathBuf,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use jiff::Timestamp;

use crate::{
    capture::{Camera, CaptureError},
    case::Case,
    display::scene::Scene,
    frame::Frame,
    quality::Reason,
};

/// The typed error of another room, on its way to a person.
pub type Cause = Box<dyn Error + Send + Sync>;

/// Judges and assesses frames.
pub trait Assess {
    /// What the gate would refuse `frame` for; empty when it is good.
    fn hints(&mut self, frame: &Frame) -> Vec<Reason>;

    /// Takes `frame` through the whole chain.
    ///
    /// # Errors
    /// A fault of the device, not a finding about the picture.
    fn assess(&mut self, frame: Frame) -> Result<Case, Cause>;
}

/// Shows scenes to the person holding the device.
pub trait ShowScene {
    /// Shows `scene` and says in which file it can be looked at, when the screen is files.
    ///
    /// # Errors
    /// The screen does not work any more.
    fn show(&mut self, scene: &Scene<'_>) -> Result<Option<PathBuf>, Cause>;
}

/// A camera with patients before it.
pub trait Patients: Camera {
    /// Patient number `patient` (from 1) comes before the camera. A real camera need not be told.
    ///
    /// # Errors
    /// As [`Camera::capture`]; the patient is called again then.
    fn next_patient(&mut self, patient: u32) -> Result<(), CaptureError>;
}

/// Time: the date for records, and waiting.
pub trait Clock {
    /// Now, in UTC.
    fn now(&self) -> Timestamp;

    /// Waits, but no longer than until `stop` is set.
    fn pause(&mut self, duration: Duration, stop: &AtomicBool);
}

/// The clock of the system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn pause(&mut self, duration: Duration, stop: &AtomicBool) {
        // Short enough that nobody notices the wait after Ctrl-C.
        const SLICE: Duration = Duration::from_millis(50);
        let begin = Instant::now();
        while !stop.load(Ordering::Relaxed) {
            let left = duration.saturating_sub(begin.elapsed());
            if left.is_zero() {
                return;
            }
            std::thread::sleep(left.min(SLICE));
        }
    }
}
