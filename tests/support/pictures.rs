//! Picture files for tests: phantoms that the gate lets through, and what it must refuse.

use std::path::{Path, PathBuf};

use lentigo::{capture::phantom::Phantom, display::png, frame::Frame};

/// Writes a phantom that passes the gate as `name` into `folder`.
pub(crate) fn phantom(folder: &Path, name: &str, seed: u64) -> PathBuf {
    save(folder, name, &Phantom::regular(seed).render(480, 360).unwrap().frame)
}

/// Writes a phantom that passes the gate as `name` and the mask of its lesion as `mask`.
pub(crate) fn phantom_with_mask(folder: &Path, name: &str, mask: &str, seed: u64) {
    let phantom = Phantom::regular(seed).render(480, 360).unwrap();
    save(folder, name, &phantom.frame);
    let lesion = &phantom.mask;
    let pixels = lesion.inside().iter().flat_map(|inside| [if *inside { 255 } else { 0 }; 3]).collect();
    save(folder, mask, &Frame::new(lesion.width(), lesion.height(), pixels).unwrap());
}

/// Writes a black picture, which no gate lets through.
pub(crate) fn black(folder: &Path, name: &str) -> PathBuf {
    save(folder, name, &Frame::from_fn(320, 240, |_, _| [0; 3]).unwrap())
}

fn save(folder: &Path, name: &str, frame: &Frame) -> PathBuf {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    png::save(frame, &path).unwrap();
    path
}
