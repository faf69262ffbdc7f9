//! The disk of the records: made before the first boot, looked into while the machine is off.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};
use serde_json::Value;

const BYTES: u64 = 64 << 20;

/// A file that is the machine's disk.
#[derive(Debug, Clone)]
pub struct Disk {
    path: PathBuf,
}

/// What a disk holds when the power is off.
#[derive(Debug, Default)]
pub struct Contents {
    /// Lines of the records.
    pub lines: Vec<Value>,
    /// Lines that are no whole JSON.
    pub torn: usize,
    /// Files that torn lines were set apart in.
    pub set_apart: usize,
}

impl Disk {
    /// Makes an empty one with an ext4 file system.
    pub fn make(path: PathBuf) -> Result<Self> {
        File::create(&path).and_then(|file| file.set_len(BYTES)).with_context(|| format!("making {}", path.display()))?;
        run(Command::new("/sbin/mkfs.ext4").args(["-q", "-F", "-L", "lentigo"]).arg(&path))?;
        Ok(Self { path })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What is on it, found on a copy: the journal must be replayed to see it, and that is for the next boot to do.
    pub fn look_into(&self) -> Result<Contents> {
        let copy = self.path.with_extension("copy");
        fs::copy(&self.path, &copy)?;
        let found = Self::read(&copy);
        let _gone = fs::remove_file(&copy);
        found
    }

    fn read(copy: &Path) -> Result<Contents> {
        // 1: errors were corrected, such as a journal that was replayed.
        let status = Command::new("/sbin/e2fsck").args(["-fp"]).arg(copy).stdout(Stdio::null()).stderr(Stdio::null()).status()?;
        if !matches!(status.code(), Some(0 | 1)) {
            bail!("the file system cannot be mended by itself: e2fsck ends with {status}");
        }
        let names = run(Command::new("/sbin/debugfs").args(["-R", "ls -p /records"]).arg(copy))?;
        let text = run(Command::new("/sbin/debugfs").args(["-R", "cat /records/records.jsonl"]).arg(copy))?;
        let mut contents = Contents { set_apart: names.matches("torn-").count(), ..Contents::default() };
        for line in text.lines() {
            match serde_json::from_str(line) {
                Ok(line) => contents.lines.push(line),
                Err(_) => contents.torn += 1,
            }
        }
        Ok(contents)
    }
}

fn run(command: &mut Command) -> Result<String> {
    let what = format!("{command:?}");
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("running {what}"))?;
    if !output.status.success() {
        bail!("{what}: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
