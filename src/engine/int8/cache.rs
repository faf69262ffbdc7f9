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
const FORMAT: u32 = 2;
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

/// What a program was made from: the graph's bytes, the shapes of its inputs, the kernels it is packed for and
/// how they want their weights, this build's version.
pub(super) fn key(graph: &[u8], shapes: &[(String, Vec<usize>)], family: Family) -> String {
    let mut digest = Sha256::new();
    let layout = family.kernels().layout;
    digest.update(format!("{FORMAT} {} {} {family} {layout:?} {shapes:?}\n", env!("CARGO_PKG_VERSION"), std::env::consts::ARCH));
    digest.update(graph);
    format!("{family}.{}", hex(&digest.finalize()[..16]))
}

/// Where the compiled program of the bundle in `folder` may be kept, as the beginning of a file name: beside the bundle, then in the device's
/// state folder (systemd's `STATE_DIRECTORY`, or the user's cache), for bundles on a medium that cannot be written to.
#[must_use]
pub fn caches_beside(folder: &Path) -> Vec<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let state = set("STATE_DIRECTORY")
        .or_else(|| set("XDG_CACHE_HOME").map(|cache| cache.join("lentigo")))
        .or_else(|| set("HOME").map(|home| home.join(".cache/lentigo")));
    let Some(name) = folder.file_name() else { return state.map(|state| state.join("bundle")).into_iter().collect() };
    [Some(folder.to_owned()), state.map(|state| state.join(name))].into_iter().flatten().collect()
}

/// The program called `key` in the first of `places` that has it undamaged.
pub(super) fn read(places: &[PathBuf], key: &str) -> Option<Saved> {
    places.iter().find_map(|place| {
        let path = path(place, key);
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

/// Keeps `saved` in the first of `places` that takes it, instead of what an earlier bundle or build left there.
pub(super) fn write(places: &[PathBuf], key: &str, saved: &Saved) {
    let bytes = match encode(saved) {
        Ok(bytes) => bytes,
        Err(cause) => return warn!("the compiled graph cannot be kept: {cause}"),
    };
    for place in places {
        match write_file(place, key, &bytes) {
            Ok(()) => return remove_others(place, key),
            Err(cause) => debug!("{}: {cause}", place.display()),
        }
    }
    if !places.is_empty() {
        warn!("the compiled graph cannot be kept: none of its places can be written to; every start compiles it anew");
    }
}

/// `place.KEY.program`.
fn path(place: &Path, key: &str) -> PathBuf {
    let mut name = place.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{key}.program"));
    place.with_file_name(name)
}

/// Writes beside the place and renames, so that a power cut leaves the whole file or none.
fn write_file(place: &Path, key: &str, bytes: &[u8]) -> io::Result<()> {
    let path = path(place, key);
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder)?;
    }
    let unfinished = path.with_extension(format!("{}.unfinished", std::process::id()));
    let written = fs::write(&unfinished, bytes).and_then(|()| fs::rename(&unfinished, &path));
    if written.is_err() {
        // What is left over is only space.
        let _ = fs::remove_file(&unfinished);
    }
    written
}

/// Removes the programs at `place` that have another key: they would pile up with every new bundle and build.
fn remove_others(place: &Path, key: &str) {
    let path = path(place, key);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let (Some(kept), Some(name), Ok(entries)) = (path.file_name(), place.file_name(), fs::read_dir(folder)) else { return };
    let prefix = format!("{}.", name.to_string_lossy());
    for entry in entries.flatten() {
        let other = entry.file_name();
        // Another bundle's name may go on behind this one's with a dot; all keys have as many dots.
        let is_ours = |rest: &str| rest.ends_with(".program") && rest.matches('.').count() == key.matches('.').count() + 1;
        let is_program = other.to_string_lossy().strip_prefix(&prefix).is_some_and(is_ours);
        if is_program && other != kept {
            // One that stays only takes space.
            let _ = fs::remove_file(entry.path());
        }
    }
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
        let program = Program { values: vec![], steps: vec![], inputs: vec![], outputs: vec![], arena_len: 64, constants, picture: None };
        Saved { inputs: vec!["image".to_owned()], outputs: vec!["logits".to_owned()], program }
    }

    #[test]
    fn what_is_kept_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let places = [folder.path().join("made/on/demand/bundle")];
        write(&places, "key", &saved());
        assert_eq!(read(&places, "key"), Some(saved()));
        assert_eq!(read(&places, "other"), None);
    }

    #[test]
    fn what_another_build_left_goes_and_what_belongs_to_another_bundle_stays() {
        let folder = tempfile::tempdir().unwrap();
        let (place, other) = (folder.path().join("one"), folder.path().join("one.more"));
        for (place, key) in [(&place, "old"), (&other, "old"), (&place, "new")] {
            write(std::slice::from_ref(place), key, &saved());
        }
        let kept = |place: &PathBuf, key| read(std::slice::from_ref(place), key).is_some();
        assert_eq!([kept(&place, "old"), kept(&place, "new"), kept(&other, "old")], [false, true, true]);
    }

    #[test]
    fn a_place_that_cannot_be_written_to_is_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a file");
        fs::write(&file, "").unwrap();
        let places = [file.join("bundle"), folder.path().join("state/bundle")];
        write(&places, "key", &saved());
        assert!(folder.path().join("state/bundle.key.program").exists());
        assert_eq!(read(&places, "key"), Some(saved()));
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
