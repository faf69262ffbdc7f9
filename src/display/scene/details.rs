//! The second page of a verdict: everything behind it, as rows of name and value, on as many pages as the screen needs.

use super::{
    DetailsView, Row, Section, bar,
    grid::{self, Sign},
    verdict, words,
};
use crate::display::{
    font::Weight,
    layout::{Area, Layout},
    painter::{Align, Anchor, Item, Painter, Text},
    palette,
    text::{self, Block},
};

pub(super) fn paint(painter: &mut Painter, layout: &Layout, view: &DetailsView) {
    let bands = grid::low_bands(layout);
    let (icon, colour) = verdict::sign(view.label);
    grid::header(painter, layout, bands.header, Sign { words: words::DETAILS, icon, colour });
    let columns = columns(layout, bands.body);
    let pages = paginated(layout, columns[0], columns.len(), view.sections);
    let page = view.page.min(pages.len().saturating_sub(1));
    for (area, lines) in columns.into_iter().zip(pages.get(page).into_iter().flatten()) {
        let mut rest = area;
        for line in lines {
            let (place, below) = rest.cut_top(line.height(layout), 0);
            rest = below;
            line.paint(painter, layout, place);
        }
    }
    let all = view.ahead + pages.len();
    let position = if all > 1 { words::page(view.ahead + page + 1, all) } else { String::new() };
    let details = bar::subjects(&view.bar).map(|subject| bar::joined([subject.as_str(), &position]));
    grid::footer(painter, layout, bands.footer, words::NOT_A_DIAGNOSIS, &details);
}

/// How many pages `sections` need.
pub(super) fn pages(layout: &Layout, sections: &[Section]) -> usize {
    let columns = columns(layout, grid::low_bands(layout).body);
    paginated(layout, columns[0], columns.len(), sections).len()
}

/// One column, or two where each is as wide as a row needs.
fn columns(layout: &Layout, body: Area) -> Vec<Area> {
    let half = body.width.saturating_sub(2 * layout.margin) / 2;
    if half < layout.small * 18 {
        return vec![body];
    }
    let (left, right) = body.cut_left(half, 2 * layout.margin);
    vec![left, right]
}

/// Lines that a long value may take; the rest of it is left out.
const MOST_LINES: u32 = 3;

/// What one line of a column is.
enum Line<'a> {
    Title(&'a str),
    /// Name and value beside each other.
    Row(&'a str, &'a str),
    /// Name, and the value on so many lines below it because it is long.
    Tall(&'a str, &'a str, u32),
    Gap,
}

impl Line<'_> {
    fn height(&self, layout: &Layout) -> u32 {
        match self {
            Self::Title(_) | Self::Row(..) => text::height(1, layout.small),
            Self::Tall(_, _, lines) => text::height(1, layout.small) + text::height(*lines, layout.small),
            Self::Gap => layout.gap,
        }
    }

    fn paint(&self, painter: &mut Painter, layout: &Layout, area: Area) {
        match self {
            Self::Gap => {}
            Self::Title(title) => {
                let words = Text { weight: Weight::Bold, colour: palette::READY, ..grid::small(layout, *title) };
                painter.line(area, &words, Align::Left);
            }
            Self::Row(name, value) => {
                let (left, right) = area.cut_left(grid::width(name, Weight::Regular, layout), layout.margin);
                painter.line(left, &grid::quiet(layout, *name), Align::Left);
                painter.line(right, &grid::small(layout, *value), Align::Right);
            }
            Self::Tall(name, value, _) => {
                let (upper, lower) = area.cut_top(text::height(1, layout.small), 0);
                painter.line(upper, &grid::quiet(layout, *name), Align::Left);
                painter.column(lower, Anchor::Middle, &[Item::Text(grid::small(layout, *value))]);
            }
        }
    }
}

/// Pages of columns of lines. A section that has no room begins in the next column, or goes on there under its title.
fn paginated<'a>(layout: &Layout, column: Area, columns: usize, sections: &'a [Section]) -> Vec<Vec<Vec<Line<'a>>>> {
    let height = |lines: &[Line]| lines.iter().map(|line| line.height(layout)).sum::<u32>();
    let mut filled: Vec<Vec<Line>> = vec![Vec::new()];
    let mut used = 0;
    for section in sections {
        let rows: Vec<Line> = section.rows.iter().map(|row| row_in(layout, column, row)).collect();
        let title = Line::Title(&section.title).height(layout);
        let whole = title + height(&rows);
        // The first two rows keep the title company.
        let wanted = if whole <= column.height { whole } else { title + height(&rows[..rows.len().min(2)]) };
        if used > 0 && used + layout.gap + wanted > column.height {
            filled.push(Vec::new());
            used = 0;
        }
        let mut titled = false;
        for row in rows {
            if used > 0 && used + row.height(layout) + if titled { 0 } else { title } > column.height {
                filled.push(Vec::new());
                (used, titled) = (0, false);
            }
            let mut lines = Vec::new();
            if !titled {
                lines.extend((used > 0).then_some(Line::Gap));
                lines.push(Line::Title(&section.title));
                titled = true;
            }
            lines.push(row);
            used += height(&lines);
            filled.last_mut().into_iter().for_each(|column| column.append(&mut lines));
        }
    }
    let mut pages = Vec::new();
    let mut filled = filled.into_iter().peekable();
    while filled.peek().is_some() {
        pages.push(filled.by_ref().take(columns).collect());
    }
    pages
}

/// Name and value beside each other where there is room.
fn row_in<'a>(layout: &Layout, column: Area, row: &'a Row) -> Line<'a> {
    let width = |words: &str| grid::width(words, Weight::Regular, layout);
    let beside = width(&row.name) + layout.margin + width(&row.value) <= column.width;
    if beside {
        return Line::Row(&row.name, &row.value);
    }
    let lines = Block::wrap(&row.value, Weight::Regular, layout.small, column.width).lines.len() as u32;
    Line::Tall(&row.name, &row.value, lines.clamp(1, MOST_LINES))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_row_is_on_one_page_in_order_under_its_title_and_within_the_column(
            counts in prop::collection::vec(1_usize..14, 0..7), (width, height) in prop::sample::select(vec![(320, 240), (480, 320), (800, 480), (1280, 720)])
        ) {
            let sections: Vec<Section> = counts
                .iter()
                .enumerate()
                .map(|(section, rows)| Section {
                    title: format!("Section {section}"),
                    rows: (0..*rows).map(|row| Row::new(format!("{section} {row}"), "a value ".repeat(row % 4))).collect(),
                })
                .collect();
            let layout = Layout::new(width, height).unwrap().above_bar();
            let columns = columns(&layout, grid::low_bands(&layout).body);
            let pages = paginated(&layout, columns[0], columns.len(), &sections);
            let mut seen = Vec::new();
            for column in pages.iter().flatten() {
                prop_assert!(column.iter().map(|line| line.height(&layout)).sum::<u32>() <= columns[0].height);
                let mut title = "";
                for line in column {
                    match line {
                        Line::Title(words) => title = words,
                        Line::Row(name, _) | Line::Tall(name, ..) => {
                            let section = name.split(' ').next().unwrap();
                            prop_assert_eq!(title, format!("Section {section}"));
                            seen.push((*name).to_owned());
                        }
                        Line::Gap => {}
                    }
                }
            }
            let all: Vec<String> = sections.iter().flat_map(|section| &section.rows).map(|row| row.name.clone()).collect();
            prop_assert_eq!(seen, all);
        }
    }
}
