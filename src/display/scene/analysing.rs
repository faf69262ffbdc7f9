//! The picture is taken and is being assessed: nothing to do but wait.

use super::{
    bar::StatusBar,
    grid::{self, Sign},
    live, words,
};
use crate::{
    display::{
        DisplayError,
        icon::Icon,
        layout::Layout,
        painter::{Item, Painter},
        palette,
    },
    frame::Frame,
};

/// Darkens the picture so that it does not look live, 0 (not at all) to 255.
const STILL: u8 = 110;

pub(super) fn paint(painter: &mut Painter, layout: &Layout, frame: &Frame, bar: &StatusBar) -> Result<(), DisplayError> {
    let (picture, panel) = live::surround(painter, layout, bar);
    let shown = live::show_still(painter, frame, picture)?;
    painter.canvas.wash(shown.rectangle(), palette::BACKGROUND, STILL);
    let sign = Sign { words: words::ANALYSING, icon: Icon::Working, colour: palette::READY };
    live::advise(painter, layout, panel, sign, &[Item::Text(grid::body(layout, words::ANALYSING_NEXT))]);
    Ok(())
}
