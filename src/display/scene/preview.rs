//! Live picture: where the lesion should be, and the one thing to do now.

use super::{
    grid::{self, Sign},
    words,
};
use crate::{
    display::{
        DisplayError,
        icon::Icon,
        layout::{Area, Layout},
        painter::{Anchor, Item, Painter, Text},
        palette,
    },
    frame::{Frame, Region},
    quality::Reason,
};

pub(super) fn paint(painter: &mut Painter, layout: &Layout, frame: &Frame, hints: &[Reason]) -> Result<(), DisplayError> {
    let (picture, panel) = layout.picture_and_panel();
    let whole = Region { x: 0, y: 0, width: frame.width(), height: frame.height() };
    let shown = painter.picture(frame, whole, picture)?;
    let side = shown.width.min(shown.height);
    aim(painter, layout, shown.middle(side, side).inset(layout.margin));

    match hints {
        [] => {
            let sign = Sign { words: words::READY, icon: Icon::Ready, colour: palette::READY };
            advise(painter, layout, panel, sign, &[Item::Text(grid::body(layout, words::READY_NEXT))]);
        }
        [first, others @ ..] => {
            let (problem, action) = words::problem_and_action(*first);
            let sign = Sign { words: &problem, icon: Icon::Aim, colour: palette::RETAKE };
            let mut items = vec![Item::Text(grid::body(layout, action))];
            if !others.is_empty() {
                items.push(Item::Space(layout.gap));
                items.push(Item::Extra(0, grid::quiet(layout, words::also(others))));
            }
            advise(painter, layout, panel, sign, &items);
        }
    }
    Ok(())
}

/// The panel beside or below a live picture: sign first, then sentences.
pub(super) fn advise(painter: &mut Painter, layout: &Layout, panel: Area, sign: Sign, items: &[Item]) {
    painter.fill(panel, palette::PANEL);
    let upright = panel.height > panel.width;
    let side = layout.heading * 5 / 2;
    let inner = panel.inset_sides(layout.margin, layout.margin * 3 / 4);
    let (icon, column, anchor) = if upright {
        let (top, rest) = inner.cut_top(side, layout.margin);
        (Area { width: side, ..top }, rest, Anchor::Top)
    } else {
        let (left, rest) = inner.cut_left(side, layout.margin);
        (left.middle(side, side), rest, Anchor::Middle)
    };
    painter.icon(icon, sign.icon, sign.colour);
    let mut all = vec![Item::Text(Text { colour: sign.colour, ..grid::heading(layout, sign.words) })];
    all.extend_from_slice(items);
    painter.column(column, anchor, &all);
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
