//! The quality gate: is this frame good enough to be assessed at all?
//!
//! [`Gate::judge`] measures focus, exposure, glare and framing at a fixed scale and compares them with the limits of
//! the bundle ([`Limits`]). The only way to get a [`Passed`] is through the gate, and an assessment asks for one:
//! a refused frame can have no number.

mod limits;
mod reason;

pub use limits::Limits;
pub use reason::Reason;

use serde::Serialize;

use crate::frame::Frame;

/// What the gate measured on one frame, all at its own fixed scale.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Measurements {
    /// Placeholder until the gate is written.
    pub focus: f32,
}

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
        /// Every reason found, the most useful to act on first; never empty.
        reasons: Vec<Reason>,
        /// What was measured.
        measurements: Measurements,
    },
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
    pub fn judge(&self, _frame: &Frame) -> Quality {
        let _ = &self.limits;
        Quality::Pass(Passed { measurements: Measurements::default() })
    }
}
