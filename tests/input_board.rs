//! `[inputs]` of a board file: what is read and what is said when something is wrong.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking, in its helper functions too")]

use std::time::Duration;

use lentigo::device::{
    Command,
    board::{Board, DeviceChoice, InputsBoard, Pull},
};

fn text(inputs: &str) -> String {
    format!("[camera]\nkind = 'phantom'\n[display]\nkind = 'png'\nfolder = 'x'\n[model]\nbundle = 'x'\n[records]\nfolder = 'x'\n{inputs}\n")
}

fn inputs(lines: &str) -> InputsBoard {
    Board::parse(&text(lines)).unwrap_or_else(|error| panic!("{error}")).inputs
}

fn complaint(lines: &str) -> String {
    Board::parse(&text(lines)).expect_err("must be refused").to_string()
}

#[test]
fn a_board_that_names_no_inputs_has_none() {
    assert_eq!(inputs(""), InputsBoard::default());
    assert_eq!(inputs("[inputs.buttons]\nchip = '/dev/gpiochip4'\n").buttons, None);
}

#[test]
fn buttons_keys_touch_and_operators_are_read() {
    let inputs = inputs(
        "[inputs]\noperators = ['AB', 'Zoë Å.']\nhold_ms = 2000\n[inputs.held]\nsleep = 'capture'\n\
         [inputs.buttons]\nchip = 'pinctrl-bcm2711'\ncapture = 17\naccept = 27\nactive = 'high'\npull = 'down'\ndebounce_ms = 20\n\
         [inputs.keys]\ndevice = 'auto'\ncapture = ['KEY_F9']\nscan = []\n\
         [inputs.touch]\ndevice = '/dev/input/by-path/touch'\nrotation = 270\nmirrored = true\n",
    );
    assert_eq!(inputs.operators, ["AB", "Zoë Å."]);
    assert_eq!((inputs.holding.long, inputs.holding.long_after), (vec![(Command::Capture, Command::Sleep)], Duration::from_secs(2)));
    let buttons = inputs.buttons.unwrap();
    assert_eq!(buttons.lines, [(Command::Capture, 17), (Command::Accept, 27)]);
    assert_eq!((buttons.chip.as_str(), buttons.active_low, buttons.pull), ("pinctrl-bcm2711", false, Pull::Down));
    let keys = inputs.keys.unwrap();
    assert!(keys.map.contains(&(Command::Capture, 67)) && keys.map.contains(&(Command::Accept, 28)), "{:?}", keys.map);
    assert!(!keys.map.iter().any(|(command, _)| *command == Command::Scan));
    let touch = inputs.touch.unwrap();
    assert_eq!((touch.device, touch.quarter_turns, touch.mirrored), (DeviceChoice::Path("/dev/input/by-path/touch".into()), 3, true));
}

#[test]
fn every_command_has_a_key_of_its_own_by_default() {
    let keys = inputs("[inputs.keys]\ndevice = 'auto'\n").keys.unwrap();
    for command in Command::ALL {
        assert!(keys.map.iter().any(|(mapped, _)| *mapped == command), "{command}");
    }
}

#[test]
fn a_key_that_the_file_gives_away_is_taken_from_its_usual_command() {
    let keys = inputs("[inputs.keys]\ndevice = 'auto'\nscan = ['KEY_ENTER']\n").keys.unwrap();
    let enter: Vec<Command> = keys.map.iter().filter(|(_, code)| *code == 28).map(|(command, _)| *command).collect();
    assert_eq!(enter, [Command::Scan]);
    assert!(keys.map.contains(&(Command::Accept, 96)), "the other Enter stays");
}

#[test]
fn two_meanings_for_one_button_or_key_are_refused() {
    assert!(complaint("[inputs.buttons]\ncapture = 17\naccept = 17\n").contains("inputs.buttons.accept is on the same line as capture"));
    assert!(
        complaint("[inputs.keys]\nscan = ['KEY_F9']\ncapture = ['KEY_F9']\n")
            .contains("inputs.keys.scan names a key that means capture already")
    );
    assert!(complaint("[inputs.held]\nsleep = 'capture'\nscan = 'capture'\n").contains("gives the held capture button a second meaning"));
    assert!(complaint("[inputs.held]\nsleep = 'sleep'\n").contains("inputs.held.sleep must name another button than its own"));
}

#[test]
fn what_is_not_legal_is_answered_with_what_is() {
    assert!(complaint("[inputs.buttons]\ncapture = 'GPIO17'\n").contains("inputs.buttons.capture must be an integer from 0 to 1023"));
    assert!(complaint("[inputs.buttons]\ncaptur = 17\n").contains("did you mean"));
    assert!(complaint("[inputs.buttons]\nactive = 'lo'\n").contains("did you mean \"low\"?"));
    assert!(complaint("[inputs.keys]\naccept = ['ENTER']\n").contains("such as \"KEY_ENTER\""));
    assert!(complaint("[inputs.keys]\ndevice = 'event0'\n").contains("\"auto\" or the path of an input device"));
    assert!(complaint("[inputs.touch]\nrotation = 45\n").contains("inputs.touch.rotation must be 0, 90, 180 or 270"));
    assert!(complaint("[inputs]\noperators = ['']\n").contains("inputs.operators must be a list of texts of 1 to 32 characters"));
}
