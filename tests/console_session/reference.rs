//! `docs/console.md` is what the code does.

use std::path::Path;

use lentigo::console::{commands::COMMANDS, reference::reference};

use crate::bench::Bench;

/// Written anew with `LENTIGO_ACCEPT_SNAPSHOTS=1 cargo test --test console_session`.
#[test]
fn the_console_reference_is_what_the_code_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/console.md");
    let reference = reference();
    if std::env::var_os("LENTIGO_ACCEPT_SNAPSHOTS").is_some() {
        std::fs::write(&path, &reference).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == reference, "docs/console.md is not what the code says");
}

#[test]
fn every_example_is_a_line_that_its_command_understands() {
    for command in COMMANDS {
        let mut bench = Bench::machine();
        // Something to unset, and no folder of that name to write to.
        bench.line("set capture.hold_ms 2000");
        let example = if command.name == "login" || command.name == "pin" { continue } else { command.example };
        let said = bench.line(example);
        assert!(!said.contains("is not a way to use it") && !said.contains("takes") && !said.contains("there is no command"), "{said}");
        assert!(command.usages.iter().all(|usage| !usage.meaning.ends_with('.')), "{}", command.name);
    }
}

#[test]
fn the_script_in_the_reference_gets_the_answers_that_stand_there() {
    let reference = reference();
    let script = reference.split("```").nth(1).unwrap();
    let mut bench = Bench::new();
    let mut said = String::new();
    for line in script.trim().lines() {
        match line {
            "^C" => said = bench.bytes(b"\x03"),
            answer if answer.starts_with('{') => {
                let expected = if answer.contains("Type `login`") {
                    answer.replace("Type `login` first.", "No PIN is set yet: type `pin` to set one.")
                } else {
                    answer.to_owned()
                };
                assert_eq!(said.lines().last().unwrap(), expected);
            }
            line => said = bench.line(line),
        }
    }
}
