//! The criteria behind a verdict: the picture with the axes and the border's segments that were measured, how marked each criterion is, the
//! colours, and what was written of all that, on as many pages as the screen needs.
//!
//! Every word but the buttons' is in the language of the report.

mod bars;
mod chips;
mod picture;
mod plan;

use self::plan::{Block, Plan};
use super::{
    ExplanationView, bar,
    grid::{self, Sign},
    verdict,
    words::capitalised,
};
use crate::{
    display::{
        DisplayError,
        font::Weight,
        layout::Layout,
        painter::{Anchor, Item, Painter, Text},
        palette,
    },
    explain::report::words::{self, Key},
};

pub(super) fn paint(painter: &mut Painter, layout: &Layout, view: &ExplanationView) -> Result<(), DisplayError> {
    let language = view.report.language;
    let bands = grid::low_bands(layout);
    let label = capitalised(words::label(language, Key::Label(view.label)));
    let (icon, colour) = verdict::sign(view.label);
    grid::header(painter, layout, bands.header, Sign { words: &label, icon, colour });

    let plan = Plan::new(layout, bands.body, view);
    let page = view.page.min(plan.pages.len().saturating_sub(1));
    if page == 0 {
        picture::paint(painter, view, plan.picture)?;
    }
    for placed in plan.pages.get(page).into_iter().flatten() {
        match &placed.block {
            Block::Bars => bars::paint(painter, layout, placed.area, view),
            Block::Chips(columns) => chips::paint(painter, layout, placed.area, view, *columns),
            Block::Words { text, cap } => {
                let text = Text { words: text.into(), weight: Weight::Regular, colour: palette::TEXT, cap: *cap, least: *cap };
                painter.column(placed.area, Anchor::Middle, &[Item::Text(text)]);
            }
        }
    }
    let all = plan.pages.len() + view.after;
    let (position, short) = match all {
        0 | 1 => (String::new(), String::new()),
        _ => (words::page(language, page + 1, all), format!("{}/{all}", page + 1)),
    };
    let subject = view.bar.subject();
    let wordings = [(subject.as_str(), &position), (view.bar.case, &position), (view.bar.case, &short), ("", &short)];
    let details = wordings.map(|(subject, position)| bar::joined([subject, position.as_str()]));
    grid::footer(painter, layout, bands.footer, words::label(language, Key::NotADiagnosis), &details);
    Ok(())
}

/// How many pages the explanation needs.
pub(super) fn pages(layout: &Layout, view: &ExplanationView) -> usize {
    Plan::new(layout, grid::low_bands(layout).body, view).pages.len()
}
