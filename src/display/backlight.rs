//! The light behind a screen, as Linux shows it in `/sys/class/backlight`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::DisplayError;

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

    fn step(&self, percent: u8) -> u32 {
        let percent = u64::from(percent.min(100));
        let rounded = (u64::from(self.most) * percent + 50) / 100;
        let least = u64::from(percent > 0);
        // Not more than `most`, which is a u32.
        rounded.max(least) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
