//! The files of a bundle's folder: which there are, and their bytes, each read once.

use std::{
    collections::BTreeSet,
    fs,
    io::Read,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use rustix::fs::OFlags;
use sha2::{Digest, Sha256};

use super::BundleError;

/// Name of the manifest.
pub(super) const MANIFEST: &str = "manifest.toml";
/// Name of the manifest's detached signature.
pub(super) const SIGNATURE: &str = "manifest.toml.minisig";

/// Largest file: a float32 graph of the largest published system is well below it.
const MAX_FILE_BYTES: u64 = 1 << 30;
const MAX_FILES: usize = 256;
const MAX_DEPTH: usize = 4;

/// Every file below `dir` but the manifest and its signature, as paths relative to it with `/`.
///
/// Nothing is followed: a link, device or pipe is an error, so a listed path can only lead to a file inside.
pub(super) fn list(dir: &Path) -> Result<BTreeSet<String>, BundleError> {
    let mut found = BTreeSet::new();
    walk(dir, "", 0, &mut found)?;
    found.remove(MANIFEST);
    found.remove(SIGNATURE);
    Ok(found)
}

fn walk(dir: &Path, prefix: &str, depth: usize, found: &mut BTreeSet<String>) -> Result<(), BundleError> {
    let unreadable = |cause| BundleError::Read { path: dir.to_owned(), cause };
    for entry in fs::read_dir(dir).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let path = entry.path();
        let kind = entry.file_type().map_err(|cause| BundleError::Read { path: path.clone(), cause })?;
        let Ok(name) = entry.file_name().into_string() else { return Err(BundleError::Unlisted { path }) };
        let relative = format!("{prefix}{name}");
        if kind.is_dir() && depth < MAX_DEPTH {
            walk(&path, &format!("{relative}/"), depth + 1, found)?;
        } else if kind.is_file() {
            found.insert(relative);
        } else {
            return Err(BundleError::NotAFile { path });
        }
        if found.len() > MAX_FILES {
            return Err(BundleError::TooLarge { path: dir.to_owned(), detail: format!("it holds more than {MAX_FILES} files") });
        }
    }
    Ok(())
}

/// All bytes of a plain file; `None` when there is none of that name.
pub(super) fn read(path: &Path) -> Result<Option<Vec<u8>>, BundleError> {
    let unreadable = |cause| BundleError::Read { path: path.to_owned(), cause };
    // A pipe put in the file's place must not make the device wait, and a link must not lead out.
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
    let file = match fs::OpenOptions::new().read(true).custom_flags(flags).open(path) {
        Ok(file) => file,
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(cause) if cause.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) => {
            return Err(BundleError::NotAFile { path: path.to_owned() });
        }
        Err(cause) => return Err(unreadable(cause)),
    };
    if !file.metadata().map_err(unreadable)?.is_file() {
        return Err(BundleError::NotAFile { path: path.to_owned() });
    }
    let mut bytes = Vec::new();
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(BundleError::TooLarge { path: path.to_owned(), detail: format!("it is larger than {MAX_FILE_BYTES} bytes") });
    }
    Ok(Some(bytes))
}

/// Bytes of a file as text.
pub(super) fn read_text(path: &Path) -> Result<Option<(String, Vec<u8>)>, BundleError> {
    let Some(bytes) = read(path)? else { return Ok(None) };
    let text = String::from_utf8(bytes.clone())
        .map_err(|cause| BundleError::Read { path: path.to_owned(), cause: std::io::Error::new(std::io::ErrorKind::InvalidData, cause) })?;
    Ok(Some((text, bytes)))
}

/// Replaces a file as a whole: after a power cut there is the old one or the new one.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), BundleError> {
    let beside = beside(path);
    let write = || {
        fs::write(&beside, bytes)?;
        fs::File::open(&beside)?.sync_all()?;
        fs::rename(&beside, path)
    };
    write().map_err(|cause| {
        // Best effort: the cause is already being told.
        let _ = fs::remove_file(&beside);
        BundleError::Write { path: path.to_owned(), cause }
    })
}

/// Removes what an interrupted [`replace`] left behind, so that it is not taken for a file of the bundle.
pub(super) fn remove_leftovers(dir: &Path) {
    for name in [MANIFEST, SIGNATURE] {
        // There is none as a rule; one that cannot be removed shows up in the list of files.
        let _ = fs::remove_file(beside(&dir.join(name)));
    }
}

fn beside(path: &Path) -> PathBuf {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    PathBuf::from(beside)
}

/// SHA-256 in lower case hexadecimal digits.
pub(super) fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
