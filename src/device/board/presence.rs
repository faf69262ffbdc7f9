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
