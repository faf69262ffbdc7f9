//! An assessed picture: label first, then the number against its operating point, the evidence, and what to do next.

use embedded_graphics::{pixelcolor::Rgb888, prelude::*, primitives::PrimitiveStyle, primitives::Triangle};

use super::{
    VerdictView,
    grid::{self, Sign},
    percent, words,
};
use crate::{
    case::Evidence,
    display::{
        DisplayError,
        canvas::{Stencil, scale},
        font::{self, Weight},
        icon::Icon,
        layout::{Area, Layout},
        painter::{Align, Item, Painter, Text},
        palette, text,
    },
    explain::{
        colour_map,
        overlay::{has_any, overlay},
    },
    frame::{Frame, Region},
    verdict::Label,
};

pub(super) fn paint(painter: &mut Painter, layout: &Layout, view: &VerdictView) -> Result<(), DisplayError> {
    let bands = layout.bands();
    let label = words::capitalised(view.label.text());
    let (icon, colour) = match view.label {
        Label::Refer => (Icon::Refer, palette::REFER),
        Label::NoReferralIndicated => (Icon::NoReferral, palette::NO_REFERRAL),
        Label::Retake => (Icon::Retake, palette::RETAKE),
        Label::CannotAssess => (Icon::CannotAssess, palette::CANNOT_ASSESS),
    };
    grid::header(painter, layout, bands.header, Sign { words: &label, icon, colour });
    grid::footer(painter, layout, bands.footer, words::NOT_A_DIAGNOSIS, Some(view.bundle));

    let part = view.evidence.map_or_else(|| Region::centre_square(view.frame.width(), view.frame.height()), |evidence| evidence.region);
    let caption = legend_bar(layout) + text::height(1, layout.small) + layout.gap;
    let height = bands.body.height.saturating_sub(caption);
    let pair = (bands.body.width * 60 / 100).saturating_sub(3 * layout.margin) / 2;
    // Two pictures only where each is still large: a small one shows a clinician nothing.
    let facts = if pair >= layout.screen.height * 44 / 100 && view.evidence.is_some_and(has_any) {
        let (left, rest) = bands.body.cut_left(pair.min(height), layout.margin);
        let (right, rest) = rest.cut_left(pair.min(height), layout.margin * 2);
        let (picture, below) = left.cut_top(pair.min(height), layout.gap);
        painter.picture(view.frame, part, picture)?;
        let line = Area { height: text::height(1, layout.small), y: below.y + legend_bar(layout) as i32, ..below };
        painter.line(line, &grid::quiet(layout, words::PICTURE), Align::Left);
        evidence(painter, layout, right, pair.min(height), view.frame, part, view.evidence)?;
        rest
    } else {
        let side = height.min(bands.body.width * 42 / 100);
        let (left, rest) = bands.body.cut_left(side, layout.margin * 3 / 2);
        evidence(painter, layout, left, side, view.frame, part, view.evidence)?;
        rest
    };
    number(painter, layout, facts, view, colour);
    Ok(())
}

/// The picture with its evidence, and the legend below.
fn evidence(
    painter: &mut Painter,
    layout: &Layout,
    area: Area,
    side: u32,
    frame: &Frame,
    part: Region,
    evidence: Option<&Evidence>,
) -> Result<(), DisplayError> {
    let (picture, below) = area.cut_top(side, layout.gap);
    let Area { width, height, .. } = picture.fit(part.width, part.height);
    let scaled = scale(frame, part, width, height)?;
    let whole = Region { x: 0, y: 0, width, height };
    let heatmap = evidence.and_then(|evidence| evidence.heatmap.clone());
    if let Some(explained) = overlay(&scaled, &Evidence { region: whole, heatmap }) {
        let shown = painter.picture(&explained, whole, picture)?;
        legend(painter, layout, Area { x: shown.x, width: shown.width, ..below });
    } else {
        painter.picture(&scaled, whole, picture)?;
        painter.line(Area { height: text::height(1, layout.small), ..below }, &grid::quiet(layout, words::NO_MAP), Align::Centre);
    }
    Ok(())
}

