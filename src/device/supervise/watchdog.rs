//! The board's watchdog (`/dev/watchdog`, Linux' Documentation/watchdog/watchdog-api.rst): it resets a board that is not heard of in time.
//!
//! Only the edge: when it is fed is decided elsewhere. Whatever ends this program without [`Watchdog::dismiss`], a crash or being killed,
//! leaves the watchdog running, so that the board is reset.

use std::{
    ffi::c_int,
    fs::{File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use rustix::ioctl::{Getter, Updater, ioctl, opcode};
use thiserror::Error;
use tracing::{info, warn};

/// `WDIOC_SETTIMEOUT`: seconds until it bites; the driver writes back what it chose.
const SET_TIMEOUT: rustix::ioctl::Opcode = opcode::read_write::<c_int>(b'W', 6);
/// `WDIOC_GETTIMEOUT`.
const GET_TIMEOUT: rustix::ioctl::Opcode = opcode::read::<c_int>(b'W', 7);
/// Written before closing, this switches the watchdog off.
const MAGIC_CLOSE: &[u8] = b"V";
/// Anything else that is written feeds it.
const FOOD: &[u8] = b"\0";

/// Something that resets the board unless it is fed.
pub trait Watchdog: Send {
    /// Time after the last feeding at which it resets the board.
    fn timeout(&self) -> Duration;

    /// Puts the reset off.
    ///
    /// # Errors
    /// What the system says.
    fn feed(&mut self) -> io::Result<()>;

    /// Switches it off, for a clean end.
    ///
    /// # Errors
    /// What the system says; it then goes on running.
    fn dismiss(self: Box<Self>) -> io::Result<()>;
}

/// Why there is no watchdog.
#[derive(Debug, Error)]
pub enum WatchdogError {
    /// It cannot be opened. Opening starts it, and only one program can.
    #[error(
        "cannot open the watchdog {}: {cause}. Check supervision.watchdog in the board file, that its driver is loaded, and that no other program has it open",
        path.display()
    )]
    Open {
        /// The device.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// It is some other file.
    #[error("{} is not a watchdog: it cannot tell its time-out ({cause}). Check supervision.watchdog in the board file", path.display())]
    Other {
        /// The device.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
}

/// A watchdog of the kernel's.
#[derive(Debug)]
pub struct DeviceWatchdog {
    file: File,
    timeout: Duration,
}

impl DeviceWatchdog {
    /// Opens and thereby starts a watchdog, with a time-out as near to `timeout` as the driver gives.
    ///
    /// # Errors
    /// [`WatchdogError::Open`] when it is not there or in use, [`WatchdogError::Other`] when it is another kind of file.
    pub fn open(path: &Path, timeout: Duration) -> Result<Self, WatchdogError> {
        let file = OpenOptions::new().write(true).open(path).map_err(|cause| WatchdogError::Open { path: path.to_owned(), cause })?;
        let mut seconds = c_int::try_from(timeout.as_secs().max(1)).unwrap_or(c_int::MAX);
        // SAFETY: the opcode is the kernel's for a pointer to one int, which it reads and writes, and `seconds` lives until then.
        let set = unsafe { ioctl(&file, Updater::<SET_TIMEOUT, c_int>::new(&mut seconds)) };
        // SAFETY: the opcode is the kernel's for a pointer to one int that it writes.
        let given = unsafe { ioctl(&file, Getter::<GET_TIMEOUT, c_int>::new()) };
        let given = given.or(set.map(|()| seconds)).map_err(|cause| WatchdogError::Other { path: path.to_owned(), cause: cause.into() })?;
        let given = Duration::from_secs(u64::try_from(given).unwrap_or(1).max(1));
        match set {
            Ok(()) => info!(watchdog = %path.display(), seconds = given.as_secs(), "the watchdog runs"),
            Err(error) => warn!(watchdog = %path.display(), seconds = given.as_secs(), %error, "the watchdog keeps a time-out of its own"),
        }
        Ok(Self { file, timeout: given })
    }
}

impl Watchdog for DeviceWatchdog {
    fn timeout(&self) -> Duration {
        self.timeout
    }

    fn feed(&mut self) -> io::Result<()> {
        self.file.write_all(FOOD)
    }

    fn dismiss(mut self: Box<Self>) -> io::Result<()> {
        self.file.write_all(MAGIC_CLOSE)
    }
}

#[cfg(test)]
pub(super) mod fake {
    use std::sync::{Arc, Mutex};

    use super::*;

    /// What happened to a fake watchdog.
    #[derive(Debug, Clone, Default)]
    pub(in super::super) struct Bowl(pub(in super::super) Arc<Mutex<(u32, bool)>>);

    pub(in super::super) struct Dog(pub(in super::super) Bowl, pub(in super::super) Duration);

    impl Watchdog for Dog {
        fn timeout(&self) -> Duration {
            self.1
        }

        fn feed(&mut self) -> io::Result<()> {
            self.0.0.lock().unwrap().0 += 1;
            Ok(())
        }

        fn dismiss(self: Box<Self>) -> io::Result<()> {
            self.0.0.lock().unwrap().1 = true;
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_opcodes_are_those_of_linux_watchdog_h() {
        // _IOWR('W', 6, int) and _IOR('W', 7, int), with the generic layout of asm-generic/ioctl.h.
        assert_eq!((SET_TIMEOUT, GET_TIMEOUT), (0xC004_5706, 0x8004_5707));
    }

    #[test]
    fn a_device_that_is_not_there_or_is_no_watchdog_is_named() {
        let error = DeviceWatchdog::open(Path::new("/dev/watchdog-none"), Duration::from_secs(15)).unwrap_err();
        assert!(matches!(error, WatchdogError::Open { .. }) && error.to_string().contains("/dev/watchdog-none"), "{error}");
        let error = DeviceWatchdog::open(Path::new("/dev/null"), Duration::from_secs(15)).unwrap_err();
        assert!(matches!(error, WatchdogError::Other { .. }) && error.to_string().contains("/dev/null"), "{error}");
    }

    #[test]
    fn a_clean_end_writes_the_magic_letter_last_and_a_crash_never() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let open = || Box::new(DeviceWatchdog { file: file.reopen().unwrap(), timeout: Duration::from_secs(15) });
        let mut crashes = open();
        crashes.feed().unwrap();
        drop(crashes);
        assert_eq!(std::fs::read(file.path()).unwrap(), b"\0");
        let mut ends = open();
        ends.feed().unwrap();
        ends.dismiss().unwrap();
        assert_eq!(std::fs::read(file.path()).unwrap(), b"\0V");
    }
}
