//! `[inputs]`: buttons, keys and touch, what holding one means, and the operators that the case form offers.

use std::{path::PathBuf, time::Duration};

use super::section::Section;
use crate::{
    device::Command,
    input::key_code,
    patient::{Context, Field},
};

/// How a person presses something.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct InputsBoard {
    /// Operators that the case form offers.
    pub operators: Vec<String>,
    /// What holding a button or key means.
    pub holding: HoldingBoard,
    /// Buttons on GPIO lines; `None` when no line is named.
    pub buttons: Option<ButtonsBoard>,
    /// Keyboards and remote shutters; `None` when not wanted.
    pub keys: Option<KeysBoard>,
    /// Touch panels; `None` when not wanted.
    pub touch: Option<TouchBoard>,
}

/// What holding a button or key means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldingBoard {
    /// Pairs of a button and what holding it means instead.
    pub long: Vec<(Command, Command)>,
    /// How long is long.
    pub long_after: Duration,
    /// Up and Down begin to repeat after this long.
    pub repeat_after: Duration,
    /// Time between two repeats.
    pub repeat_every: Duration,
}

/// Buttons on GPIO lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ButtonsBoard {
    /// Path, name or label of the chip: `/dev/gpiochip0`, `gpiochip0`, `pinctrl-bcm2711`.
    pub chip: String,
    /// Each button with its line on that chip.
    pub lines: Vec<(Command, u32)>,
    /// A pressed button pulls its line to ground.
    pub active_low: bool,
    /// What the board does to a line that nothing drives.
    pub pull: Pull,
    /// A level must stand still this long to count.
    pub debounce: Duration,
}

/// What the board does to a line that nothing drives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pull {
    /// A resistor to the supply.
    Up,
    /// A resistor to ground.
    Down,
    /// None: there is one outside.
    None,
    /// As the device tree has it.
    AsIs,
}

/// Keyboards and remote shutters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeysBoard {
    /// Which are listened to.
    pub device: DeviceChoice,
    /// Nobody else gets their keys.
    pub grab: bool,
    /// Each command with the code of a key for it.
    pub map: Vec<(Command, u16)>,
}

/// Touch panels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TouchBoard {
    /// Which are listened to.
    pub device: DeviceChoice,
    /// How far the picture is turned clockwise on the touch panel, in quarter turns, 0 to 3.
    pub quarter_turns: u8,
    /// The panel counts from right to left.
    pub mirrored: bool,
}

/// Which of the kernel's input devices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeviceChoice {
    /// Every one that has what is wanted, whenever it comes.
    Auto,
    /// This one.
    Path(PathBuf),
}

impl Default for HoldingBoard {
    fn default() -> Self {
        Self {
            long: Vec::new(),
            long_after: Duration::from_millis(1500),
            repeat_after: Duration::from_millis(500),
            repeat_every: Duration::from_millis(150),
        }
    }
}

const LINE: &str = "Line of the chip that this button is on, counted from 0 as `gpioinfo` does. Left out: no such button.";
const KEYS: &str = "Keys that mean this, by the kernel's names (`evtest` shows them); an empty list for none.";
const LONG: &str = "The button or key that means this when it is held; its short press then counts when it is let go. Left out: none.";

impl InputsBoard {
    pub(super) fn read(mut section: Section<'_>) -> Self {
        let legal = |text: &str| Context::default().set(Field::Operator, text).is_ok();
        let operators = section
            .texts("operators", "a list of texts of 1 to 32 characters", legal)
            .means("Who the case form offers as operator, in this order. The console and a code can name others.")
            .or_shown(Vec::new(), "[]");
        let milliseconds = |section: &mut Section<'_>, key, range, meaning, default: Duration| {
            Duration::from_millis(section.integer(key, range, "milliseconds").means(meaning).or(default.as_millis() as u64))
        };
        let usual = HoldingBoard::default();
        let long_after = milliseconds(
            &mut section,
            "hold_ms",
            300..=10_000,
            "A button or key that is held this long is held: see `[inputs.held]`.",
            usual.long_after,
        );
        let repeat_after = milliseconds(
            &mut section,
            "repeat_after_ms",
            200..=5_000,
            "Up and Down repeat when held; this long after the press the first time.",
            usual.repeat_after,
        );
        let repeat_every =
            milliseconds(&mut section, "repeat_every_ms", 30..=2_000, "Time between two repeats of Up or Down.", usual.repeat_every);
        let long = read_long(section.section("held"));
        let buttons = ButtonsBoard::read(section.section("buttons"));
        let keys = KeysBoard::read(section.section("keys"));
        let touch = TouchBoard::read(section.section("touch"));
        section.finish("");
        Self { operators, holding: HoldingBoard { long, long_after, repeat_after, repeat_every }, buttons, keys, touch }
    }
}

fn read_long(mut section: Section<'_>) -> Vec<(Command, Command)> {
    let names = Command::ALL.map(|command| (command.name(), command));
    let mut long: Vec<(Command, Command)> = Vec::new();
    for meant in Command::ALL {
        if let Some(held) = section.choice(meant.name(), &names).means(LONG).optional() {
            if long.iter().any(|(other, _)| *other == held) {
                section.conflict(meant.name(), &format!("gives the held {held} button a second meaning"));
            } else if held == meant {
                section.conflict(meant.name(), "must name another button than its own");
            }
            long.push((held, meant));
        }
    }
    section.finish("");
    long
}

