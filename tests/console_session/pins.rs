//! The PIN on storage.

use std::{
    io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use lentigo::{
    console::{PinError, Pins},
    settings::{Disk, Storage},
};

use crate::bench::Bench;

const START: Duration = Duration::from_secs(5);

#[test]
fn the_pin_is_nowhere_on_storage_and_its_file_is_its_owners_only() {
    let bench = Bench::technician();
    let path = bench.path("state/pins");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains("$argon2id$") && !text.contains("271828"), "{text}");
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(bench.path("state").metadata().unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn the_pin_is_never_echoed_and_never_comes_back() {
    let mut bench = Bench::new();
    let mut said = bench.line("pin");
    for line in ["271828", "271828", "logout", "login", "271828"] {
        said.push_str(&bench.line(line));
    }
    said.push_str(&bench.bytes(b"\x1b[A\x1b[A\x1b[A\x1b[A\x1b[A"));
    assert!(!said.contains("271828"), "{said}");
}

#[test]
fn waits_double_up_to_five_minutes() {
    let folder = tempfile::tempdir().unwrap();
    let mut pins = Pins::open(folder.path(), Arc::new(Storage), START);
    pins.set("271828").unwrap();
    let mut now = START;
    let mut waits = Vec::new();
    for _ in 0..12 {
        let Err(PinError::Wrong { wait }) = pins.check("000000", now) else { panic!("not wrong") };
        assert!(matches!(pins.check("271828", now), Err(PinError::Wait { .. })), "even the right one has to wait");
        waits.push(wait.as_secs());
        now += wait;
    }
    assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
    // Neither a restart nor a restart later makes it shorter.
    let mut pins = Pins::open(folder.path(), Arc::new(Storage), START);
    assert_eq!(pins.wait(START), Duration::from_secs(300));
    assert!(matches!(pins.check("271828", START + Duration::from_secs(299)), Err(PinError::Wait { .. })));
    pins.check("271828", START + Duration::from_secs(300)).unwrap();
    assert_eq!(Pins::open(folder.path(), Arc::new(Storage), START).wait(START), Duration::ZERO);
}

/// Storage that fails, or where the power goes, after so many steps.
struct Failing {
    left: Mutex<usize>,
}

impl Failing {
    fn step(&self) -> io::Result<()> {
        let mut left = self.left.lock().unwrap();
        *left = left.checked_sub(1).ok_or_else(|| io::Error::other("storage is gone"))?;
        Ok(())
    }
}

impl Disk for Failing {
    fn read(&self, path: &Path) -> io::Result<Option<Vec<u8>>> {
        Storage.read(path)
    }
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.step()?;
        Storage.write(path, bytes)
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step()?;
        Storage.rename(from, to)
    }
    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        self.step()?;
        Storage.sync_folder(folder)
    }
    fn make_folder(&self, folder: &Path) -> io::Result<()> {
        Storage.make_folder(folder)
    }
}

fn with_pin(folder: &Path) {
    Pins::open(folder, Arc::new(Storage), START).set("271828").unwrap();
}

#[test]
fn a_try_is_counted_before_it_is_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    with_pin(folder.path());
    // The power goes once the count is on storage and before the answer is.
    let mut pins = Pins::open(folder.path(), Arc::new(Failing { left: Mutex::new(3) }), START);
    pins.check("271828", START).unwrap();
    assert_eq!(Pins::open(folder.path(), Arc::new(Storage), START).wait(START), Duration::from_secs(1));
}

#[test]
fn storage_that_cannot_be_written_keeps_no_technician_out() {
    let folder = tempfile::tempdir().unwrap();
    with_pin(folder.path());
    let mut pins = Pins::open(folder.path(), Arc::new(Failing { left: Mutex::new(0) }), START);
    let Err(PinError::Wrong { wait }) = pins.check("000000", START) else { panic!("not wrong") };
    pins.check("271828", START + wait).unwrap();
    assert!(matches!(pins.set("314159"), Err(PinError::Unkept { .. })));
    pins.check("271828", START + wait).expect("the PIN is as before");
}

#[test]
fn a_power_cut_while_a_pin_is_set_leaves_the_old_one_or_the_new_one() {
    for steps in 0..4 {
        let folder = tempfile::tempdir().unwrap();
        with_pin(folder.path());
        let set = Pins::open(folder.path(), Arc::new(Failing { left: Mutex::new(steps) }), START).set("314159");
        let mut after = Pins::open(folder.path(), Arc::new(Storage), START);
        let pin = if steps >= 2 { "314159" } else { "271828" };
        after.check(pin, START).unwrap_or_else(|error| panic!("after {steps} steps, {set:?}: {error}"));
    }
}

#[test]
fn a_damaged_pin_file_lets_nobody_in_and_says_what_to_do() {
    let mut bench = Bench::technician();
    let path: PathBuf = bench.path("state/pins");
    for damage in ["", "technician = 3", "technician = \"271828\"\nfailures = 0", "\u{0}\u{0}"] {
        std::fs::write(&path, damage).unwrap();
        bench.power_cycle();
        bench.output();
        bench.line("login");
        let said = bench.line("271828");
        assert!(said.contains("is damaged") && said.contains("delete that file"), "{said}");
        bench.line("pin");
        assert!(bench.line("271828").contains("is damaged"));
        assert_eq!(bench.session.role(), lentigo::console::Role::Operator);
    }
}
