//! Pictures of the screens against `tests/snapshots/screens/`. After a wanted change: `LENTIGO_ACCEPT_SNAPSHOTS=1 cargo test --test screens`,
//! look at every changed picture, and commit it.

use std::path::{Path, PathBuf};

use lentigo::display::{png, scene};

use crate::support::{Inputs, PICTURES, WITHOUT_PICTURE};

/// Largest difference of a channel that does not count: scalers of other processors round in other ways.
const TOLERANCE: u8 = 8;
/// Share of pixels that may differ more than that: glyph edges are rasterised in floating point.
const STRAY: f64 = 0.0005;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots/screens")
}

#[test]
fn every_scene_looks_as_it_did_on_a_small_and_a_wide_screen() {
    let accept = std::env::var_os("LENTIGO_ACCEPT_SNAPSHOTS").is_some();
    let actual_folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("screens");
    std::fs::create_dir_all(&actual_folder).unwrap();
    let inputs = Inputs::new();
    let mut different = Vec::new();
    for (name, scene) in inputs.scenes().into_iter().filter(|(name, _)| !WITHOUT_PICTURE.contains(name)) {
        for (width, height) in PICTURES {
            let frame = scene::draw(&scene, width, height).unwrap().into_frame();
            let file = format!("{name}-{width}x{height}.png");
            let expected = folder().join(&file);
            if matches(&expected, &frame) {
                continue;
            }
            let written = if accept { expected } else { actual_folder.join(&file) };
            png::save(&frame, &written).unwrap();
            if !accept {
                different.push(written);
            }
        }
    }
    assert!(
        different.is_empty(),
        "these pictures differ from tests/snapshots/screens:\n{}\nLook at them; if they are right, run LENTIGO_ACCEPT_SNAPSHOTS=1 cargo test --test screens",
        different.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join("\n")
    );
}

#[test]
fn no_picture_is_kept_that_no_scene_draws() {
    let inputs = Inputs::new();
    let scenes = inputs.scenes().into_iter().filter(|(name, _)| !WITHOUT_PICTURE.contains(name));
    let known: Vec<String> = scenes.flat_map(|(name, _)| PICTURES.map(|(width, height)| format!("{name}-{width}x{height}.png"))).collect();
    for entry in std::fs::read_dir(folder()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(known.contains(&name), "{name} is left over: remove it");
    }
}

fn matches(expected: &Path, actual: &lentigo::frame::Frame) -> bool {
    let Ok(expected) = image::open(expected) else { return false };
    let expected = expected.into_rgb8();
    if expected.dimensions() != (actual.width(), actual.height()) {
        return false;
    }
    let far = expected.as_raw().chunks_exact(3).zip(actual.pixels().chunks_exact(3));
    let far = far.filter(|(one, other)| one.iter().zip(*other).any(|(a, b)| a.abs_diff(*b) > TOLERANCE)).count();
    far as f64 <= STRAY * f64::from(actual.width()) * f64::from(actual.height())
}