/// The colours of evidence from less to more.
fn legend(painter: &mut Painter, layout: &Layout, area: Area) {
    let (bar, labels) = area.cut_top(legend_bar(layout), 0);
    for column in 0..bar.width {
        let [r, g, b] = colour_map::colour(column as f32 / bar.width.saturating_sub(1).max(1) as f32);
        painter.fill(Area { x: bar.x + column as i32, width: 1, ..bar }, Rgb888::new(r, g, b));
    }
    let line = Area { height: text::height(1, layout.small).min(labels.height), ..labels };
    let width = |words: &str| font::width(words, Weight::Regular, layout.small).ceil() as u32;
    painter.line(line, &grid::quiet(layout, words::MORE_EVIDENCE), Align::Right);
    if width(words::LESS) + width(words::MORE_EVIDENCE) + layout.small / 2 <= line.width {
        painter.line(Area { width: width(words::LESS), ..line }, &grid::quiet(layout, words::LESS), Align::Left);
    }
}

/// Height of the colours in the legend.
fn legend_bar(layout: &Layout) -> u32 {
    layout.small * 6 / 10
}

/// The number, the bar with the operating point, and the next step.
fn number(painter: &mut Painter, layout: &Layout, area: Area, view: &VerdictView, colour: Rgb888) {
    let (probability, threshold) = percent::pair(view.probability, view.threshold);
    let figure = Text { words: probability.into(), weight: Weight::Bold, colour: palette::TEXT, cap: layout.figure, least: layout.heading };
    let items = [
        Item::Text(grid::quiet(layout, words::PROBABILITY)),
        Item::Text(figure),
        Item::Slot(layout.body * 3 / 2),
        Item::Space(layout.gap),
        Item::Text(grid::small(layout, words::operating_point(&threshold))),
        Item::Extra(grid::quiet(layout, words::sensitivity(&percent::whole(view.sensitivity)))),
        Item::Space(layout.margin),
        Item::Extra(grid::quiet(layout, words::NEXT_STEP)),
        Item::Text(grid::body(layout, view.label.next_step())),
    ];
    if let Some(Some(slot)) = painter.column(area, &items).get(2) {
        bar(painter, layout, *slot, view, colour);
    }
}

/// 0 to 100 % from left to right, filled up to the probability, with a marker through it at the operating point.
fn bar(painter: &mut Painter, layout: &Layout, slot: Area, view: &VerdictView, colour: Rgb888) {
    let marker = slot.height * 55 / 100;
    let at = |share: f32| if share.is_nan() { 0 } else { (share.clamp(0.0, 1.0) * slot.width as f32).round() as u32 };
    let (track, _) = slot.cut_bottom(slot.height - marker, 0);
    painter.fill(track, palette::LINE);
    painter.fill(Area { width: at(view.probability), ..track }, colour);
    let thickness = layout.gap.div_ceil(2);
    let x = slot.x + at(view.threshold) as i32;
    // A dark line on each side keeps the marker visible on the filled part too.
    painter.fill(Area { x: x - 2 * thickness as i32, width: thickness * 4, ..track }, palette::BACKGROUND);
    painter.fill(Area { x: x - thickness as i32 / 2, width: thickness, ..slot }, palette::TEXT);
    let flag = Area { x: x - marker as i32, y: slot.y, width: 2 * marker, height: marker };
    painter.canvas.stencil(flag.rectangle(), palette::TEXT, |stencil| {
        let side = (marker * Stencil::FINENESS) as i32;
        let shape = Triangle::new(Point::new(side / 3, 0), Point::new(2 * side - side / 3, 0), Point::new(side, side));
        let Ok(()) = shape.into_styled(PrimitiveStyle::with_fill(embedded_graphics::pixelcolor::BinaryColor::On)).draw(stencil);
    });
}
