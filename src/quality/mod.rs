//! The quality gate: is this frame good enough to be assessed at all?
//!
//! [`Gate::judge`] measures focus, exposure, glare and framing at a fixed scale and compares them with the limits of
//! the bundle ([`Limits`]). The only way to get a [`Passed`] is through the gate, and an assessment asks for one:
//! a refused frame can have no number.

mod colour;
mod exposure;
mod field;
mod flags;
mod focus;
mod framing;
mod glare;
mod limits;
mod measurements;
#[cfg(test)]
mod plain;
mod planes;
mod reason;
mod segment;
mod survey;
mod view;

pub use limits::{Limits, RULES, Refuses, Rule};
pub use measurements::Measurements;
pub use reason::Reason;
pub use survey::Survey;

use crate::frame::Frame;

/// Proof that a frame went through the gate and was good enough. Only [`Gate::judge`] makes one.
#[derive(Debug, Clone, PartialEq)]
pub struct Passed {
    measurements: Measurements,
}

impl Passed {
    /// What was measured.
    #[must_use]
    pub fn measurements(&self) -> &Measurements {
        &self.measurements
    }
}

/// The answer of the gate.
#[derive(Debug, Clone, PartialEq)]
pub enum Quality {
    /// Good enough to be assessed.
    Pass(Passed),
    /// To be taken again.
    Refuse {
        /// Every reason found, the most useful to act on first (the order of [`Reason`]); never empty.
        reasons: Vec<Reason>,
        /// What was measured.
        measurements: Measurements,
    },
}

impl Quality {
    /// What was measured, whatever the answer.
    #[must_use]
    pub fn measurements(&self) -> &Measurements {
        match self {
            Self::Pass(passed) => passed.measurements(),
            Self::Refuse { measurements, .. } => measurements,
        }
    }

    /// Why the frame is refused, the most useful to act on first; empty for a pass.
    #[must_use]
    pub fn reasons(&self) -> &[Reason] {
        match self {
            Self::Pass(_) => &[],
            Self::Refuse { reasons, .. } => reasons,
        }
    }
}

/// The gate with the limits of one bundle.
#[derive(Debug, Clone)]
pub struct Gate {
    limits: Limits,
}

impl Gate {
    /// A gate with these limits.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits }
    }

    /// Measures `frame` and compares with the limits.
    #[must_use]
    pub fn judge(&self, frame: &Frame) -> Quality {
        let measurements = Measurements::of(frame);
        let reasons = self.reasons(&measurements);
        if reasons.is_empty() { Quality::Pass(Passed { measurements }) } else { Quality::Refuse { reasons, measurements } }
    }

    /// What a frame with these measurements would be refused for, the most useful to act on first; empty for a pass.
    #[must_use]
    pub fn reasons(&self, measurements: &Measurements) -> Vec<Reason> {
        let mut reasons: Vec<Reason> =
            RULES.iter().filter(|rule| rule.broken(&self.limits, measurements)).map(|rule| rule.reason).collect();
        reasons.sort_unstable();
        reasons.dedup();
        // Where nothing stands out, the size of the nothing that was found is no news.
        if reasons.contains(&Reason::NoLesion) {
            reasons.retain(|reason| *reason != Reason::LesionTooSmall);
        }
        reasons
    }
}
