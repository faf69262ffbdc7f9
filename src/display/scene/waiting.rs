//! The camera is gone or stalled and is tried again: what happened, and that nothing is lost. No picture: it would be a stale one.

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

pub(super) fn paint(painter: &mut Painter, layout: &Layout, cause: &str, next_step: &str, bar: &StatusBar) {
    let bands = layout.bands();
    grid::header(painter, layout, bands.header, Sign { words: words::WAITING, icon: Icon::Working, colour: palette::READY });
    let items = [Item::Text(grid::heading(layout, cause)), Item::Space(layout.margin), Item::Text(grid::body(layout, next_step))];
    painter.column(bands.body, Anchor::Top, &items);
    grid::footer(painter, layout, bands.footer, words::WAITING_FOOTER, &bar::subjects(bar));
}
