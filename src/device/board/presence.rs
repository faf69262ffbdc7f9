//! Are the things that a board file names there?

use std::{os::unix::fs::FileTypeExt, path::Path};

use super::{Board, BoardError, CameraBoard, DisplayBoard, error::Problem};

impl Board {
    /// Looks whether devices, files and folders that must exist do. Opens nothing and makes nothing.
    ///
    /// # Errors
    /// [`BoardError::Absent`] with everything that is not there and what to do about each.
    pub fn check_present(&self) -> Result<(), BoardError> {
        let mut problems = Vec::new();
        let mut absent = |message: Option<String>| problems.extend(message.map(|message| Problem { place: None, message }));
        match &self.camera {
            CameraBoard::Phantom(_) => {}
            CameraBoard::V4l2(camera) => absent(no_device("camera.device", &camera.device, "the camera", "v4l2-ctl --list-devices")),
            CameraBoard::Replay(camera) if camera.path.exists() => {}
            CameraBoard::Replay(camera) => absent(Some(format!(
                "camera.path: {} is not there. Name an image, a folder of images, or a raw YUYV dump",
                camera.path.display()
            ))),
        }
        match &self.display {
            DisplayBoard::Png(_) => {}
            DisplayBoard::Fbdev(display) => absent(no_device("display.device", &display.device, "the display", "ls /dev/fb*")),
            DisplayBoard::Kms(display) => match &display.device {
                Some(device) => absent(no_device("display.device", device, "the display", "ls /dev/dri")),
                None => absent(no_card(Path::new("/dev/dri"))),
            },
            DisplayBoard::Spi(display) => {
                absent(no_device("display.device", &display.pins.device, "the panel", "ls /dev/spidev*"));
                absent(no_device("display.gpio_chip", &display.pins.gpio_chip, "the board's GPIO", "gpiodetect"));
            }
        }
        if !self.model.bundle.is_dir() {
            absent(Some(format!(
                "model.bundle: there is no folder {}. Name the folder of a bundle; a relative path starts from the board file's folder",
                self.model.bundle.display()
            )));
        }
        if problems.is_empty() { Ok(()) } else { Err(BoardError::Absent { path: self.file.clone(), problems }) }
    }
}

/// Whether there is any card in the folder `dri`.
fn no_card(dri: &Path) -> Option<String> {
    let is_card = |entry: std::fs::DirEntry| entry.file_name().to_string_lossy().starts_with("card");
    let found = std::fs::read_dir(dri).is_ok_and(|mut entries| entries.any(|entry| entry.is_ok_and(is_card)));
    let shown = dri.display();
    (!found).then(|| {
        format!("display.kind: \"kms\" needs a display card, and there is none in {shown}. Check that the display's driver is loaded; `lsmod` shows which are")
    })
}

pub(super) fn no_device(key: &str, device: &Path, thing: &str, list: &str) -> Option<String> {
    let shown = device.display();
    match std::fs::metadata(device) {
        Ok(found) if found.file_type().is_char_device() => None,
        Ok(_) => Some(format!("{key}: {shown} is not a device. `{list}` shows what there is")),
        Err(cause) => Some(format!(
            "{key}: {shown} cannot be found ({cause}). Check that {thing} is plugged in and its driver loaded; `{list}` shows what there is"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_without_a_card_has_none() {
        let dri = tempfile::tempdir().unwrap();
        std::fs::write(dri.path().join("renderD128"), b"").unwrap();
        let said = no_card(dri.path()).unwrap();
        assert!(said.contains("there is none in") && said.contains("driver"), "{said}");
        assert!(no_card(&dri.path().join("none")).is_some());
        std::fs::write(dri.path().join("card1"), b"").unwrap();
        assert_eq!(no_card(dri.path()), None);
    }
}
