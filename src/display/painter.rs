//! What scenes draw with: text that is set and recorded, pictures, icons, bands.
//!
//! Every text that reaches the canvas is also kept as [`PlacedText`], so that tests, and later a screen reader or the
//! serial console, can know what stands where without looking at pixels.

use std::borrow::Cow;

use embedded_graphics::{pixelcolor::Rgb888, prelude::*, primitives::PrimitiveStyle};
use fast_image_resize::Resizer;

use super::{
    Canvas, DisplayError,
    font::{self, BASELINE, PITCH, Weight},
    icon::Icon,
    layout::Area,
    palette,
    text::Block,
};
use crate::frame::{Frame, Region};

/// One text as it was drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedText {
    /// The words on the screen, lines joined by spaces.
    pub text: String,
    /// What the lines take up, with room for accents and descenders.
    pub area: Area,
    /// Cap height in pixels.
    pub cap: u32,
    /// Something was left out, and an ellipsis says so.
    pub shortened: bool,
    /// A word was broken inside.
    pub broken: bool,
}

/// Text with the sizes that it may take.
#[derive(Debug, Clone)]
pub(super) struct Text<'a> {
    pub(super) words: Cow<'a, str>,
    pub(super) weight: Weight,
    pub(super) colour: Rgb888,
    /// Cap height wanted, in pixels.
    pub(super) cap: u32,
    /// Cap height that it may shrink to.
    pub(super) least: u32,
}

/// Where a line stands in its area.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Centre,
    Right,
}

/// Where a column stands in its area.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    /// The capitals of its first line stand level with the upper edge, not the room for accents above them.
    Top,
    Middle,
}

/// One thing in a column.
#[derive(Debug, Clone)]
pub(super) enum Item<'a> {
    /// Text that must be there.
    Text(Text<'a>),
    /// Text that gives way where there is no room for it, together with all others of its group; the highest group first.
    Extra(u8, Text<'a>),
    /// Nothing, this high; shrinks with the text.
    Space(u32),
    /// Kept free, this high, for the scene to draw on.
    Slot(u32),
}

impl Item<'_> {
    fn group(&self) -> Option<u8> {
        match self {
            Self::Extra(group, _) => Some(*group),
            Self::Text(_) | Self::Space(_) | Self::Slot(_) => None,
        }
    }
}

/// A canvas and what has been written on it.
#[derive(Debug)]
pub(super) struct Painter {
    pub(super) canvas: Canvas,
    pub(super) texts: Vec<PlacedText>,
    /// Kept, because its tables and scratch need not be made for every picture.
    resizer: Resizer,
}

impl Painter {
    pub(super) fn new(screen: Area) -> Result<Self, DisplayError> {
        Ok(Self { canvas: Canvas::new(screen.width, screen.height, palette::BACKGROUND)?, texts: Vec::new(), resizer: Resizer::new() })
    }

    /// Takes everything off the canvas.
    pub(super) fn clear(&mut self) {
        self.canvas.wash(self.canvas.bounding_box(), palette::BACKGROUND, 255);
        self.texts.clear();
    }

    /// Fills an area.
    pub(super) fn fill(&mut self, area: Area, colour: Rgb888) {
        let Ok(()) = area.rectangle().into_styled(PrimitiveStyle::with_fill(colour)).draw(&mut self.canvas);
    }

    /// Draws an icon into a square area.
    pub(super) fn icon(&mut self, area: Area, icon: Icon, colour: Rgb888) {
        self.canvas.stencil(area.rectangle(), colour, |stencil| icon.draw(stencil));
    }

    /// Shows `part` of a picture as large as its proportions allow in the middle of `area`, with a thin frame; gives back where.
    pub(super) fn picture(&mut self, picture: &Frame, part: Region, area: Area) -> Result<Area, DisplayError> {
        let into = area.fit(part.width, part.height);
        self.canvas.blit(picture, part, into.rectangle())?;
        let Ok(()) = into.rectangle().into_styled(PrimitiveStyle::with_stroke(palette::LINE, 1)).draw(&mut self.canvas);
        Ok(into)
    }

