//! Live picture while the device looks for a code with the patient's data.

use super::{
    bar::StatusBar,
    grid::{self, Sign},
    live, words,
};
use crate::display::{
    icon::Icon,
    layout::{Area, Layout},
    painter::{Item, Painter},
    palette,
};

/// Draws all but the picture, and gives back where that goes.
pub(super) fn paint(painter: &mut Painter, layout: &Layout, bar: &StatusBar) -> Area {
    let (picture, panel) = live::surround(painter, layout, bar);
    let sign = Sign { words: words::SCANNING, icon: Icon::Code, colour: palette::READY };
    live::advise(painter, layout, panel, sign, &[Item::Text(grid::body(layout, words::SCANNING_NEXT))]);
    picture
}
