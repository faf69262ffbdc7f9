//! Who reads standard error, and lines for those who are not people at a terminal.

use std::io::{IsTerminal, Write, stderr};

use tracing::{Event, Level, Subscriber};
use tracing_subscriber::{Layer, layer::Context};

use super::line::line;

/// The form of what goes to standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// A person at a terminal: colours.
    Terminal,
    /// The journal: each line begins with its priority, as sd-daemon(3) has it.
    Journal,
    /// A file or a pipe.
    Plain,
}

impl Style {
    /// The style for this process' standard error.
    pub(super) fn of_stderr() -> Self {
        let journal = std::env::var("JOURNAL_STREAM").ok();
        let file = rustix::fs::fstat(rustix::stdio::stderr()).ok().map(|file| (file.st_dev, file.st_ino));
        Self::choose(stderr().is_terminal(), journal.as_deref(), file)
    }

    /// The journal has connected standard error itself only if `JOURNAL_STREAM` (`device:inode`) names that very file: a service's child
    /// may have been sent elsewhere and inherited the variable.
    fn choose(terminal: bool, journal: Option<&str>, file: Option<(u64, u64)>) -> Self {
        let named = journal.and_then(|stream| {
            let (device, inode) = stream.split_once(':')?;
            Some((device.parse::<u64>().ok()?, inode.parse::<u64>().ok()?))
        });
        if named.is_some() && named == file {
            Self::Journal
        } else if terminal {
            Self::Terminal
        } else {
            Self::Plain
        }
    }
}

/// Writes each event as one line.
pub(super) struct Lines {
    style: Style,
}

impl Lines {
    pub(super) fn new(style: Style) -> Self {
        Self { style }
    }
}

impl<S: Subscriber> Layer<S> for Lines {
    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        let (level, line) = (*event.metadata().level(), line(event));
        let text = match self.style {
            Style::Journal => format!("<{}>{line}\n", priority(level)),
            Style::Terminal | Style::Plain => format!("{level} {line}\n"),
        };
        // One call for one line, so that lines of two threads do not mix. Nobody is left to tell when it fails.
        let _ = stderr().write_all(text.as_bytes());
    }
}

/// syslog(3)'s priority.
fn priority(level: Level) -> u8 {
    match level {
        Level::ERROR => 3,
        Level::WARN => 4,
        Level::INFO => 6,
        _ => 7,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_journal_is_believed_only_when_it_names_this_very_file() {
        assert_eq!(Style::choose(false, Some("8:1234"), Some((8, 1234))), Style::Journal);
        for journal in [Some("8:1235"), Some("8"), Some("8:x"), Some(""), None] {
            assert_eq!(Style::choose(false, journal, Some((8, 1234))), Style::Plain, "{journal:?}");
            assert_eq!(Style::choose(true, journal, Some((8, 1234))), Style::Terminal, "{journal:?}");
        }
        assert_eq!(Style::choose(false, None, None), Style::Plain);
    }
}
