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
    layout.small * 5 / 4
}

/// How the chips stand side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Columns {
    /// 1, 2 or 3.
    count: usize,
    /// What each column needs, for as many as there are.
    widths: [u32; 3],
}

impl Columns {
    /// The widest arrangement of the chips that `width` has room for; `None` where not even one column fits.
    pub(super) fn fit(layout: &Layout, width: u32, view: &ExplanationView) -> Option<Self> {
        let each = entries(view).map(|entry| chip_width(layout) + layout.gap + grid::width(&entry, Weight::Regular, layout));
        let arranged = [3, 2, 1].map(|count| {
            let mut widths = [0; 3];
            let columns = each.chunks(each.len() / count).map(|column| column.iter().copied().max().unwrap_or(0));
            widths.iter_mut().zip(columns).for_each(|(width, needed)| *width = needed);
            Self { count, widths }
        });
        arranged.into_iter().find(|columns| columns.least_width(layout) <= width)
    }

    fn least_width(&self, layout: &Layout) -> u32 {
        self.widths.iter().sum::<u32>() + (self.count as u32 - 1) * layout.margin
    }

    pub(super) fn height(&self, layout: &Layout) -> u32 {
        (Dermoscopic::ALL.len() / self.count) as u32 * text::height(1, layout.small)
    }
}

pub(super) fn paint(painter: &mut Painter, layout: &Layout, area: Area, view: &ExplanationView, columns: Columns) {
    let present = present(&view.explanation.abc.colour);
    let spare = area.width.saturating_sub(columns.least_width(layout)) / columns.count as u32;
    let mut chips = entries(view).into_iter().zip(Dermoscopic::ALL).zip(present);
    let mut rest = area;
    for needed in columns.widths.into_iter().take(columns.count) {
        let (column, beside) = rest.cut_left(needed, layout.margin + spare);
        rest = beside;
        // Down and then across, as a list is read.
        let mut below = column;
        for ((entry, colour), is_present) in chips.by_ref().take(Dermoscopic::ALL.len() / columns.count) {
            let (place, next) = below.cut_top(text::height(1, layout.small), 0);
            below = next;
            let (chip, words) = place.cut_left(chip_width(layout), layout.gap);
            let chip = chip.middle(chip.width, layout.small);
            if is_present {
                painter.fill(chip, swatch(colour));
            }
            // An edge, since black stands on a dark screen.
            outlined(painter, chip, layout.gap.div_ceil(3), if is_present { palette::TEXT_QUIET } else { palette::LINE });
            let written = if is_present { grid::small(layout, entry) } else { grid::quiet(layout, entry) };
            painter.line(words, &written, Align::Left);
        }
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
