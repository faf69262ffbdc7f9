//! `lentigo board`, from the command line.
#![allow(clippy::unwrap_used, reason = "a test may stop")]

mod support;

use std::fs;

use support::command::{arg, lentigo, text};
use tempfile::tempdir;

const GOOD: &str = "[camera]\nkind = \"phantom\"\n[display]\nkind = \"png\"\nfolder = \"screens\"\n[model]\nbundle = \"bundle\"\n[records]\nfolder = \"records\"\n";

#[test]
fn a_good_file_is_told_on_one_screen() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("board.toml");
    fs::write(&file, GOOD).unwrap();
    let output = lentigo(&["board", "check", arg(&file)]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let said = text(&output.stdout);
    assert!(said.starts_with(&format!("{} describes a board\n", file.display())), "{said}");
    assert!(said.contains("camera       kind \"phantom\"") && said.contains("records      folder \"records\""), "{said}");
    assert!(said.lines().count() <= 24);
}

#[test]
fn an_error_names_the_key_the_legal_values_and_the_nearest_key() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("board.toml");
    fs::write(&file, GOOD.replace("bundle = \"bundle\"", "bundle = \"bundle\"\nthreads = 99\nkernel = \"neon\"\nkernels = \"dot-prod\""))
        .unwrap();
    let output = lentigo(&["board", "check", arg(&file)]).output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    let said = text(&output.stderr);
    for expected in [
        "model.threads must be an integer from 1 to 16 threads; here it is the integer 99",
        "model.kernel is not a key of [model]; did you mean model.kernels?",
        "model.kernels must be \"auto\", \"scalar\", \"avx2\"",
        "did you mean \"dotprod\"?",
    ] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    assert!(output.stdout.is_empty());
}

#[test]
fn every_file_is_checked_whatever_is_wrong_with_another() {
    let folder = tempdir().unwrap();
    let (good, bad, missing) = (folder.path().join("good.toml"), folder.path().join("bad.toml"), folder.path().join("missing.toml"));
    fs::write(&good, GOOD).unwrap();
    fs::write(&bad, "[camera").unwrap();
    let output = lentigo(&["board", "check", arg(&bad), arg(&missing), arg(&good)]).output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    let said = text(&output.stderr);
    assert!(said.contains("bad.toml is not valid TOML") && said.contains("cannot read the board file"), "{said}");
    assert!(text(&output.stdout).contains("good.toml describes a board"));
}

#[test]
fn present_looks_for_what_the_file_names_and_only_then() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("board.toml");
    let foreign = if cfg!(target_arch = "aarch64") { "avx2" } else { "neon" };
    fs::write(&file, GOOD.replace("bundle = \"bundle\"", &format!("bundle = \"bundle\"\nkernels = \"{foreign}\""))).unwrap();
    assert!(lentigo(&["board", "check", arg(&file)]).output().unwrap().status.success());

    let output = lentigo(&["board", "check", "--present", arg(&file)]).output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stderr).contains("model.bundle: there is no folder"), "{}", text(&output.stderr));

    fs::create_dir(folder.path().join("bundle")).unwrap();
    let output = lentigo(&["board", "check", "--present", arg(&file)]).env_remove("LENTIGO_KERNELS").output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    let said = text(&output.stderr);
    assert!(said.contains("model.kernels: this processor has no kernels called") && said.contains("it can run scalar"), "{said}");

    // The environment outweighs the file.
    let output = lentigo(&["board", "check", "--present", arg(&file)]).env("LENTIGO_KERNELS", "scalar").output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("describes a board, and everything that it names is here"));
}

#[test]
fn the_reference_is_what_the_code_reads() {
    let output = lentigo(&["board", "reference"]).output().unwrap();
    assert_eq!(text(&output.stdout), lentigo::device::board::Board::reference());
}

#[test]
fn present_names_everything_that_is_not_attached_at_once() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("board.toml");
    fs::create_dir(folder.path().join("bundle")).unwrap();
    let more = "[console]\ndevice = \"/dev/no-console\"\n[inputs.buttons]\nchip = \"no-chip\"\ncapture = 1\n\
                [inputs.keys]\ndevice = \"/dev/no-keys\"\n[inputs.touch]\ndevice = \"auto\"\n";
    fs::write(&file, format!("{GOOD}{more}")).unwrap();
    assert!(lentigo(&["board", "check", arg(&file)]).output().unwrap().status.success());
    let output = lentigo(&["board", "check", "--present", arg(&file)]).output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    let said = text(&output.stderr);
    for expected in ["console.device: /dev/no-console cannot be found", "label \"no-chip\"", "inputs.keys.device: /dev/no-keys"] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    assert!(!said.contains("touch"), "what is found by itself may come later: {said}");
}
