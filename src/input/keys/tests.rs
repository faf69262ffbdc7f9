//! Keyboards and panels that a test plugs in, presses and pulls out.

use std::{
    collections::VecDeque,
    io,
    sync::{Arc, Mutex},
};

use super::{
    decode::{Event, number::*},
    shelf::TouchAxes,
    *,
};
use crate::{
    device::Command,
    input::tap::{Axis, Tap},
};

const KEY_ENTER: u16 = 28;
const KEY_DOWN: u16 = 108;
const KEY_A: u16 = 30;

#[derive(Clone, Default)]
struct Device {
    keys: Vec<u16>,
    touch: Option<TouchAxes>,
    wire: Arc<Mutex<Wire>>,
}

#[derive(Default)]
struct Wire {
    events: VecDeque<Event>,
    pulled: bool,
    opened: usize,
    grabbed: bool,
    refused: bool,
}

impl Device {
    fn keyboard() -> Self {
        Self { keys: vec![KEY_ENTER, KEY_DOWN, KEY_A], ..Self::default() }
    }

    fn panel() -> Self {
        let axis = Axis { least: 0, greatest: 100 };
        Self { touch: Some(TouchAxes { x: axis, y: axis, at: (0, 0), single: true }), ..Self::default() }
    }

    fn wire(&self) -> std::sync::MutexGuard<'_, Wire> {
        self.wire.lock().unwrap()
    }

    fn key(&self, code: u16, value: i32) {
        self.wire().events.extend([Event { kind: EV_KEY, code, value }, Event { kind: EV_SYN, code: SYN_REPORT, value: 0 }]);
    }
}

impl EventDevice for Device {
    fn name(&self) -> String {
        "fake".to_owned()
    }

    fn has_key(&self, code: u16) -> bool {
        self.keys.contains(&code)
    }

    fn touch(&self) -> Option<TouchAxes> {
        self.touch
    }

    fn events(&mut self) -> io::Result<Vec<Event>> {
        let mut wire = self.wire();
        if wire.pulled { Err(io::Error::from_raw_os_error(19)) } else { Ok(wire.events.drain(..).collect()) }
    }

    fn grab(&mut self) -> io::Result<()> {
        self.wire().grabbed = true;
        Ok(())
    }

    fn descriptor(&self) -> Option<BorrowedFd<'_>> {
        None
    }
}

#[derive(Clone, Default)]
struct Table(Arc<Mutex<Vec<(Place, Device)>>>);

impl Table {
    fn plug(&self, path: &str, device: &Device) {
        let mut table = self.0.lock().unwrap();
        table.retain(|(place, _)| place.path != Path::new(path));
        let number = Arc::as_ptr(&device.wire) as u64;
        table.push((Place { path: path.into(), number }, device.clone()));
    }

    fn pull(&self, path: &str) {
        self.0.lock().unwrap().retain(|(place, device)| {
            let stays = place.path != Path::new(path);
            device.wire().pulled |= !stays;
            stays
        });
    }
}

impl Shelf for Table {
    fn list(&mut self) -> Vec<Place> {
        self.0.lock().unwrap().iter().map(|(place, _)| place.clone()).collect()
    }

    fn find(&mut self, path: &Path) -> Option<Place> {
        self.list().into_iter().find(|place| place.path == path)
    }

    fn open(&mut self, place: &Place) -> io::Result<Box<dyn EventDevice>> {
        let table = self.0.lock().unwrap();
        let device = table.iter().find(|(other, _)| other == place).map(|(_, device)| device.clone()).unwrap();
        device.wire().opened += 1;
        if device.wire().refused { Err(io::ErrorKind::PermissionDenied.into()) } else { Ok(Box::new(device)) }
    }
}

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

fn keys_board(device: DeviceChoice, grab: bool) -> KeysBoard {
    KeysBoard { device, grab, map: vec![(Command::Accept, KEY_ENTER), (Command::Down, KEY_DOWN)] }
}

fn keys(table: &Table, device: DeviceChoice) -> Keys {
    Keys::from(Box::new(table.clone()), Some(&keys_board(device, false)), None, &HoldingBoard::default())
}

fn touch(table: &Table) -> Keys {
    let board = TouchBoard { device: DeviceChoice::Auto, quarter_turns: 0, mirrored: false };
    Keys::from(Box::new(table.clone()), None, Some(&board), &HoldingBoard::default())
}

fn heard(keys: &mut Keys, now: u64) -> Vec<Pressed> {
    let mut heard = Vec::new();
    keys.tend(ms(now), &mut heard);
    heard.into_iter().map(|press| press.what).collect()
}

#[test]
fn keys_mean_commands_and_other_keys_mean_nothing() {
    let (table, keyboard) = (Table::default(), Device::keyboard());
    table.plug("/dev/input/event0", &keyboard);
    let mut keys = keys(&table, DeviceChoice::Auto);
    assert_eq!(heard(&mut keys, 0), []);
    for (code, value) in [(KEY_A, 1), (KEY_A, 0), (KEY_ENTER, 1), (KEY_ENTER, 2), (KEY_ENTER, 0)] {
        keyboard.key(code, value);
    }
    assert_eq!(heard(&mut keys, 10), [Pressed::Command(Command::Accept)]);
    assert_eq!(keys.describe(), ["keys of fake (/dev/input/event0)"]);
}

#[test]
fn a_held_arrow_repeats_even_on_a_device_without_repeats_of_its_own() {
    let (table, keyboard) = (Table::default(), Device::keyboard());
    table.plug("/dev/input/event0", &keyboard);
    let mut keys = keys(&table, DeviceChoice::Auto);
    heard(&mut keys, 0);
    keyboard.key(KEY_DOWN, 1);
    let down = [Pressed::Command(Command::Down)];
    assert_eq!(heard(&mut keys, 10), down);
    assert_eq!(keys.due(), Some(ms(510)));
    assert_eq!(heard(&mut keys, 510), down);
    keyboard.key(KEY_DOWN, 0);
    assert_eq!(heard(&mut keys, 520), []);
    assert_eq!(heard(&mut keys, 3000), []);
}

