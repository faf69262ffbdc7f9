//! The few things that settings and PINs ask of storage, each a step that a power cut may follow.

use std::{
    fs::{DirBuilder, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

/// Longer files than this are not what the device wrote.
const LONGEST: u64 = 1 << 20;

/// Storage.
pub trait Disk: Send + Sync {
    /// The content of a file; `None` when there is none.
    ///
    /// # Errors
    /// What the system said; [`io::ErrorKind::InvalidData`] for a file that is far too long.
    fn read(&self, path: &Path) -> io::Result<Option<Vec<u8>>>;

    /// Writes a whole file, readable by its owner only, and waits until it is on storage. What was there is gone.
    ///
    /// # Errors
    /// What the system said.
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;

    /// Gives a file another name, in place of a file that had it.
    ///
    /// # Errors
    /// What the system said.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Waits until the names in a folder are on storage.
    ///
    /// # Errors
    /// What the system said.
    fn sync_folder(&self, folder: &Path) -> io::Result<()>;

    /// Makes a folder, for its owner only, with those above it; one that is there stays.
    ///
    /// # Errors
    /// What the system said.
    fn make_folder(&self, folder: &Path) -> io::Result<()>;
}

/// Real storage.
#[derive(Debug, Clone, Copy, Default)]
pub struct Storage;

impl Disk for Storage {
    fn read(&self, path: &Path) -> io::Result<Option<Vec<u8>>> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut bytes = Vec::new();
        file.take(LONGEST + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > LONGEST {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "it is far too long to be what the device wrote"));
        }
        Ok(Some(bytes))
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        // A file that was there keeps its mode when it is opened, so it goes first: these files are the owner's only.
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::rename(from, to)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        File::open(folder)?.sync_all()
    }

    fn make_folder(&self, folder: &Path) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)
    }
}

/// Puts `bytes` in the place of the file `path`: whenever the power goes, the old content or the new is there, never a part.
///
/// # Errors
/// What the system said; the old content is there still.
pub fn replace(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    disk.make_folder(folder)?;
    let unfinished = unfinished(path);
    disk.write(&unfinished, bytes)?;
    disk.rename(&unfinished, path)?;
    disk.sync_folder(folder)
}

/// The name that `path` has while it is written.
fn unfinished(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    PathBuf::from(name)
}
