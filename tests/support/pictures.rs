//! Picture files for tests: phantoms that the gate lets through, and what it must refuse.

use std::path::{Path, PathBuf};

use lentigo::{capture::phantom::Phantom, display::png, frame::Frame};

/// Writes a phantom that passes the gate as `name` into `folder`.
pub(crate) fn phantom(folder: &Path, name: &str, seed: u64) -> PathBuf {
    save(folder, name, &Phantom::regular(seed).render(480, 360).unwrap().frame)
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