    /// As [`picture`](Self::picture), but quick, for a picture that is there for a moment, and without a frame.
    pub(super) fn live(&mut self, picture: &Frame, part: Region, area: Area) -> Result<Area, DisplayError> {
        let into = area.fit(part.width, part.height);
        self.canvas.blit_quickly(&mut self.resizer, picture, part, into.rectangle())?;
        Ok(into)
    }

    /// One line in the middle of the height of `area`, as large as fits up to the size wanted.
    pub(super) fn line(&mut self, area: Area, text: &Text, align: Align) {
        let fits = |cap: u32| font::width(&text.words, text.weight, cap) <= area.width as f32 && super::text::height(1, cap) <= area.height;
        let cap = (text.least..=text.cap).rev().find(|cap| fits(*cap)).unwrap_or(text.least);
        let mut block = Block {
            lines: vec![super::text::words(&text.words).collect::<Vec<_>>().join(" ")],
            weight: text.weight,
            cap,
            broken: false,
            shortened: false,
        };
        if block.width() > area.width {
            block = Block::wrap(&text.words, text.weight, cap, area.width);
            block.shorten(area.width, 0);
        }
        let spare = area.width.saturating_sub(block.width());
        let shift = match align {
            Align::Left => 0,
            Align::Centre => spare / 2,
            Align::Right => spare,
        };
        // Capitals, not the box with its room for accents, stand in the middle: that is what the eye compares with an icon beside it.
        let above = (area.height as f32 - cap as f32) / 2.0 - (BASELINE - 1.0) * cap as f32;
        let above = (above.round() as i32).min((area.height as i32 - block.height() as i32).max(0));
        self.block(&block, area.x + shift as i32, area.y + above, text.colour);
    }

    /// Sets a column of text, spaces and slots into `area`; gives back where each item went.
    ///
    /// Everything shrinks together until it fits, down to the least size of each text; then extras give way, the highest
    /// group first; and only then is the longest text cut short.
    pub(super) fn column(&mut self, area: Area, anchor: Anchor, items: &[Item]) -> Vec<Option<Area>> {
        let mut kept = vec![true; items.len()];
        let blocks = loop {
            if let Some(fitting) = (0..=10).map(|step| set(items, &kept, area.width, 100 - 5 * step)).find(|set| set.fits(area.height)) {
                break fitting;
            }
            let smallest = set(items, &kept, area.width, 0);
            if smallest.fits(area.height) {
                break smallest;
            }
            let groups = items.iter().zip(&kept).filter_map(|(item, kept)| item.group().filter(|_| *kept));
            let Some(last) = groups.max() else { break smallest.cut(area.width, area.height) };
            items.iter().zip(&mut kept).for_each(|(item, kept)| *kept &= item.group() != Some(last));
        };
        let mut y = match anchor {
            Anchor::Top => area.y - blocks.0.first().map_or(0, Piece::accents) as i32,
            Anchor::Middle => area.y + (area.height.saturating_sub(blocks.height()) / 2) as i32,
        };
        let mut places = Vec::with_capacity(items.len());
        for (item, mut piece) in items.iter().zip(blocks.0) {
            let place = Area { y, height: piece.height(), ..area };
            y = place.bottom();
            if let (Item::Text(text) | Item::Extra(_, text), Piece::Block(block)) = (item, &mut piece) {
                block.even_out(area.width);
                self.block(block, place.x, place.y, text.colour);
            }
            places.push((place.height > 0).then_some(place));
        }
        places
    }

    fn block(&mut self, block: &Block, x: i32, y: i32, colour: Rgb888) {
        let cap = block.cap as f32;
        for (at, line) in block.lines.iter().enumerate() {
            let baseline = y + ((at as f32 * PITCH + BASELINE) * cap).round() as i32;
            let canvas = &mut self.canvas;
            font::draw(line, block.weight, block.cap, x, baseline, |x, y, alpha| canvas.blend(x, y, colour, alpha));
        }
        if !block.lines.is_empty() {
            self.texts.push(PlacedText {
                text: block.lines.join(" "),
                area: Area { x, y, width: block.width(), height: block.height() },
                cap: block.cap,
                shortened: block.shortened,
                broken: block.broken,
            });
        }
    }
}

