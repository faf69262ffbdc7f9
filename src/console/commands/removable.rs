//! New files in a folder that a technician names, such as on a memory stick. Nothing that is there is ever written over.

use std::{
    fs::{File, OpenOptions},
    io::{self, BufWriter, ErrorKind, Write},
    path::{Path, PathBuf},
};

use crate::console::reply::Complaint;

/// Writes `NAME.EXTENSION` into `folder`, or `NAME-2.EXTENSION` and so on when that is there; it is on storage when this returns.
pub(super) fn write(
    folder: &str,
    name: &str,
    extension: &str,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<PathBuf, Complaint> {
    let folder = Path::new(folder);
    if !folder.is_absolute() || !folder.is_dir() {
        let hint = "Name a folder that is there, from the root on, such as /media/usb.";
        return Err(Complaint::new(format!("{} is not a folder", folder.display()), hint));
    }
    put(folder, name, extension, content).map_err(|error| {
        let hint = "Check that there is room, that the storage can be written, and that it is mounted.";
        Complaint::new(format!("nothing was written to {}: {error}", folder.display()), hint)
    })
}

fn put(folder: &Path, name: &str, extension: &str, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<PathBuf> {
    let (path, file) = fresh(folder, name, extension)?;
    let written = fill(file, content).and_then(|()| File::open(folder)?.sync_all());
    if let Err(error) = written {
        // A part of a file must not pass for a whole one.
        let _ = std::fs::remove_file(&path);
        return Err(error);
    }
    Ok(path)
}

fn fill(file: File, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut file = BufWriter::new(file);
    content(&mut file)?;
    file.flush()?;
    file.get_ref().sync_all()
}

fn fresh(folder: &Path, name: &str, extension: &str) -> io::Result<(PathBuf, File)> {
    for number in 1..1000 {
        let suffix = if number == 1 { String::new() } else { format!("-{number}") };
        let path = folder.join(format!("{name}{suffix}.{extension}"));
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            opened => return opened.map(|file| (path, file)),
        }
    }
    Err(io::Error::new(ErrorKind::AlreadyExists, "there are a thousand files of that name"))
}

/// Now, for a file's name: `20261122T184528Z`.
pub(super) fn stamp() -> String {
    jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string()
}
