//! The bench's own part of the initramfs, put behind the project's image: the kernel unpacks one archive after the other.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::Path,
};

use anyhow::{Context, Result};
use cpio::newc::{Builder, trailer};

use crate::pictures::Pictures;

/// Where the bench's files are inside the machine.
const FOLDER: &str = "bench";
const DIRECTORY: u32 = 0o040_755;
const PROGRAM: u32 = 0o100_755;
const PLAIN: u32 = 0o100_644;

/// Writes `image` and the bench's part behind it to `out`.
pub fn write(image: &Path, guest: &Path, pictures: &Pictures, further: &[(&str, &[u8])], out: &Path) -> Result<()> {
    let mut file = BufWriter::new(File::create(out).with_context(|| format!("writing {}", out.display()))?);
    io::copy(&mut File::open(image).with_context(|| format!("reading {}", image.display()))?, &mut file)?;
    let mut archive = Archive { out: &mut file, inode: 1 };
    archive.add(FOLDER, DIRECTORY, &[])?;
    archive.add(&format!("{FOLDER}/frames"), DIRECTORY, &[])?;
    let program = fs::read(guest).with_context(|| format!("reading {}", guest.display()))?;
    archive.add(&format!("{FOLDER}/guest"), PROGRAM, &program)?;
    for (name, bytes) in pictures.files() {
        archive.add(&format!("{FOLDER}/frames/{name}"), PLAIN, bytes)?;
    }
    for (path, bytes) in further {
        archive.add(path, PLAIN, bytes)?;
    }
    trailer(&mut file)?;
    file.flush()?;
    Ok(())
}

struct Archive<'a, W: Write> {
    out: &'a mut W,
    inode: u32,
}

impl<W: Write> Archive<'_, W> {
    fn add(&mut self, path: &str, mode: u32, bytes: &[u8]) -> Result<()> {
        let size = u32::try_from(bytes.len()).context("a file that an initramfs can hold")?;
        let mut writer = Builder::new(path).ino(self.inode).mode(mode).nlink(1).write(&mut *self.out, size);
        writer.write_all(bytes)?;
        writer.finish()?;
        self.inode += 1;
        Ok(())
    }
}
