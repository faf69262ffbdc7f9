//! Where log messages go: to standard error in the form that suits whoever reads it, and to a [`Ring`] that the console shows.
//!
//! Messages are made with `tracing`'s macros anywhere. One event is one line, whatever is in it. Nothing about a patient is ever logged:
//! whoever reads a journal must learn nothing about one.

mod chain;
mod line;
mod ring;
mod stderr;

use std::{env::VarError, panic, sync::OnceLock, thread};

use tracing::level_filters::LevelFilter;
use tracing_subscriber::{EnvFilter, Layer, fmt, layer::SubscriberExt, util::SubscriberInitExt};

pub use chain::{Chain, chain};
pub use ring::Ring;
pub use stderr::Style;

/// Overrides what is logged: `debug`, or `lentigo::capture=trace,warn`.
const VARIABLE: &str = "LENTIGO_LOG";

static RING: OnceLock<Ring> = OnceLock::new();

/// The newest lines of this process' log. Empty until [`init`].
pub fn ring() -> &'static Ring {
    RING.get_or_init(Ring::default)
}

/// Logs from now on what `LENTIGO_LOG` asks for, else `level` and what is worse: for people on a terminal, with priorities for the
/// journal, as plain lines into anything else; and into [`ring`]. A second call changes nothing.
pub fn init(level: LevelFilter) {
    let asked = std::env::var(VARIABLE);
    let (filter, wrong) = match asked.as_deref().map(EnvFilter::try_new) {
        Ok(Ok(filter)) => (filter, None),
        Ok(Err(error)) => (EnvFilter::new(level.to_string()), Some(error.to_string())),
        Err(VarError::NotUnicode(_)) => (EnvFilter::new(level.to_string()), Some("it is no text".to_owned())),
        Err(VarError::NotPresent) => (EnvFilter::new(level.to_string()), None),
    };
    let standard_error = match Style::of_stderr() {
        Style::Terminal => fmt::layer().with_writer(std::io::stderr).with_target(false).without_time().boxed(),
        style => stderr::Lines::new(style).boxed(),
    };
    let _ = tracing_subscriber::registry().with(filter).with(standard_error).with(ring::Keep(ring())).try_init();
    if let Some(error) = wrong {
        tracing::warn!(error, "{VARIABLE} is not understood and ignored; it should be like debug, or capture=trace,warn");
    }
}

/// From now on a panic is one line of the log, and not several on standard error.
pub fn report_panics() {
    panic::set_hook(Box::new(|panic| {
        let current = thread::current();
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let message = panic.payload_as_str().unwrap_or("it said nothing");
        tracing::error!(thread = current.name().unwrap_or("without a name"), place, error = message, "a thread panicked");
    }));
}
