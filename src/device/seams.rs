//! What the loop needs from the other rooms, as small traits, so that it runs in tests without camera, model, screen or clock.

use std::{
    error::Error,
    path::PathBuf,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use jiff::Timestamp;

use crate::{capture::Camera, case::Case, display::scene::Scene, frame::Frame, quality::Reason};

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

/// Who is before the lens.
pub trait Patients {
    /// The camera, with patient number `patient` (from 1) before it. Called once a patient, in order, and then as often as frames are taken.
    fn camera(&mut self, patient: u32) -> &mut dyn Camera;
}

/// A camera that patients come and go before by themselves.
impl Patients for Box<dyn Camera> {
    fn camera(&mut self, _patient: u32) -> &mut dyn Camera {
        self.as_mut()
    }
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
