//! What the screen must show: drawn here, by the library that draws it inside the machine.

use anyhow::Result;
use lentigo::{
    display::scene::{self, Action, Scene, StatusBar},
    frame::Frame,
    verdict::Verdict,
};

use crate::pictures::Picture;

/// Size of the screen, as QEMU is told.
pub const SCREEN: (u32, u32) = (800, 480);

/// What the buttons do, in the words that a person reads.
const LIVE: [Action<'_>; 3] =
    [Action { button: "Capture", what: "" }, Action { button: "Details", what: "Patient" }, Action { button: "Scan", what: "Code" }];
const RETAKE: [Action<'_>; 1] = [Action { button: "Retake", what: "" }];
const VERDICT: [Action<'_>; 3] =
    [Action { button: "Accept", what: "" }, Action { button: "Retake", what: "" }, Action { button: "Details", what: "" }];

/// The live picture with the gate's hints; which case is running is not looked at.
pub fn preview(picture: &Picture) -> Result<Frame> {
    let hints = match &picture.case.verdict {
        Verdict::Retake { reasons } => reasons.as_slice(),
        _ => &[],
    };
    let bar = StatusBar { actions: &LIVE, ..StatusBar::default() };
    draw(&Scene::Preview { frame: &picture.frame, hints, ready: "Hold still and press Capture.", bar })
}

/// What is shown of the picture of case number `case` once it was taken: verdict or retake.
pub fn outcome(picture: &Picture, case: u64) -> Result<Frame> {
    let actions = if matches!(picture.case.verdict, Verdict::Retake { .. }) { RETAKE.as_slice() } else { &VERDICT };
    let case = format!("Case {case}");
    draw(&Scene::of(&picture.case, &picture.positive, None, StatusBar { case: &case, actions, ..StatusBar::default() }))
}

/// Just taken.
pub fn captured(picture: &Picture, case: u64) -> Result<Frame> {
    let case = format!("Case {case}");
    draw(&Scene::Captured { frame: &picture.frame, bar: StatusBar { case: &case, ..StatusBar::default() } })
}

/// Being assessed.
pub fn analysing(picture: &Picture, case: u64) -> Result<Frame> {
    let case = format!("Case {case}");
    draw(&Scene::Analysing { frame: &picture.frame, bar: StatusBar { case: &case, ..StatusBar::default() } })
}

fn draw(scene: &Scene<'_>) -> Result<Frame> {
    Ok(scene::draw(scene, SCREEN.0, SCREEN.1)?.frame().clone())
}
