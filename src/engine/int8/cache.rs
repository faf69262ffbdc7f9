//! Compiled programs on disk, so that a start need not read and compile the graph again.
//!
//! A file is found by what it was made from ([`key`]) and believed only if its own digest fits; everything else about a cache is
//! allowed to fail: the graph is compiled again, and the reason logged. Who can write to the cache can change what a device computes,
//! as who can write to the program itself; the golden case is run on a cached program as on any other.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tracing::{debug, warn};

use super::{kernels::Family, program::Program};

/// Changes when a program of an earlier build would be read wrongly or run differently.
const FORMAT: u32 = 1;
const MAGIC: &[u8; 8] = b"lentigo8";
const DIGEST_LEN: usize = 32;

/// A compiled graph with what a manifest is held against.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Saved {
    /// Names of the inputs, in the graph's order.
    pub(super) inputs: Vec<String>,
    /// Names of the outputs, in the graph's order.
    pub(super) outputs: Vec<String>,
    pub(super) program: Program,
}

/// What a program was made from: the graph's bytes, the shapes of its inputs, the kernels it is packed for, this build's version.
pub(super) fn key(graph: &[u8], shapes: &[(String, Vec<usize>)], family: Family) -> String {
    let mut digest = Sha256::new();
    digest.update(format!("{FORMAT} {} {} {family} {shapes:?}\n", env!("CARGO_PKG_VERSION"), std::env::consts::ARCH));
    digest.update(graph);
    hex(&digest.finalize()[..16])
}

/// Folders to keep the compiled program of the bundle in `folder`: the one that the bundle lies in, then the device's state folder (systemd's
/// `STATE_DIRECTORY`, or the user's cache), for bundles on a medium that cannot be written to.
#[must_use]
pub fn caches_beside(folder: &Path) -> Vec<PathBuf> {
    let beside = folder.parent().map(|parent| if parent.as_os_str().is_empty() { Path::new(".") } else { parent }.to_owned());
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let state = set("STATE_DIRECTORY")
        .or_else(|| set("XDG_CACHE_HOME").map(|cache| cache.join("lentigo")))
        .or_else(|| set("HOME").map(|home| home.join(".cache/lentigo")));
    beside.into_iter().chain(state).collect()
}

/// The program called `key` in the first of `folders` that has it undamaged.
pub(super) fn read(folders: &[PathBuf], key: &str) -> Option<Saved> {
    folders.iter().find_map(|folder| {
        let path = path(folder, key);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return None,
            Err(cause) => {
                warn!("{}: {cause}; the graph is compiled again", path.display());
                return None;
            }
        };
        let saved = decode(&bytes);
        if saved.is_none() {
            warn!("{} is damaged; the graph is compiled again", path.display());
        }
        saved
    })
}

/// Keeps `saved` in the first of `folders` that takes it.
pub(super) fn write(folders: &[PathBuf], key: &str, saved: &Saved) {
    let bytes = match encode(saved) {
        Ok(bytes) => bytes,
        Err(cause) => return warn!("the compiled graph cannot be kept: {cause}"),
    };
    for folder in folders {
        match write_file(folder, key, &bytes) {
            Ok(()) => return,
            Err(cause) => debug!("{}: {cause}", folder.display()),
        }
    }
    if !folders.is_empty() {
        warn!("the compiled graph cannot be kept: none of its folders can be written to; every start compiles it anew");
    }
}

fn path(folder: &Path, key: &str) -> PathBuf {
    folder.join(format!("{key}.program"))
}

/// Writes beside the place and renames, so that a power cut leaves the whole file or none.
fn write_file(folder: &Path, key: &str, bytes: &[u8]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let unfinished = folder.join(format!("{key}.{}.unfinished", std::process::id()));
    let written = fs::write(&unfinished, bytes).and_then(|()| fs::rename(&unfinished, path(folder, key)));
    if written.is_err() {
        // What is left over is only space.
        let _ = fs::remove_file(&unfinished);
    }
    written
}

fn encode(saved: &Saved) -> Result<Vec<u8>, postcard::Error> {
    let header = [MAGIC.as_slice(), &[0; DIGEST_LEN]].concat();
    let mut bytes = postcard::to_extend(saved, header)?;
    let digest = Sha256::digest(&bytes[MAGIC.len() + DIGEST_LEN..]);
    bytes[MAGIC.len()..MAGIC.len() + DIGEST_LEN].copy_from_slice(&digest);
    Ok(bytes)
}

fn decode(bytes: &[u8]) -> Option<Saved> {
    let (digest, body) = bytes.strip_prefix(MAGIC.as_slice())?.split_at_checked(DIGEST_LEN)?;
    if Sha256::digest(body)[..] != *digest {
        return None;
    }
    postcard::from_bytes(body).ok()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::int8::program::Constants;

    fn saved() -> Saved {
        let mut constants = Constants::default();
        constants.push(&[1, 2, 3]);
        let program =
            Program { values: vec![], steps: vec![], inputs: vec![], outputs: vec![], arena_len: 64, constants, picture: None };
        Saved { inputs: vec!["image".to_owned()], outputs: vec!["logits".to_owned()], program }
    }

    #[test]
    fn what_is_kept_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let folders = [folder.path().join("made/on/demand")];
        write(&folders, "key", &saved());
        assert_eq!(read(&folders, "key"), Some(saved()));
        assert_eq!(read(&folders, "other"), None);
    }

    #[test]
    fn a_folder_that_cannot_be_written_to_is_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a file");
        fs::write(&file, "").unwrap();
        let folders = [file, folder.path().join("state")];
        write(&folders, "key", &saved());
        assert!(folders[1].join("key.program").exists());
        assert_eq!(read(&folders, "key"), Some(saved()));
    }

    #[test]
    fn every_damaged_byte_is_noticed() {
        let good = encode(&saved()).unwrap();
        assert_eq!(decode(&good), Some(saved()));
        for at in 0..good.len() {
            let mut damaged = good.clone();
            damaged[at] ^= 0x10;
            assert_eq!(decode(&damaged), None, "byte {at}");
            assert_eq!(decode(&good[..at]), None, "cut at {at}");
        }
    }

    #[test]
    fn another_graph_shape_or_family_has_another_key() {
        let shapes = |side| vec![("image".to_owned(), vec![1, 3, side, side])];
        let base = key(b"graph", &shapes(224), Family::Scalar);
        assert_ne!(base, key(b"graph2", &shapes(224), Family::Scalar));
        assert_ne!(base, key(b"graph", &shapes(192), Family::Scalar));
        assert_ne!(base, key(b"graph", &shapes(224), Family::Avx2));
    }
}
