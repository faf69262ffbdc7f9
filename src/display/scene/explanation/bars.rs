//! How marked each criterion is: name, five cells filled up to the level, the level as a number. The mark before a name is the one that
//! stands for the criterion on the picture.

use embedded_graphics::pixelcolor::Rgb888;

use super::{ExplanationView, chips};
use crate::{
    display::{
        font::Weight,
        layout::{Area, Layout},
        painter::{Align, Painter},
        palette,
        scene::{grid, words::capitalised},
        text,
    },
    explain::{
        criteria_overlay::{ABRUPT, AXIS},
        report::words::{self, Key},
        severity::Level,
    },
};

/// Levels, and cells of a bar.
const LEVELS: u8 = 5;

/// What stands before a criterion's name.
enum Mark {
    Axes,
    Abrupt,
    Colours,
    None,
}

fn rows(view: &ExplanationView) -> [(Mark, String, Level); 4] {
    let severity = view.explanation.severity;
    let name = |key| capitalised(words::label(view.report.language, key));
    [
        (Mark::Axes, name(Key::Asymmetry), severity.asymmetry),
        (Mark::Abrupt, name(Key::Border), severity.border),
        (Mark::Colours, name(Key::Colours), severity.colour),
        (Mark::None, name(Key::Overall), severity.overall),
    ]
}

/// Height of all bars.
pub(super) fn height(layout: &Layout) -> u32 {
    4 * text::height(1, layout.small)
}

/// The least width that all bars need.
pub(super) fn least_width(layout: &Layout, view: &ExplanationView) -> u32 {
    names_width(layout, view) + layout.gap * 2 + u32::from(LEVELS) * layout.small * 8 / 10 + layout.gap + number_width(layout)
}

fn mark_width(layout: &Layout) -> u32 {
    layout.small + layout.gap
}

fn names_width(layout: &Layout, view: &ExplanationView) -> u32 {
    mark_width(layout) + rows(view).iter().map(|(_, name, _)| grid::width(name, Weight::Regular, layout)).max().unwrap_or(0)
}

fn number_width(layout: &Layout) -> u32 {
    grid::width("5/5", Weight::Bold, layout)
}

pub(super) fn paint(painter: &mut Painter, layout: &Layout, area: Area, view: &ExplanationView) {
    let names = names_width(layout, view);
    let number = number_width(layout);
    let cells = area.width.saturating_sub(names + number + layout.gap * 3).min(u32::from(LEVELS) * layout.small * 5 / 2);
    let mut rest = area;
    for (mark, name, level) in rows(view) {
        let (row, below) = rest.cut_top(text::height(1, layout.small), 0);
        rest = below;
        let (left, right) = row.cut_left(names, layout.gap * 2);
        let (before, left) = left.cut_left(layout.small, layout.gap);
        paint_mark(painter, layout, before.middle(layout.small, layout.small), &mark);
        painter.line(left, &grid::small(layout, name), Align::Left);
        let (bar, right) = right.cut_left(cells, layout.gap);
        paint_cells(painter, layout, bar, level);
        let number = crate::display::painter::Text { weight: Weight::Bold, ..grid::small(layout, format!("{}/{LEVELS}", level.number())) };
        painter.line(right, &number, Align::Left);
    }
}

fn paint_cells(painter: &mut Painter, layout: &Layout, area: Area, level: Level) {
    let height = layout.small;
    let gap = layout.gap.div_ceil(2);
    let each = (area.width + gap) / u32::from(LEVELS);
    for number in 1..=LEVELS {
        let x = area.x + (u32::from(number - 1) * each) as i32;
        let cell = Area { x, width: each.saturating_sub(gap), ..area }.middle(each.saturating_sub(gap), height);
        if number <= level.number() {
            painter.fill(cell, palette::TEXT);
        } else {
            chips::outlined(painter, cell, layout.gap.div_ceil(3), palette::LINE);
        }
    }
}

/// As the criterion is drawn on the picture: two crossing axes, a thick piece of border, three colours.
fn paint_mark(painter: &mut Painter, layout: &Layout, area: Area, mark: &Mark) {
    let colour = |[r, g, b]: [u8; 3]| Rgb888::new(r, g, b);
    let thin = (layout.small / 7).max(1);
    match mark {
        Mark::Axes => {
            painter.fill(area.middle(area.width, thin), colour(AXIS));
            let dash = area.height * 2 / 5;
            let (upper, _) = area.cut_top(dash, 0);
            let (lower, _) = area.cut_bottom(dash, 0);
            painter.fill(upper.middle(thin, upper.height), colour(AXIS));
            painter.fill(lower.middle(thin, lower.height), colour(AXIS));
        }
        Mark::Abrupt => painter.fill(area.middle(area.width, (layout.small * 2 / 5).max(3)), colour(ABRUPT)),
        Mark::Colours => {
            let each = area.width / 3;
            for (at, swatch) in chips::THREE.into_iter().enumerate() {
                let x = area.x + (at as u32 * each) as i32;
                painter.fill(Area { x, width: each, ..area }.middle(each, layout.small * 7 / 10), swatch);
            }
        }
        Mark::None => {}
    }
}
