//! lentigo as PID 1, the only user program of an image: mounts what the device needs, loads kernel modules, makes the root read-only,
//! runs the device as its child, and powers off or reboots in the end.
//!
//! PID 1 does nothing else, because the kernel panics when it dies: the device runs in a process of its own, which may crash.
//!
//! # How an image must look
//!
//! | path | what |
//! |---|---|
//! | `/init` (initramfs) or `/sbin/init` (disk) | the lentigo binary, or a link to it whose name is `init` |
//! | `/dev/console`, `/dev/null` | device nodes: the kernel gives PID 1 its console by the first, Rust's runtime asks for the second before `/dev` is mounted |
//! | `/etc/lentigo/board.toml` | the board file; its relative paths start from `/etc/lentigo`. Records and state belong in `/data` |
//! | `/etc/lentigo/modules` | kernel modules in the order of loading, see [`modules`](module_lines); may be absent |
//! | `/lib/modules/NAME.ko` | the modules, uncompressed (or `.ko.xz`, `.ko.zst` where the kernel unpacks them itself) |
//! | `/usr/share/lentigo/bundles/...` | the bundle that the board file names; any readable place will do |
//! | `/lib/...` | the shared libraries of the binary, unless it is static |
//! | `/proc /sys /dev /run /tmp /data` | empty folders; made when the root is writable, as an initramfs is |
//!
//! Kernel parameters are those of [`Parameters`]: `lentigo.board=`, `lentigo.data=`, `lentigo.reboot_s=`. `LENTIGO_LOG=debug` there becomes
//! a variable of the environment by the kernel's own rule, and reaches the device.
//!
//! The data partition holds ext4, whose journal is replayed when it is mounted; a full check (fsck) is out of reach here, since it is
//! another program. Without a usable one `/data` is in memory, and the device is told to say so ([`notices`]).
//!
//! # How the device ends
//!
//! It ends by [`Ending::POWER_OFF`] for a clean end, or [`Ending::REBOOT`]. After any other end it is started anew, and when that does not
//! help, the board reboots after a while. SIGTERM and SIGINT (Ctrl-Alt-Del) are passed on to it; SIGINT means reboot.

mod device;
mod ending;
mod linux;
mod modules;
mod parameters;
mod steps;
mod system;
#[cfg(test)]
mod tests;

use std::{
    ffi::OsStr,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
};

use thiserror::Error;

pub use ending::Ending;
pub use modules::{Module, module_lines};
pub use parameters::Parameters;

use linux::Linux;
use system::System;

/// Tells the device that it runs under this init, and what was noticed before it started, one a line.
const NOTICES: &str = "LENTIGO_INIT_NOTICES";

/// Why there is no system for the device to run on.
#[derive(Debug, Error)]
enum InitError {
    /// A file system without which nothing works cannot be mounted.
    #[error("cannot mount {what} on {}: {cause}", at.display())]
    Mount {
        /// The file system.
        what: &'static str,
        /// Where it belongs.
        at: PathBuf,
        /// What the kernel said.
        cause: std::io::Error,
    },
    /// Signals and children cannot be listened to.
    #[error("cannot listen to signals: {0}")]
    Signals(std::io::Error),
    /// The device cannot be started.
    #[error("cannot start the device: {0}")]
    Start(std::io::Error),
}

/// A system that is ready for the device.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Prepared {
    /// What the kernel's command line asks for.
    parameters: Parameters,
    /// What the person must know, a sentence each.
    notices: Vec<String>,
}

/// Whether this process is PID 1 and was started as `init`. A container's PID 1 that was started as `lentigo` is none.
#[must_use]
pub fn is_init() -> bool {
    let name = std::env::args_os().next();
    rustix::process::getpid().is_init() && name.is_some_and(|name| Path::new(&name).file_name() == Some(OsStr::new("init")))
}

/// Whether this process is the device that an init of ours runs: it then reboots by ending with [`Ending::REBOOT`].
#[must_use]
pub fn is_above() -> bool {
    std::env::var_os(NOTICES).is_some()
}

/// What init noticed before it started this process, a sentence each, for the person: such as that records are lost at power-off.
#[must_use]
pub fn notices() -> Vec<String> {
    std::env::var(NOTICES).unwrap_or_default().lines().map(str::to_owned).collect()
}

/// The whole life of PID 1: prepares the system, runs the device, powers off or reboots.
pub fn run() -> ! {
    let mut system = Linux::default();
    let patience = Parameters::default().reboot_after;
    let ending = catch_unwind(AssertUnwindSafe(|| match steps::prepare(&mut system) {
        Ok(prepared) => match device::watch_over(&mut system, &prepared) {
            Ok(ending) => ending,
            Err(error) => fail(&mut system, &error, prepared.parameters.reboot_after),
        },
        Err(error) => fail(&mut system, &error, patience),
    }));
    let ending = ending.unwrap_or_else(|_| {
        system.say("init itself failed; the board reboots");
        system.wait(patience);
        Ending::Reboot
    });
    ending::finish(&mut system, ending);
    // Only if the kernel does not carry out what it was asked: PID 1 must not end.
    loop {
        std::thread::park();
    }
}

fn fail(system: &mut dyn System, error: &InitError, patience: std::time::Duration) -> Ending {
    system.say(&format!("{error}. The board reboots in {} s", patience.as_secs()));
    system.wait(patience);
    Ending::Reboot
}