enum Piece {
    Block(Block),
    Blank(u32),
}

impl Piece {
    /// Room above the capitals of the first line.
    fn accents(&self) -> u32 {
        match self {
            Self::Block(block) => ((BASELINE - 1.0) * block.cap as f32) as u32,
            Self::Blank(_) => 0,
        }
    }

    fn height(&self) -> u32 {
        match self {
            Self::Block(block) => block.height(),
            Self::Blank(height) => *height,
        }
    }
}

struct Column(Vec<Piece>);

impl Column {
    fn height(&self) -> u32 {
        self.0.iter().map(Piece::height).sum()
    }

    fn fits(&self, height: u32) -> bool {
        self.height() <= height && !self.0.iter().any(|piece| matches!(piece, Piece::Block(block) if block.broken))
    }

    /// Shortens the longest texts until all of it is at most `height` high.
    fn cut(mut self, width: u32, height: u32) -> Self {
        while let Some(over) = self.height().checked_sub(height).filter(|over| *over > 0) {
            let longest = self.0.iter_mut().filter_map(|piece| match piece {
                Piece::Block(block) if block.lines.len() > 1 => Some(block),
                _ => None,
            });
            let Some(block) = longest.max_by_key(|block| block.height()) else { break };
            block.shorten(width, block.height().saturating_sub(over));
        }
        self
    }
}

/// All items at `percent` of the sizes wanted, no text under its least size.
fn set(items: &[Item], kept: &[bool], width: u32, percent: u32) -> Column {
    let pieces = items.iter().zip(kept).map(|(item, kept)| match item {
        Item::Text(text) | Item::Extra(_, text) if *kept => {
            Piece::Block(Block::wrap(&text.words, text.weight, (text.cap * percent / 100).max(text.least), width))
        }
        Item::Text(_) | Item::Extra(..) => Piece::Blank(0),
        Item::Space(height) => Piece::Blank(height * percent.max(40) / 100),
        Item::Slot(height) => Piece::Blank(height * percent.max(70) / 100),
    });
    Column(pieces.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(words: &str, cap: u32) -> Text<'_> {
        Text { words: words.into(), weight: Weight::Regular, colour: palette::TEXT, cap, least: 10 }
    }

    fn painter() -> (Painter, Area) {
        let screen = Area { x: 0, y: 0, width: 320, height: 240 };
        (Painter::new(screen).unwrap(), screen)
    }

    #[test]
    fn a_column_shrinks_before_it_drops_and_drops_before_it_cuts() {
        let (mut painter, screen) = painter();
        let area = Area { y: 20, height: 60, ..screen };
        painter.column(area, Anchor::Top, &[Item::Text(text("words that fill a line or two of this small screen", 20))]);
        assert!(painter.texts[0].cap < 20 && !painter.texts[0].shortened);

        let long = "words ".repeat(15);
        painter.texts.clear();
        painter.column(area, Anchor::Top, &[Item::Text(text(&long, 20)), Item::Extra(0, text("extra", 10))]);
        assert_eq!(painter.texts.len(), 1, "the extra gave way");
        assert!(!painter.texts[0].shortened);

        let longer = "words ".repeat(400);
        painter.texts.clear();
        painter.column(area, Anchor::Top, &[Item::Text(text(&longer, 20))]);
        assert!(painter.texts[0].shortened && screen.holds(painter.texts[0].area) && painter.texts[0].area.bottom() <= area.bottom());
    }

    #[test]
    fn a_line_shrinks_to_its_width_and_stays_in_the_middle() {
        let (mut painter, screen) = painter();
        let area = Area { height: 40, width: 100, ..screen };
        painter.line(area, &text("a line of text", 20), Align::Right);
        let placed = &painter.texts[0];
        assert!(placed.cap < 20 && placed.area.width <= 100 && placed.area.right() >= 98, "{placed:?}");
        painter.line(area, &text("a line of text that cannot be shown in full", 20), Align::Left);
        assert!(painter.texts[1].shortened && painter.texts[1].area.width <= 100);
    }
}
