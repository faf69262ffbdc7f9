//! Settings over the board file: what is checked, what a power cut leaves, what happens to a file that does not fit.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking, in its helper functions too")]

use std::{
    fs, io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use lentigo::{
    device::board::{Board, CameraBoard},
    explain::lesion::Scale,
    settings::{CURRENT, Disk, Outcome, PREVIOUS, PROTECTED, Rolled, Settings, SettingsError, Source, Storage, load},
};
use proptest::prelude::*;
use tempfile::TempDir;

const BOARD: &str = "\
[camera]
kind = \"phantom\"
width = 160
[display]
kind = \"png\"
folder = \"screens\"
[model]
bundle = \"bundle\"
[records]
folder = \"records\"
[state]
folder = \"state\"
";

struct Device {
    folder: TempDir,
}

impl Device {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("board.toml"), BOARD).unwrap();
        Self { folder }
    }

    fn board(&self) -> PathBuf {
        self.folder.path().join("board.toml")
    }

    fn state(&self, name: &str) -> PathBuf {
        self.folder.path().join("state").join(name)
    }

    fn open(&self) -> Settings {
        self.open_on(Arc::new(Storage))
    }

    fn open_on(&self, disk: Arc<dyn Disk>) -> Settings {
        Settings::open(&load(&self.board()).unwrap().board, disk).unwrap()
    }

    fn hold_ms(&self) -> u128 {
        load(&self.board()).unwrap().board.capture.hold.as_millis()
    }
}

