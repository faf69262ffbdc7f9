//! What a service manager hears over its socket.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking, in its helper functions too")]

use std::{os::unix::net::UnixDatagram, process::Command, sync::Arc, time::Duration};

use lentigo::device::{
    board::Board,
    supervise::{Lifeline, Part, Progress, Systemd},
};

/// Set in a process that this test starts as if it were systemd.
const CHILD: &str = "LENTIGO_TEST_NOTIFY";

const BOARD: &str = "[camera]\nkind = \"phantom\"\n[display]\nkind = \"png\"\nfolder = \"s\"\n[model]\nbundle = \"b\"\n[records]\nfolder = \"r\"\n\
                     [supervision]\nwatchdog = \"/dev/watchdog-none\"\n";

/// A device's life in eight seconds that do not pass.
fn live() {
    assert!(Systemd::listens());
    assert_eq!(Systemd::watchdog_timeout(), Some(Duration::from_secs(4)));
    let progress = Arc::new(Progress::default());
    let mut lifeline = Lifeline::open(&Board::parse(BOARD).unwrap().supervision, Arc::clone(&progress));
    for (second, state) in [(0, "self-test"), (1, "preview"), (2, "preview"), (7, "preview")] {
        if second < 7 {
            Part::ALL.into_iter().for_each(|part| progress.made(part));
        }
        lifeline.status(state);
        lifeline.turn(Duration::from_secs(second), state, false);
    }
    lifeline.end();
}

#[test]
fn systemd_hears_readiness_progress_and_the_end_and_no_board_watchdog_is_touched() {
    if std::env::var_os(CHILD).is_some() {
        return live();
    }
    let folder = tempfile::tempdir().unwrap();
    let socket = UnixDatagram::bind(folder.path().join("notify")).unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "systemd_hears_readiness_progress_and_the_end_and_no_board_watchdog_is_touched", "--nocapture"]);
    child.env(CHILD, "1").env("NOTIFY_SOCKET", folder.path().join("notify")).env("WATCHDOG_USEC", "4000000").env_remove("WATCHDOG_PID");
    let output = child.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(!String::from_utf8_lossy(&output.stderr).contains("watchdog-none"), "{output:?}");
    socket.set_nonblocking(true).unwrap();
    let mut heard = Vec::new();
    let mut bytes = [0; 4096];
    while let Ok(length) = socket.recv(&mut bytes) {
        heard.push(String::from_utf8_lossy(&bytes[..length]).trim().to_owned());
    }
    assert_eq!(
        heard,
        [
            "STATUS=self-test",
            "WATCHDOG=1\nEXTEND_TIMEOUT_USEC=8000000",
            "STATUS=preview",
            "READY=1",
            "WATCHDOG=1",
            "WATCHDOG=1",
            "STOPPING=1"
        ]
    );
}
