//! A log of lines in one file, made to survive a power cut and a full disk.
//!
//! Each line is on storage before [`RecordLog::append`] returns. A line that was being written when the power went is set
//! apart in a file of its own at the next start: nothing is lost and no two lines merge. Only one process writes to a log.

use std::{
    fs::{DirBuilder, File, OpenOptions, Permissions, TryLockError},
    io::{self, BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use serde::Serialize;

use super::{ClosingLine, Entry, Line, RecordError, tail};

/// A log that lines are appended to.
#[derive(Debug)]
pub struct RecordLog {
    folder: PathBuf,
    path: PathBuf,
    file: File,
    last_case: u64,
    last_closing: Option<ClosingLine>,
    set_apart: Option<PathBuf>,
    /// The end of the file must be looked at before the next line is written.
    unsettled: bool,
}

impl RecordLog {
    /// Name of the file in the folder of the records.
    pub const FILE_NAME: &'static str = "records.jsonl";

    /// Opens the log in `folder`, making folder (mode 0700) and file (mode 0600) when they are not there,
    /// and sets a torn last line apart.
    ///
    /// # Errors
    /// [`RecordError::Unwritable`], or [`RecordError::Busy`] when another process has it open.
    pub fn open(folder: &Path) -> Result<Self, RecordError> {
        let unwritable = |cause| RecordError::Unwritable { folder: folder.to_owned(), cause };
        let path = folder.join(Self::FILE_NAME);
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(unwritable)?;
        let file = OpenOptions::new().create(true).append(true).read(true).mode(0o600).open(&path).map_err(unwritable)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(RecordError::Busy { path }),
            Err(TryLockError::Error(cause)) => return Err(unwritable(cause)),
        }
        if file.metadata().map_err(unwritable)?.permissions().mode() & 0o077 != 0 {
            file.set_permissions(Permissions::from_mode(0o600)).map_err(unwritable)?;
        }
        sync_folder(folder).map_err(unwritable)?;
        let mut log = Self { folder: folder.to_owned(), path, file, last_case: 0, last_closing: None, set_apart: None, unsettled: true };
        log.settle().map_err(unwritable)?;
        Ok(log)
    }

    /// The file that lines are appended to.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the torn last line was put, when there was one.
    #[must_use]
    pub fn set_apart(&self) -> Option<&Path> {
        self.set_apart.as_deref()
    }

    /// A case number that no line of this log has.
    #[must_use]
    pub fn next_case(&self) -> u64 {
        self.last_case.saturating_add(1)
    }

    /// Appends `line`; it is on storage when this returns.
    ///
    /// # Errors
    /// [`RecordError::Full`] or [`RecordError::Write`]: the line is not recorded, all earlier ones are, and the next call tries afresh.
    pub fn append(&mut self, line: &Line) -> Result<(), RecordError> {
        self.put(line, line.case)
    }

    /// Appends how a case was closed; it is on storage when this returns. Once is enough: the same closing again does nothing.
    ///
    /// # Errors
    /// As [`RecordLog::append`].
    pub fn close(&mut self, closing: &ClosingLine) -> Result<(), RecordError> {
        let same = |last: &ClosingLine| (last.case, last.attempt, last.closed) == (closing.case, closing.attempt, closing.closed);
        if self.last_closing.as_ref().is_some_and(same) {
            return Ok(());
        }
        self.put(closing, closing.case)?;
        self.last_closing = Some(closing.clone());
        Ok(())
    }

    fn put(&mut self, line: &impl Serialize, case: u64) -> Result<(), RecordError> {
        let written = self.write(line);
        self.last_case = self.last_case.max(case);
        written.map_err(|cause| {
            let path = self.path.clone();
            match cause.kind() {
                ErrorKind::StorageFull | ErrorKind::FileTooLarge | ErrorKind::QuotaExceeded => RecordError::Full { path, case, cause },
                _ => RecordError::Write { path, case, cause },
            }
        })
    }

    fn write(&mut self, line: &impl Serialize) -> io::Result<()> {
        self.settle()?;
        // JSON escapes every control character, so the newline at the end is the only one.
        let mut bytes = serde_json::to_vec(line)?;
        bytes.push(b'\n');
        let before = self.file.metadata()?.len();
        self.unsettled = true;
        let written = self.file.write_all(&bytes).and_then(|()| self.file.sync_data());
        // A part of a line must not stay where the next one would be glued to it.
        if written.is_ok() || self.file.set_len(before).is_ok() {
            self.unsettled = false;
        }
        written
    }

    /// Sets apart what hangs over after the last whole line.
    fn settle(&mut self) -> io::Result<()> {
        if !self.unsettled {
            return Ok(());
        }
        let end = tail::examine(&mut self.file)?;
        self.last_case = self.last_case.max(end.last_case);
        if end.whole < end.length {
            let apart = self.copy_from(end.whole)?;
            // Only once the copy is on storage may the original go.
            self.file.set_len(end.whole)?;
            self.file.sync_data()?;
            tracing::warn!(file = %apart.display(), bytes = end.length - end.whole, "a torn last record was set apart");
            self.set_apart = Some(apart);
        }
        self.unsettled = false;
        Ok(())
    }

    /// Copies everything from `start` on to a file that was not there before.
    fn copy_from(&mut self, start: u64) -> io::Result<PathBuf> {
        let mut number = 1;
        let (path, mut apart) = loop {
            let path = self.folder.join(format!("torn-{start}-{number}.part"));
            match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
                Ok(file) => break (path, file),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => number += 1,
                Err(error) => return Err(error),
            }
        };
        self.file.seek(SeekFrom::Start(start))?;
        io::copy(&mut self.file, &mut apart)?;
        apart.sync_all()?;
        sync_folder(&self.folder)?;
        Ok(path)
    }
}

/// A new name is on storage only once its folder is.
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Reads the pictures of a log one by one, as [`entries`] does.
///
/// # Errors
/// [`RecordError::Read`] when the file cannot be opened.
pub fn read(path: &Path) -> Result<impl Iterator<Item = Result<Line, RecordError>>, RecordError> {
    Ok(entries(path)?.filter_map(|entry| match entry {
        Ok(Entry::Picture(line)) => Some(Ok(*line)),
        Ok(Entry::Closing(_)) => None,
        Err(error) => Some(Err(error)),
    }))
}

/// Reads the lines of a log one by one; a damaged one is an error in its place and does not end the reading.
///
/// # Errors
/// [`RecordError::Read`] when the file cannot be opened.
pub fn entries(path: &Path) -> Result<impl Iterator<Item = Result<Entry, RecordError>>, RecordError> {
    let path = path.to_owned();
    let file = File::open(&path).map_err(|cause| RecordError::Read { path: path.clone(), cause })?;
    let mut reader = BufReader::new(file);
    let mut number = 0;
    let mut ended = false;
    Ok(std::iter::from_fn(move || {
        if ended {
            return None;
        }
        number += 1;
        let mut bytes = Vec::new();
        match reader.by_ref().read_until(b'\n', &mut bytes) {
            Ok(0) => None,
            Ok(_) if bytes.last() != Some(&b'\n') => {
                ended = true;
                Some(Err(RecordError::Damaged {
                    path: path.clone(),
                    number,
                    detail: "it has no end; the power was cut while it was written".to_owned(),
                }))
            }
            Ok(_) => Some(serde_json::from_slice(&bytes).map_err(|error| RecordError::Damaged {
                path: path.clone(),
                number,
                detail: error.to_string(),
            })),
            Err(cause) => {
                ended = true;
                Some(Err(RecordError::Read { path: path.clone(), cause }))
            }
        }
    }))
}