#[test]
fn what_is_committed_is_in_force_at_the_next_start_and_what_is_staged_is_not() {
    let device = Device::new();
    let mut settings = device.open();
    settings.set("capture.hold_ms", "3000").unwrap();
    assert_eq!(device.hold_ms(), 5000);
    settings.commit().unwrap();
    assert_eq!(device.hold_ms(), 3000);
    assert_eq!(load(&device.board()).unwrap().outcome, Outcome::Applied { keys: 1 });
    assert_eq!(settings.awaiting_restart().len(), 1);
    assert!(device.open().awaiting_restart().is_empty());
    assert_eq!(device.state(CURRENT).metadata().unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn the_scale_of_the_field_is_a_setting_like_others() {
    let device = Device::new();
    let mut settings = device.open();
    for (said, millimetres) in [("20", 20.0), ("18.5", 18.5)] {
        settings.set("optics.field_mm", said).unwrap();
        settings.commit().unwrap();
        assert_eq!(load(&device.board()).unwrap().board.optics.scale, Scale::of_field(millimetres));
    }
    assert!(matches!(settings.set("optics.field_mm", "wide"), Err(SettingsError::Illegal { .. })));
}

#[test]
fn settings_go_back_to_those_before_and_forth_again() {
    let device = Device::new();
    let mut settings = device.open();
    assert!(matches!(settings.roll_back(), Err(SettingsError::NoPrevious)));
    for value in ["3000", "4000"] {
        settings.set("capture.hold_ms", value).unwrap();
        settings.commit().unwrap();
    }
    settings.set("capture.burst", "3").unwrap();
    assert_eq!(settings.roll_back().unwrap(), Rolled::Dropped(1));
    assert_eq!(device.hold_ms(), 4000);
    assert_eq!(settings.roll_back().unwrap(), Rolled::Restored);
    assert_eq!(device.hold_ms(), 3000);
    assert_eq!(settings.roll_back().unwrap(), Rolled::Restored);
    assert_eq!(device.hold_ms(), 4000);
}

#[test]
fn the_first_commit_can_be_taken_back_to_the_board_file_alone() {
    let device = Device::new();
    let mut settings = device.open();
    settings.set("capture.hold_ms", "3000").unwrap();
    settings.commit().unwrap();
    settings.roll_back().unwrap();
    assert_eq!(device.hold_ms(), 5000);
}

#[test]
fn another_kind_begins_its_section_afresh() {
    let device = Device::new();
    let mut settings = device.open();
    assert!(matches!(settings.set("camera.device", "/dev/video0"), Err(SettingsError::Illegal { .. })));
    let missing = settings.set("camera.kind", "v4l2").unwrap();
    assert!(missing[0].contains("camera.device is missing"), "{missing:?}");
    assert!(matches!(settings.commit(), Err(SettingsError::Incomplete { .. })));
    assert_eq!(settings.set("camera.device", "/dev/video0").unwrap(), Vec::<String>::new());
    settings.commit().unwrap();
    let board = load(&device.board()).unwrap().board;
    let CameraBoard::V4l2(camera) = board.camera else { panic!("{:?}", board.camera) };
    // The width of the phantom is not that of the camera.
    assert_eq!((camera.device.to_str(), camera.width), (Some("/dev/video0"), 1280));
}

#[test]
fn wrong_values_are_told_with_what_is_legal_and_stage_nothing() {
    let device = Device::new();
    let mut settings = device.open();
    for (key, value, said) in [
        ("capture.attempts", "21", "an integer from 1 to 20 pictures; here it is the integer 21"),
        ("capture.attempts", "many", "here it is the text \"many\""),
        ("capture.trigger", "presss", "did you mean \"press\"?"),
        ("capture.hold", "3", "did you mean capture.hold_ms?"),
        ("attempts", "3", "did you mean capture.attempts?"),
        ("display.height", "2000", "must not be more than display.width"),
        ("camera", "3", "camera is not a key"),
    ] {
        let error = settings.set(key, value).unwrap_err().to_string();
        assert!(error.contains(said), "{key} = {value}: {error}");
    }
    assert!(settings.diff().is_empty());
    for (key, reason) in PROTECTED {
        let error = settings.set(key, "\"x\"").unwrap_err().to_string();
        assert!(error.contains(reason) && error.contains("board.toml"), "{error}");
    }
}

#[test]
fn every_key_tells_its_value_and_where_it_comes_from() {
    let device = Device::new();
    let mut settings = device.open();
    settings.set("capture.hold_ms", "3000").unwrap();
    settings.commit().unwrap();
    settings.set("capture.burst", "3").unwrap();
    let source = |key: &str| settings.shown().iter().find(|shown| shown.info.path == key && shown.legal).map(|shown| shown.source);
    assert_eq!(source("capture.hold_ms"), Some(Source::Committed));
    assert_eq!(source("capture.burst"), Some(Source::Staged));
    assert_eq!(source("camera.width"), Some(Source::BoardFile));
    assert_eq!(source("capture.attempts"), Some(Source::Default));
    assert_eq!(source("camera.device"), None);
}

#[test]
fn settings_that_do_not_fit_are_set_apart_and_the_device_starts() {
    for (wrong, said) in [
        ("[capture]\nhold_ms = \"long\"\n", "capture.hold_ms must be"),
        ("[capture]\nhold = 1\n", "is not a key"),
        ("not toml at all", ""),
        ("[model]\ntrusted_keys = []\n", "model.trusted_keys cannot be set there"),
        ("state.folder = \"elsewhere\"\n", "state.folder cannot be set there"),
        ("\u{0}\u{0}\u{0}", ""),
    ] {
        let device = Device::new();
        fs::create_dir(device.folder.path().join("state")).unwrap();
        fs::write(device.state(CURRENT), wrong).unwrap();
        let loaded = load(&device.board()).unwrap();
        let Outcome::Refused { problem, apart: Some(apart) } = loaded.outcome else { panic!("{:?}", loaded.outcome) };
        assert!(problem.contains(said), "{problem}");
        assert_eq!(fs::read_to_string(apart).unwrap(), wrong, "nothing is lost");
        assert_eq!(loaded.board.capture, Board::parse(BOARD).unwrap().capture);
        assert_eq!(load(&device.board()).unwrap().outcome, Outcome::BoardFileAlone);
    }
}

#[test]
fn every_refused_file_is_kept() {
    let device = Device::new();
    fs::create_dir(device.folder.path().join("state")).unwrap();
    for round in 0..3 {
        fs::write(device.state(CURRENT), format!("round {round}")).unwrap();
        load(&device.board()).unwrap();
    }
    let kept = fs::read_dir(device.folder.path().join("state")).unwrap().count();
    assert_eq!(kept, 3);
}

#[test]
fn a_board_file_that_is_wrong_itself_is_told_with_its_place() {
    let device = Device::new();
    fs::write(device.board(), BOARD.replace("160", "6")).unwrap();
    let table = toml::from_str("[camera]\nwidth = 160\n").unwrap();
    let error = Board::load_with(&device.board(), &table).unwrap_err().to_string();
    assert!(error.contains("line 3, column 9: camera.width must be"), "{error}");
}

/// The power goes at step number `left`: a write is cut off in its middle, anything else does not happen, and nothing happens after.
struct Cut {
    left: Mutex<usize>,
}

impl Cut {
    fn after(steps: usize) -> Arc<Self> {
        Arc::new(Self { left: Mutex::new(steps) })
    }

    fn step(&self) -> io::Result<()> {
        let mut left = self.left.lock().unwrap();
        *left = left.checked_sub(1).ok_or_else(|| io::Error::other("the power is gone"))?;
        Ok(())
    }
}

impl Disk for Cut {
    fn read(&self, path: &Path) -> io::Result<Option<Vec<u8>>> {
        Storage.read(path)
    }
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let dead = *self.left.lock().unwrap() == 0;
        if let Err(error) = self.step() {
            if dead && !path.exists() {
                Storage.write(path, &bytes[..bytes.len() / 2])?;
            }
            return Err(error);
        }
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
        self.step()?;
        Storage.make_folder(folder)
    }
}

#[test]
fn a_power_cut_at_any_step_of_a_commit_leaves_the_old_settings_or_the_new_ones() {
    let mut seen = [0, 0];
    for steps in 0..20 {
        let device = Device::new();
        let mut settings = device.open();
        settings.set("capture.hold_ms", "3000").unwrap();
        settings.commit().unwrap();

        let mut settings = device.open_on(Cut::after(steps));
        settings.set("capture.hold_ms", "4000").unwrap();
        let committed = settings.commit();
        // The device that starts again knows nothing of the one that lost its power.
        let loaded = load(&device.board()).unwrap();
        assert!(matches!(loaded.outcome, Outcome::Applied { keys: 1 }), "after {steps} steps: {:?}", loaded.outcome);
        let found = device.hold_ms();
        assert!(found == 3000 || found == 4000, "after {steps} steps: {found}");
        assert!(committed.is_err() || found == 4000);
        seen[usize::from(found == 4000)] += 1;
        // There is a way back, and the next commit works.
        let mut settings = device.open();
        settings.roll_back().unwrap();
        settings.set("capture.hold_ms", "2000").unwrap();
        settings.commit().unwrap();
        assert_eq!(device.hold_ms(), 2000);
    }
    assert!(seen[0] >= 6 && seen[1] >= 6, "{seen:?}");
}

#[test]
fn a_commit_that_fails_stays_staged_and_can_be_tried_again() {
    let device = Device::new();
    let cut = Cut::after(2);
    let mut settings = device.open_on(cut.clone());
    settings.set("capture.hold_ms", "4000").unwrap();
    assert!(matches!(settings.commit(), Err(SettingsError::Storage { .. })));
    assert_eq!(settings.diff().len(), 1);
    *cut.left.lock().unwrap() = 100;
    settings.commit().unwrap();
    assert_eq!(device.hold_ms(), 4000);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]
    #[test]
    fn whatever_is_set_and_committed_the_device_starts_with_it(
        typed in prop::collection::vec((any::<prop::sample::Index>(), "(true|false|-?[0-9]{1,5}|[a-z2]{1,8}|\\[[0-9, ]{0,6}\\]|[ -~é]{0,12})"), 1..12),
    ) {
        let device = Device::new();
        let mut settings = device.open();
        let keys: Vec<String> = settings.keys().iter().map(|info| info.path.clone()).collect();
        for (at, value) in &typed {
            let key: &String = at.get(&keys);
            let _ = settings.set(key, value);
        }
        let staged = settings.diff().len();
        match settings.commit() {
            Ok(changes) => {
                prop_assert_eq!(changes.len(), staged);
                let applied = matches!(load(&device.board()).unwrap().outcome, Outcome::Applied { .. });
                prop_assert!(applied);
            }
            Err(_) => prop_assert_eq!(load(&device.board()).unwrap().outcome, Outcome::BoardFileAlone),
        }
    }

    #[test]
    fn a_damaged_settings_file_never_keeps_the_device_from_starting(damage in prop::collection::vec(any::<u8>(), 0..200)) {
        let device = Device::new();
        fs::create_dir(device.folder.path().join("state")).unwrap();
        fs::write(device.state(CURRENT), &damage).unwrap();
        fs::write(device.state(PREVIOUS), &damage).unwrap();
        load(&device.board()).unwrap();
        let _ = device.open().roll_back();
        load(&device.board()).unwrap();
    }
}
