//! An assessed picture: label first, then the number against its operating point, the evidence, and what to do next.

use embedded_graphics::pixelcolor::Rgb888;

use super::{
    VerdictView, evidence,
    grid::{self, Sign},
    percent, words,
};
use crate::{
    display::{
        DisplayError,
        canvas::Stencil,
        font::Weight,
        icon::Icon,
        layout::{Area, Layout},
        painter::{Anchor, Item, Painter, Text},
        palette,
    },
    verdict::Label,
};

pub(super) fn paint(painter: &mut Painter, layout: &Layout, view: &VerdictView) -> Result<(), DisplayError> {
    let bands = layout.bands();
    let label = words::capitalised(view.label.text());
    let (icon, colour) = sign(view.label);
    grid::header(painter, layout, bands.header, Sign { words: &label, icon, colour });
    grid::footer(painter, layout, bands.footer, words::NOT_A_DIAGNOSIS, &grid::origin(&view.bar, view.bundle));

    let facts = evidence::paint(painter, layout, bands.body, view)?;
    number(painter, layout, facts, view, colour);
    Ok(())
}

/// Shape and colour of a label.
pub(super) fn sign(label: Label) -> (Icon, Rgb888) {
    match label {
        Label::Refer => (Icon::Refer, palette::REFER),
        Label::NoReferralIndicated => (Icon::NoReferral, palette::NO_REFERRAL),
        Label::Retake => (Icon::Retake, palette::RETAKE),
        Label::CannotAssess => (Icon::CannotAssess, palette::CANNOT_ASSESS),
    }
}

/// Where among the facts the lesion's size stands: below the operating point, above the next step.
const SIZE: usize = 6;

/// The number, the bar with the operating point, and the next step.
fn number(painter: &mut Painter, layout: &Layout, area: Area, view: &VerdictView, colour: Rgb888) {
    let (probability, threshold) = percent::pair(view.probability, view.threshold);
    let figure = Text { words: probability.into(), weight: Weight::Bold, colour: palette::TEXT, cap: layout.figure, least: layout.heading };
    // What the number is a probability of must stand beside it, in the longest wording that one line has room for.
    let wordings = words::probability_of(view.positive);
    let fits = |words: &&String| grid::width(words, Weight::Regular, layout) <= area.width;
    let caption = wordings.iter().find(fits).unwrap_or(&wordings[2]);
    let mut items = vec![
        Item::Text(grid::quiet(layout, caption.as_str())),
        Item::Text(figure),
        Item::Slot(layout.body * 3 / 2),
        Item::Space(layout.gap),
        Item::Text(grid::small(layout, words::operating_point(&threshold))),
        Item::Extra(1, grid::quiet(layout, words::sensitivity(&percent::whole(view.sensitivity)))),
        Item::Space(layout.margin),
        Item::Extra(2, grid::quiet(layout, words::NEXT_STEP)),
        Item::Text(grid::body(layout, view.label.next_step())),
    ];
    if let Some(size) = &view.size {
        let wordings = words::lesion_size(size);
        let words = wordings.iter().find(fits).unwrap_or(&wordings[1]).clone();
        items.insert(SIZE, Item::Extra(0, grid::small(layout, words)));
    }
    let mut room = area;
    if view.size.is_some() && layout.room != layout.screen {
        // Above the action bar space is given up before a fact is, also that above the footer.
        items.retain(|item| !matches!(item, Item::Space(_)));
        room.height += layout.margin + layout.gap / 2;
    }
    if let Some(Some(slot)) = painter.column(room, Anchor::Top, &items).get(2) {
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
        let side = (marker * Stencil::FINENESS) as f32;
        stencil.polygon(&[(side / 3.0, 0.0), (side * 5.0 / 3.0, 0.0), (side, side)], true);
    });
}
