//! `lentigo run` as a process: how it ends when it is told to, and when its board file is wrong.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking, in its helper functions too")]

mod support;

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use lentigo::record::read;
use rustix::process::{Pid, Signal, kill_process};
use support::TinyBundle;

fn lentigo(board: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lentigo"));
    command.args(["run", "--board"]).arg(board).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

#[test]
fn a_run_without_end_stops_well_when_it_is_told_to_and_every_record_is_whole() {
    let (folder, bundle) = (tempfile::tempdir().unwrap(), TinyBundle::sealed());
    let key = bundle.public_key().lines().last().unwrap().to_owned();
    let board = folder.path().join("board.toml");
    let text = format!(
        "[camera]\nkind = \"phantom\"\nwidth = 160\nheight = 120\n[display]\nkind = \"png\"\nfolder = \"screens\"\nwidth = 320\nheight = 240\n\
         [model]\nbundle = {:?}\ntrusted_keys = [\"{key}\"]\n[records]\nfolder = \"records\"\n\
         [capture]\nsteady_frames = 1\npreview_limit = 1\nattempts = 1\nhold_ms = 0\nlift_frames = 0\n",
        bundle.dir()
    );
    fs::write(&board, text).unwrap();
    let mut running = lentigo(&board).spawn().unwrap();
    let records = folder.path().join("records/records.jsonl");
    let begin = Instant::now();
    while fs::metadata(&records).map_or(0, |file| file.len()) == 0 {
        assert!(begin.elapsed() < Duration::from_secs(60), "no record in a minute");
        assert!(running.try_wait().unwrap().is_none(), "ended by itself");
        std::thread::sleep(Duration::from_millis(20));
    }
    kill_process(Pid::from_child(&running), Signal::TERM).unwrap();
    let output = running.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("stopped"), "{output:?}");
    assert!(read(&records).unwrap().map(Result::unwrap).count() >= 1);
}

#[test]
fn a_wrong_board_file_is_told_on_standard_error_and_nothing_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let board = folder.path().join("board.toml");
    fs::write(&board, "[camera]\nkind = \"phantom\"\nwidht = 640\n").unwrap();
    let output = lentigo(&board).output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("line 3, column 1: camera.widht is not a key") && said.contains("did you mean camera.width?"), "{said}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}
