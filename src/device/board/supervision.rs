//! `[supervision]`: watchdog, heat and health.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use super::section::Section;
use crate::health::Limits;

/// What is watched and when it is too much.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SupervisionBoard {
    /// From here on the live picture is slowed down, in degrees Celsius.
    pub warm_c: u8,
    /// From here on it is slowed down more and the person is told.
    pub hot_c: u8,
    /// From here on the device stops to cool down.
    pub critical_c: u8,
    /// Less space for records than this, in bytes, is told to the person.
    pub storage_low: u64,
    /// This program having more memory than this, in bytes, is told; never when `None`.
    pub memory_limit: Option<u64>,
    /// Time between two looks at the board's health.
    pub sample: Duration,
    /// The board's watchdog, used when there is no systemd; none when `None`.
    pub watchdog: Option<PathBuf>,
    /// Time after which the watchdog resets a board that makes no progress.
    pub watchdog_timeout: Duration,
}

impl SupervisionBoard {
    pub(super) fn read(mut section: Section<'_>) -> Self {
        const MEGABYTE: u64 = 1_000_000;
        let degrees = 30..=120;
        let board = Self {
            warm_c: section
                .integer("warm_c", degrees.clone(), "degrees Celsius")
                .means("From this temperature of the processor on, the live picture is slowed down to ten a second. Below `hot_c`.")
                .or(70),
            hot_c: section
                .integer("hot_c", degrees.clone(), "degrees Celsius")
                .means("From here on it is slowed down to four a second, and the person is told. Below `critical_c`.")
                .or(78),
            critical_c: section
                .integer("critical_c", degrees, "degrees Celsius")
                .means("From here on the device stops with a fault until it has cooled down. Raspberry Pis slow themselves down at 80 and more at 85.")
                .or(84),
            storage_low: section
                .integer::<u64>("storage_low_mb", 1..=1_000_000, "megabytes")
                .means("Less space for records than this is told to the person; less than a tenth of it is a fault.")
                .or(200)
                * MEGABYTE,
            memory_limit: section
                .integer::<u64>("memory_limit_mb", 64..=65_536, "megabytes")
                .means("This program is to start anew, between two cases, when it has more memory than this. Left out: no limit but the unit file's.")
                .optional()
                .map(|megabytes| megabytes * MEGABYTE),
            sample: Duration::from_secs(
                section
                    .integer("sample_s", 1..=60, "seconds")
                    .means("How often temperature, memory and storage are looked at.")
                    .or(2),
            ),
            watchdog: section
                .text("watchdog", "the absolute path of a watchdog device such as \"/dev/watchdog\"", |text| {
                    Path::new(text).is_absolute() && !text.contains('\0')
                })
                .means("Resets the board when the device makes no progress. Used only where systemd does not start this program: there, the unit's `WatchdogSec=` does. Left out: none.")
                .optional()
                .map(PathBuf::from),
            watchdog_timeout: Duration::from_secs(
                section
                    .integer("watchdog_s", 5..=600, "seconds")
                    .means("Time without progress after which the watchdog resets the board. The driver may choose another one near it; what it gives is used.")
                    .or(15),
            ),
        };
        if board.hot_c <= board.warm_c {
            section.conflict("hot_c", "must be more than supervision.warm_c");
        }
        if board.critical_c <= board.hot_c {
            section.conflict("critical_c", "must be more than supervision.hot_c");
        }
        section.finish("");
        board
    }

    /// What health is judged by.
    #[must_use]
    pub fn limits(&self) -> Limits {
        Limits {
            heat_c: [self.warm_c, self.hot_c, self.critical_c].map(f32::from),
            storage_low: self.storage_low,
            memory: self.memory_limit,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::device::board::Board;

    const BOARD: &str =
        "[camera]\nkind = \"phantom\"\n[display]\nkind = \"png\"\nfolder = \"s\"\n[model]\nbundle = \"b\"\n[records]\nfolder = \"r\"\n";

    fn read(lines: &str) -> Result<super::SupervisionBoard, String> {
        Board::parse(&format!("{BOARD}[supervision]\n{lines}")).map(|board| board.supervision).map_err(|error| error.to_string())
    }

    #[test]
    fn left_out_it_watches_heat_and_storage_and_has_no_watchdog() {
        let board = read("").unwrap();
        assert_eq!((board.warm_c, board.hot_c, board.critical_c), (70, 78, 84));
        assert_eq!((board.watchdog, board.memory_limit), (None, None));
        assert_eq!(board.storage_low, 200_000_000);
    }

    #[test]
    fn a_watchdog_is_an_absolute_path_with_a_time_out() {
        let board = read("watchdog = \"/dev/watchdog\"\nwatchdog_s = 30\n").unwrap();
        assert_eq!(board.watchdog.unwrap().to_str(), Some("/dev/watchdog"));
        assert_eq!(board.watchdog_timeout, Duration::from_secs(30));
        assert!(read("watchdog = \"watchdog\"\n").unwrap_err().contains("absolute path"));
    }

    #[test]
    fn levels_of_heat_that_are_not_in_order_are_refused_by_name() {
        let said = read("warm_c = 80\nhot_c = 75\ncritical_c = 75\n").unwrap_err();
        assert!(said.contains("supervision.hot_c must be more than supervision.warm_c"), "{said}");
        assert!(said.contains("supervision.critical_c must be more than supervision.hot_c"), "{said}");
    }
}
