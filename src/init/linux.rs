//! The real kernel. Only translation; every decision is made elsewhere.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::net::UnixStream,
    path::Path,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
    mount::{MountFlags, UnmountFlags},
    process::{Pid, Signal, WaitOptions},
    system::RebootCommand,
};
use signal_hook::{
    consts::{SIGCHLD, SIGINT, SIGTERM},
    flag,
    low_level::pipe,
};

use super::{
    NOTICES,
    modules::Module,
    system::{Mount, Occasion, Process, System},
};

/// `MODULE_INIT_COMPRESSED_FILE` of linux/module.h: the kernel unpacks the file.
const COMPRESSED: i32 = 4;
/// Time that processes have to end when the board ends, first by themselves and then killed.
const END_GRACE: Duration = Duration::from_secs(1);

/// The kernel that this process runs on.
#[derive(Debug)]
pub(super) struct Linux {
    begin: Instant,
    wakes: Option<UnixStream>,
    terminate: Arc<AtomicBool>,
    interrupt: Arc<AtomicBool>,
}

impl Default for Linux {
    fn default() -> Self {
        Self { begin: Instant::now(), wakes: None, terminate: Arc::default(), interrupt: Arc::default() }
    }
}

fn or_already(result: rustix::io::Result<()>, already: Errno) -> io::Result<()> {
    match result {
        Err(error) if error == already => Ok(()),
        other => Ok(other?),
    }
}

impl System for Linux {
    fn say(&mut self, line: &str) {
        // One call for one line; and nobody is left to tell when it fails.
        let _ = io::stderr().write_all(format!("lentigo init: {line}\n").as_bytes());
    }

    fn make_folder(&mut self, path: &Path) -> io::Result<()> {
        fs::create_dir_all(path)
    }

    fn mount(&mut self, mount: &Mount<'_>) -> io::Result<()> {
        let mut flags = MountFlags::NOSUID | MountFlags::NOEXEC | MountFlags::NOATIME;
        if !mount.devices {
            flags |= MountFlags::NODEV;
        }
        let options = std::ffi::CString::new(mount.options)?;
        or_already(rustix::mount::mount(mount.source, mount.at, mount.kind, flags, Some(options.as_c_str())), Errno::BUSY)
    }

    fn open_console(&mut self) -> io::Result<()> {
        let console = OpenOptions::new().read(true).write(true).open("/dev/console")?;
        rustix::stdio::dup2_stdin(&console)?;
        rustix::stdio::dup2_stdout(&console)?;
        Ok(rustix::stdio::dup2_stderr(&console)?)
    }

    fn catch_ctrl_alt_del(&mut self) -> io::Result<()> {
        Ok(rustix::system::reboot(RebootCommand::CadOff)?)
    }

    fn read(&mut self, path: &Path) -> io::Result<String> {
        fs::read_to_string(path)
    }

    fn load(&mut self, module: &Module) -> io::Result<()> {
        let packed = module.file.extension().is_some_and(|extension| extension != "ko");
        let flags = if packed { COMPRESSED } else { 0 };
        let file = File::open(&module.file)?;
        or_already(rustix::system::finit_module(&file, &module.parameters, flags), Errno::EXIST)
    }

    fn exists(&mut self, path: &Path) -> bool {
        path.exists()
    }

    fn seal_root(&mut self) -> io::Result<()> {
        self.seal(Path::new("/"))
    }

    fn wait(&mut self, duration: Duration) {
        std::thread::sleep(duration);
    }

    fn listen(&mut self) -> io::Result<()> {
        flag::register(SIGTERM, Arc::clone(&self.terminate))?;
        flag::register(SIGINT, Arc::clone(&self.interrupt))?;
        let (wakes, woken) = UnixStream::pair()?;
        wakes.set_nonblocking(true)?;
        for signal in [SIGCHLD, SIGTERM, SIGINT] {
            pipe::register(signal, woken.try_clone()?)?;
        }
        self.wakes = Some(wakes);
        Ok(())
    }

    fn start(&mut self, board: &Path, notices: &str) -> io::Result<Process> {
        let mut device = Command::new("/proc/self/exe");
        let child = device.arg("run").arg("--board").arg(board).env(NOTICES, notices).spawn()?;
        // Reaped by `next`, like any other child.
        i32::try_from(child.id()).map(Process).map_err(io::Error::other)
    }

    fn terminate(&mut self, process: Process) {
        send(process, Signal::TERM);
    }

    fn kill(&mut self, process: Process) {
        send(process, Signal::KILL);
    }

    fn next(&mut self, patience: Option<Duration>) -> Occasion {
        let begin = Instant::now();
        loop {
            if self.terminate.swap(false, Ordering::SeqCst) {
                return Occasion::Terminate;
            }
            if self.interrupt.swap(false, Ordering::SeqCst) {
                return Occasion::Interrupt;
            }
            if let Some((process, status)) = reap() {
                return Occasion::Ended(process, status);
            }
            let left = patience.map(|patience| patience.saturating_sub(begin.elapsed()));
            if left == Some(Duration::ZERO) {
                return Occasion::Nothing;
            }
            self.sleep_until_woken(left);
        }
    }

    fn end_all(&mut self) {
        for signal in [Signal::TERM, Signal::KILL] {
            // Minus one, as kill(2) has it: every process but this one.
            let _ = rustix::process::kill_process_group(Pid::INIT, signal);
            let begin = Instant::now();
            // An error means that there is none left. Whoever hangs in a driver cannot be waited for.
            while begin.elapsed() < END_GRACE && rustix::process::wait(WaitOptions::NOHANG).is_ok() {
                std::thread::sleep(Duration::from_millis(5));
            }
        }
    }

    fn sync(&mut self) {
        rustix::fs::sync();
    }

    fn unmount(&mut self, path: &Path) -> io::Result<()> {
        Ok(rustix::mount::unmount(path, UnmountFlags::empty())?)
    }

    fn seal(&mut self, path: &Path) -> io::Result<()> {
        Ok(rustix::mount::mount_remount(path, MountFlags::RDONLY, "")?)
    }

    fn power_off(&mut self) -> io::Result<()> {
        Ok(rustix::system::reboot(RebootCommand::PowerOff)?)
    }

    fn reboot(&mut self) -> io::Result<()> {
        Ok(rustix::system::reboot(RebootCommand::Restart)?)
    }

    fn now(&mut self) -> Duration {
        self.begin.elapsed()
    }
}

impl Linux {
    /// A signal that comes between looking and sleeping has left its byte, which ends the sleep at once.
    fn sleep_until_woken(&mut self, left: Option<Duration>) {
        let Some(wakes) = &mut self.wakes else {
            return std::thread::sleep(left.unwrap_or(Duration::from_millis(100)).min(Duration::from_millis(100)));
        };
        let left = left.and_then(|left| Timespec::try_from(left).ok());
        let _ = poll(&mut [PollFd::new(wakes, PollFlags::IN)], left.as_ref());
        let mut bytes = [0; 64];
        while wakes.read(&mut bytes).is_ok_and(|read| read > 0) {}
    }
}

/// A child that has ended, and the status it ended with unless a signal ended it.
fn reap() -> Option<(Process, Option<i32>)> {
    let (pid, status) = rustix::process::wait(WaitOptions::NOHANG).ok()??;
    Some((Process(pid.as_raw_nonzero().get()), status.exit_status()))
}

fn send(process: Process, signal: Signal) {
    if let Some(pid) = Pid::from_raw(process.0) {
        // It may have ended meanwhile.
        let _ = rustix::process::kill_process(pid, signal);
    }
}
