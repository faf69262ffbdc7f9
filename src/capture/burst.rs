//! A burst: a few frames one after the other with the camera held still, of which the sharpest is the picture.
//!
//! A frame counts only if its number and its time prove that it was taken after it was asked for: what lay in a queue, or was
//! on the screen before, can show another lesion. The camera is let go again whatever happens, even when measuring panics.
//! What sharpness is, is the caller's business.

use std::time::{Duration, Instant};

use tracing::{debug, warn};

use super::{Camera, CaptureError, Captured};
use crate::frame::Frame;

/// How many frames that cannot be used are passed over for each that is wanted, and how many more at the least.
const SPARE: u32 = 2;
const LEAST_SPARE: u32 = 4;

/// The frame that the person saw last. A picture must be newer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    /// Its [`Captured::sequence`].
    pub sequence: u64,
    /// Its [`Captured::taken_at`].
    pub taken_at: Duration,
}

impl From<&Captured> for Shown {
    fn from(captured: &Captured) -> Self {
        Self { sequence: captured.sequence, taken_at: captured.taken_at }
    }
}

/// What came of a burst.
#[derive(Debug)]
pub struct Burst {
    /// The sharpest frame; of equally sharp ones the earliest.
    pub sharpest: Captured,
    /// Every frame that was measured, in the order in which they were taken; never empty.
    pub frames: Vec<Measured>,
    /// Frames that came damaged.
    pub damaged: u32,
    /// Frames that were too old to be used.
    pub stale: u32,
    /// Frames that the camera took between the first and the last measured one, and that did not arrive whole.
    pub missed: u64,
}

/// One frame of a burst.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    /// Its [`Captured::sequence`].
    pub sequence: u64,
    /// Its [`Captured::taken_at`].
    pub taken_at: Duration,
    /// What the caller measured; more is sharper.
    pub sharpness: f32,
}

/// Takes `frames` frames (at least 1) that are newer than `shown` (`None`: nothing was shown yet) and than this call, and keeps the one
/// with the greatest `sharpness`.
///
/// Damaged and stale frames are passed over, up to twice as many as are wanted, and at least four. A replay that ends in the middle gives what it had.
///
/// # Errors
/// [`CaptureError`] of the camera; with too many damaged frames the last one's; with too many stale ones [`CaptureError::TimedOut`].
pub fn take(
    camera: &mut dyn Camera,
    frames: u32,
    shown: Option<Shown>,
    sharpness: &mut dyn FnMut(&Frame) -> f32,
) -> Result<Burst, CaptureError> {
    // Before holding still: what was on its way while the controls were set has seen the same light.
    let asked = camera.now();
    let still = Still(camera);
    still.0.hold_still()?;
    gather(still.0, frames.max(1), shown, asked, sharpness)
}

/// Lets the camera go when dropped.
struct Still<'a>(&'a mut dyn Camera);

impl Drop for Still<'_> {
    fn drop(&mut self) {
        // A camera that is gone says so at the next frame, and is let go when it is opened again.
        if let Err(error) = self.0.let_go() {
            warn!(%error, "the camera was not let go after a burst");
        }
    }
}

fn gather(
    camera: &mut dyn Camera,
    frames: u32,
    shown: Option<Shown>,
    asked: Option<Duration>,
    sharpness: &mut dyn FnMut(&Frame) -> f32,
) -> Result<Burst, CaptureError> {
    let begun = Instant::now();
    let mut spare = frames.saturating_mul(SPARE).max(LEAST_SPARE);
    let mut newest = shown;
    let is_fresh = |next: Shown, newest: Option<Shown>| {
        newest.is_none_or(|newest| next.sequence > newest.sequence && next.taken_at > newest.taken_at)
            && asked.is_none_or(|asked| next.taken_at > asked)
    };
    let (mut measured, mut damaged, mut stale) = (Vec::new(), 0, 0);
    let mut best: Option<(f32, Captured)> = None;
    while measured.len() < frames as usize {
        let trouble = match camera.capture() {
            Ok(captured) if is_fresh(Shown::from(&captured), newest) => {
                newest = Some(Shown::from(&captured));
                let found = sharpness(&captured.frame);
                measured.push(Measured { sequence: captured.sequence, taken_at: captured.taken_at, sharpness: found });
                // What cannot be measured is not sharp.
                let found = if found.is_nan() { f32::NEG_INFINITY } else { found };
                if best.as_ref().is_none_or(|(sharpest, _)| found > *sharpest) {
                    best = Some((found, captured));
                }
                continue;
            }
            Ok(captured) => {
                debug!(sequence = captured.sequence, taken_at = ?captured.taken_at, ?newest, "a frame is too old for the burst");
                stale += 1;
                CaptureError::TimedOut { device: camera.describe(), waited: begun.elapsed() }
            }
            Err(error @ (CaptureError::Damaged { .. } | CaptureError::File { .. })) => {
                damaged += 1;
                error
            }
            Err(CaptureError::Finished { .. }) if best.is_some() => break,
            Err(error) => return Err(error),
        };
        spare = match spare.checked_sub(1) {
            Some(left) => left,
            None => return Err(trouble),
        };
    }
    let Some((_, sharpest)) = best else {
        return Err(CaptureError::TimedOut { device: camera.describe(), waited: begun.elapsed() });
    };
    let span = match measured.as_slice() {
        [first, .., last] => last.sequence - first.sequence,
        _ => 0,
    };
    let missed = span.saturating_sub(measured.len() as u64 - 1);
    Ok(Burst { sharpest, frames: measured, damaged, stale, missed })
}

#[cfg(test)]
mod tests;
