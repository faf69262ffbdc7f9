//! Noticing that something is stuck, starting it anew, and telling whoever watches the device that it makes progress.
//!
//! A thread tells by its [`Pulse`] what it does and how long that may take. [`Watch`] looks at all pulses and starts a thread that is
//! stuck or has panicked anew, until [`Restarts`] rules that this will not help. [`Progress`] counts what the whole device achieves, and
//! [`Lifeline`] passes that on to systemd or to the board's watchdog; [`Supervisor`] does all of it, and health, in one turn.
//!
//! Nothing here knows cameras, models or screens, and nothing here waits: who calls decides when.

mod advice;
mod feeder;
mod lifeline;
mod monotonic;
mod notify;
mod pulse;
mod restarts;
mod stamp;
mod supervisor;
mod thread;
mod watch;
mod watchdog;

pub use advice::{health_trouble, thread_trouble};
pub use feeder::{Counts, Feeder, Part, Phase, Progress};
pub use lifeline::Lifeline;
pub use monotonic::{Hand, Monotonic};
pub use notify::{Manager, News, Notifier, Systemd};
pub use pulse::{Condition, Doing, Over, Pulse};
pub use restarts::{Restarts, Ruling};
pub use stamp::Stamped;
pub use supervisor::{Supervisor, Turn};
pub use thread::{Ended, Supervised};
pub use watch::{Report, Watch, Why};
pub use watchdog::{DeviceWatchdog, Watchdog, WatchdogError};
