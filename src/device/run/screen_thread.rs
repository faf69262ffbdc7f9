//! The screen thread: draws scenes and hands them to the glass; opens the display again when it was gone.

use std::{sync::Arc, time::Duration};

use crossbeam_channel::Sender;

use super::{
    message::{Message, ScreenNews},
    parts::Parts,
    post::Post,
    stage::{Cue, Stage},
};
use crate::device::{
    fault,
    seams::{Cause, ShowScene},
    supervise::{Doing, Over, Pulse},
};

/// A mode set on a monitor that wakes up.
const OPENING: Duration = Duration::from_secs(15);
/// Drawing on the smallest board and sending to the slowest panel.
const DRAWING: Duration = Duration::from_secs(10);
/// How long to wait for something to show at a time: how late the thread may be to end.
const IDLE: Duration = Duration::from_millis(100);
/// How often a display that is gone is looked for.
const RETRY: Duration = Duration::from_millis(500);

/// What the screen thread shares with the others.
pub(super) struct ScreenSide {
    pub(super) parts: Arc<Parts>,
    pub(super) stage: Arc<Stage>,
    pub(super) channel: Sender<Message>,
}

/// One life of the thread.
pub(super) fn work(pulse: &Pulse, side: &ScreenSide) -> Result<(), Over> {
    let post = Post::new(pulse, &side.channel, Message::Screen);
    let mut told = false;
    loop {
        pulse.beat(Doing::Opening, OPENING)?;
        match (side.parts.screen)() {
            Ok(mut screen) => {
                works(&post, screen.as_ref())?;
                let error = show_all(pulse, side, &post, screen.as_mut())?;
                tracing::error!(error = error.as_ref(), "the display failed");
                post.tell(ScreenNews::Broken(fault::display(error.as_ref())))?;
                told = true;
            }
            Err(error) => {
                if !told {
                    tracing::error!(%error, "the display cannot be opened");
                    post.tell(ScreenNews::Broken(fault::trouble(&error)))?;
                    told = true;
                }
            }
        }
        pulse.rest()?;
        // Somebody may want it opened at once; what is to be shown until then is shown by nobody.
        side.stage.next(RETRY);
    }
}

/// Shows what is on the stage until the display fails.
fn show_all(pulse: &Pulse, side: &ScreenSide, post: &Post<'_, ScreenNews>, screen: &mut dyn ShowScene) -> Result<Cause, Over> {
    loop {
        pulse.rest()?;
        let Some(cue) = side.stage.next(IDLE) else { continue };
        pulse.beat(Doing::Drawing, DRAWING)?;
        match cue {
            Cue::Open => works(post, screen)?,
            Cue::Rest(rest) => {
                if let Err(error) = screen.rest(rest) {
                    return Ok(error);
                }
            }
            Cue::Show { kept, scene } => {
                let shown = match scene.with(|scene| screen.show(scene)) {
                    Ok(shown) => shown,
                    Err(error) => return Ok(error),
                };
                let latency = scene.light().map(|light| shown.at.saturating_sub(light));
                post.tell(ScreenNews::Shown { kept, picture: shown.picture, latency })?;
            }
        }
    }
}

fn works(post: &Post<'_, ScreenNews>, screen: &dyn ShowScene) -> Result<(), Over> {
    let (name, size) = screen.describe();
    post.tell(ScreenNews::Works { name, size })
}
