//! Keeping exposure, white balance, focus and gain where they are for as long as a burst takes, and letting them go again.
//!
//! What was switched off is noted before it is switched off, so that it can be switched on again whatever happens in between.

use std::io;

use super::{
    controls::{CHOICES, forgiving},
    driver::{Control, Controls},
};

/// The choices that were taken from the camera, each with the mode to go back to.
#[derive(Debug, Default)]
pub(super) struct Hold(Vec<(Control, i32)>);

impl Hold {
    /// Whether anything was taken from the camera.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Forgets what was taken: the camera that it was taken from is not there any more.
    pub(super) fn forget(&mut self) {
        self.0.clear();
    }

    /// Takes every choice from the camera, at the values that it chose last. What it would not give up it keeps.
    pub(super) fn take(&mut self, camera: &mut dyn Controls) -> io::Result<()> {
        let mut modes = Vec::new();
        let mut values: Vec<(Control, i32)> = Vec::new();
        // All values first: switching one choice off can move what another has chosen.
        for choice in &CHOICES {
            let Some(span) = forgiving(choice.mode, camera.span(choice.mode))?.flatten() else { continue };
            let Some(mode) = choice.is_automatic(camera)?.filter(|_| span.allows(choice.manual)) else { continue };
            modes.push((choice, mode));
            for &value in choice.follows {
                if values.iter().all(|(known, _)| *known != value)
                    && forgiving(value, camera.span(value))?.flatten().is_some()
                    && let Some(now) = forgiving(value, camera.read(value))?
                {
                    values.push((value, now));
                }
            }
        }
        for (choice, mode) in modes {
            self.0.push((choice.mode, mode));
            if forgiving(choice.mode, camera.write(choice.mode, choice.manual))?.is_none() {
                self.0.pop();
            }
        }
        for (control, value) in values {
            forgiving(control, camera.write(control, value))?;
        }
        Ok(())
    }

    /// Gives the camera its choices back. What it will not take, or did not get because it is gone, is given back the next time.
    pub(super) fn release(&mut self, camera: &mut dyn Controls) -> io::Result<()> {
        let mut gone = Ok(());
        self.0.retain(|&(control, mode)| {
            if gone.is_err() {
                return true;
            }
            match forgiving(control, camera.write(control, mode)) {
                Ok(taken) => taken.is_none(),
                Err(cause) => {
                    gone = Err(cause);
                    true
                }
            }
        });
        gone
    }
}
