//! The case form: what is known of the patient, a line a field, the chosen one marked.

use super::{
    FormField,
    grid::{self, Sign},
};
use crate::display::{
    font::{self, Weight},
    icon::Icon,
    layout::{Area, Layout},
    painter::{Align, Painter, Text},
    palette, text,
};

pub(super) fn paint(painter: &mut Painter, layout: &Layout, title: &str, fields: &[FormField], hint: &str) {
    let bands = layout.bands();
    grid::header(painter, layout, bands.header, Sign { words: title, icon: Icon::Form, colour: palette::TEXT });
    list(painter, layout, Area { x: layout.room.x, width: layout.room.width, ..bands.body }, fields);
    if !hint.is_empty() {
        painter.line(bands.footer, &grid::quiet(layout, hint), Align::Left);
    }
}

/// The fields that have room, the chosen one always among them.
fn list(painter: &mut Painter, layout: &Layout, area: Area, fields: &[FormField]) {
    let least = text::height(1, layout.small);
    let room = (area.height / least).max(1) as usize;
    let chosen = fields.iter().position(|field| field.chosen).unwrap_or(0);
    let first = (chosen + 1).saturating_sub(room).min(fields.len());
    let shown = &fields[first..fields.len().min(first + room)];
    let height = (area.height / shown.len().max(1) as u32).clamp(least, text::height(1, layout.body) + layout.gap);
    let widest = shown.iter().map(|field| font::width(field.label, Weight::Regular, layout.small).ceil() as u32).max().unwrap_or(0);
    let mut rest = area;
    for field in shown {
        let (row, below) = rest.cut_top(height, 0);
        rest = below;
        if field.chosen {
            painter.fill(row, palette::PANEL);
            painter.fill(row.cut_left(layout.gap * 2, 0).0, palette::READY);
        }
        let words = row.inset_sides(layout.margin * 3 / 2, 0);
        let (label, value) = words.cut_left(widest.min(words.width * 45 / 100), layout.margin);
        painter.line(label, &grid::quiet(layout, field.label), Align::Left);
        let (weight, colour) = if field.chosen { (Weight::Bold, palette::READY) } else { (Weight::Regular, palette::TEXT) };
        painter.line(value, &Text { weight, colour, ..grid::body(layout, field.value) }, Align::Left);
    }
}
