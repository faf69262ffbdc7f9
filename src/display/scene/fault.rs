//! Something is broken: what happened and what the person can do. There may be no camera, so there is no picture.

use super::{
    grid::{self, Sign},
    words,
};
use crate::display::{
    icon::Icon,
    layout::Layout,
    painter::{Anchor, Item, Painter},
    palette,
};

pub(super) fn paint(painter: &mut Painter, layout: &Layout, cause: &str, next_step: &str) {
    let bands = layout.bands();
    grid::header(painter, layout, bands.header, Sign { words: words::FAULT, icon: Icon::Fault, colour: palette::FAULT });
    grid::footer(painter, layout, bands.footer, words::FAULT_FOOTER, None);
    let items = [
        Item::Text(grid::body(layout, cause)),
        Item::Space(layout.margin),
        Item::Text(grid::quiet(layout, words::NEXT_STEP)),
        Item::Text(grid::heading(layout, next_step)),
    ];
    painter.column(bands.body, Anchor::Top, &items);
}
