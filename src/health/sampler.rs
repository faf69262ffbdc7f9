//! Takes a [`Reading`] from the kernel's files. A file that is absent or not understood is `None`, never an error.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
};

use procfs::FromRead;

use super::{
    Reading,
    files::{entries, value},
    throttle::{self, Slowing},
};

/// Temperatures that a processor which runs this can have, in degrees Celsius. Zones that are switched off say others.
const PLAUSIBLE: std::ops::RangeInclusive<f32> = -40.0..=150.0;

/// Looks at the board.
#[derive(Debug)]
pub struct Sampler {
    root: PathBuf,
    storage: PathBuf,
    clock_limits: HashMap<PathBuf, u64>,
    slowed_by: Vec<Slowing>,
}

impl Sampler {
    /// A sampler of this board, whose records are kept in `storage`, which need not exist yet.
    #[must_use]
    pub fn new(storage: &Path) -> Self {
        Self::rooted(Path::new("/"), storage)
    }

    /// A sampler that finds `/sys` and `/proc` in the folder `root`.
    #[must_use]
    pub fn rooted(root: &Path, storage: &Path) -> Self {
        Self { root: root.to_owned(), storage: storage.to_owned(), clock_limits: HashMap::new(), slowed_by: Vec::new() }
    }

    /// One look.
    pub fn sample(&mut self) -> Reading {
        let slowed_by = throttle::look(&self.root, &mut self.clock_limits);
        let throttled = slowed_by.as_ref().map(|signs| !signs.is_empty());
        self.slowed_by = slowed_by.unwrap_or_default();
        let own = self.root.join("proc/self");
        Reading {
            temperature_c: self.temperature(),
            throttled,
            resident_bytes: procfs::process::StatM::from_file(own.join("statm"))
                .ok()
                .map(|memory| memory.resident.saturating_mul(procfs::page_size())),
            memory_free_bytes: procfs::Meminfo::from_file(self.root.join("proc/meminfo")).ok().and_then(|memory| memory.mem_available),
            storage_free_bytes: free_space(&self.storage),
            descriptors: descriptors(&own.join("fd")),
            threads: procfs::process::Stat::from_file(own.join("stat")).ok().and_then(|stat| u32::try_from(stat.num_threads).ok()),
        }
    }

    /// What the processor was slowed down for at the last look.
    #[must_use]
    pub fn slowed_by(&self) -> &[Slowing] {
        &self.slowed_by
    }

    fn temperature(&self) -> Option<f32> {
        let zones = entries(self.root.join("sys/class/thermal"), "thermal_zone");
        let degrees = |zone: &PathBuf| value::<f32>(zone.join("temp")).map(|thousandths| thousandths / 1000.0);
        zones.iter().filter_map(degrees).filter(|degrees| PLAUSIBLE.contains(degrees)).max_by(f32::total_cmp)
    }
}

/// Space for an ordinary user where `folder` is, or will be.
fn free_space(folder: &Path) -> Option<u64> {
    let existing = folder.ancestors().find(|folder| folder.exists())?;
    // The parent of a relative path's first folder is the empty path.
    let existing = if existing.as_os_str().is_empty() { Path::new(".") } else { existing };
    let found = rustix::fs::statvfs(existing).ok()?;
    Some(found.f_bavail.saturating_mul(found.f_frsize))
}

/// Entries of `/proc/self/fd`, but for the one that this look has open itself.
fn descriptors(folder: &Path) -> Option<u32> {
    let itself = |path: &Path| fs::read_link(path).is_ok_and(|target| target.starts_with("/proc") && target.ends_with("fd"));
    let open = fs::read_dir(folder).ok()?.flatten().filter(|entry| !itself(&entry.path())).count();
    u32::try_from(open).ok()
}
