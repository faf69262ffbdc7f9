//! What several tests need: a very small bundle in a temporary folder, sealed with a throw-away key.

#![allow(dead_code, clippy::unwrap_used, reason = "each test uses its own part of this, and a broken fixture may stop it")]

pub(crate) mod command;
pub(crate) mod pictures;

use std::{
    fs,
    path::{Path, PathBuf},
};

use lentigo::{
    bundle::{Bundle, BundleError, SigningKey, Trust, seal},
    frame::Frame,
};
use tempfile::TempDir;

/// The folder with the very small network; its README says what is in it.
pub(crate) fn asff_tiny() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/asff-tiny")
}

/// The picture that the very small network has known answers for.
pub(crate) fn golden_frame() -> Frame {
    let picture = image::open(asff_tiny().join("input.png")).unwrap().into_rgb8();
    Frame::new(picture.width(), picture.height(), picture.into_raw()).unwrap()
}

/// Name of a bundle's folder. Inside a temporary one, because the runtime keeps compiled programs beside a bundle.
const BUNDLE: &str = "asff-tiny";

/// A bundle in a temporary folder of its own, with the key that seals it.
pub(crate) struct TinyBundle {
    /// Removed with everything in it when the test ends.
    _temporary: TempDir,
    dir: PathBuf,
    key: SigningKey,
}

impl TinyBundle {
    /// The int8 network, not sealed.
    pub(crate) fn unsealed() -> Self {
        let (temporary, from) = (tempfile::tempdir().unwrap(), asff_tiny());
        let bundle = temporary.path().join(BUNDLE);
        fs::create_dir_all(bundle.join("golden")).unwrap();
        for (name, to) in [
            ("manifest.toml", "manifest.toml"),
            ("int8.onnx", "graph.onnx"),
            ("input.png", "golden/input.png"),
            ("int8.json", "golden/expected.json"),
        ] {
            fs::copy(from.join(name), bundle.join(to)).unwrap();
        }
        fs::write(bundle.join("card.md"), "# A very small network\n").unwrap();
        Self { _temporary: temporary, dir: bundle, key: SigningKey::generate().unwrap() }
    }

    /// System C, float32, not sealed: `tests/data/systems/README.md` tells what is in it.
    pub(crate) fn multitask() -> Self {
        Self::of_system("multitask")
    }

    /// System A, int8 with metadata, not sealed.
    pub(crate) fn dual_network() -> Self {
        Self::of_system("dual-network")
    }

    /// System B, float32 with a clinical head and prototypes, not sealed.
    pub(crate) fn cefm() -> Self {
        let bundle = Self::of_system("cefm");
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/systems/cefm");
        for file in ["clinical.onnx", "prototypes.json"] {
            fs::copy(from.join(file), bundle.file(file)).unwrap();
        }
        bundle
    }

    fn of_system(name: &str) -> Self {
        let bundle = Self::unsealed();
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/systems").join(name);
        for (file, to) in [("manifest.toml", "manifest.toml"), ("graph.onnx", "graph.onnx"), ("expected.json", "golden/expected.json")] {
            fs::copy(from.join(file), bundle.file(to)).unwrap();
        }
        bundle
    }

    /// The int8 network, sealed.
    pub(crate) fn sealed() -> Self {
        let bundle = Self::unsealed();
        bundle.seal().unwrap();
        bundle
    }

    /// The float32 network, sealed.
    pub(crate) fn float32() -> Self {
        let bundle = Self::unsealed();
        fs::copy(asff_tiny().join("float32.onnx"), bundle.file("graph.onnx")).unwrap();
        fs::copy(asff_tiny().join("float32.json"), bundle.file("golden/expected.json")).unwrap();
        bundle.edit("manifest.toml", "precision = \"int8\"", "precision = \"float32\"");
        bundle.seal().unwrap();
        bundle
    }

    /// The folder.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// A file in the folder.
    pub(crate) fn file(&self, relative: &str) -> PathBuf {
        self.dir.join(relative)
    }

    /// Replaces `from`, which must be there, in a text file.
    pub(crate) fn edit(&self, relative: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.file(relative)).unwrap();
        assert!(text.contains(from), "{relative} has no {from:?}");
        fs::write(self.file(relative), text.replacen(from, to, 1)).unwrap();
    }

    /// Seals it, as a release does.
    pub(crate) fn seal(&self) -> Result<(), BundleError> {
        seal(self.dir(), &self.key).map(drop)
    }

    /// Text of the public key that belongs to the key that seals this bundle.
    pub(crate) fn public_key(&self) -> String {
        self.key.public_text().unwrap()
    }

    /// Trust in the key that seals this bundle, and no other.
    pub(crate) fn trust(&self) -> Trust {
        Trust::none().with_key("throw-away.pub", &self.public_key()).unwrap()
    }

    /// Opens it with [`TinyBundle::trust`].
    pub(crate) fn open(&self) -> Result<Bundle, BundleError> {
        Bundle::open(self.dir(), &self.trust())
    }
}
