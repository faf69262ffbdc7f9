//! The light behind a screen, as Linux shows it in `/sys/class/backlight`, and a surface with such a light.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{Canvas, DisplayError, Shown, Surface};

/// Where the system lists its backlights.
pub const CLASS: &str = "/sys/class/backlight";

/// A backlight whose brightness can be set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backlight {
    folder: PathBuf,
    most: u32,
}

impl Backlight {
    /// The first backlight in the folder `class` ([`CLASS`]) by name; `None` when there is none.
    ///
    /// # Errors
    /// [`DisplayError::Backlight`] when there is one whose range cannot be read.
    pub fn find(class: &Path) -> Result<Option<Self>, DisplayError> {
        let Ok(entries) = fs::read_dir(class) else { return Ok(None) };
        let mut folders: Vec<_> = entries.flatten().map(|entry| entry.path()).filter(|folder| folder.join("brightness").exists()).collect();
        folders.sort();
        folders.first().map(|folder| Self::open(folder)).transpose()
    }

    /// The backlight that `folder` stands for, such as `/sys/class/backlight/10-0045`.
    ///
    /// # Errors
    /// [`DisplayError::Backlight`] when its range cannot be read.
    pub fn open(folder: &Path) -> Result<Self, DisplayError> {
        let path = folder.join("max_brightness");
        let refused = |detail: String| DisplayError::Backlight {
            path: path.clone(),
            detail: format!("the backlight's range cannot be read: {detail}. Check display.backlight; `ls {CLASS}` shows what there is"),
        };
        let text = fs::read_to_string(&path).map_err(|cause| refused(cause.to_string()))?;
        match text.trim().parse() {
            Ok(most) if most > 0 => Ok(Self { folder: folder.to_owned(), most }),
            _ => Err(refused(format!("{:?} is no number above 0", text.trim()))),
        }
    }

    /// Sets the brightness in percent; more than 100 counts as 100. Anything above 0 gives at least the lowest step that is lit.
    ///
    /// # Errors
    /// [`DisplayError::Backlight`] when the system does not take it.
    pub fn set(&self, percent: u8) -> Result<(), DisplayError> {
        let path = self.folder.join("brightness");
        fs::write(&path, self.step(percent).to_string()).map_err(|cause| DisplayError::Backlight {
            path,
            detail: format!("the brightness cannot be set: {cause}. Give the user write access to this file (a udev rule does that)"),
        })
    }

    /// The brightness in percent, rounded; `None` when it cannot be read.
    #[must_use]
    pub fn percent(&self) -> Option<u8> {
        let step: u64 = fs::read_to_string(self.folder.join("brightness")).ok()?.trim().parse().ok()?;
        let most = u64::from(self.most);
        u8::try_from((step.min(most) * 100 + most / 2) / most).ok()
    }

    fn step(&self, percent: u8) -> u32 {
        let percent = u64::from(percent.min(100));
        let rounded = (u64::from(self.most) * percent + 50) / 100;
        let least = u64::from(percent > 0);
        // Not more than `most`, which is a u32.
        rounded.max(least) as u32
    }
}

/// A surface with a backlight: it goes dark with the screen and comes back with the next picture.
pub struct Lit {
    surface: Box<dyn Surface>,
    light: Backlight,
    percent: u8,
    dark: bool,
}

impl std::fmt::Debug for Lit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lit").field("light", &self.light).field("percent", &self.percent).finish_non_exhaustive()
    }
}

impl Lit {
    /// `surface` with `light` behind it, at `percent` or as bright as it is.
    ///
    /// A light that does not obey is only told of in the log: a screen that is too dim shows a verdict all the same.
    #[must_use]
    pub fn new(surface: Box<dyn Surface>, light: Backlight, percent: Option<u8>) -> Self {
        // A device that was restarted while it slept finds its light at 0.
        let percent = percent.or_else(|| light.percent().filter(|percent| *percent > 0)).unwrap_or(100);
        let lit = Self { surface, light, percent, dark: false };
        lit.light_up();
        lit
    }

    fn light_up(&self) {
        if let Err(error) = self.light.set(self.percent) {
            tracing::warn!("{error}");
        }
    }

    fn end_of_darkness(&mut self) {
        if std::mem::take(&mut self.dark) {
            self.light_up();
        }
    }
}

impl Surface for Lit {
    fn size(&self) -> (u32, u32) {
        self.surface.size()
    }

    fn show(&mut self, canvas: &Canvas) -> Result<Shown, DisplayError> {
        // The picture comes first: nobody must see a flash of what the screen woke up with.
        let shown = self.surface.show(canvas)?;
        self.end_of_darkness();
        Ok(shown)
    }

