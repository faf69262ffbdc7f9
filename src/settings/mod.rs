//! Settings over the board file: staged, checked as a board file is, committed as one, and taken back.
//!
//! The board file ships with the device and is never written. What a technician changes over the console lies in
//! `STATE/settings.toml`, a TOML table with the same keys, which is laid over the board file when the device starts
//! ([`load`]). The set before it is kept as `settings.previous.toml`.
//!
//! - [`Settings`]: what is committed and what is staged; the console's way in.
//! - [`Disk`]: the few things that are asked of storage, so that tests can cut the power at each.
//!
//! Must never leave the device without settings that it can start with: a file that does not fit is set apart, not obeyed.

mod disk;
mod error;
mod file;
mod load;
mod protected;
mod staged;
mod value;

pub use disk::{Disk, Storage, replace};
pub use error::SettingsError;
pub use file::{CURRENT, PREVIOUS};
pub use load::{Loaded, Outcome, load, load_from};
pub use protected::PROTECTED;
pub use staged::{Change, Rolled, Settings, Shown, Source};
