//! Scene after scene on one canvas: of a live picture only the picture is drawn anew while everything around it stays the same.

use super::{Scene, live, paint};
use crate::{
    display::{
        Area, Canvas, DisplayError,
        layout::Layout,
        painter::{Painter, PlacedText},
    },
    frame::Frame,
};

/// A canvas of a screen's size with what was drawn on it last.
#[derive(Debug)]
pub struct Easel {
    layout: Layout,
    painter: Painter,
    /// Of the scene on the canvas, when it has a live picture.
    live: Option<Live>,
}

/// Where the live picture is and everything that stands around it, in words.
#[derive(Debug)]
struct Live {
    surroundings: String,
    picture: Area,
}

/// A scene on its canvas.
#[derive(Debug, Clone, Copy)]
pub struct Drawn<'a> {
    /// All of it.
    pub canvas: &'a Canvas,
    /// Every text on it, in the order in which they were written.
    pub texts: &'a [PlacedText],
    /// What may differ from the scene before it: nothing outside was touched.
    pub changed: Area,
}

impl Easel {
    /// An empty canvas for a screen of `width` x `height` pixels.
    ///
    /// # Errors
    /// As [`draw`](super::draw).
    pub fn new(width: u32, height: u32) -> Result<Self, DisplayError> {
        let layout = Layout::new(width, height)?;
        Ok(Self { layout, painter: Painter::new(layout.screen)?, live: None })
    }

    /// Draws `scene` in place of the one before it.
    ///
    /// # Errors
    /// [`DisplayError::Scale`] when a picture cannot be shown; the canvas is then drawn from the start the next time.
    pub fn draw(&mut self, scene: &Scene) -> Result<Drawn<'_>, DisplayError> {
        let before = self.live.take();
        let now = live_frame(scene).map(|frame| (frame, surroundings(scene)));
        let changed = match (before, now) {
            (Some(before), Some((frame, surroundings))) if before.surroundings == surroundings => {
                let touched = live::show(&mut self.painter, &self.layout, frame, before.picture)?;
                self.live = Some(before);
                touched
            }
            (_, now) => {
                self.painter.clear();
                let picture = paint(&mut self.painter, &self.layout, scene)?;
                self.live = picture.zip(now).map(|(picture, (_, surroundings))| Live { surroundings, picture });
                self.layout.screen
            }
        };
        Ok(Drawn { canvas: &self.painter.canvas, texts: &self.painter.texts, changed })
    }
}

/// The frame of a scene whose picture changes many times a second.
fn live_frame<'a>(scene: &Scene<'a>) -> Option<&'a Frame> {
    match *scene {
        Scene::Preview { frame, .. } | Scene::Scanning { frame, .. } => Some(frame),
        _ => None,
    }
}

/// Everything about a scene but the pixels of its frame: a frame says no more of itself than its size.
fn surroundings(scene: &Scene) -> String {
    format!("{scene:?}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        display::scene::{self, Action, StatusBar},
        quality::Reason,
    };

    fn frame(level: u8) -> Frame {
        Frame::from_fn(96, 54, |x, y| [level, (x * 2) as u8, (y * 3) as u8]).unwrap()
    }

    const ACTIONS: [Action; 2] = [Action { button: "Capture", what: "Take" }, Action { button: "Details", what: "Form" }];

    #[test]
    fn whatever_came_before_the_canvas_is_as_if_drawn_from_the_start() {
        let (one, other) = (frame(10), frame(200));
        let bar = StatusBar { case: "Case 1", actions: &ACTIONS, ..StatusBar::default() };
        let renamed = StatusBar { case: "Case 2", ..bar };
        let scenes = [
            Scene::Preview { frame: &one, hints: &[], ready: "", bar },
            Scene::Preview { frame: &other, hints: &[], ready: "", bar },
            Scene::Preview { frame: &other, hints: &[Reason::Glare], ready: "", bar },
            Scene::Preview { frame: &one, hints: &[Reason::Glare], ready: "", bar: renamed },
            Scene::Scanning { frame: &one, bar: renamed },
            Scene::Scanning { frame: &other, bar: renamed },
            Scene::Sleep,
            Scene::Preview { frame: &one, hints: &[], ready: "", bar },
        ];
        let mut easel = Easel::new(320, 240).unwrap();
        for scene in &scenes {
            let drawn = easel.draw(scene).unwrap();
            assert_eq!(drawn.canvas, &scene::draw(scene, 320, 240).unwrap(), "{scene:?}");
            assert_eq!(drawn.texts, scene::compose(scene, 320, 240).unwrap().texts);
        }
    }

    #[test]
    fn a_new_frame_touches_only_the_picture_and_nothing_outside_of_what_is_told() {
        let (one, other) = (frame(10), frame(200));
        let bar = StatusBar { actions: &ACTIONS, ..StatusBar::default() };
        let mut easel = Easel::new(480, 320).unwrap();
        let first = easel.draw(&Scene::Preview { frame: &one, hints: &[], ready: "", bar }).unwrap();
        assert_eq!(first.changed, Area { x: 0, y: 0, width: 480, height: 320 });
        let before = first.canvas.clone();
        let second = easel.draw(&Scene::Preview { frame: &other, hints: &[], ready: "", bar }).unwrap();
        let changed = second.changed;
        assert!(changed.width < 480 && changed.height < 320);
        for (y, x) in (0..320).flat_map(|y| (0..480).map(move |x| (y, x))) {
            let inside = changed.holds(Area { x: x as i32, y: y as i32, width: 1, height: 1 });
            assert!(inside || before.frame().pixel(x, y) == second.canvas.frame().pixel(x, y), "{x} {y}");
        }
        assert_ne!(&before, second.canvas);
    }
}