impl ButtonsBoard {
    fn read(mut section: Section<'_>) -> Option<Self> {
        let chip = section
            .text("chip", "the path, name or label of a GPIO chip", |text| !text.is_empty() && text.len() <= 64 && !text.contains('\0'))
            .means("The chip that the buttons are on: its path, or its label as `gpiodetect` shows it, which does not change when chips are found in another order.")
            .or_shown("/dev/gpiochip0".to_owned(), "\"/dev/gpiochip0\"");
        let active_low = section
            .choice("active", &[("low", true), ("high", false)])
            .means("The level of a line whose button is pressed: low when the button connects it to ground.")
            .or_shown(true, "\"low\"");
        let pull = section
            .choice("pull", &[("up", Pull::Up), ("down", Pull::Down), ("none", Pull::None), ("as-is", Pull::AsIs)])
            .means("Resistor that the board switches to the lines, if it can: up for buttons to ground without a resistor of their own.")
            .or_shown(Pull::Up, "\"up\"");
        let debounce = section
            .integer("debounce_ms", 0..=200, "milliseconds")
            .means("A level must stand still this long to count, because contacts bounce.")
            .or(10);
        let mut lines: Vec<(Command, u32)> = Vec::new();
        for command in Command::ALL {
            if let Some(line) = section.integer(command.name(), 0..=1023, "").means(LINE).optional() {
                if let Some((other, _)) = lines.iter().find(|(_, taken)| *taken == line) {
                    section.conflict(command.name(), &format!("is on the same line as {other}"));
                }
                lines.push((command, line));
            }
        }
        section.finish("");
        (!lines.is_empty()).then(|| Self { chip, lines, active_low, pull, debounce: Duration::from_millis(debounce) })
    }
}

impl KeysBoard {
    /// Keys of ordinary keyboards, and of remote shutters, which are keyboards with a volume key.
    fn usual(command: Command) -> &'static [&'static str] {
        match command {
            Command::Capture => &["KEY_VOLUMEUP", "KEY_CAMERA", "KEY_SPACE"],
            Command::Accept => &["KEY_ENTER", "KEY_KPENTER"],
            Command::Retake => &["KEY_BACKSPACE", "KEY_ESC"],
            Command::Details => &["KEY_TAB"],
            Command::Up => &["KEY_UP", "KEY_PAGEUP"],
            Command::Down => &["KEY_DOWN", "KEY_PAGEDOWN"],
            Command::Scan => &["KEY_S"],
            Command::Sleep => &["KEY_POWER", "KEY_SLEEP"],
        }
    }

    fn read(mut section: Section<'_>) -> Option<Self> {
        let device = read_device(
            &mut section,
            "Keyboard or remote shutter: `\"auto\"` listens to every one that has one of the keys, whenever it is plugged in. Left out: none.",
        );
        let grab = section
            .boolean("grab")
            .means("Keeps the keys from everybody else, such as the login prompt of the board's console. Not for a PC that is used for other things.")
            .or(false);
        let mut lists: Vec<(Command, Vec<String>)> = Vec::new();
        for command in Command::ALL {
            let usual = Self::usual(command);
            let names = section
                .texts(command.name(), "a list of names of keys, such as \"KEY_ENTER\"", |name| key_code(name).is_some())
                .means(KEYS)
                .or_shown(usual.iter().map(|name| (*name).to_owned()).collect(), format!("{usual:?}"));
            lists.push((command, names));
        }
        // Lists that the file changes come first: who gives Enter to another command need not take it away from its usual one too.
        lists.sort_by_key(|(command, names)| names == Self::usual(*command));
        let mut map: Vec<(Command, u16)> = Vec::new();
        for (command, names) in lists {
            for code in names.iter().filter_map(|name| key_code(name)) {
                match map.iter().find(|(_, taken)| *taken == code) {
                    Some((other, _)) if *other != command && names != Self::usual(command) => {
                        section.conflict(command.name(), &format!("names a key that means {other} already"));
                    }
                    Some(_) => {}
                    None => map.push((command, code)),
                }
            }
        }
        section.finish("");
        device.map(|device| Self { device, grab, map })
    }
}

impl TouchBoard {
    fn read(mut section: Section<'_>) -> Option<Self> {
        let device = read_device(
            &mut section,
            "Touch panel: `\"auto\"` listens to every one. A tap on the bottom bar is a press of the button that is drawn there. Left out: none.",
        );
        let rotation: u16 = section
            .integer("rotation", 0..=270, "degrees")
            .means("How far the picture is turned clockwise on the touch panel, 0, 90, 180 or 270: the same as the display's rotation when both are one piece.")
            .or(0);
        if !rotation.is_multiple_of(90) {
            section.conflict("rotation", "must be 0, 90, 180 or 270");
        }
        let mirrored = section.boolean("mirrored").means("The panel counts from right to left; looked at before the rotation.").or(false);
        section.finish("");
        device.map(|device| Self { device, quarter_turns: (rotation / 90) as u8, mirrored })
    }
}

fn read_device(section: &mut Section<'_>, meaning: &'static str) -> Option<DeviceChoice> {
    let legal = |text: &str| text == "auto" || (text.starts_with("/dev/") && !text.contains('\0'));
    let named = section
        .text("device", "\"auto\" or the path of an input device, such as \"/dev/input/event0\"", legal)
        .means(meaning)
        .optional()?;
    Some(if named == "auto" { DeviceChoice::Auto } else { DeviceChoice::Path(named.into()) })
}
