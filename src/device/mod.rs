//! The device: board file and the loop that turns frames into verdicts on a screen.

pub mod board;
pub mod signals;
