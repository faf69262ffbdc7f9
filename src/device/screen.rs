//! From the board file to a display, and from a scene to what it shows.

use std::{path::Path, time::Duration};

use super::{
    board::{Board, DisplayBoard, LightBoard},
    seams::{Cause, OnGlass, ShowScene},
};
use crate::display::{
    DisplayError, LEAST_HEIGHT, LEAST_WIDTH, Surface,
    backlight::{Backlight, CLASS, Lit},
    fbdev::Framebuffer,
    kms::KmsScreen,
    png::PngSurface,
    scene::{Easel, Scene},
    spi,
};

/// Opens the display that `board` names, as something that shows scenes.
///
/// # Errors
/// [`DisplayError`] when it is not there or cannot be used.
pub fn open_screen(board: &Board) -> Result<Box<dyn ShowScene>, DisplayError> {
    Ok(match &board.display {
        DisplayBoard::Png(display) => {
            Box::new(Files(Glass::new(Box::new(PngSurface::new(&display.folder, display.width, display.height)?))?))
        }
        glass => Box::new(Glass::new(open_surface(glass)?)?),
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

/// Picture files: one of its own for each verdict, retake and fault, to be looked at later, and one for what passes.
struct Files(Glass<PngSurface>);

impl ShowScene for Files {
    fn show(&mut self, scene: &Scene<'_>) -> Result<OnGlass, Cause> {
        if !matches!(scene, Scene::Verdict(_) | Scene::CannotAssess { .. } | Scene::Retake { .. } | Scene::Fault { .. }) {
            self.0.surface.name_next(LIVE)?;
        }
        let at = self.0.draw(scene)?;
        Ok(OnGlass { picture: self.0.surface.last().map(ToOwned::to_owned), at })
    }

    fn rest(&mut self, _rest: bool) -> Result<(), Cause> {
        Ok(())
    }

    fn describe(&self) -> (String, (u32, u32)) {
        self.0.describe()
    }
}

/// A surface that people look at, with the canvas that its scenes are drawn on.
struct Glass<S: ?Sized> {
    surface: Box<S>,
    easel: Easel,
    size: (u32, u32),
}

impl<S: Surface + ?Sized> Glass<S> {
    fn new(surface: Box<S>) -> Result<Self, DisplayError> {
        let size = surface.size();
        Ok(Self { easel: Easel::new(size.0, size.1)?, surface, size })
    }

    /// Draws and shows `scene`; returns when it was on the glass.
    fn draw(&mut self, scene: &Scene<'_>) -> Result<Duration, DisplayError> {
        // Another screen may have been plugged in.
        if self.surface.size() != self.size {
            self.size = self.surface.size();
            self.easel = Easel::new(self.size.0, self.size.1)?;
        }
        Ok(self.surface.show(self.easel.draw(scene)?.canvas)?.at)
    }
}

impl<S: Surface + ?Sized> ShowScene for Glass<S> {
    fn show(&mut self, scene: &Scene<'_>) -> Result<OnGlass, Cause> {
        Ok(OnGlass { picture: None, at: self.draw(scene)? })
    }

    fn rest(&mut self, rest: bool) -> Result<(), Cause> {
        let done = if rest { self.surface.blank() } else { self.surface.unblank() };
        Ok(done?)
    }

    fn describe(&self) -> (String, (u32, u32)) {
        (self.surface.describe(), self.size)
    }
}
