//! The technician's PIN: hashed in `STATE/pins`, and how often it was tried wrongly.
//!
//! There is no PIN to begin with: the console asks for one. A wrong one makes the next wait longer, and the number of failures is
//! on storage *before* a PIN is looked at, so that pulling the plug neither hides a failure nor shortens a wait: after a
//! start with failures the whole wait begins anew, since not every board knows how long it was off.
//!
//! A forgotten PIN: switch off, put the storage medium into a computer, delete the file `pins` in the state folder.
//! The console then asks for a new one. Whoever can do that could change everything else there, too.
//!
//! Must never log, show or keep a PIN.

use std::{path::PathBuf, sync::Arc, time::Duration};

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::settings::{Disk, replace};

/// Name of the file in the state folder.
pub(super) const FILE_NAME: &str = "pins";
/// Digits of a PIN.
pub(super) const DIGITS: std::ops::RangeInclusive<usize> = 6..=12;
/// The longest wait after a wrong PIN.
pub(super) const LONGEST_WAIT: Duration = Duration::from_secs(300);

/// The technician's PIN.
pub struct Pins {
    path: PathBuf,
    disk: Arc<dyn Disk>,
    state: State,
    failures: u32,
    /// On the clock that callers give; no PIN is looked at before.
    wait_until: Duration,
}

enum State {
    Unset,
    Set { hash: String },
    Damaged { detail: String },
}

/// What is in the file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    /// As a PHC string: `$argon2id$...`.
    technician: String,
    /// Wrong PINs since the last right one.
    failures: u32,
}

/// Why a PIN was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PinError {
    /// It is not the PIN.
    #[error("that is not the PIN; the next try is possible in {} s", wait.as_secs())]
    Wrong {
        /// How long until the next try.
        wait: Duration,
    },
    /// Too early.
    #[error("after wrong PINs the next try is possible in {} s", wait.as_secs())]
    Wait {
        /// How long until the next try, a full second at least.
        wait: Duration,
    },
    /// There is no PIN yet.
    #[error("no PIN is set yet")]
    Unset,
    /// It cannot be a PIN.
    #[error("{0}")]
    Unfit(&'static str),
    /// The file is damaged: nobody can be let in.
    #[error("the PIN file {} is damaged ({detail})", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        detail: String,
    },
    /// Storage or the random numbers of the system fail.
    #[error("the PIN cannot be kept: {detail}")]
    Unkept {
        /// What is wrong.
        detail: String,
    },
}

impl Pins {
    /// The PIN of the device that keeps its state in `folder`. `now` is on the clock that every later call uses.
    #[must_use]
    pub fn open(folder: &std::path::Path, disk: Arc<dyn Disk>, now: Duration) -> Self {
        let path = folder.join(FILE_NAME);
        let mut failures = 0;
        let state = match disk.read(&path) {
            Ok(None) => State::Unset,
            Ok(Some(bytes)) => match kept(&bytes) {
                Ok(kept) => {
                    failures = kept.failures;
                    State::Set { hash: kept.technician }
                }
                Err(detail) => State::Damaged { detail },
            },
            Err(error) => State::Damaged { detail: error.to_string() },
        };
        Self { path, disk, state, failures, wait_until: now.saturating_add(wait_after(failures)) }
    }

    /// Whether a PIN has been set, be it a damaged one.
    #[must_use]
    pub fn is_set(&self) -> bool {
        !matches!(self.state, State::Unset)
    }

    /// How long until a PIN may be tried; zero for now.
    #[must_use]
    pub fn wait(&self, now: Duration) -> Duration {
        self.wait_until.saturating_sub(now)
    }

