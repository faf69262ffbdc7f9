//! The bench's hand inside the virtual machine: it holds pictures before the camera, pulls its cable, and counts what lentigo uses.
//!
//! The kernel starts it in place of init (`rdinit=`). It leaves itself behind as a child and becomes lentigo, which so runs as
//! init exactly as on a real image; the child takes orders from the host over a virtio port. It must never touch what lentigo
//! owns: screen, records, console.

mod camera;
mod module;
mod orders;
mod output;
mod process;
mod timings;

use std::{
    os::unix::process::CommandExt,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

/// Where this program is in the image.
const SELF: &str = "/bench/guest";

fn main() {
    if std::process::id() == 1 {
        become_init();
    }
    // lentigo mounts /dev and /sys; until then there is nothing to do.
    let port = loop {
        if let Some(port) = orders::port() {
            break port;
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    if let Err(error) = orders::serve(port) {
        eprintln!("bench guest: {error:#}");
    }
}

/// Starts the child, then turns into lentigo.
fn become_init() -> ! {
    let mut child = Command::new(SELF);
    child.stdin(Stdio::inherit()).env_clear();
    if let Err(error) = child.spawn() {
        eprintln!("bench guest: cannot start its child: {error}");
    }
    let init = if Path::new("/bench/init").exists() { "/bench/init" } else { "/init" };
    let error = Command::new(init).args(std::env::args_os().skip(1)).exec();
    eprintln!("bench guest: cannot become {init}: {error}");
    // The kernel panics without init and the machine ends, which the host sees.
    std::process::exit(1)
}
