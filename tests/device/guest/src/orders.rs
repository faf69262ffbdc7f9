//! Orders from the host, one a line, each answered with one line: `ok`, `ok WHAT` or `error WHY`.
//!
//! - `show NAME`: holds the picture `/bench/frames/NAME` before the camera from now on
//! - `stall`, `resume`: the camera stays there but gives no frames; gives frames again
//! - `corrupt`: the next frame of the camera comes marked as damaged
//! - `unplug`, `plug`: the camera's device and kernel module go away; come back
//! - `written`: how many frames were written to the camera
//! - `usage`: memory, descriptors and threads of lentigo, as the kernel counts them
//! - `uptime`: seconds since the kernel started

use std::{
    fs::{self, File, OpenOptions},
    io::{BufRead, BufReader, Write},
};

use anyhow::{Context, Result, bail};

use crate::{camera::Feeder, process};

/// Name of the virtio port, as the host gives it to QEMU.
const PORT: &str = "lentigo.bench";

/// The port, once the kernel has it.
pub fn port() -> Option<File> {
    let ports = fs::read_dir("/sys/class/virtio-ports").ok()?;
    let port = ports.flatten().find(|port| fs::read_to_string(port.path().join("name")).is_ok_and(|name| name.trim() == PORT))?;
    OpenOptions::new().read(true).write(true).open(std::path::Path::new("/dev").join(port.file_name())).ok()
}

/// Takes orders until the machine ends.
pub fn serve(port: File) -> Result<()> {
    let mut answers = port.try_clone().context("the port")?;
    // The host waits for the first line before its first order.
    let mut feeder = match Feeder::new() {
        Ok(feeder) => feeder,
        Err(error) => {
            writeln!(answers, "error {error:#}")?;
            return Err(error);
        }
    };
    writeln!(answers, "ready")?;
    let mut lines = BufReader::new(port);
    let mut line = String::new();
    loop {
        line.clear();
        // No end of file is final: the host may close its end and open it again.
        if lines.read_line(&mut line).context("reading an order")? == 0 {
            std::thread::sleep(std::time::Duration::from_millis(20));
            continue;
        }
        match obey(&mut feeder, line.trim()) {
            Ok(said) if said.is_empty() => writeln!(answers, "ok")?,
            Ok(said) => writeln!(answers, "ok {said}")?,
            Err(error) => writeln!(answers, "error {error:#}")?,
        }
    }
}

fn obey(feeder: &mut Feeder, order: &str) -> Result<String> {
    let (verb, rest) = order.split_once(' ').unwrap_or((order, ""));
    match verb {
        "show" => feeder.show(rest)?,
        "stall" => feeder.give_frames(false)?,
        "resume" => feeder.give_frames(true)?,
        "corrupt" => feeder.corrupt()?,
        "unplug" => feeder.unplug()?,
        "plug" => feeder.plug()?,
        "written" => return Ok(feeder.written()?.to_string()),
        "controls" => return feeder.controls(),
        "usage" => return process::usage("lentigo"),
        "uptime" => return Ok(fs::read_to_string("/proc/uptime")?.split(' ').next().unwrap_or_default().to_owned()),
        _ => bail!("no such order: {order}"),
    }
    Ok(String::new())
}
