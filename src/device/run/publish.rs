//! What the conductor publishes of itself.

use std::{sync::PoisonError, time::Duration};

use super::conductor::Conductor;
use crate::device::{link::Status, state::State};

impl Conductor {
    /// Brings the snapshot that consoles read up to date.
    pub(super) fn publish(&self) {
        let now = self.clock.now();
        let milliseconds = |duration: Duration| (duration.as_micros() as f64) / 1000.0;
        let status = Status {
            version: env!("CARGO_PKG_VERSION"),
            uptime_s: now.as_secs(),
            state: self.machine.state().word(),
            fault: match self.machine.state() {
                State::Fault { trouble, .. } => Some(trouble.clone()),
                _ => self.machine.blind().cloned(),
            },
            case: (self.desk.patient > 0).then_some(self.desk.case_number),
            context: self.desk.context.clone(),
            camera: self.desk.camera.status(now),
            display: self.desk.display.as_ref().map(|(name, _)| name.clone()).unwrap_or_default(),
            bundle: self.desk.model.as_ref().map(|model| model.bundle.clone()),
            operating_point: self.desk.model.as_ref().map(|model| model.operating_point.clone()),
            health: self.desk.health.clone(),
            threads: self.desk.threads.clone(),
            cases: self.desk.last_case,
            records: self.records.clone(),
            told: self.desk.told.clone(),
            last_verdict_ms: self.desk.last_verdict.map(milliseconds),
            light_to_glass_ms: self.desk.light_to_glass().map(milliseconds),
        };
        *self.status.lock().unwrap_or_else(PoisonError::into_inner) = status;
    }
}
