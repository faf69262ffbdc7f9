//! The console over a real terminal device: the slave end of a pty, opened by serialport as a board's serial device is.

use std::{
    fs::File,
    io::{Read, Write},
    os::{fd::OwnedFd, unix::fs::symlink},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use lentigo::{
    console::{SerialDevice, run},
    device::board::{ConsoleBoard, Flow},
};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::OFlags,
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
};

use crate::bench::Bench;

/// How long anything may take on a busy machine; nothing here waits for that long when all is well.
const PATIENCE: Duration = Duration::from_secs(20);

struct Cable {
    master: File,
}

impl Cable {
    /// A pty whose slave end is found at `device`, as if it were plugged in there.
    fn plug_in(device: &Path) -> Self {
        let master: OwnedFd = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let _ = std::fs::remove_file(device);
        symlink(name.to_str().unwrap(), device).unwrap();
        rustix::fs::fcntl_setfl(&master, OFlags::NONBLOCK).unwrap();
        Self { master: File::from(master) }
    }

    fn type_in(&mut self, text: &str) {
        self.master.write_all(text.as_bytes()).unwrap();
    }

    fn read_until(&mut self, expected: &str) -> String {
        let begun = Instant::now();
        let mut said = Vec::new();
        let mut bytes = [0; 4096];
        while begun.elapsed() < PATIENCE {
            let mut polled = [PollFd::new(&self.master, PollFlags::IN)];
            poll(&mut polled, Some(&Timespec { tv_sec: 0, tv_nsec: 50_000_000 })).unwrap();
            if let Ok(count) = self.master.read(&mut bytes) {
                said.extend(&bytes[..count]);
            }
            if String::from_utf8_lossy(&said).contains(expected) {
                return String::from_utf8(said).unwrap();
            }
        }
        panic!("{expected:?} never came; {:?} did", String::from_utf8_lossy(&said));
    }
}

struct Running {
    stop: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
    device: PathBuf,
    bench: Bench,
}

fn start() -> Running {
    start_at(115_200)
}

fn start_at(baud: u32) -> Running {
    let bench = Bench::new();
    let device = bench.path("ttyTEST");
    let board = ConsoleBoard { device: Some(device.clone()), baud, flow: Flow::None, idle: Duration::from_secs(300), banner: None };
    let mut lines = SerialDevice::of(&board).unwrap();
    let (stop, desk) = (Arc::new(AtomicBool::new(false)), bench.desk());
    let stopped = stop.clone();
    let thread = std::thread::spawn(move || run(&mut lines, desk, Instant::now(), &stopped, &|_| {}));
    Running { stop, thread: Some(thread), device, bench }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

#[test]
fn a_person_plugs_in_sets_a_pin_and_is_an_operator_again_after_the_cable_was_pulled() {
    let running = start();
    let mut cable = Cable::plug_in(&running.device);
    cable.read_until("lentigo> ");
    cable.type_in("pin\r");
    cable.read_until("New PIN");
    cable.type_in("271828\r");
    cable.read_until("again: ");
    cable.type_in("271828\r");
    cable.read_until("lentigo# ");
    cable.type_in("set capture.hold_ms 3000\r");
    cable.read_until("lentigo*# ");
    cable.type_in("show ver");
    cable.read_until("show ver");

    drop(cable);
    let mut cable = Cable::plug_in(&running.device);
    let said = cable.read_until("lentigo*> ");
    assert!(!said.contains("show ver"), "{said:?}");
    cable.type_in("commit\r");
    cable.read_until("for technicians");
}

#[test]
fn a_script_drives_the_device() {
    let running = start();
    let mut cable = Cable::plug_in(&running.device);
    cable.read_until("lentigo> ");
    cable.type_in("\x03machine on\r");
    cable.read_until("\"machine\":true");
    cable.type_in("capture\raccept\n");
    let said = cable.read_until("closed and recorded");
    assert!(said.contains("\"probability\":0.6182"), "{said}");
    assert_eq!(running.bench.device.0.lock().unwrap().presses.len(), 2);
}

#[test]
fn nobody_reading_holds_neither_the_console_up_nor_its_end() {
    let mut running = start();
    running.bench.logs.0.lock().unwrap().extend((0..9000).map(|number| format!("line {number:060}")));
    let mut cable = Cable::plug_in(&running.device);
    cable.read_until("lentigo> ");
    // Half a megabyte is asked for and not read.
    cable.type_in("paging off\rlog 9000\r");
    std::thread::sleep(Duration::from_millis(300));
    let begun = Instant::now();
    running.stop.store(true, Ordering::Relaxed);
    running.thread.take().unwrap().join().unwrap();
    assert!(begun.elapsed() < Duration::from_secs(5), "the console ended after {:?}", begun.elapsed());
}

#[test]
fn every_rate_can_be_set_and_every_byte_of_a_text_gets_through() {
    for baud in [9600, 19_200, 38_400, 57_600, 115_200, 230_400, 460_800, 500_000, 921_600] {
        let running = start_at(baud);
        let mut cable = Cable::plug_in(&running.device);
        cable.read_until("lentigo> ");
        cable.type_in("case set operator Žofie-Ørsted-日本\r");
        let said = cable.read_until("case number");
        assert!(said.contains("operator          Žofie-Ørsted-日本"), "at {baud}: {said}");
    }
}

#[test]
fn a_device_is_not_shared_with_another_program() {
    let running = start();
    let mut cable = Cable::plug_in(&running.device);
    cable.read_until("lentigo> ");
    let second = serialport::new(running.device.to_str().unwrap(), 9600).open();
    assert!(second.is_err());
}
