//! What init asks of the kernel, as a trait, so that the order of its steps is tested without being PID 1.

use std::{io, path::Path, time::Duration};

use super::modules::Module;

/// A file system to mount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mount<'a> {
    /// A device, or the file system's name again.
    pub(super) source: &'a Path,
    /// Where.
    pub(super) at: &'a Path,
    /// Kind of file system: `ext4`.
    pub(super) kind: &'static str,
    /// Options of that kind.
    pub(super) options: &'static str,
    /// It holds device nodes.
    pub(super) devices: bool,
}

/// The process that is the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Process(pub(super) i32);

/// What PID 1 waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Occasion {
    /// A child has ended, its own or an orphan: with this status, or by a signal (`None`).
    Ended(Process, Option<i32>),
    /// SIGTERM came.
    Terminate,
    /// SIGINT came: Ctrl-Alt-Del.
    Interrupt,
    /// Nothing happened in time.
    Nothing,
}

/// The kernel.
pub(super) trait System {
    /// Writes a line to the console.
    fn say(&mut self, line: &str);
    /// Makes a folder, unless it is there.
    fn make_folder(&mut self, path: &Path) -> io::Result<()>;
    /// Mounts a file system; one that is mounted there already is as good.
    fn mount(&mut self, mount: &Mount<'_>) -> io::Result<()>;
    /// Makes the console this process' standard input, output and error.
    fn open_console(&mut self) -> io::Result<()>;
    /// Ctrl-Alt-Del becomes a signal to this process in place of a reboot on the spot.
    fn catch_ctrl_alt_del(&mut self) -> io::Result<()>;
    /// Reads a text file.
    fn read(&mut self, path: &Path) -> io::Result<String>;
    /// Loads a kernel module; one that is loaded already is as good.
    fn load(&mut self, module: &Module) -> io::Result<()>;
    /// Whether there is such a file.
    fn exists(&mut self, path: &Path) -> bool;
    /// Makes the root file system read-only.
    fn seal_root(&mut self) -> io::Result<()>;
    /// Waits.
    fn wait(&mut self, duration: Duration);
    /// From now on signals are occasions.
    fn listen(&mut self) -> io::Result<()>;
    /// Starts the device with this board file and these notices.
    fn start(&mut self, board: &Path, notices: &str) -> io::Result<Process>;
    /// Passes a signal on.
    fn terminate(&mut self, process: Process);
    /// Ends a process that does not obey.
    fn kill(&mut self, process: Process);
    /// Waits for the next occasion, at most for `patience`; for ever when `None`.
    fn next(&mut self, patience: Option<Duration>) -> Occasion;
    /// Ends all other processes and waits for them.
    fn end_all(&mut self);
    /// Writes everything to the disks.
    fn sync(&mut self);
    /// Takes a file system off.
    fn unmount(&mut self, path: &Path) -> io::Result<()>;
    /// Makes a file system read-only.
    fn seal(&mut self, path: &Path) -> io::Result<()>;
    /// Switches the board off.
    fn power_off(&mut self) -> io::Result<()>;
    /// Starts the board anew.
    fn reboot(&mut self) -> io::Result<()>;
    /// Time that has passed since some beginning.
    fn now(&mut self) -> Duration;
}
