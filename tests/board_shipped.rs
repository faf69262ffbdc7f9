//! What ships in `boards/`: every board file is read, and every service is as locked up as the documentation says.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in its helper functions too")]

use std::{
    fs,
    path::{Path, PathBuf},
};

use lentigo::{
    device::board::{Board, CameraBoard, DisplayBoard},
    init::Ending,
};

fn boards() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("boards")
}

/// Every folder with a board file, by name.
fn shipped() -> Vec<(String, PathBuf)> {
    let mut found: Vec<_> = fs::read_dir(boards())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("board.toml").is_file())
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), path))
        .collect();
    found.sort();
    found
}

/// The lines of a unit or drop-in that say something, without comments.
fn settings(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned).collect()
}

fn values<'a>(settings: &'a [String], key: &str) -> Vec<&'a str> {
    settings.iter().filter_map(|line| line.strip_prefix(key)?.strip_prefix('=')).collect()
}

#[test]
fn every_board_that_the_project_promises_ships_and_is_read() {
    let names: Vec<String> = shipped().into_iter().map(|(name, _)| name).collect();
    let promised = [
        "clinic-pc",
        "jetson-nano",
        "jetson-orin-nano",
        "qemu-virt",
        "raspberry-pi-4",
        "raspberry-pi-5",
        "raspberry-pi-zero-2w",
        "simulated",
    ];
    assert_eq!(names, promised);
    for (_, folder) in shipped() {
        Board::load(&folder.join("board.toml")).unwrap_or_else(|error| panic!("{error}"));
    }
}

#[test]
fn a_board_says_how_it_is_wired_and_stands_in_the_table() {
    let table = fs::read_to_string(boards().join("README.md")).unwrap();
    for (name, folder) in shipped() {
        assert!(folder.join("README.md").is_file(), "{name} has no README.md");
        assert!(table.contains(&format!("[`{name}`]({name}/README.md)")), "{name} is missing in boards/README.md");
    }
}

/// Records and state must be where the service may write, and the model where packages put it.
#[test]
fn installed_boards_keep_to_the_folders_of_the_package() {
    for (name, folder) in shipped() {
        // The simulated board runs in the checkout; the image of the bench has no packages.
        if name == "simulated" || name == "qemu-virt" {
            continue;
        }
        let board = Board::load(&folder.join("board.toml")).unwrap();
        assert_eq!(board.model.bundle, Path::new("/usr/share/lentigo/bundles/dual-network-edge"), "{name}");
        assert_eq!(board.records, Path::new("/var/lib/lentigo/records"), "{name}");
        assert_eq!(board.state, Path::new("/var/lib/lentigo/state"), "{name}");
    }
}

/// A name below /dev/lentigo/ comes from the board's own udev rules.
#[test]
fn every_stable_name_that_a_board_uses_is_made_by_its_rules() {
    for (name, folder) in shipped() {
        let board = fs::read_to_string(folder.join("board.toml")).unwrap();
        for device in board.split('"').filter_map(|text| text.strip_prefix("/dev/lentigo/")) {
            let rules = settings(&folder.join("lentigo.rules"));
            let makes = |rule: &String| rule.contains(&format!("SYMLINK+=\"lentigo/{device}\""));
            assert!(rules.iter().any(makes), "{name}: nothing makes /dev/lentigo/{device}");
        }
    }
}

/// What a board uses it may open, and nothing that it does not use.
#[test]
fn a_board_may_open_the_kinds_of_devices_that_its_file_names_and_no_others() {
    // The bench changes the display of its board from test to test.
    for (name, folder) in shipped().into_iter().filter(|(name, _)| name != "qemu-virt") {
        let board = Board::load(&folder.join("board.toml")).unwrap();
        let drop_in = settings(&folder.join("device.conf"));
        let allowed = values(&drop_in, "DeviceAllow");
        let uses = [
            ("char-video4linux rw", matches!(board.camera, CameraBoard::V4l2(_))),
            ("char-drm rw", matches!(board.display, DisplayBoard::Kms(_))),
            ("char-fb rw", matches!(board.display, DisplayBoard::Fbdev(_))),
            ("char-spi rw", matches!(board.display, DisplayBoard::Spi(_))),
            ("char-gpiochip rw", board.inputs.buttons.is_some()),
            ("char-input rw", board.inputs.keys.is_some() || board.inputs.touch.is_some()),
        ];
        for (class, used) in uses {
            assert_eq!(allowed.contains(&class), used, "{name}: {class}");
        }
        let serial = allowed.iter().any(|device| device.starts_with("char-tty"));
        assert_eq!(serial, board.console.device.is_some(), "{name}: the console's port");
    }
}

#[test]
fn the_rules_give_each_device_an_owner_and_never_to_everybody() {
    for (name, folder) in shipped() {
        let path = folder.join("lentigo.rules");
        if !path.exists() {
            continue;
        }
        for rule in settings(&path) {
            let matched = rule.split(',').map(str::trim).filter(|part| part.contains("==")).count();
            assert!(rule.starts_with("SUBSYSTEM==") && matched >= 2, "{name}: too wide: {rule}");
            let owned = rule.contains("GROUP=\"") && rule.contains("MODE=\"0660\"");
            assert!(owned || rule.contains("/bin/chgrp video"), "{name}: nobody's: {rule}");
            assert!(!rule.contains("0666") && !rule.contains("PROGRAM"), "{name}: {rule}");
        }
    }
}

