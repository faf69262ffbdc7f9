//! The device sleeps: dark, with one line that says how to wake it.

use super::{grid, words};
use crate::display::{
    layout::Layout,
    painter::{Align, Painter, Text},
    palette,
};

pub(super) fn paint(painter: &mut Painter, layout: &Layout) {
    painter.fill(layout.screen, palette::NIGHT);
    painter.line(layout.screen, &Text { colour: palette::NIGHT_TEXT, ..grid::small(layout, words::ASLEEP) }, Align::Centre);
}
