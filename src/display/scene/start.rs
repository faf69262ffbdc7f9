//! Boot and self-test: what is being tested and what was found.

use super::{
    Step,
    grid::{self, Sign},
    words,
};
use crate::display::{
    font::{self, Weight},
    icon::Icon,
    layout::{Area, Layout},
    painter::{Align, Painter, Text},
    palette, text,
};

pub(super) fn paint(painter: &mut Painter, layout: &Layout, version: &str, steps: &[Step]) {
    let bands = layout.bands();
    grid::header(painter, layout, bands.header, Sign { words: words::START, icon: Icon::Working, colour: palette::READY });
    list(painter, layout, bands.body, steps);
    grid::footer(painter, layout, bands.footer, &words::version(version), &[]);
}

/// One line a step: how it stands, its name, what was found.
fn list(painter: &mut Painter, layout: &Layout, area: Area, steps: &[Step]) {
    let least = text::height(1, layout.small);
    let room = (area.height / least).max(1) as usize;
    // Where not all have room, the last ones are those that are being tested now.
    let shown = &steps[steps.len().saturating_sub(room)..];
    let height = (area.height / shown.len().max(1) as u32).clamp(least, text::height(1, layout.body) + layout.gap);
    let widest = shown.iter().map(|step| font::width(step.name, Weight::Regular, layout.small).ceil() as u32).max().unwrap_or(0);
    let side = layout.small * 5 / 4;
    let mut rest = area;
    for step in shown {
        let (row, below) = rest.cut_top(height, 0);
        rest = below;
        let (icon, colour) = match step.passed {
            Some(true) => (Icon::Ready, palette::READY),
            Some(false) => (Icon::Failed, palette::FAULT),
            None => (Icon::Pending, palette::TEXT_QUIET),
        };
        let (sign, words) = row.cut_left(side, layout.margin);
        painter.icon(sign.middle(side, side), icon, colour);
        let (name, detail) = words.cut_left(widest.min(words.width * 45 / 100), layout.margin);
        let bright = if step.passed.is_none() { palette::TEXT_QUIET } else { palette::TEXT };
        painter.line(name, &Text { colour: bright, ..grid::small(layout, step.name) }, Align::Left);
        if !step.detail.is_empty() {
            let colour = if step.passed == Some(false) { palette::FAULT } else { palette::TEXT_QUIET };
            painter.line(detail, &Text { colour, ..grid::small(layout, step.detail) }, Align::Left);
        }
    }
}
