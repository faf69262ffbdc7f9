//! Keys and touch of the kernel itself, by devices that `uinput` makes. Needs `/dev/uinput` and `/dev/input`, so it runs in a virtual machine:
//! `cargo test --test input_kernel -- --ignored --test-threads=1`.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking, in its helper functions too")]

use std::time::Duration;

use evdev::{AbsInfo, AbsoluteAxisCode, AttributeSet, EventType, InputEvent, KeyCode, PropType, UinputAbsSetup, uinput::VirtualDevice};
use lentigo::{
    device::{Command, board::Board},
    input::{Inputs, Pressed, Presses, Source, open},
};

/// Longer than the second between two looks at the folder, on a slow machine.
const LONG: Duration = Duration::from_secs(20);

fn inputs(lines: &str) -> Inputs {
    let text = "[camera]\nkind = 'phantom'\n[display]\nkind = 'png'\nfolder = 'x'\n[model]\nbundle = 'x'\n[records]\nfolder = 'x'\n";
    open(&Board::parse(&format!("{text}{lines}")).unwrap().inputs)
}

fn keyboard() -> VirtualDevice {
    let keys: AttributeSet<KeyCode> = [KeyCode::KEY_ENTER, KeyCode::KEY_VOLUMEUP].into_iter().collect();
    VirtualDevice::builder().unwrap().name("lentigo test keyboard").with_keys(&keys).unwrap().build().unwrap()
}

fn panel() -> VirtualDevice {
    let touch: AttributeSet<KeyCode> = [KeyCode::BTN_TOUCH].into_iter().collect();
    let direct: AttributeSet<PropType> = [PropType::DIRECT].into_iter().collect();
    let axis = |code| UinputAbsSetup::new(code, AbsInfo::new(0, 100, 1100, 0, 0, 0));
    let builder = VirtualDevice::builder().unwrap().name("lentigo test panel").with_keys(&touch).unwrap().with_properties(&direct).unwrap();
    let builder = builder.with_absolute_axis(&axis(AbsoluteAxisCode::ABS_X)).unwrap();
    builder.with_absolute_axis(&axis(AbsoluteAxisCode::ABS_Y)).unwrap().build().unwrap()
}

/// Waits until something whose description has `what` in it is listened to, or no longer is.
fn wait_for(inputs: &mut Inputs, what: &str, there: bool) {
    for _ in 0..200 {
        if inputs.describe().iter().any(|device| device.contains(what)) == there {
            return;
        }
        inputs.next(Duration::from_millis(100)).unwrap();
    }
    panic!("{what} there: {there} never came; {:?}, {:?}", inputs.describe(), inputs.troubles());
}

fn press(device: &mut VirtualDevice, key: KeyCode) {
    for value in [1, 0] {
        device.emit(&[InputEvent::new(EventType::KEY.0, key.0, value)]).unwrap();
    }
}

#[test]
#[ignore = "needs /dev/uinput"]
fn a_keyboard_is_heard_pulled_out_and_heard_again() {
    let mut inputs = inputs("[inputs.keys]\ndevice = 'auto'\ngrab = true\n");
    for key in [(KeyCode::KEY_ENTER, Command::Accept), (KeyCode::KEY_VOLUMEUP, Command::Capture)] {
        let mut keyboard = keyboard();
        wait_for(&mut inputs, "lentigo test keyboard", true);
        press(&mut keyboard, key.0);
        let heard = inputs.next(LONG).unwrap().unwrap();
        assert_eq!((heard.what, heard.source), (Pressed::Command(key.1), Source::Key));
        drop(keyboard);
        wait_for(&mut inputs, "lentigo test keyboard", false);
    }
}

#[test]
#[ignore = "needs /dev/uinput"]
fn a_tap_comes_in_shares_of_the_panels_own_range() {
    let mut panel = panel();
    let mut inputs = inputs("[inputs.touch]\ndevice = 'auto'\nrotation = 180\n");
    wait_for(&mut inputs, "lentigo test panel", true);
    assert!(inputs.troubles().is_empty(), "{:?}", inputs.troubles());
    let absolute = |code: AbsoluteAxisCode, value| InputEvent::new(EventType::ABSOLUTE.0, code.0, value);
    let touch = |value| InputEvent::new(EventType::KEY.0, KeyCode::BTN_TOUCH.0, value);
    panel.emit(&[absolute(AbsoluteAxisCode::ABS_X, 350), absolute(AbsoluteAxisCode::ABS_Y, 200), touch(1)]).unwrap();
    panel.emit(&[touch(0)]).unwrap();
    let heard = inputs.next(LONG).unwrap().unwrap();
    let Pressed::Tap(tap) = heard.what else { panic!("{heard:?}") };
    assert!((tap.x - 0.75).abs() < 1e-5 && (tap.y - 0.9).abs() < 1e-5, "{tap:?}");
}
