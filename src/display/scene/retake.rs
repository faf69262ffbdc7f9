//! The gate refused the picture: what was wrong and how to take a usable one. No number appears here.

use super::{
    bar::{self, StatusBar},
    grid::{self, Sign},
    words,
};
use crate::{
    display::{
        DisplayError,
        font::Weight,
        icon::Icon,
        layout::Layout,
        painter::{Anchor, Item, Painter, Text},
        palette,
    },
    frame::{Frame, Region},
    quality::Reason,
    verdict::Label,
};

/// How many reasons are shown with what to do; more at once nobody can act on, so the others are only named.
const IN_FULL: usize = 2;

pub(super) fn paint(
    painter: &mut Painter,
    layout: &Layout,
    frame: &Frame,
    reasons: &[Reason],
    bar: &StatusBar,
) -> Result<(), DisplayError> {
    let bands = layout.bands();
    let label = words::capitalised(Label::Retake.text());
    grid::header(painter, layout, bands.header, Sign { words: &label, icon: Icon::Retake, colour: palette::RETAKE });
    grid::footer(painter, layout, bands.footer, words::NO_RESULT, &bar::subjects(bar));
    let (picture, column) = bands.body.cut_left(bands.body.height.min(bands.body.width * 40 / 100), layout.margin * 3 / 2);
    painter.picture(frame, Region::centre_square(frame.width(), frame.height()), picture.corner_square())?;

    let mut items = Vec::new();
    // The first reason must be whole: a person who mends it may well have mended the others.
    for (at, reason) in reasons.iter().take(IN_FULL).enumerate() {
        let (problem, action) = words::problem_and_action(*reason);
        let problem = Text { weight: Weight::Bold, colour: palette::RETAKE, ..grid::body(layout, problem) };
        let action = grid::body(layout, action);
        if at == 0 {
            items.extend([Item::Text(problem), Item::Text(action)]);
        } else {
            items.extend([Item::Space(layout.margin), Item::Extra(1, problem), Item::Extra(1, action)]);
        }
    }
    match reasons.get(IN_FULL..) {
        Some([_, ..]) => items.extend([Item::Space(layout.margin), Item::Extra(2, grid::quiet(layout, words::also(&reasons[IN_FULL..])))]),
        _ if reasons.is_empty() => items.push(Item::Text(grid::body(layout, Label::Retake.next_step()))),
        _ => {}
    }
    painter.column(column, Anchor::Top, &items);
    Ok(())
}