    fn describe(&self) -> String {
        format!("{}, light at {} %", self.surface.describe(), self.percent)
    }

    fn set_brightness(&mut self, percent: u8) -> Result<bool, DisplayError> {
        self.light.set(percent)?;
        self.percent = percent.min(100);
        self.dark = false;
        Ok(true)
    }

    fn blank(&mut self) -> Result<(), DisplayError> {
        self.dark = true;
        if let Err(error) = self.light.set(0) {
            tracing::warn!("{error}");
        }
        self.surface.blank()
    }

    fn unblank(&mut self) -> Result<(), DisplayError> {
        self.surface.unblank()?;
        self.end_of_darkness();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::display::png::PngSurface;

    fn class(most: &str) -> tempfile::TempDir {
        let class = tempfile::tempdir().unwrap();
        let folder = class.path().join("panel");
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("brightness"), "3").unwrap();
        fs::write(folder.join("max_brightness"), most).unwrap();
        class
    }

    fn brightness(class: &tempfile::TempDir) -> String {
        fs::read_to_string(class.path().join("panel/brightness")).unwrap()
    }

    #[test]
    fn percent_become_the_steps_of_the_light_and_a_little_is_never_none() {
        let class = class("31\n");
        let light = Backlight::find(class.path()).unwrap().unwrap();
        for (percent, step) in [(0, "0"), (1, "1"), (50, "16"), (100, "31"), (255, "31")] {
            light.set(percent).unwrap();
            assert_eq!(brightness(&class), step, "{percent} %");
        }
    }

    #[test]
    fn a_board_without_a_backlight_has_none() {
        let empty = tempfile::tempdir().unwrap();
        assert_eq!(Backlight::find(empty.path()).unwrap(), None);
        assert_eq!(Backlight::find(&empty.path().join("none")).unwrap(), None);
    }

    #[test]
    fn a_backlight_that_makes_no_sense_or_does_not_obey_is_named() {
        for most in ["0", "much", ""] {
            let error = Backlight::find(class(most).path()).unwrap_err().to_string();
            assert!(error.contains("panel/max_brightness") && error.contains("display.backlight"), "{error}");
        }
        let class = class("31");
        let light = Backlight::find(class.path()).unwrap().unwrap();
        fs::remove_dir_all(class.path().join("panel")).unwrap();
        let error = light.set(50).unwrap_err().to_string();
        assert!(error.contains("panel/brightness") && error.contains("write access"), "{error}");
    }

    #[test]
    fn a_lit_surface_goes_dark_with_its_screen_and_comes_back_as_bright_as_it_was() {
        let class = class("200");
        let pictures = tempfile::tempdir().unwrap();
        let light = Backlight::find(class.path()).unwrap().unwrap();
        let mut surface = Lit::new(Box::new(PngSurface::new(pictures.path(), 32, 24).unwrap()), light, Some(40));
        assert_eq!(brightness(&class), "80");
        surface.blank().unwrap();
        assert_eq!(brightness(&class), "0");
        surface.show(&Canvas::new(32, 24, embedded_graphics::pixelcolor::Rgb888::new(1, 2, 3)).unwrap()).unwrap();
        assert_eq!(brightness(&class), "80");
        assert!(surface.set_brightness(70).unwrap());
        surface.blank().unwrap();
        surface.unblank().unwrap();
        assert_eq!(brightness(&class), "140");
        assert!(surface.describe().ends_with("32x24, light at 70 %"), "{}", surface.describe());
    }

    #[test]
    fn a_light_is_left_as_it_is_unless_it_was_left_off() {
        for (step, percent) in [("50", 25), ("0", 100), ("nonsense", 100)] {
            let class = class("200");
            fs::write(class.path().join("panel/brightness"), step).unwrap();
            let pictures = tempfile::tempdir().unwrap();
            let light = Backlight::find(class.path()).unwrap().unwrap();
            let surface = Lit::new(Box::new(PngSurface::new(pictures.path(), 32, 24).unwrap()), light, None);
            assert_eq!(surface.percent, percent, "{step}");
        }
    }

    #[test]
    fn pictures_are_shown_though_the_light_does_not_obey() {
        let class = class("200");
        let pictures = tempfile::tempdir().unwrap();
        let light = Backlight::find(class.path()).unwrap().unwrap();
        fs::remove_dir_all(class.path().join("panel")).unwrap();
        let mut surface = Lit::new(Box::new(PngSurface::new(pictures.path(), 32, 24).unwrap()), light, None);
        surface.blank().unwrap();
        surface.show(&Canvas::new(32, 24, embedded_graphics::pixelcolor::Rgb888::new(1, 2, 3)).unwrap()).unwrap();
        assert!(surface.set_brightness(10).is_err());
    }
}