#[test]
fn what_is_plugged_in_later_is_found_and_what_is_pulled_out_comes_back() {
    let (table, first, second) = (Table::default(), Device::keyboard(), Device::keyboard());
    let mut keys = keys(&table, DeviceChoice::Auto);
    assert_eq!(heard(&mut keys, 0), []);
    assert!(keys.troubles().is_empty(), "a remote shutter that sleeps is no trouble");
    table.plug("/dev/input/event0", &first);
    assert_eq!(keys.due(), Some(ms(1000)));
    heard(&mut keys, 1000);
    first.key(KEY_DOWN, 1);
    assert_eq!(heard(&mut keys, 1010), [Pressed::Command(Command::Down)]);
    table.pull("/dev/input/event0");
    assert_eq!(heard(&mut keys, 1020), []);
    assert!(keys.describe().is_empty());
    assert_eq!(heard(&mut keys, 5000), [], "the arrow that was held is not repeated for ever");
    table.plug("/dev/input/event0", &second);
    heard(&mut keys, 6000);
    second.key(KEY_ENTER, 1);
    assert_eq!(heard(&mut keys, 6010), [Pressed::Command(Command::Accept)]);
}

#[test]
fn a_device_that_has_nothing_of_use_is_opened_only_once() {
    let (table, mouse) = (Table::default(), Device::default());
    table.plug("/dev/input/event1", &mouse);
    let mut keys = keys(&table, DeviceChoice::Auto);
    for second in 0..5 {
        heard(&mut keys, second * 1000);
    }
    assert_eq!((mouse.wire().opened, keys.describe().len()), (1, 0));
    let keyboard = Device::keyboard();
    table.plug("/dev/input/event1", &keyboard);
    heard(&mut keys, 9000);
    assert_eq!(keys.describe().len(), 1, "another device at the same path is looked at");
}

#[test]
fn a_named_device_is_missed_until_it_comes_and_others_are_left_alone() {
    let (table, other) = (Table::default(), Device::keyboard());
    table.plug("/dev/input/event0", &other);
    let mut keys = keys(&table, DeviceChoice::Path("/dev/input/event7".into()));
    heard(&mut keys, 0);
    assert_eq!(keys.troubles()[0].detail, "no keyboard or remote shutter at /dev/input/event7");
    assert_eq!(other.wire().opened, 0);
    table.plug("/dev/input/event7", &Device::keyboard());
    heard(&mut keys, 1000);
    assert!(keys.troubles().is_empty());
}

#[test]
fn a_device_that_may_not_be_opened_is_told_and_tried_again() {
    let (table, keyboard) = (Table::default(), Device::keyboard());
    keyboard.wire().refused = true;
    table.plug("/dev/input/event0", &keyboard);
    let mut keys = keys(&table, DeviceChoice::Auto);
    heard(&mut keys, 0);
    assert!(keys.troubles()[0].detail.starts_with("/dev/input/event0 does not work"), "{:?}", keys.troubles());
    keyboard.wire().refused = false;
    heard(&mut keys, 1000);
    assert!(keys.troubles().is_empty());
}

#[test]
fn a_keyboard_is_grabbed_only_when_the_board_says_so() {
    for grab in [false, true] {
        let (table, keyboard) = (Table::default(), Device::keyboard());
        table.plug("/dev/input/event0", &keyboard);
        let mut keys = Keys::from(Box::new(table), Some(&keys_board(DeviceChoice::Auto, grab)), None, &HoldingBoard::default());
        heard(&mut keys, 0);
        assert_eq!(keyboard.wire().grabbed, grab);
    }
}

#[test]
fn a_touch_panel_gives_taps_and_its_absence_is_told() {
    let (table, panel) = (Table::default(), Device::panel());
    let mut keys = touch(&table);
    heard(&mut keys, 0);
    assert_eq!(keys.troubles()[0].cause, "There is no touch panel.");
    table.plug("/dev/input/event3", &panel);
    heard(&mut keys, 1000);
    assert!(keys.troubles().is_empty());
    panel.wire().events.extend(
        [(EV_ABS, ABS_X, 50), (EV_ABS, ABS_Y, 90), (EV_KEY, BTN_TOUCH, 1), (EV_SYN, SYN_REPORT, 0)].map(|(kind, code, value)| Event {
            kind,
            code,
            value,
        }),
    );
    panel.key(BTN_TOUCH, 0);
    assert_eq!(heard(&mut keys, 1010), [Pressed::Tap(Tap { x: 0.5, y: 0.9 })]);
}

#[test]
fn after_lost_events_nothing_is_held() {
    let (table, keyboard) = (Table::default(), Device::keyboard());
    table.plug("/dev/input/event0", &keyboard);
    let mut keys = keys(&table, DeviceChoice::Auto);
    heard(&mut keys, 0);
    keyboard.key(KEY_DOWN, 1);
    assert_eq!(heard(&mut keys, 10).len(), 1);
    keyboard.wire().events.push_back(Event { kind: EV_SYN, code: SYN_DROPPED, value: 0 });
    assert_eq!(heard(&mut keys, 900), []);
    assert_eq!(heard(&mut keys, 2000), []);
}

#[test]
fn keys_are_known_by_the_kernels_names() {
    assert_eq!((key_code("KEY_ENTER"), key_code("KEY_VOLUMEUP"), key_code("KEY_NOPE"), key_code("")), (Some(28), Some(115), None, None));
}
