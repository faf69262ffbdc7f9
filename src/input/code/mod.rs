//! Finding a QR code before the lens and reading the case that it names.
//!
//! A frame is looked at small first: a code that fills a good part of the view is found there in a fraction of the time, and averaging takes the
//! noise away. Only when nothing is read there is it looked at in full, softened against noise, then as it is, for a code that is far away.
//! What a code says is told to the person and never logged.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rqrr::{Grid, Point, PreparedImage};

use crate::{
    frame::{Frame, Luma},
    patient::code::{CodeError, Said, decode, is_ours},
};

mod bitmap;
mod finders;
mod shrink;

use bitmap::Bitmap;

/// What was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sight {
    /// No code.
    Nothing,
    /// Something like a code that cannot be read: blurred, cut off, or too far away.
    Unreadable,
    /// A code that names no case.
    Foreign(CodeError),
    /// A case.
    Case(Said),
}

impl Sight {
    /// Whether a code was read, whatever it says.
    fn is_read(&self) -> bool {
        matches!(self, Self::Foreign(_) | Self::Case(_))
    }

    /// What the person should do to get a case read, a sentence; `None` when one was.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Nothing => Some("Hold the code before the lens.".to_owned()),
            Self::Unreadable => Some("Hold still, with the whole code in view.".to_owned()),
            Self::Foreign(error) => Some(sentence(&error.to_string())),
            Self::Case(_) => None,
        }
    }
}

/// Looks for a code in `frame`. Of several, one of lentigo's own counts most, then one that names a case, then the one nearest to the middle.
#[must_use]
pub fn look(frame: &Frame) -> Sight {
    /// The longer side of the small picture, in pixels, at the most.
    const SMALL: u32 = 640;
    let factor = frame.width().max(frame.height()).div_ceil(SMALL);
    let small = shrink::luma(frame, factor);
    let first = look_at(&small);
    if first.is_read() {
        return first;
    }
    let whole = if factor > 1 { shrink::luma(frame, 1) } else { small };
    let second = look_at(&shrink::softened(&whole));
    if second.is_read() {
        return second;
    }
    // A picture as small as this was looked at as it is already.
    let third = if factor > 1 { look_at(&whole) } else { Sight::Nothing };
    if third.is_read() {
        return third;
    }
    if [first, second, third].contains(&Sight::Unreadable) { Sight::Unreadable } else { Sight::Nothing }
}

/// Looks at one picture.
fn look_at(picture: &Luma) -> Sight {
    let bitmap = Bitmap::of(picture);
    if !finders::bearable(&bitmap) {
        return Sight::Nothing;
    }
    let middle = Point { x: bitmap.width as i32 / 2, y: bitmap.height as i32 / 2 };
    // The reader asserts what it believes of a picture; one that proves it wrong is a picture without a code.
    let found = catch_unwind(AssertUnwindSafe(|| {
        let mut prepared = PreparedImage::prepare_from_bitmap(bitmap.width, bitmap.height, |x, y| bitmap.ink(x, y));
        let read = |grid: &Grid<_>| {
            let mut bytes = Vec::new();
            (distance(&grid.bounds, middle), grid.decode_to(&mut bytes).ok().map(|_| text(bytes)))
        };
        prepared.detect_grids().iter().map(read).collect::<Vec<_>>()
    }))
    .unwrap_or_default();
    choose(found)
}

/// The sight of the codes found, each with its distance from the middle and its text, if that could be read.
fn choose(mut found: Vec<(i64, Option<String>)>) -> Sight {
    found.sort_by_key(|(distance, _)| *distance);
    let sights = || found.iter().filter_map(|(_, text)| text.as_ref()).map(|text| (is_ours(text), decode(text)));
    let case = |ours: bool| sights().find_map(|(is_ours, read)| read.ok().filter(|_| is_ours == ours));
    let foreign = |ours: bool| sights().find_map(|(is_ours, read)| read.err().filter(|_| is_ours == ours));
    if let Some(said) = case(true).or_else(|| case(false)) {
        return Sight::Case(said);
    }
    match foreign(true).or_else(|| foreign(false)) {
        Some(error) => Sight::Foreign(error),
        None if found.is_empty() => Sight::Nothing,
        None => Sight::Unreadable,
    }
}

/// Square of the distance between the middle of a code and the middle of the picture.
fn distance(corners: &[Point; 4], middle: Point) -> i64 {
    let mean = |coordinate: fn(&Point) -> i32| corners.iter().map(|corner| i64::from(coordinate(corner))).sum::<i64>() / 4;
    let (x, y) = (mean(|corner| corner.x) - i64::from(middle.x), mean(|corner| corner.y) - i64::from(middle.y));
    x.saturating_mul(x).saturating_add(y.saturating_mul(y))
}

/// The bytes of a code as text: UTF-8, as nearly all programs write it, or Latin-1, as the standard has it (ISO/IEC 18004).
fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| error.as_bytes().iter().map(|byte| char::from(*byte)).collect())
}

/// With a capital letter and a full stop.
fn sentence(message: &str) -> String {
    let mut letters = message.chars();
    letters.next().map_or(String::new(), |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}
