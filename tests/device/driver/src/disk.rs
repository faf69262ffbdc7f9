//! The disk of the records: made before the first boot, looked into while the machine is off.
//!
//! QEMU can log every write and flush of a disk (`blklogwrites`, in the kernel's dm-log-writes format). From the disk as it was at
//! power on and the log up to the last flush comes the disk as a power cut leaves it in the worst case.

use std::{
    fs::{self, File},
    io::{BufReader, Read, Seek, SeekFrom, Write},
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
    log_writes: bool,
}

/// What QEMU logs at the head of each write: four little-endian numbers in a sector of their own.
struct Logged {
    sector: u64,
    sectors: u64,
    flags: u64,
}

const SECTOR: u64 = 512;
const FLUSH: u64 = 1;
const DISCARD: u64 = 4;

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
        Ok(Self { path, log_writes: false })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// From the next boot on, every write is logged, so that [`Disk::lose_cache`] can follow.
    pub fn log_writes(&mut self) {
        self.log_writes = true;
    }

    /// Arguments of QEMU for this disk; to be called just before power on.
    pub fn arguments(&self) -> Result<Vec<String>> {
        let mut arguments = Vec::new();
        let mut node = |text: String| arguments.extend(["-blockdev".to_owned(), text]);
        let file = |name: &str, path: &Path| format!("driver=file,node-name={name},filename={}", path.display());
        if self.log_writes {
            fs::copy(&self.path, self.at_power_on())?;
            File::create(self.log())?;
            node(file("disk", &self.path));
            node(file("log", &self.log()));
            node("driver=blklogwrites,node-name=records,file=disk,log=log".to_owned());
        } else {
            node(file("records", &self.path));
        }
        arguments.extend(["-device".to_owned(), "virtio-blk-pci,drive=records".to_owned()]);
        Ok(arguments)
    }

    /// The power is gone, and with it what was written but not flushed; returns how many writes that were.
    pub fn lose_cache(&self) -> Result<usize> {
        let mut entries = Vec::new();
        let mut log = BufReader::new(File::open(self.log())?);
        log.seek(SeekFrom::Start(SECTOR))?;
        let mut flushed = 0;
        while let Some(entry) = Logged::read(&mut log)? {
            let mut data = vec![0; if entry.flags & DISCARD == 0 { usize::try_from(entry.sectors * SECTOR)? } else { 0 }];
            if log.read_exact(&mut data).is_err() {
                break;
            }
            let flushes = entry.flags & FLUSH != 0;
            entries.push((entry.sector, data));
            if flushes {
                flushed = entries.len();
            }
        }
        fs::copy(self.at_power_on(), &self.path)?;
        let mut disk = File::options().write(true).open(&self.path)?;
        for (sector, data) in &entries[..flushed] {
            disk.seek(SeekFrom::Start(sector * SECTOR))?;
            disk.write_all(data)?;
        }
        Ok(entries.len() - flushed)
    }

    fn at_power_on(&self) -> PathBuf {
        self.path.with_extension("at-power-on")
    }

    fn log(&self) -> PathBuf {
        self.path.with_extension("writes")
    }

    /// Adds bytes to the end of the records, past lentigo.
    pub fn append_to_records(&self, bytes: &[u8]) -> Result<()> {
        mend(&self.path)?;
        let file = self.path.with_extension("jsonl");
        let on_disk = |request: String| run(Command::new("/sbin/debugfs").args(["-w", "-R", &request]).arg(&self.path));
        on_disk(format!("dump /records/records.jsonl {}", file.display()))?;
        File::options().append(true).open(&file)?.write_all(bytes)?;
        on_disk("rm /records/records.jsonl".to_owned())?;
        on_disk(format!("write {} /records/records.jsonl", file.display()))?;
        Ok(())
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
        mend(copy)?;
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

impl Logged {
    /// The next one; `None` at the end of the log.
    fn read(log: &mut impl Read) -> Result<Option<Self>> {
        let mut sector = [0; SECTOR as usize];
        if log.read_exact(&mut sector).is_err() {
            return Ok(None);
        }
        let number = |at: usize| sector.get(at * 8..at * 8 + 8).and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_le_bytes);
        let entry = Self { sector: number(0), sectors: number(1), flags: number(2) };
        // A place that nothing was written to yet.
        Ok((entry.sectors > 0 || entry.flags > 0).then_some(entry))
    }
}

/// Replays the journal, as the next boot will.
fn mend(disk: &Path) -> Result<()> {
    let status = Command::new("/sbin/e2fsck").args(["-fp"]).arg(disk).stdout(Stdio::null()).stderr(Stdio::null()).status()?;
    // 1: errors were corrected, such as a journal that was replayed.
    if !matches!(status.code(), Some(0 | 1)) {
        bail!("the file system cannot be mended by itself: e2fsck ends with {status}");
    }
    Ok(())
}

fn run(command: &mut Command) -> Result<String> {
    let what = format!("{command:?}");
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("running {what}"))?;
    if !output.status.success() {
        bail!("{what}: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
