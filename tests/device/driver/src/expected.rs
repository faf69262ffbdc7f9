//! What the screen must show: drawn here, by the library that draws it inside the machine.

use anyhow::Result;
use lentigo::{
    display::scene::{self, Scene},
    frame::Frame,
    verdict::Verdict,
};

use crate::pictures::Picture;

/// Size of the screen, as QEMU is told.
pub const SCREEN: (u32, u32) = (800, 480);

/// The live picture with the gate's hints.
pub fn preview(picture: &Picture) -> Result<Frame> {
    let hints = match &picture.case.verdict {
        Verdict::Retake { reasons } => reasons.as_slice(),
        _ => &[],
    };
    draw(&Scene::Preview { frame: &picture.frame, hints })
}

/// What is shown of the picture once it was taken: verdict or retake.
pub fn outcome(picture: &Picture) -> Result<Frame> {
    draw(&Scene::from(&picture.case))
}

fn draw(scene: &Scene<'_>) -> Result<Frame> {
    Ok(scene::draw(scene, SCREEN.0, SCREEN.1)?.frame().clone())
}
