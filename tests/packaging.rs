//! `make install` and `make deb`, into a temporary folder and with some small program in lentigo's place.
#![allow(clippy::unwrap_used, reason = "a test may stop")]

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use tempfile::tempdir;

fn script(name: &str, variables: &[(&str, &Path)]) -> Output {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut command = Command::new("sh");
    command.arg(root.join("boards/common").join(name)).env("BINARY", "/bin/true").env("BUNDLE", root.join("models/bundles/asff-edge"));
    for name in ["BOARD", "DESTDIR", "PREFIX", "DEB_ARCH"] {
        command.env_remove(name);
    }
    command.envs(variables.iter().copied()).env("SOURCE_DATE_EPOCH", "1700000000").output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Every file below `folder`, with its permissions.
fn files(folder: &Path) -> Vec<(PathBuf, u32)> {
    let mut found = Vec::new();
    let mut left = vec![folder.to_owned()];
    while let Some(next) = left.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                left.push(path);
            } else {
                let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o7777;
                found.push((path.strip_prefix(folder).unwrap().to_owned(), mode));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn a_board_is_staged_with_everything_it_needs_and_nothing_that_everybody_may_write() {
    let stage = tempdir().unwrap();
    let output = script("install.sh", &[("BOARD", Path::new("raspberry-pi-zero-2w")), ("DESTDIR", stage.path())]);
    assert!(output.status.success(), "{}", said(&output));
    let files = files(stage.path());
    for expected in [
        "etc/lentigo/board.toml",
        "usr/bin/lentigo",
        "usr/lib/modules-load.d/lentigo.conf",
        "usr/lib/systemd/system/lentigo.service",
        "usr/lib/systemd/system/lentigo.service.d/10-board.conf",
        "usr/lib/systemd/system.conf.d/80-lentigo-watchdog.conf",
        "usr/lib/sysusers.d/lentigo.conf",
        "usr/lib/udev/rules.d/70-lentigo.rules",
        "usr/share/doc/lentigo/board.md",
        "usr/share/lentigo/board.toml",
        "usr/share/lentigo/bundles/asff-edge/manifest.toml",
        "usr/share/lentigo/bundles/asff-edge/manifest.toml.minisig",
        "usr/share/lentigo/bundles/asff-edge/golden/input.png",
    ] {
        assert!(files.iter().any(|(path, _)| path == Path::new(expected)), "{expected} is missing: {files:?}");
    }
    for (path, mode) in &files {
        let expected = if path == Path::new("usr/bin/lentigo") { 0o755 } else { 0o644 };
        assert_eq!(*mode, expected, "{}", path.display());
        // A compiled program is a processor's own, and belongs to the state folder.
        assert!(!path.to_string_lossy().ends_with(".program"), "{}", path.display());
    }
}

#[test]
fn another_prefix_and_a_checkout_s_paths_are_written_into_unit_and_board_file() {
    let stage = tempdir().unwrap();
    let variables = [("BOARD", Path::new("simulated")), ("DESTDIR", stage.path()), ("PREFIX", Path::new("/usr/local"))];
    let output = script("install.sh", &variables);
    assert!(output.status.success(), "{}", said(&output));
    let unit = fs::read_to_string(stage.path().join("usr/local/lib/systemd/system/lentigo.service")).unwrap();
    assert!(unit.contains("ExecStart=/usr/local/bin/lentigo run --board /etc/lentigo/board.toml"), "{unit}");
    let board = fs::read_to_string(stage.path().join("etc/lentigo/board.toml")).unwrap();
    assert!(board.contains("bundle = \"/usr/local/share/lentigo/bundles/asff-edge\""), "{board}");
    assert!(board.contains("folder = \"/var/lib/lentigo/records\"") && !board.contains("\"../"), "{board}");
}

#[test]
fn what_is_missing_is_said_before_anything_is_written() {
    let stage = tempdir().unwrap();
    let destination = stage.path().join("stage");
    for (variables, expected) in [
        (vec![], "say which board: make install BOARD=NAME, where NAME is one of: clinic-pc jetson-nano"),
        (vec![("BOARD", Path::new("raspberry-pi-6"))], "there is no board \"raspberry-pi-6\": give one of clinic-pc"),
        (vec![("BOARD", Path::new("simulated")), ("BINARY", Path::new("/nowhere"))], "there is no program /nowhere"),
        (vec![("BOARD", Path::new("simulated")), ("BUNDLE", Path::new("/nowhere"))], "/nowhere is no bundle"),
        (vec![("BOARD", Path::new("simulated")), ("PREFIX", Path::new("usr"))], "must be an absolute path"),
    ] {
        let mut variables = variables;
        variables.push(("DESTDIR", &destination));
        let output = script("install.sh", &variables);
        assert_eq!(output.status.code(), Some(1), "{expected}");
        assert!(said(&output).contains(expected), "{expected}: {}", said(&output));
        assert!(!destination.exists(), "{expected}");
    }
}

#[test]
fn a_package_is_the_same_bytes_every_time_and_keeps_the_board_file_as_a_setting() {
    let has = |tool: &str| Command::new(tool).arg("--version").output().is_ok();
    if !has("dpkg-deb") || !has("readelf") {
        eprintln!("dpkg-deb or readelf is not installed: packages are not tested");
        return;
    }
    let packages = ["one", "two"].map(|_| {
        let out = tempdir().unwrap();
        // A small bundle: compressing the one that ships takes seconds.
        let bundle = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/asff-tiny");
        let output = script("deb.sh", &[("BOARD", Path::new("simulated")), ("OUT", out.path()), ("BUNDLE", &bundle)]);
        assert!(output.status.success(), "{}", said(&output));
        let path = fs::read_dir(out.path()).unwrap().next().unwrap().unwrap().path();
        (out, path)
    });
    assert_eq!(fs::read(&packages[0].1).unwrap(), fs::read(&packages[1].1).unwrap());
    let field = |name: &str| {
        let output = Command::new("dpkg-deb").arg("--field").arg(&packages[0].1).arg(name).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    assert_eq!(field("Package"), "lentigo-simulated");
    assert!(field("Depends").starts_with("libc6 (>= 2."), "{}", field("Depends"));
    assert_eq!((field("Provides"), field("Conflicts")), ("lentigo".to_owned(), "lentigo".to_owned()));
    let conffiles = Command::new("dpkg-deb").arg("--info").arg(&packages[0].1).arg("conffiles").output().unwrap();
    assert_eq!(String::from_utf8(conffiles.stdout).unwrap(), "/etc/lentigo/board.toml\n");
}

#[test]
fn a_package_is_never_built_from_a_program_for_another_processor() {
    if Command::new("readelf").arg("--version").output().is_err() {
        eprintln!("readelf is not installed: packages are not tested");
        return;
    }
    let out = tempdir().unwrap();
    let other = if cfg!(target_arch = "aarch64") { "amd64" } else { "arm64" };
    let output = script("deb.sh", &[("BOARD", Path::new("simulated")), ("OUT", out.path()), ("DEB_ARCH", Path::new(other))]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains(&format!("not for DEB_ARCH={other}")), "{}", said(&output));
}
