//! A case was closed: one sentence, so that the person sees that the press counted.

use embedded_graphics::prelude::*;

use super::grid;
use crate::display::{
    icon::Icon,
    layout::{Area, Layout},
    painter::{Anchor, Item, Painter, Text},
    palette,
};

pub(super) fn paint(painter: &mut Painter, layout: &Layout, words: &str) {
    let side = layout.label * 3;
    let inner = layout.room.inset(layout.margin);
    let Size { height, .. } = inner.rectangle().size;
    let (icon, column) = inner.cut_left(side, layout.margin * 2);
    painter.icon(Area { height, ..icon }.middle(side, side), Icon::Ready, palette::READY);
    painter.column(column, Anchor::Middle, &[Item::Text(Text { cap: layout.heading * 4 / 3, ..grid::heading(layout, words) })]);
}
