//! Something is broken: what happened, what the person can do, and the way back. There may be no camera, so there is no picture.

use super::{
    bar::{self, StatusBar},
    grid::{self, Sign},
    words,
};
use crate::display::{
    icon::Icon,
    layout::Layout,
    painter::{Anchor, Item, Painter},
    palette,
};

pub(super) fn paint(painter: &mut Painter, layout: &Layout, cause: &str, next_step: &str, way_back: &str, bar: &StatusBar) {
    let bands = layout.bands();
    grid::header(painter, layout, bands.header, Sign { words: words::FAULT, icon: Icon::Fault, colour: palette::FAULT });
    let mut items = vec![
        Item::Text(grid::body(layout, cause)),
        Item::Space(layout.margin),
        Item::Extra(0, grid::quiet(layout, words::NEXT_STEP)),
        Item::Text(grid::heading(layout, next_step)),
    ];
    if !way_back.is_empty() {
        items.extend([Item::Space(layout.margin), Item::Text(grid::body(layout, way_back))]);
    }
    painter.column(bands.body, Anchor::Top, &items);
    grid::footer(painter, layout, bands.footer, words::FAULT_FOOTER, &bar::subjects(bar));
}
