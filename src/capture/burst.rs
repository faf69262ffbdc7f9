//! A burst: a few frames one after the other with the camera held still, of which the sharpest is the picture.
//!
//! A frame counts only if its number and its time prove that it was taken after it was asked for: what lay in a queue, or was
//! on the screen before, can show another lesion. The camera is let go again whatever happens, even when measuring panics.
//! There are cameras that say wrongly what exposure they have chosen, so that holding it changes it: when the light jumps, the
//! burst goes on with the camera let go. What sharpness is, is the caller's business.

use std::time::{Duration, Instant};

use serde::Serialize;
use tracing::{debug, warn};

use super::{Camera, CaptureError, Captured};
use crate::frame::Frame;

/// How many frames that cannot be used are passed over for each that is wanted, and how many more at the least.
const SPARE: u32 = 2;
const LEAST_SPARE: u32 = 4;
/// How many frames a camera gets to find its light again after holding it has gone wrong.
const SETTLING: u32 = 8;
/// A jump of the light: a channel's mean grows or shrinks by more than this factor. A hand that holds still makes less.
const JUMP: f32 = 1.4;
/// Added to means before they are compared: a few levels more or less are no jump in the dark.
const DARK: f32 = 16.0;
/// Means are taken over about this many rows and columns.
const GRID: u32 = 48;

/// The frame that the person saw last. A picture must be newer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shown {
    /// Its [`Captured::sequence`].
    pub sequence: u64,
    /// Its [`Captured::taken_at`].
    pub taken_at: Duration,
    /// Mean level of its red, green and blue, 0 to 255.
    pub light: [f32; 3],
}

impl From<&Captured> for Shown {
    fn from(captured: &Captured) -> Self {
        Self { sequence: captured.sequence, taken_at: captured.taken_at, light: light(&captured.frame) }
    }
}

impl Shown {
    /// Whether `next` is newer by number and by time.
    fn is_before(&self, next: &Self) -> bool {
        next.sequence > self.sequence && next.taken_at > self.taken_at
    }

    /// Whether `next` has about the same light and colour.
    fn is_lit_as(&self, next: &Self) -> bool {
        self.light.iter().zip(next.light).all(|(before, now)| (JUMP.recip()..=JUMP).contains(&((now + DARK) / (before + DARK))))
    }
}

fn light(frame: &Frame) -> [f32; 3] {
    let rows = (0..frame.height()).step_by((frame.height() / GRID).max(1) as usize);
    let (mut sums, mut count) = ([0.0; 3], 0.0);
    for y in rows {
        for x in (0..frame.width()).step_by((frame.width() / GRID).max(1) as usize) {
            sums.iter_mut().zip(frame.pixel(x, y)).for_each(|(sum, level)| *sum += f32::from(level));
            count += 1.0;
        }
    }
    sums.map(|sum| sum / count)
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
    /// Frames that were passed over because the light had jumped.
    pub unsteady: u32,
    /// The camera stood still from beginning to end; `false` when the light jumped and it was let go.
    pub held: bool,
}

/// One frame of a burst.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
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
    let mut still = Still { camera, held: true };
    still.camera.hold_still()?;
    gather(&mut still, frames.max(1), shown, asked, sharpness)
}

/// A camera that stands still, and is let go when this is dropped.
struct Still<'a> {
    camera: &'a mut dyn Camera,
    held: bool,
}

impl Still<'_> {
    fn let_go(&mut self) {
        // A camera that is gone says so at the next frame, and is let go when it is opened again.
        if let Err(error) = self.camera.let_go() {
            warn!(%error, "the camera was not let go after a burst");
        }
        self.held = false;
    }
}

impl Drop for Still<'_> {
    fn drop(&mut self) {
        if self.held {
            self.let_go();
        }
    }
}

fn gather(
    still: &mut Still<'_>,
    frames: u32,
    shown: Option<Shown>,
    asked: Option<Duration>,
    sharpness: &mut dyn FnMut(&Frame) -> f32,
) -> Result<Burst, CaptureError> {
    let begun = Instant::now();
    let mut spare = frames.saturating_mul(SPARE).max(LEAST_SPARE);
    let mut newest = shown;
    let (mut measured, mut damaged, mut stale, mut unsteady) = (Vec::new(), 0, 0, 0);
    let mut best: Option<(f32, Captured)> = None;
    while measured.len() < frames as usize {
        let trouble = match still.camera.capture() {
            Ok(captured) => {
                let next = Shown::from(&captured);
                if newest.is_some_and(|newest| !newest.is_before(&next)) || asked.is_some_and(|asked| next.taken_at <= asked) {
                    debug!(?next, ?newest, "a frame is too old for the burst");
                    stale += 1;
                    CaptureError::TimedOut { device: still.camera.describe(), waited: begun.elapsed() }
                } else {
                    newest = Some(next);
                    if unsteady < SETTLING && shown.is_some_and(|shown| !shown.is_lit_as(&next)) {
                        if still.held {
                            warn!(before = ?shown.map(|shown| shown.light), now = ?next.light, "the light jumped while the camera was held still; it is let go");
                            still.let_go();
                        }
                        unsteady += 1;
                        continue;
                    }
                    let found = sharpness(&captured.frame);
                    measured.push(Measured { sequence: next.sequence, taken_at: next.taken_at, sharpness: found });
                    // What cannot be measured is not sharp.
                    let found = if found.is_nan() { f32::NEG_INFINITY } else { found };
                    if best.as_ref().is_none_or(|(sharpest, _)| found > *sharpest) {
                        best = Some((found, captured));
                    }
                    continue;
                }
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
        return Err(CaptureError::TimedOut { device: still.camera.describe(), waited: begun.elapsed() });
    };
    let span = match measured.as_slice() {
        [first, .., last] => last.sequence - first.sequence,
        _ => 0,
    };
    let missed = span.saturating_sub(measured.len() as u64 - 1);
    Ok(Burst { sharpest, frames: measured, damaged, stale, missed, unsteady, held: still.held })
}

#[cfg(test)]
mod tests;
