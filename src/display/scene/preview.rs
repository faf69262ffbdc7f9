//! Live picture: where the lesion should be, and the one thing to do now.

use embedded_graphics::{prelude::*, primitives::Line, primitives::PrimitiveStyle};

use super::{
    grid::{self, Sign},
    words,
};
use crate::{
    display::{
        DisplayError,
        icon::Icon,
        layout::{Area, Layout},
        painter::{Item, Painter, Text},
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
                let names: Vec<String> = others.iter().map(|reason| words::problem_and_action(*reason).0.to_lowercase()).collect();
                items.push(Item::Space(layout.gap));
                items.push(Item::Extra(grid::quiet(layout, format!("{}: {}", words::ALSO, names.join(", ")))));
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
    let (icon, column) = if upright {
        let (top, rest) = inner.cut_top(side, layout.margin);
        (Area { width: side, ..top }, rest)
    } else {
        let (left, rest) = inner.cut_left(side, layout.margin);
        (left.middle(side, side), rest)
    };
    painter.icon(icon, sign.icon, sign.colour);
    let mut all = vec![Item::Text(Text { colour: sign.colour, ..grid::heading(layout, sign.words) })];
    all.extend_from_slice(items);
    painter.column(column, &all);
}

/// Corners around the square that is assessed.
fn aim(painter: &mut Painter, layout: &Layout, square: Area) {
    let reach = (square.width / 8) as i32;
    let style = PrimitiveStyle::with_stroke(palette::TEXT, layout.gap.div_ceil(3));
    let (left, top, right, bottom) = (square.x, square.y, square.right() - 1, square.bottom() - 1);
    for (x, y, inward_x, inward_y) in [(left, top, 1, 1), (right, top, -1, 1), (left, bottom, 1, -1), (right, bottom, -1, -1)] {
        let corner = Point::new(x, y);
        for end in [Point::new(x + inward_x * reach, y), Point::new(x, y + inward_y * reach)] {
            let Ok(()) = Line::new(corner, end).into_styled(style).draw(&mut painter.canvas);
        }
    }
}
