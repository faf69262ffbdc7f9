//! What all scenes with a large picture share: where picture and panel are, the marks of what is assessed, the advice in the panel.

use super::{
    bar::{self, StatusBar},
    grid::{self, Sign},
};
use crate::{
    display::{
        DisplayError,
        font::Weight,
        layout::{self, Area, Layout},
        painter::{Align, Anchor, Item, Painter, Text},
        palette, text,
    },
    frame::Frame,
};

/// Draws status, notice and panel around the picture and gives back where picture and panel go.
pub(super) fn surround(painter: &mut Painter, layout: &Layout, bar: &StatusBar) -> (Area, Area) {
    let (left, panel) = layout.picture_and_panel();
    let line = text::height(1, layout.small);
    let (status, mut picture) = left.cut_top(line, 0);
    bar::subject(painter, layout, status.inset_sides(layout.margin, 0), bar);
    if let Some(notice) = bar.notice {
        let (below, above) = picture.cut_bottom(line, 0);
        let words = Text { weight: Weight::Bold, ..grid::small(layout, notice) };
        painter.line(below.inset_sides(layout.margin, 0), &words, Align::Left);
        picture = above;
    }
    painter.fill(panel, palette::PANEL);
    (picture, panel)
}

/// Draws the newest `frame` into `picture` and marks the square that is assessed; gives back what was touched.
pub(super) fn show(painter: &mut Painter, layout: &Layout, frame: &Frame, picture: Area) -> Result<Area, DisplayError> {
    let part = layout::filling(frame.width(), frame.height(), picture);
    let shown = painter.live(frame, part, picture)?;
    let side = shown.width.min(shown.height);
    aim(painter, layout, shown.middle(side, side).inset(layout.margin));
    Ok(shown)
}

/// Draws a picture that does not move, as large as [`show`] would.
pub(super) fn show_still(painter: &mut Painter, frame: &Frame, picture: Area) -> Result<Area, DisplayError> {
    painter.picture(frame, layout::filling(frame.width(), frame.height(), picture), picture)
}

/// What to do now, in the panel: sign first, then sentences.
pub(super) fn advise(painter: &mut Painter, layout: &Layout, panel: Area, sign: Sign, items: &[Item]) {
    let side = layout.heading * 5 / 2;
    let (icon, column) = panel.inset_sides(layout.margin, layout.margin * 3 / 4).cut_top(side, layout.margin);
    painter.icon(Area { width: side, ..icon }, sign.icon, sign.colour);
    let mut all = vec![Item::Text(Text { colour: sign.colour, ..grid::heading(layout, sign.words) })];
    all.extend_from_slice(items);
    painter.column(column, Anchor::Top, &all);
}

/// Corners around the square that is assessed.
fn aim(painter: &mut Painter, layout: &Layout, square: Area) {
    let reach = square.width / 8;
    let thickness = layout.gap.div_ceil(3);
    for (width, height) in [(reach, thickness), (thickness, reach)] {
        for x in [square.x, square.right() - width as i32] {
            for y in [square.y, square.bottom() - height as i32] {
                painter.fill(Area { x, y, width, height }, palette::TEXT);
            }
        }
    }
}
