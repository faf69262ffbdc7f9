//! The serial console: where a technician sets the device up and a script drives it.
//!
//! ```text
//! Port -> keys -> line -> Session -> commands -> Reply -> Showing -> Port
//! ```
//!
//! - [`run`] is the thread: opens the line, serves it, opens it again when it was lost.
//! - [`Session`] is one person or script; bytes in, bytes out, with no port and no clock, so that tests type at it.
//! - [`commands`] holds every command with its usages, who may use them, and its help; [`reference`](reference::reference) writes
//!   `docs/console.md` from the same list.
//! - [`Pins`] keeps the technician's PIN.
//!
//! The console sees the device through [`crate::device::Link`] only. It must never block on a line that nobody reads, log what was
//! typed, or show anything of a patient that was not asked for by name.

pub mod commands;
mod complete;
mod desk;
mod history;
mod keys;
mod legal;
mod line;
mod pins;
mod port;
pub mod reference;
mod reply;
mod run;
mod session;
mod showing;
mod words;

pub use desk::{Desk, LogSource, Role};
pub use pins::{PinError, Pins};
pub use port::{Lines, Port, SerialDevice};
pub use reply::{Complaint, Next, Reply};
pub use run::{Doing, run};
pub use session::Session;
