//! The case form for boards with buttons only: what each press does to it and what the screen shows.
//!
//! Two buttons change a value, one goes on:
//! - Capture: the next field (in an age: from the tens to the single years first).
//! - Up and Down: another value. Numbers count up with Up; lists are read downwards, so Down is the next entry.
//! - Retake: this field is unknown.
//! - Accept: keep everything and leave. Details: leave, and everything is as before.
//!
//! An age is set by its tens, beginning at 50, then by its single years: 13 presses at most, where single years alone would take 60.
//! Holding a button gives the same press again and again, so lists need no second speed.
//! The case number is shown but not entered: letters by two buttons take longer than any console or code.
//!
//! Pure: knows no clock, no screen and no button.

use super::{Context, Field, Phototype, Sex, Site};
use crate::device::Command;

/// The form, being filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    context: Context,
    operators: Vec<String>,
    place: Place,
}

/// What a press led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The form is still open; show its view.
    Open,
    /// The person is done: this is what is known.
    Keep(Context),
    /// The person left without a change.
    Leave,
}

/// What the screen shows. Its `Debug` says nothing about the patient.
#[derive(Clone, PartialEq, Eq)]
pub struct FormView {
    /// The heading.
    pub title: String,
    /// Every field, in order.
    pub rows: Vec<FormRow>,
    /// What the buttons do now, a sentence.
    pub hint: String,
}

/// One field on the screen.
#[derive(Clone, PartialEq, Eq)]
pub struct FormRow {
    /// What it is: `Age`.
    pub label: &'static str,
    /// What it holds: `54 years`, `unknown`.
    pub value: String,
    /// The presses change this one.
    pub chosen: bool,
}

impl std::fmt::Debug for FormView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FormView({:?})", self.rows)
    }
}

impl std::fmt::Debug for FormRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}", self.label, if self.chosen { " (chosen)" } else { "" })
    }
}

/// What the presses change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// The tens of the age.
    Tens,
    /// The single years of the age.
    Years,
    Sex,
    Site,
    Phototype,
    Operator,
}

impl Form {
    /// A form that holds `context`, at its first field. `operators` are those to choose from.
    #[must_use]
    pub fn new(context: Context, operators: &[String]) -> Self {
        Self { context, operators: operators.to_vec(), place: Place::Tens }
    }

    /// What `command` does here. Scan and Sleep do nothing to a form; they are for whoever owns it.
    pub fn press(&mut self, command: Command) -> Outcome {
        match command {
            Command::Accept => return Outcome::Keep(self.context.clone()),
            Command::Details => return Outcome::Leave,
            Command::Capture => self.place = self.next(),
            Command::Up => self.change(Turn::Up),
            Command::Down => self.change(Turn::Down),
            Command::Retake => {
                self.context.clear(self.place.field());
                if self.place == Place::Years {
                    self.place = Place::Tens;
                }
            }
            Command::Scan | Command::Sleep => {}
        }
        Outcome::Open
    }

    /// Takes over what a code said meanwhile.
    pub fn learn(&mut self, said: &Context) {
        self.context.learn(said);
        if self.place == Place::Years {
            self.place = Place::Tens;
        }
    }

    /// What it holds now.
    #[must_use]
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// What the screen shows.
    #[must_use]
    pub fn view(&self) -> FormView {
        let chosen = self.place.field();
        let rows = Field::ALL.map(|field| FormRow { label: field.label(), value: self.context.shown(field), chosen: field == chosen });
        let hint = match self.place {
            Place::Tens => "Up, Down: ten years. Capture: single years.",
            Place::Years => "Up, Down: one year. Capture: next field.",
            Place::Operator if self.ring_of_operators().is_empty() => "Operators are set over the console.",
            Place::Operator => "Up, Down: another operator.",
            Place::Sex | Place::Site | Place::Phototype => "Up, Down: another value. Retake: unknown.",
        };
        FormView { title: "Case".to_owned(), rows: rows.to_vec(), hint: hint.to_owned() }
    }

    fn next(&self) -> Place {
        match self.place {
            // 120 is the oldest, so there are no single years to choose; nor of an age that is unknown.
            Place::Tens if self.context.age.is_some_and(|age| age < Context::OLDEST) => Place::Years,
            Place::Tens | Place::Years => Place::Sex,
            Place::Sex => Place::Site,
            Place::Site => Place::Phototype,
            Place::Phototype => Place::Operator,
            Place::Operator => Place::Tens,
        }
    }

    fn change(&mut self, turn: Turn) {
        let context = &mut self.context;
        match self.place {
            Place::Tens => context.age = Some(other_tens(context.age, turn)),
            Place::Years => context.age = context.age.map(|age| other_year(age, turn)),
            Place::Sex => context.sex = other(context.sex.as_ref(), &Sex::ALL, turn),
            Place::Site => context.site = other(context.site.as_ref(), &Site::ALL, turn),
            Place::Phototype => context.phototype = other(context.phototype.as_ref(), &Phototype::ALL, turn),
            Place::Operator => self.context.operator = other(self.context.operator.as_ref(), &self.ring_of_operators(), turn),
        }
    }

    /// The operators to choose from; the present one too, or a press could lose it.
    fn ring_of_operators(&self) -> Vec<String> {
        let mut ring = self.operators.clone();
        ring.extend(self.context.operator.iter().filter(|present| !self.operators.contains(present)).cloned());
        ring
    }
}

impl Place {
    fn field(self) -> Field {
        match self {
            Self::Tens | Self::Years => Field::Age,
            Self::Sex => Field::Sex,
            Self::Site => Field::Site,
            Self::Phototype => Field::Phototype,
            Self::Operator => Field::Operator,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    Up,
    Down,
}

/// Ten years more or less, round from 120 to 0; an unknown age begins at 50.
fn other_tens(age: Option<u8>, turn: Turn) -> u8 {
    const FIRST: u8 = 50;
    let Some(age) = age else { return FIRST };
    let tens = match (turn, age / 10) {
        (Turn::Up, 12) => 0,
        (Turn::Up, tens) => tens + 1,
        (Turn::Down, 0) => 12,
        (Turn::Down, tens) => tens - 1,
    };
    (tens * 10 + age % 10).min(Context::OLDEST)
}

/// One year more or less, round within the same ten years.
fn other_year(age: u8, turn: Turn) -> u8 {
    let step = match turn {
        Turn::Up => 1,
        Turn::Down => 9,
    };
    (age / 10 * 10 + (age % 10 + step) % 10).min(Context::OLDEST)
}

/// The entry after or before `present` in the ring of "unknown" and `all`. Lists are read downwards.
fn other<T: Clone + PartialEq>(present: Option<&T>, all: &[T], turn: Turn) -> Option<T> {
    let entries = all.len() + 1;
    let at = present.and_then(|present| all.iter().position(|entry| entry == present)).map_or(0, |index| index + 1);
    let to = match turn {
        Turn::Down => (at + 1) % entries,
        Turn::Up => (at + entries - 1) % entries,
    };
    to.checked_sub(1).and_then(|index| all.get(index).cloned())
}
