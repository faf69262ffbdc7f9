//! Outputs of threads that can be replaced: what a replaced thread says late must never count, least of all a frame.

use super::pulse::Pulse;

/// A value with the generation of the thread that made it.
#[derive(Debug, Clone)]
pub struct Stamped<T> {
    from: Pulse,
    value: T,
}

impl<T> Stamped<T> {
    pub(super) fn new(from: Pulse, value: T) -> Self {
        Self { from, value }
    }

    /// The value, unless the thread that made it was replaced meanwhile. To be called when it is used, not when it is received.
    #[must_use]
    pub fn current(self) -> Option<T> {
        (!self.from.replaced()).then_some(self.value)
    }

    /// Name of the thread that made it.
    #[must_use]
    pub fn from(&self) -> &'static str {
        self.from.name()
    }
}
