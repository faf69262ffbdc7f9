//! The picture is taken and is being assessed: nothing to do but wait.

use super::{
    grid::{self, Sign},
    preview, words,
};
use crate::{
    display::{
        DisplayError,
        icon::Icon,
        layout::Layout,
        painter::{Item, Painter},
        palette,
    },
    frame::{Frame, Region},
};

/// Darkens the picture so that it does not look live, 0 (not at all) to 255.
const STILL: u8 = 110;

pub(super) fn paint(painter: &mut Painter, layout: &Layout, frame: &Frame) -> Result<(), DisplayError> {
    let (picture, panel) = layout.picture_and_panel();
    let whole = Region { x: 0, y: 0, width: frame.width(), height: frame.height() };
    let shown = painter.picture(frame, whole, picture)?;
    painter.canvas.wash(shown.rectangle(), palette::BACKGROUND, STILL);
    let sign = Sign { words: words::ANALYSING, icon: Icon::Working, colour: palette::READY };
    preview::advise(painter, layout, panel, sign, &[Item::Text(grid::body(layout, words::ANALYSING_NEXT))]);
    Ok(())
}
