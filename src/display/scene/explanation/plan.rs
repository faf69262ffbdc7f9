//! Which part of an explanation stands on which page, and where: what has no room goes to the next page, nothing is cut.

use super::{ExplanationView, bars, chips::Columns};
use crate::display::{
    font::Weight,
    layout::{Area, Layout},
    text::{self, Block as Lines},
};

/// Share of the body's width that the picture may take, in percent, and the least that is left of it for the sake of the bars beside it.
const PICTURE: u32 = 42;
const LEAST_PICTURE: u32 = 30;
/// To how many percent of that it may shrink where everything then needs fewer pages.
const SMALLER: [u32; 4] = [100, 95, 90, 85];

/// Where everything stands.
pub(super) struct Plan {
    /// The picture, on the first page.
    pub(super) picture: Area,
    /// What else stands on each page; at least one.
    pub(super) pages: Vec<Vec<Placed>>,
}

/// A block in its place.
pub(super) struct Placed {
    pub(super) area: Area,
    pub(super) block: Block,
}

/// What stands together.
pub(super) enum Block {
    /// How marked each criterion is.
    Bars,
    /// The colours, in so many columns.
    Chips(Columns),
    /// A sentence, or a part of one that no page has room for, in a size in which it fits.
    Words { text: String, cap: u32 },
}

impl Plan {
    /// On as few pages as there can be; then with the colours beside the picture, with the largest picture, and with the largest text.
    pub(super) fn new(layout: &Layout, body: Area, view: &ExplanationView) -> Self {
        let with = |share: u32, cap: u32| Self::with(layout, body, view, share, cap);
        let smallest = SMALLER.map(|share| (share, with(share, layout.small)));
        // Of equals the first: the largest picture.
        let Some((share, smallest)) = smallest.into_iter().min_by_key(|(_, plan)| plan.rank()) else { return with(100, layout.small) };
        let larger = (layout.small + 1..=layout.body).rev().map(|cap| with(share, cap));
        larger.into_iter().find(|plan| plan.rank() <= smallest.rank()).unwrap_or(smallest)
    }

    /// Pages, and whether the colours are not on the first.
    fn rank(&self) -> (usize, bool) {
        let has_chips = |page: &Vec<Placed>| page.iter().any(|placed| matches!(placed.block, Block::Chips(_)));
        (self.pages.len(), !self.pages.first().is_some_and(has_chips))
    }

    fn with(layout: &Layout, body: Area, view: &ExplanationView, share: u32, cap: u32) -> Self {
        let apart = layout.margin * 3 / 2;
        let for_bars = body.width.saturating_sub(bars::least_width(layout, view) + apart);
        let side = (body.width * PICTURE / 100).min(for_bars.max(body.width * LEAST_PICTURE / 100)).min(body.height) * share / 100;
        let (picture, beside) = body.cut_left(side, apart);
        let mut pages = Pages { filled: vec![Vec::new()], rest: beside, body, apart: layout.margin * 2 / 3 };
        let mut sentences = view.report.sentences.iter().filter(|sentence| sentence.brief).peekable();
        pages.put(bars::height(layout), Block::Bars);
        match Columns::fit(layout, pages.rest.width, view).filter(|columns| pages.has_room(columns.height(layout))) {
            Some(columns) => pages.put(columns.height(layout), Block::Chips(columns)),
            None => {
                while let Some(sentence) = sentences.next_if(|sentence| pages.has_room_for(&sentence.text, cap)) {
                    pages.write(&sentence.text, cap);
                }
                pages.turn();
                // Even the smallest screen is as wide as a chip with its words.
                if let Some(columns) = Columns::fit(layout, body.width, view) {
                    pages.put(columns.height(layout), Block::Chips(columns));
                }
            }
        }
        sentences.for_each(|sentence| pages.write(&sentence.text, cap));
        Self { picture: picture.corner_square(), pages: pages.filled }
    }
}

/// Pages that are filled from the top.
struct Pages {
    filled: Vec<Vec<Placed>>,
    /// What is free of the last page.
    rest: Area,
    /// A whole page.
    body: Area,
    /// Between two blocks.
    apart: u32,
}

impl Pages {
    fn is_empty(&self) -> bool {
        self.filled.last().is_none_or(Vec::is_empty)
    }

    fn gap(&self) -> u32 {
        if self.is_empty() { 0 } else { self.apart }
    }

    fn has_room(&self, height: u32) -> bool {
        self.gap() + height <= self.rest.height
    }

    /// Whether a sentence fits as a whole on what is left of the page.
    fn has_room_for(&self, sentence: &str, cap: u32) -> bool {
        let lines = Lines::wrap(sentence, Weight::Regular, cap, self.rest.width);
        !lines.broken && self.has_room(lines.height())
    }

    /// Begins a new page.
    fn turn(&mut self) {
        self.filled.push(Vec::new());
        self.rest = self.body;
    }

    fn put(&mut self, height: u32, block: Block) {
        let (_, free) = self.rest.cut_top(self.gap(), 0);
        let (area, rest) = free.cut_top(height, 0);
        self.rest = rest;
        if let Some(page) = self.filled.last_mut() {
            page.push(Placed { area, block });
        }
    }

    /// A sentence where it has room as a whole; over several pages when not even an empty one is enough.
    fn write(&mut self, sentence: &str, cap: u32) {
        if !self.has_room_for(sentence, cap) && !self.is_empty() {
            self.turn();
        }
        let lines = Lines::wrap(sentence, Weight::Regular, cap, self.rest.width).lines;
        let most = (1..=lines.len()).rev().find(|count| text::height(*count as u32, cap) <= self.rest.height).unwrap_or(1);
        for (at, part) in lines.chunks(most).enumerate() {
            if at > 0 {
                self.turn();
            }
            self.put(text::height(part.len() as u32, cap), Block::Words { text: part.join(" "), cap });
        }
    }
}
