//! The parts that several scenes share: label band, footer, text in the layout's sizes.

use std::borrow::Cow;

use embedded_graphics::pixelcolor::Rgb888;

use super::bar::{BETWEEN, StatusBar};
use crate::{
    case::BundleId,
    display::{
        font::{self, Weight},
        icon::Icon,
        layout::{Area, Bands, Layout},
        painter::{Align, Painter, Text},
        palette, text,
    },
};

/// What a scene says first: words, shape and colour.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sign<'a> {
    pub(super) words: &'a str,
    pub(super) icon: Icon,
    pub(super) colour: Rgb888,
}

/// As [`Layout::bands`], with a header no higher than it must be, for scenes whose body matters more.
pub(super) fn low_bands(layout: &Layout) -> Bands {
    let (header, rest) = layout.room.cut_top(text::height(1, layout.heading), 0);
    let (_, body) = rest.cut_bottom(layout.bands().footer.height, 0);
    Bands { header, body: body.inset_sides(layout.margin, layout.gap), ..layout.bands() }
}

/// The band at the top: an edge in the sign's colour, its shape, and its words as large as the width allows.
pub(super) fn header(painter: &mut Painter, layout: &Layout, area: Area, sign: Sign) {
    painter.fill(area, palette::PANEL);
    let (edge, rest) = area.cut_left(layout.gap * 2, layout.margin);
    painter.fill(edge, sign.colour);
    let side = area.height * 62 / 100;
    let (icon, rest) = rest.cut_left(side, layout.margin);
    painter.icon(icon.middle(side, side), sign.icon, sign.colour);
    let (words, _) = rest.cut_left(rest.width.saturating_sub(layout.margin), 0);
    let text = Text { words: sign.words.into(), weight: Weight::Bold, colour: sign.colour, cap: layout.label, least: layout.small };
    painter.line(words, &text, Align::Left);
}

/// The line at the bottom: what this is not, and on the right the first of `details` that has room; the last is cut short if none has.
pub(super) fn footer(painter: &mut Painter, layout: &Layout, area: Area, words: &str, details: &[String]) {
    // The words on the left must be whole; the rest takes what is left.
    let (left, right) = area.cut_left(width(words, Weight::Bold, layout), 2 * layout.margin);
    painter.line(left, &Text { weight: Weight::Bold, ..small(layout, words) }, Align::Left);
    let fits = |detail: &&String| width(detail, Weight::Regular, layout) <= right.width;
    let known = || details.iter().filter(|detail| !detail.is_empty());
    if let Some(detail) = known().find(fits).or_else(|| known().next_back()) {
        painter.line(right, &quiet(layout, detail), Align::Right);
    }
}

/// What the right of the footer says of a picture: whose it is and which bundle spoke, or only the first where the second has no room.
pub(super) fn origin(bar: &StatusBar, bundle: &BundleId) -> [String; 3] {
    let bundle = format!("{} {}", bundle.name, bundle.version);
    match bar.subject() {
        subject if subject.is_empty() => [bundle, String::new(), String::new()],
        subject => [format!("{subject}{BETWEEN}{bundle}"), subject, bar.case.to_owned()],
    }
}

/// Width of a text in the smallest size, in pixels.
pub(super) fn width(words: &str, weight: Weight, layout: &Layout) -> u32 {
    font::width(words, weight, layout.small).ceil() as u32
}

/// A sentence that must be read.
pub(super) fn body<'a>(layout: &Layout, words: impl Into<Cow<'a, str>>) -> Text<'a> {
    Text { words: words.into(), weight: Weight::Regular, colour: palette::TEXT, cap: layout.body, least: layout.small }
}

/// The first thing to be read in a column.
pub(super) fn heading<'a>(layout: &Layout, words: impl Into<Cow<'a, str>>) -> Text<'a> {
    Text { weight: Weight::Bold, cap: layout.heading, ..body(layout, words) }
}

/// A short text in the smallest size, as bright as a sentence.
pub(super) fn small<'a>(layout: &Layout, words: impl Into<Cow<'a, str>>) -> Text<'a> {
    Text { cap: layout.small, ..body(layout, words) }
}

/// A caption.
pub(super) fn quiet<'a>(layout: &Layout, words: impl Into<Cow<'a, str>>) -> Text<'a> {
    Text { colour: palette::TEXT_QUIET, ..small(layout, words) }
}
