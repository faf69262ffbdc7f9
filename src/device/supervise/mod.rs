//! Noticing that something is stuck, starting it anew, and telling whoever watches the device that it makes progress.
//!
//! A thread tells by its [`Pulse`] what it does and how long that may take. [`Watch`] looks at all pulses and starts a thread that is
//! stuck or has panicked anew, until [`Restarts`] rules that this will not help. [`Progress`] counts what the whole device achieves, and
//! [`Lifeline`] passes that on to systemd or to the board's watchdog; [`Supervisor`] does all of it, and health, in one turn.
//!
//! ```
//! use std::time::Duration;
//! use lentigo::device::supervise::{Doing, Monotonic, Supervised, Watch};
//!
//! # fn main() -> std::io::Result<()> {
//! let clock = Monotonic::running();
//! let (say, hear) = crossbeam_channel::bounded(1);
//! let camera = Supervised::spawn("camera", Duration::from_secs(5), &clock, move |pulse| {
//!     // Opened here, in the thread: the next generation opens it anew.
//!     pulse.beat(Doing::Opening, Duration::from_secs(5))?;
//!     loop {
//!         pulse.beat(Doing::Capturing, Duration::from_secs(3))?;
//!         let frame = "a frame";
//!         pulse.rest()?; // Waiting for a place in the channel is no reason to be started anew.
//!         if say.send(pulse.stamp(frame)).is_err() {
//!             return Ok(());
//!         }
//!     }
//! })?;
//! let mut watch = Watch::new(clock);
//! watch.add(camera);
//! assert!(watch.look().is_empty());
//! let frame = hear.recv().expect("the camera's thread runs");
//! assert_eq!(frame.current(), Some("a frame")); // `None` had it been replaced meanwhile.
//! drop(hear);
//! assert!(watch.end(Duration::from_secs(5)).is_empty());
//! # Ok(())
//! # }
//! ```
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
