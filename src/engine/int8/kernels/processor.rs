//! Proof that this processor has a family's instructions.

use super::{Family, Kernels};

/// A family that this processor can run. Only made after asking the processor, so that safe functions that are compiled for the family's
/// instructions may take it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Processor(Family);

impl Processor {
    /// `None` when this processor cannot run `family`.
    #[must_use]
    pub fn new(family: Family) -> Option<Self> {
        family.is_available().then_some(Self(family))
    }

    /// Every family that this processor can run.
    pub fn available() -> impl Iterator<Item = Self> {
        Family::available().map(Self)
    }

    /// Which family.
    #[must_use]
    pub fn family(self) -> Family {
        self.0
    }

    /// The family's kernels.
    #[must_use]
    pub fn kernels(self) -> &'static Kernels {
        self.0.kernels()
    }
}
