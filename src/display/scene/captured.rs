//! The picture that was just taken, as it will be assessed.

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

pub(super) fn paint(painter: &mut Painter, layout: &Layout, frame: &Frame, bar: &StatusBar) -> Result<(), DisplayError> {
    let (picture, panel) = live::surround(painter, layout, bar);
    live::show_still(painter, frame, picture)?;
    let sign = Sign { words: words::CAPTURED, icon: Icon::Captured, colour: palette::READY };
    live::advise(painter, layout, panel, sign, &[Item::Text(grid::body(layout, words::CAPTURED_NEXT))]);
    Ok(())
}
