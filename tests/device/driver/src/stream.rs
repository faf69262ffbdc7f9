//! A character device of the virtual machine, read by a thread of its own from the moment that it is there.
//!
//! Nothing here may ever leave bytes unread: an unread character device stops QEMU with its lock held, and QMP with it.

use std::{
    fs::File,
    io::{ErrorKind, Read, Write},
    net::Shutdown,
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::interrupted;

/// How often a wait looks whether the person has pressed Ctrl-C.
const LOOK: Duration = Duration::from_millis(200);

/// One end of a socket that QEMU listens on.
pub struct Stream {
    name: &'static str,
    socket: PathBuf,
    log: PathBuf,
    writer: UnixStream,
    heard: Arc<Heard>,
}

/// Everything that came, cut into lines.
#[derive(Default)]
struct Heard {
    lines: Mutex<Lines>,
    more: Condvar,
}

#[derive(Default)]
struct Lines {
    whole: Vec<Line>,
    ended: bool,
}

/// A line and when its end came.
#[derive(Debug, Clone)]
pub struct Line {
    /// When.
    pub at: Instant,
    /// Without the line's end; bytes that are no UTF-8 are replaced.
    pub text: String,
}

impl Stream {
    /// Connects to `socket` and starts to read it; everything read is appended to `log`.
    pub fn connect(name: &'static str, socket: &Path, log: &Path) -> Result<Self> {
        let writer = patiently(socket)?;
        let stream = Self { name, socket: socket.to_owned(), log: log.to_owned(), writer, heard: Arc::default() };
        stream.read()?;
        Ok(stream)
    }

    fn read(&self) -> Result<()> {
        let mut reader = self.writer.try_clone()?;
        let mut log =
            File::options().create(true).append(true).open(&self.log).with_context(|| format!("writing {}", self.log.display()))?;
        let heard = self.heard.clone();
        thread::spawn(move || {
            let (mut rest, mut bytes) = (Vec::new(), [0; 4096]);
            loop {
                let count = match reader.read(&mut bytes) {
                    Ok(0) => break,
                    Ok(count) => count,
                    Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                    Err(_) => break,
                };
                // The log is for people who look for a cause; a full disk must not stop the machine.
                let _written = log.write_all(&bytes[..count]);
                rest.extend_from_slice(&bytes[..count]);
                while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
                    let text = String::from_utf8_lossy(&rest[..end]).trim_end_matches('\r').to_owned();
                    rest.drain(..=end);
                    heard.lines().whole.push(Line { at: Instant::now(), text });
                    heard.more.notify_all();
                }
            }
            heard.lines().ended = true;
            heard.more.notify_all();
        });
        Ok(())
    }

    /// Hangs up, and waits until the reader has noticed.
    pub fn hang_up(&mut self) -> Result<()> {
        // An error means that the other side has gone already.
        let _gone = self.writer.shutdown(Shutdown::Both);
        let mut lines = self.heard.lines();
        while !lines.ended {
            interrupted()?;
            lines = self.heard.more.wait_timeout(lines, LOOK).unwrap_or_else(PoisonError::into_inner).0;
        }
        Ok(())
    }

    /// Hangs up and calls again, as when a terminal's cable is pulled and plugged.
    pub fn reconnect(&mut self) -> Result<()> {
        self.hang_up()?;
        self.writer = patiently(&self.socket)?;
        self.heard.lines().ended = false;
        self.read()
    }

    /// Sends bytes as they are.
    pub fn send(&mut self, bytes: &[u8]) -> Result<()> {
        self.writer.write_all(bytes).with_context(|| format!("sending to the {}", self.name))
    }

    /// How many lines have come: a place to wait from.
    pub fn mark(&self) -> usize {
        self.heard.lines().whole.len()
    }

    /// The lines since `mark`.
    pub fn since(&self, mark: usize) -> Vec<Line> {
        self.heard.lines().whole.get(mark..).unwrap_or_default().to_vec()
    }

    /// Waits for the first line since `mark` that `wanted` makes something of.
    pub fn wait<T>(&self, mark: usize, limit: Duration, what: &str, mut wanted: impl FnMut(&Line) -> Option<T>) -> Result<T> {
        let deadline = Instant::now() + limit;
        let mut next = mark;
        let mut lines = self.heard.lines();
        loop {
            while let Some(line) = lines.whole.get(next) {
                if let Some(found) = wanted(line) {
                    return Ok(found);
                }
                next += 1;
            }
            interrupted()?;
            let left = deadline.saturating_duration_since(Instant::now());
            if lines.ended {
                bail!("the {} ended while waiting for {what}; see {}", self.name, self.log.display());
            }
            if left.is_zero() {
                bail!("{what} did not come over the {} within {} s; see {}", self.name, limit.as_secs(), self.log.display());
            }
            lines = self.heard.more.wait_timeout(lines, left.min(LOOK)).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Heard {
    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn patiently(socket: &Path) -> Result<UnixStream> {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        match UnixStream::connect(socket) {
            Ok(stream) => return Ok(stream),
            Err(error) if Instant::now() >= deadline => return Err(error).with_context(|| format!("connecting to {}", socket.display())),
            Err(_) => thread::sleep(Duration::from_millis(50)),
        }
    }
}