#[test]
fn the_service_is_locked_up() {
    let unit = settings(&boards().join("common/lentigo.service"));
    for line in [
        "Type=notify",
        "Restart=always",
        "RestartSec=2",
        "WatchdogSec=20",
        "User=lentigo",
        "UMask=0077",
        "StateDirectory=lentigo",
        "StateDirectoryMode=0700",
        "PrivateNetwork=yes",
        "RestrictAddressFamilies=AF_UNIX",
        "IPAddressDeny=any",
        "ProtectSystem=strict",
        "ProtectHome=yes",
        "PrivateTmp=yes",
        "ProtectKernelTunables=yes",
        "ProtectKernelModules=yes",
        "ProtectKernelLogs=yes",
        "ProtectControlGroups=yes",
        "ProtectClock=yes",
        "ProtectHostname=yes",
        "ProtectProc=invisible",
        "DevicePolicy=closed",
        "NoNewPrivileges=yes",
        "CapabilityBoundingSet=",
        "AmbientCapabilities=",
        "RestrictSUIDSGID=yes",
        "RestrictNamespaces=yes",
        "RestrictRealtime=yes",
        "LockPersonality=yes",
        "MemoryDenyWriteExecute=yes",
        "SystemCallArchitectures=native",
        "SystemCallFilter=@system-service",
        "TasksMax=64",
        "LimitCORE=0",
    ] {
        assert!(unit.iter().any(|set| set == line), "the unit does not say {line}");
    }
    // Only the restart of the board runs with rights, and only after the program has ended.
    let privileged: Vec<_> = unit.iter().filter(|line| line.contains("=+") || line.contains("=!")).collect();
    assert!(matches!(privileged.as_slice(), [line] if line.starts_with("ExecStopPost=+")), "{privileged:?}");
    // It and the image's init must mean the same by how the program ends.
    assert!(privileged[0].contains(&format!("\"$$EXIT_STATUS\" = {} ]", Ending::REBOOT)), "{privileged:?}");
    assert!(values(&unit, "DeviceAllow").is_empty(), "devices are the board's to allow");
}

/// A drop-in comes after the unit and could undo it.
#[test]
fn a_board_adds_devices_and_a_memory_limit_and_undoes_nothing() {
    let may_set = ["SupplementaryGroups", "DeviceAllow", "ReadWritePaths", "MemoryMax", "Conflicts", "After"];
    for (name, folder) in shipped() {
        let board = settings(&folder.join("device.conf"));
        for line in &board {
            let key = line.split('=').next().unwrap();
            assert!(line.starts_with('[') || may_set.contains(&key), "{name}: a board may not set {line}");
        }
        assert_eq!(values(&board, "MemoryMax").len(), 1, "{name} has no memory limit");
        for device in values(&board, "DeviceAllow") {
            let (node, access) = device.split_once(' ').unwrap();
            assert_eq!(access, "rw", "{name}: {device}");
            assert!(node.starts_with("char-") || node.starts_with("/dev/tty"), "{name}: {device}");
            assert!(!["char-*", "char-mem", "char-misc", "char-tty"].contains(&node), "{name}: {device} is too wide");
        }
        for path in values(&board, "ReadWritePaths") {
            assert_eq!(path, "-/sys/devices/platform", "{name}");
        }
    }
}

/// A driver that is loaded after the service has started would not be allowed: systemd looks up the class at the start.
#[test]
fn classes_of_devices_that_can_come_later_are_loaded_before() {
    let loaded_by =
        [("char-video4linux rw", "uvcvideo"), ("char-ttyUSB rw", "usbserial"), ("char-ttyACM rw", "cdc-acm"), ("char-spi rw", "spidev")];
    for (name, folder) in shipped().into_iter().filter(|(name, _)| name != "qemu-virt") {
        let allowed = settings(&folder.join("device.conf"));
        for (class, module) in loaded_by {
            if values(&allowed, "DeviceAllow").contains(&class) {
                assert!(settings(&folder.join("modules.conf")).iter().any(|line| line == module), "{name}: {class} needs {module}");
            }
        }
    }
}

/// A person wires by the notes; the device listens by the board file.
#[test]
fn the_wiring_notes_and_the_board_file_name_the_same_lines() {
    let mut compared = 0;
    for (name, folder) in shipped() {
        let Some(buttons) = Board::load(&folder.join("board.toml")).unwrap().inputs.buttons else { continue };
        let notes = fs::read_to_string(folder.join("README.md")).unwrap();
        for (command, line) in buttons.lines {
            let row = notes.lines().find(|row| row.starts_with(&format!("| {command} |")));
            let row = row.unwrap_or_else(|| panic!("{name}/README.md does not say how {command} is wired"));
            assert!(row.split('|').any(|cell| cell.trim() == line.to_string()), "{name}: {command} is on line {line}; the notes say {row}");
            compared += 1;
        }
    }
    assert!(compared > 20, "{compared}");
}
