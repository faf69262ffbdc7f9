//! From the board file to a display, and from a scene to what it shows.

use std::path::PathBuf;

use super::{
    board::{Board, DisplayBoard},
    seams::{Cause, ShowScene},
};
use crate::display::{
    DisplayError, Surface,
    fbdev::Framebuffer,
    png::PngSurface,
    scene::{self, Scene},
};

/// Opens the display that `board` names.
///
/// # Errors
/// [`DisplayError`] when it is not there or cannot be used.
pub fn open_screen(board: &Board) -> Result<Box<dyn ShowScene>, DisplayError> {
    Ok(match &board.display {
        DisplayBoard::Png(display) => Box::new(Files(PngSurface::new(&display.folder, display.width, display.height)?)),
        DisplayBoard::Fbdev(display) => Box::new(Glass(Framebuffer::open(&display.device, crate::display::Rotation::None)?)),
    })
}

/// Name of the picture file of everything that is not the end of a picture's way.
const LIVE: &str = "live";

/// Picture files: one of its own for each verdict and retake, to be looked at later, and one for what passes.
struct Files(PngSurface);

impl ShowScene for Files {
    fn show(&mut self, scene: &Scene<'_>) -> Result<Option<PathBuf>, Cause> {
        if matches!(scene, Scene::Preview { .. } | Scene::Analysing { .. }) {
            self.0.name_next(LIVE)?;
        }
        draw_on(&mut self.0, scene)?;
        Ok(self.0.last().map(PathBuf::from))
    }
}

/// A surface that people look at.
struct Glass<S>(S);

impl<S: Surface> ShowScene for Glass<S> {
    fn show(&mut self, scene: &Scene<'_>) -> Result<Option<PathBuf>, Cause> {
        draw_on(&mut self.0, scene)?;
        Ok(None)
    }
}

fn draw_on(surface: &mut impl Surface, scene: &Scene<'_>) -> Result<(), DisplayError> {
    let (width, height) = surface.size();
    surface.show(&scene::draw(scene, width, height)?).map(|_| ())
}
