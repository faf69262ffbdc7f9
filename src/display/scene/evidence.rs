//! The pictures of a verdict: what was assessed, the evidence and the lesion's outline over it, and the legend of its colours.

use embedded_graphics::pixelcolor::Rgb888;

use super::{VerdictView, grid, words};
use crate::{
    case::Evidence,
    display::{
        DisplayError,
        canvas::scale,
        layout::{Area, Layout},
        painter::{Align, Painter},
        text,
    },
    explain::{
        colour_map,
        overlay::{has_any, has_heatmap, overlay},
    },
    frame::Region,
};

/// Draws the pictures at the left of `body` and gives back what is left beside them.
///
/// Where there is room for two large ones, the plain picture stands beside the one with evidence; otherwise only the latter.
pub(super) fn paint(painter: &mut Painter, layout: &Layout, body: Area, view: &VerdictView) -> Result<Area, DisplayError> {
    let part = view.evidence.map_or_else(|| Region::centre_square(view.frame.width(), view.frame.height()), |evidence| evidence.region);
    let line = text::height(1, layout.small);
    let each = (body.width * 60 / 100).saturating_sub(3 * layout.margin) / 2;
    let height = body.height.saturating_sub(line + bar_height(layout) + layout.gap);
    let side = each.min(height);
    // A small picture shows a clinician nothing: two only where each takes 44 % of the screen's height.
    if side >= layout.screen.height * 44 / 100 && view.evidence.is_some_and(has_any) {
        let (left, rest) = body.cut_left(side, layout.margin);
        let (right, rest) = rest.cut_left(side, layout.margin * 2);
        let (picture, below) = left.cut_top(side, layout.gap);
        painter.picture(view.frame, part, picture)?;
        let caption = Area { y: below.y + bar_height(layout) as i32, height: line, ..below };
        painter.line(caption, &grid::quiet(layout, words::PICTURE), Align::Centre);
        let (picture, below) = right.cut_top(side, layout.gap);
        explained(painter, view, part, picture)?;
        under(painter, layout, below, view);
        Ok(rest)
    } else {
        let side = height.min(body.width * 42 / 100);
        let (left, rest) = body.cut_left(side, layout.margin * 3 / 2);
        let (picture, below) = left.cut_top(side, layout.gap);
        explained(painter, view, part, picture)?;
        under(painter, layout, below, view);
        Ok(rest)
    }
}

/// What the colours mean; or that there are none.
fn under(painter: &mut Painter, layout: &Layout, area: Area, view: &VerdictView) {
    if view.evidence.is_some_and(has_heatmap) {
        legend(painter, layout, area);
    } else {
        let (line, _) = area.cut_top(text::height(1, layout.small), 0);
        painter.line(line, &grid::quiet(layout, words::NO_MAP), Align::Centre);
    }
}

/// The picture with its evidence and the lesion's outline; plain when there is neither.
fn explained(painter: &mut Painter, view: &VerdictView, part: Region, area: Area) -> Result<(), DisplayError> {
    let Area { width, height, .. } = area.fit(part.width, part.height);
    let scaled = scale(view.frame, part, width, height)?;
    let whole = Region { x: 0, y: 0, width, height };
    // Laid over at the size in which it is seen: a line would be too thin, or too thick, at another.
    let overlaid = view.evidence.and_then(|evidence| overlay(&scaled, &Evidence { region: whole, ..evidence.clone() }));
    painter.picture(overlaid.as_ref().unwrap_or(&scaled), whole, area)?;
    Ok(())
}

/// The colours of evidence from less to more.
fn legend(painter: &mut Painter, layout: &Layout, area: Area) {
    let (bar, below) = area.cut_top(bar_height(layout), 0);
    for column in 0..bar.width {
        let [r, g, b] = colour_map::colour(column as f32 / bar.width.saturating_sub(1).max(1) as f32);
        painter.fill(Area { x: bar.x + column as i32, width: 1, ..bar }, Rgb888::new(r, g, b));
    }
    let (line, _) = below.cut_top(text::height(1, layout.small), 0);
    for (words, align) in [(words::LESS, Align::Left), (words::EVIDENCE, Align::Centre), (words::MORE, Align::Right)] {
        painter.line(line, &grid::quiet(layout, words), align);
    }
}

fn bar_height(layout: &Layout) -> u32 {
    layout.small * 6 / 10
}
