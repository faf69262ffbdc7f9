//! Compiled programs are kept beside a bundle, used at the next start, and made again when they are damaged or cannot be kept there.

#![allow(clippy::unwrap_used, reason = "a broken fixture may stop a test")]

mod support;

use std::{
    fs,
    path::{Path, PathBuf},
};

use lentigo::engine::{Engine, Int8Engine, Options, Tensor, caches_beside};
use support::asff_tiny;

fn graph() -> Vec<u8> {
    fs::read(asff_tiny().join("int8.onnx")).unwrap()
}

fn load(caches: &[PathBuf]) -> Int8Engine {
    Int8Engine::load_unannounced(&graph(), "int8.onnx", &Options { threads: 1, caches: caches.to_vec(), ..Options::default() }).unwrap()
}

/// What an engine says of a picture of one grey.
fn answer(engine: &mut Int8Engine) -> Vec<Tensor> {
    let input = Tensor { shape: vec![1, 3, 96, 96], values: vec![0.25; 3 * 96 * 96] };
    engine.run(&[input]).unwrap().to_vec()
}

fn programs(folder: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.extension().is_some_and(|extension| extension == "program")).collect()
}

#[test]
fn the_second_start_takes_the_program_of_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let caches = [folder.path().join("tiny")];
    let first = answer(&mut load(&caches));
    let [program] = &programs(folder.path())[..] else { panic!("one program is kept") };
    let written = fs::metadata(program).unwrap().modified().unwrap();
    assert_eq!(answer(&mut load(&caches)), first);
    assert_eq!(fs::metadata(program).unwrap().modified().unwrap(), written, "it was not compiled again");
    assert_eq!(answer(&mut load(&[])), first);
}

#[test]
fn a_damaged_program_is_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let caches = [folder.path().join("tiny")];
    let first = answer(&mut load(&caches));
    let program = programs(folder.path()).remove(0);
    let good = fs::read(&program).unwrap();
    let mut flipped = good.clone();
    flipped[good.len() / 2] ^= 1;
    for damaged in [&flipped[..], &good[..good.len() - 7], &[]] {
        fs::write(&program, damaged).unwrap();
        assert_eq!(answer(&mut load(&caches)), first);
        assert_eq!(fs::read(&program).unwrap(), good, "the whole program is back");
    }
}

#[test]
fn a_bundle_on_a_medium_that_cannot_be_written_to_keeps_its_program_in_the_state_folder() {
    let folder = tempfile::tempdir().unwrap();
    let blocked = folder.path().join("a file where a folder should be");
    fs::write(&blocked, "").unwrap();
    let state = folder.path().join("state");
    load(&[blocked.join("tiny"), state.join("tiny")]);
    assert_eq!(programs(&state).len(), 1);
}

#[test]
fn a_bundle_has_its_cache_beside_it() {
    assert_eq!(caches_beside(Path::new("models/bundles/x"))[0], Path::new("models/bundles/x"));
}
