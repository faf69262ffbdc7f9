//! From the board file to a display, and from a scene to what it shows.

use std::path::{Path, PathBuf};

use super::{
    board::{Board, DisplayBoard, LightBoard},
    seams::{Cause, ShowScene},
};
use crate::display::{
    DisplayError, LEAST_HEIGHT, LEAST_WIDTH, Surface,
    backlight::{Backlight, CLASS, Lit},
    fbdev::Framebuffer,
    kms::KmsScreen,
    png::PngSurface,
    scene::{self, Scene},
    spi,
};

/// Opens the display that `board` names, as something that shows scenes.
///
/// # Errors
/// [`DisplayError`] when it is not there or cannot be used.
pub fn open_screen(board: &Board) -> Result<Box<dyn ShowScene>, DisplayError> {
    Ok(match &board.display {
        DisplayBoard::Png(display) => Box::new(Files(PngSurface::new(&display.folder, display.width, display.height)?)),
        glass => Box::new(Glass(open_surface(glass)?)),
    })
}

/// Opens the display that a board file names.
///
/// # Errors
/// [`DisplayError`] when it is not there, cannot be used, or is too small or upright for scenes.
pub fn open_surface(board: &DisplayBoard) -> Result<Box<dyn Surface>, DisplayError> {
    let surface: Box<dyn Surface> = match board {
        DisplayBoard::Png(display) => Box::new(PngSurface::new(&display.folder, display.width, display.height)?),
        DisplayBoard::Kms(display) => {
            let screen = KmsScreen::open(display.device.as_deref(), display.wish.clone(), display.rotation)?;
            with_light(Box::new(screen), &display.light)?
        }
        DisplayBoard::Fbdev(display) => with_light(Box::new(Framebuffer::open(&display.device, display.rotation)?), &display.light)?,
        DisplayBoard::Spi(display) => spi::linux::open(display.controller, display.pins.clone(), display.panel.clone())?,
    };
    match surface.size() {
        (width, height) if width < height || width < LEAST_WIDTH || height < LEAST_HEIGHT => {
            Err(DisplayError::Unsuitable { width, height })
        }
        _ => Ok(surface),
    }
}

/// The light of the board file, or the first that there is; a screen without one is as bright as it is.
fn with_light(surface: Box<dyn Surface>, board: &LightBoard) -> Result<Box<dyn Surface>, DisplayError> {
    let light = match &board.backlight {
        Some(folder) => Some(Backlight::open(folder)?),
        None => Backlight::find(Path::new(CLASS))?,
    };
    Ok(match light {
        Some(light) => Box::new(Lit::new(surface, light, board.brightness)),
        None => surface,
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
struct Glass(Box<dyn Surface>);

impl ShowScene for Glass {
    fn show(&mut self, scene: &Scene<'_>) -> Result<Option<PathBuf>, Cause> {
        draw_on(self.0.as_mut(), scene)?;
        Ok(None)
    }
}

fn draw_on(surface: &mut dyn Surface, scene: &Scene<'_>) -> Result<(), DisplayError> {
    let (width, height) = surface.size();
    surface.show(&scene::draw(scene, width, height)?).map(|_| ())
}
