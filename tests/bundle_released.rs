//! What ships must open on a device as it stands in the repository: signed by a release key, every file with its digest, golden case met.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::path::Path;

use lentigo::{
    bundle::{Bundle, Trust},
    pipeline::Analyser,
};

#[test]
fn every_released_bundle_opens_and_meets_its_golden_case() {
    let released = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/bundles");
    if !released.exists() {
        eprintln!("skipped: there is no {}", released.display());
        return;
    }
    let folders: Vec<_> = std::fs::read_dir(&released).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    assert!(!folders.is_empty(), "{} is empty", released.display());
    for folder in folders {
        let bundle = Bundle::open(&folder, &Trust::release().unwrap()).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(folder.file_name().unwrap().to_str().unwrap(), bundle.id().name);
        Analyser::load(bundle).unwrap_or_else(|error| panic!("{error}"));
    }
}
