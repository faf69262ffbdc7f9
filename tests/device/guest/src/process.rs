//! What a process uses, as the kernel counts it: a second opinion on what lentigo says of itself.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result};

/// Resident memory in kB, descriptors and threads of the newest process called `name`: `resident_kb=1 descriptors=2 threads=3`.
pub fn usage(name: &str) -> Result<String> {
    let folder = find(name).with_context(|| format!("no process called {name}"))?;
    let status = fs::read_to_string(folder.join("status"))?;
    let field = |key: &str| status.lines().find_map(|line| line.strip_prefix(key)?.trim().split(' ').next()).unwrap_or("0");
    let descriptors = fs::read_dir(folder.join("fd"))?.count();
    Ok(format!("resident_kb={} descriptors={descriptors} threads={}", field("VmRSS:"), field("Threads:")))
}

/// The folder in /proc of the newest process whose program has this file name: lentigo is init and, as its child, the device.
/// A process's short name will not do: a thread may have renamed it, and the kernel names init after its own idea.
fn find(name: &str) -> Option<PathBuf> {
    let processes = fs::read_dir("/proc").ok()?.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let folders = processes.map(|id| (id, PathBuf::from(format!("/proc/{id}"))));
    let ours =
        folders.filter(|(_, folder)| fs::read_link(folder.join("exe")).is_ok_and(|exe| exe.file_name().is_some_and(|file| file == name)));
    ours.max_by_key(|(id, _)| *id).map(|(_, folder)| folder)
}