    /// Whether `pin` is the PIN.
    ///
    /// # Errors
    /// [`PinError`] in every case but that it is.
    pub fn check(&mut self, pin: &str, now: Duration) -> Result<(), PinError> {
        let wait = self.wait(now);
        let hash = match &self.state {
            State::Unset => return Err(PinError::Unset),
            State::Damaged { detail } => return Err(PinError::Damaged { path: self.path.clone(), detail: detail.clone() }),
            State::Set { .. } if !wait.is_zero() => return Err(PinError::Wait { wait: whole_seconds(wait) }),
            State::Set { hash } => hash.clone(),
        };
        // Counted before it is looked at. Storage that cannot be written must not lock technicians out, who may be there to
        // put just that right; the count in memory holds then.
        self.failures = self.failures.saturating_add(1);
        if let Err(error) = self.keep(&hash) {
            tracing::warn!(%error, "a try of the PIN could not be counted on storage");
        }
        let right = PasswordHash::new(&hash).is_ok_and(|hash| Argon2::default().verify_password(pin.as_bytes(), &hash).is_ok());
        if !right {
            let wait = wait_after(self.failures);
            self.wait_until = now.saturating_add(wait);
            tracing::warn!(failures = self.failures, "wrong PIN at the console");
            return Err(PinError::Wrong { wait });
        }
        self.failures = 0;
        if let Err(error) = self.keep(&hash) {
            tracing::warn!(%error, "the count of wrong PINs could not be put back on storage");
        }
        Ok(())
    }

    /// Makes `pin` the PIN. The caller has seen to it that the person may: no PIN is set, or it was given.
    ///
    /// # Errors
    /// [`PinError::Unfit`], [`PinError::Damaged`], or [`PinError::Unkept`], when the PIN is as before.
    pub fn set(&mut self, pin: &str) -> Result<(), PinError> {
        if let State::Damaged { detail } = &self.state {
            return Err(PinError::Damaged { path: self.path.clone(), detail: detail.clone() });
        }
        fit(pin)?;
        let hash = Argon2::default().hash_password(pin.as_bytes()).map_err(|error| PinError::Unkept { detail: error.to_string() })?;
        let hash = hash.to_string();
        let failures = std::mem::take(&mut self.failures);
        if let Err(error) = self.keep(&hash) {
            self.failures = failures;
            return Err(PinError::Unkept { detail: format!("{}: {error}", self.path.display()) });
        }
        self.state = State::Set { hash };
        self.wait_until = Duration::ZERO;
        Ok(())
    }

    fn keep(&self, hash: &str) -> std::io::Result<()> {
        let kept = Kept { technician: hash.to_owned(), failures: self.failures };
        let text = toml::to_string(&kept).map_err(std::io::Error::other)?;
        replace(&*self.disk, &self.path, text.as_bytes())
    }
}

fn kept(bytes: &[u8]) -> Result<Kept, String> {
    let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
    let kept: Kept = toml::from_str(text).map_err(|error| error.message().to_owned())?;
    PasswordHash::new(&kept.technician).map_err(|error| error.to_string())?;
    Ok(kept)
}

/// 1 s, 2 s, 4 s and so on.
fn wait_after(failures: u32) -> Duration {
    match failures.checked_sub(1) {
        None => Duration::ZERO,
        Some(doublings) => Duration::from_secs(1_u64 << doublings.min(16)).min(LONGEST_WAIT),
    }
}

/// Up to the next full second, so that "in 0 s" is never said of a wait.
fn whole_seconds(wait: Duration) -> Duration {
    Duration::from_secs(wait.as_secs() + u64::from(wait.subsec_nanos() > 0))
}

/// Whether `pin` can be a PIN.
///
/// # Errors
/// [`PinError::Unfit`] says what a PIN must be.
pub(super) fn fit(pin: &str) -> Result<(), PinError> {
    if !DIGITS.contains(&pin.len()) || !pin.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(PinError::Unfit("a PIN has 6 to 12 digits and nothing else"));
    }
    let steps: Vec<i32> = pin.bytes().zip(pin.bytes().skip(1)).map(|(a, b)| i32::from(b) - i32::from(a)).collect();
    if [0, 1, -1].iter().any(|step| steps.iter().all(|found| found == step)) {
        return Err(PinError::Unfit("a PIN of one digit over and over, or of digits in a row, is the first that anybody tries"));
    }
    Ok(())
}
