//! Signals, as a process gets them from the system.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking, in its helper functions too")]

use std::{
    io::{BufRead, BufReader},
    os::unix::process::ExitStatusExt,
    process::{Child, ChildStdout, Command, Stdio},
    sync::atomic::Ordering,
    time::Duration,
};

use lentigo::device::signals::{self, Asked};
use rustix::process::{Pid, Signal, kill_process};

/// Set in a process that this test starts to be sent signals.
const CHILD: &str = "LENTIGO_TEST_SIGNALS";

/// Says what it hears. Ends at SIGTERM unless it is told to be stubborn.
fn listen(stubborn: bool) {
    let stop = signals::stop_flag().unwrap();
    let (say, hear) = crossbeam_channel::unbounded();
    signals::on_signal(stop.clone(), move |asked| say.send(asked).unwrap()).unwrap();
    println!("\nlistens");
    while let Ok(asked) = hear.recv_timeout(Duration::from_secs(60)) {
        println!("{asked:?} {}", stop.load(Ordering::SeqCst));
        if asked == Asked::Stop && !stubborn {
            std::process::exit(42);
        }
    }
}

struct Listening {
    child: Child,
    said: std::io::Lines<BufReader<ChildStdout>>,
}

impl Listening {
    fn start(how: &str) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", "a_stop_or_restart_wakes_the_device_and_a_second_stop_ends_it_at_once", "--nocapture"]).env(CHILD, how);
        let mut child = child.stdout(Stdio::piped()).spawn().unwrap();
        let said = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut listening = Self { child, said };
        while listening.next() != "listens" {}
        listening
    }

    fn next(&mut self) -> String {
        self.said.next().unwrap().unwrap()
    }

    fn send(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }
}

#[test]
fn a_stop_or_restart_wakes_the_device_and_a_second_stop_ends_it_at_once() {
    if let Some(how) = std::env::var_os(CHILD) {
        return listen(how == "stubborn");
    }
    let mut device = Listening::start("obeys");
    device.send(Signal::HUP);
    assert_eq!(device.next(), "Restart false");
    device.send(Signal::HUP);
    assert_eq!(device.next(), "Restart false");
    device.send(Signal::TERM);
    assert_eq!(device.next(), "Stop true");
    assert_eq!(device.child.wait().unwrap().code(), Some(42));

    let mut hangs = Listening::start("stubborn");
    hangs.send(Signal::INT);
    assert_eq!(hangs.next(), "Stop true");
    hangs.send(Signal::TERM);
    let status = hangs.child.wait().unwrap();
    assert_eq!((status.code(), status.signal()), (Some(128 + 15), None));
}
