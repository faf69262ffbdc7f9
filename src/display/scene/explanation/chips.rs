//! The six dermoscopic colours with their shares of the lesion: those that are present as full chips, the others hollow.

use embedded_graphics::pixelcolor::Rgb888;

use super::ExplanationView;
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
        abc::{Colour, Dermoscopic},
        report::words::{self, Key},
    },
};

/// Three colours that stand for all.
pub(super) const THREE: [Rgb888; 3] = [swatch(Dermoscopic::Red), swatch(Dermoscopic::LightBrown), swatch(Dermoscopic::BlueGrey)];

/// How a colour is shown: a typical one, since what a picture shows hangs on its light.
const fn swatch(colour: Dermoscopic) -> Rgb888 {
    match colour {
        Dermoscopic::White => Rgb888::new(0xF3, 0xEE, 0xE6),
        Dermoscopic::Red => Rgb888::new(0xC9, 0x3B, 0x3B),
        Dermoscopic::LightBrown => Rgb888::new(0xC4, 0x8B, 0x57),
        Dermoscopic::DarkBrown => Rgb888::new(0x6A, 0x3D, 0x22),
        Dermoscopic::BlueGrey => Rgb888::new(0x6B, 0x84, 0xA3),
        Dermoscopic::Black => Rgb888::new(0x08, 0x07, 0x07),
    }
}

/// Which of the six are present: as many as were counted, the largest first.
fn present(colour: &Colour) -> [bool; 6] {
    let mut order = [0, 1, 2, 3, 4, 5];
    order.sort_by(|one, other| colour.shares[*other].total_cmp(&colour.shares[*one]));
    let mut present = [false; 6];
    order.iter().take(colour.points.into()).for_each(|at| present[*at] = true);
    present
}

fn entries(view: &ExplanationView) -> [String; 6] {
    let language = view.report.language;
    let mut shares = view.explanation.abc.colour.shares.iter();
    Dermoscopic::ALL.map(|colour| {
        let share = words::share(language, shares.next().copied().unwrap_or_default());
        format!("{} {share}", capitalised(words::label(language, Key::Dermoscopic(colour))))
    })
}

fn chip_width(layout: &Layout) -> u32 {
    layout.small * 3 / 2
}

/// In how many columns the chips stand side by side where there is so much `width`, and how high they are; `None` where not even one fits.
pub(super) fn fit(layout: &Layout, width: u32, view: &ExplanationView) -> Option<(u32, u32)> {
    let words = entries(view).iter().map(|entry| grid::width(entry, Weight::Regular, layout)).max().unwrap_or(0);
    let each = chip_width(layout) + layout.gap + words;
    let columns = [3_u32, 2, 1].into_iter().find(|columns| columns * each + (columns - 1) * layout.margin <= width)?;
    Some((columns, 6 / columns * text::height(1, layout.small)))
}

pub(super) fn paint(painter: &mut Painter, layout: &Layout, area: Area, view: &ExplanationView, columns: u32) {
    let present = present(&view.explanation.abc.colour);
    let line = text::height(1, layout.small);
    let each = (area.width + layout.margin) / columns.max(1);
    for (at, (entry, colour)) in (0..).zip(entries(view).into_iter().zip(Dermoscopic::ALL)) {
        // Down and then across, as a list is read.
        let rows = 6 / columns.max(1);
        let place = Area {
            x: area.x + (at / rows * each) as i32,
            y: area.y + (at % rows * line) as i32,
            width: each.saturating_sub(layout.margin),
            height: line,
        };
        let (chip, words) = place.cut_left(chip_width(layout), layout.gap);
        let chip = chip.middle(chip.width, layout.small);
        let is_present = present[at as usize];
        if is_present {
            painter.fill(chip, swatch(colour));
        }
        // An edge, since black stands on a dark screen.
        outlined(painter, chip, layout.gap.div_ceil(3), if is_present { palette::TEXT_QUIET } else { palette::LINE });
        let words_in = if is_present { grid::small(layout, entry) } else { grid::quiet(layout, entry) };
        painter.line(words, &words_in, Align::Left);
    }
}

/// The edge of `area`, `thickness` wide, inside it.
pub(super) fn outlined(painter: &mut Painter, area: Area, thickness: u32, colour: Rgb888) {
    let (top, _) = area.cut_top(thickness, 0);
    let (bottom, _) = area.cut_bottom(thickness, 0);
    let (left, _) = area.cut_left(thickness, 0);
    let right = Area { x: area.right() - left.width as i32, ..left };
    [top, bottom, left, right].into_iter().for_each(|edge| painter.fill(edge, colour));
}
