//! Where things go: every size on every screen is a share of the screen, so there is one layout and not one a screen.
//!
//! **Legibility.** The smallest text has a cap height of 1/24 of the screen's height (10 px of 240, 30 px of 720). On the
//! smallest screen in use, 2.4 inches with a picture 37 mm high, that is 1.5 mm: 8.6 minutes of arc for capitals at 600 mm, above
//! the 5 that an eye with 6/6 vision needs to tell letters, with room for 6/9 vision. Everything that must be read is larger.

use embedded_graphics::{
    prelude::{Point, Size},
    primitives::Rectangle,
};

use super::DisplayError;
use crate::frame::Region;

/// An upright rectangle on the screen, in pixels. May reach past the edges, where drawing is clipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Area {
    /// Left edge.
    pub x: i32,
    /// Upper edge.
    pub y: i32,
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
}

impl Area {
    /// The area as embedded-graphics knows it.
    #[must_use]
    pub fn rectangle(self) -> Rectangle {
        Rectangle::new(Point::new(self.x, self.y), Size::new(self.width, self.height))
    }

    /// First column to the right of it.
    #[must_use]
    pub fn right(self) -> i32 {
        self.x + self.width as i32
    }

    /// First row below it.
    #[must_use]
    pub fn bottom(self) -> i32 {
        self.y + self.height as i32
    }

    /// Whether the two share a pixel.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.x < other.right() && other.x < self.right() && self.y < other.bottom() && other.y < self.bottom()
    }

    /// Whether all of `other` lies inside.
    #[must_use]
    pub fn holds(self, other: Self) -> bool {
        self.x <= other.x && self.y <= other.y && other.right() <= self.right() && other.bottom() <= self.bottom()
    }

    /// The same without a border of `margin` on each side.
    pub(super) fn inset(self, margin: u32) -> Self {
        self.inset_sides(margin, margin)
    }

    /// The same without `across` on the left and right and `down` above and below.
    pub(super) fn inset_sides(self, across: u32, down: u32) -> Self {
        Self {
            x: self.x + across as i32,
            y: self.y + down as i32,
            width: self.width.saturating_sub(2 * across),
            height: self.height.saturating_sub(2 * down),
        }
    }

    /// The upper `height` pixels, and what is left below a gap.
    pub(super) fn cut_top(self, height: u32, gap: u32) -> (Self, Self) {
        let height = height.min(self.height);
        let used = (height + gap).min(self.height);
        (Self { height, ..self }, Self { y: self.y + used as i32, height: self.height - used, ..self })
    }

    /// The lower `height` pixels, and what is left above a gap.
    pub(super) fn cut_bottom(self, height: u32, gap: u32) -> (Self, Self) {
        let height = height.min(self.height);
        let used = (height + gap).min(self.height);
        (Self { y: self.bottom() - height as i32, height, ..self }, Self { height: self.height - used, ..self })
    }

    /// The left `width` pixels, and what is left to the right of a gap.
    pub(super) fn cut_left(self, width: u32, gap: u32) -> (Self, Self) {
        let width = width.min(self.width);
        let used = (width + gap).min(self.width);
        (Self { width, ..self }, Self { x: self.x + used as i32, width: self.width - used, ..self })
    }

    /// The largest rectangle with the proportions `across` : `down` in the middle of it.
    pub(super) fn fit(self, across: u32, down: u32) -> Self {
        let (across, down) = (u64::from(across.max(1)), u64::from(down.max(1)));
        let (full_width, full_height) = (u64::from(self.width), u64::from(self.height));
        let (width, height) = if full_width * down <= full_height * across {
            (full_width, full_width * down / across)
        } else {
            (full_height * across / down, full_height)
        };
        let (width, height) = (width.max(1) as u32, height.max(1) as u32);
        self.middle(width.min(self.width.max(1)), height.min(self.height.max(1)))
    }

    /// The largest square at its left upper corner, so that a picture starts level with the text beside it.
    pub(super) fn corner_square(self) -> Self {
        let side = self.width.min(self.height);
        Self { width: side, height: side, ..self }
    }

    /// A `width` x `height` rectangle in the middle of it.
    pub(super) fn middle(self, width: u32, height: u32) -> Self {
        Self { x: self.x + (self.width as i32 - width as i32) / 2, y: self.y + (self.height as i32 - height as i32) / 2, width, height }
    }
}

/// Sizes of one screen; all in pixels, all text as cap heights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) screen: Area,
    /// The part of the screen that a scene may use: all of it, or what the action bar leaves.
    pub(super) room: Area,
    /// The one number or word of a scene.
    pub(super) figure: u32,
    /// The label.
    pub(super) label: u32,
    /// What is wrong, what state this is.
    pub(super) heading: u32,
    /// Sentences.
    pub(super) body: u32,
    /// Captions; also the smallest that any text may shrink to.
    pub(super) small: u32,
    /// Around and between blocks.
    pub(super) margin: u32,
    /// Between things that belong together.
    pub(super) gap: u32,
}

/// The three bands of a scene that says something about a picture.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bands {
    /// Full width, for the label.
    pub(super) header: Area,
    /// Between, without margins.
    pub(super) body: Area,
    /// One line.
    pub(super) footer: Area,
}

/// Smallest width that is drawn, in pixels.
pub const LEAST_WIDTH: u32 = 320;
/// Smallest height that is drawn, in pixels.
pub const LEAST_HEIGHT: u32 = 240;

impl Layout {
    pub(super) fn new(width: u32, height: u32) -> Result<Self, DisplayError> {
        if width < LEAST_WIDTH || height < LEAST_HEIGHT || width < height {
            return Err(DisplayError::Unsuitable { width, height });
        }
        // A square screen has less room across than its height promises: count it as the 4:3 screen that fits its width.
        let unit = height.min(width / 4 * 3);
        let screen = Area { x: 0, y: 0, width, height };
        Ok(Self {
            screen,
            room: screen,
            figure: unit.div_ceil(9),
            label: unit.div_ceil(10),
            heading: unit.div_ceil(16),
            body: unit.div_ceil(20),
            small: unit.div_ceil(24),
            margin: unit.div_ceil(30),
            gap: unit.div_ceil(60),
        })
    }

    /// The strip along the lower edge whose equal parts say what each button does: two lines of the smallest text.
    pub(super) fn bar(&self) -> Area {
        self.screen.cut_bottom(self.bar_height(), 0).0
    }

    /// The same screen with room only above the action bar.
    pub(super) fn above_bar(self) -> Self {
        Self { room: self.screen.cut_bottom(self.bar_height(), 0).1, ..self }
    }

    fn bar_height(&self) -> u32 {
        2 * super::text::height(1, self.small) + 1
    }

    /// Header, body and footer.
    pub(super) fn bands(&self) -> Bands {
        // Where a bar takes some of the height, the label's band gives some of its own: the label stays as large.
        let header = if self.room == self.screen { self.label * 19 / 10 } else { self.label * 16 / 10 };
        let (header, rest) = self.room.cut_top(header, 0);
        let (footer, rest) = rest.cut_bottom(super::text::height(1, self.small) + self.gap, 0);
        let body = rest.inset_sides(self.margin, self.margin);
        Bands { header, body, footer: footer.inset_sides(self.margin, 0) }
    }

    /// A large picture and, to its right, a panel for words.
    pub(super) fn picture_and_panel(&self) -> (Area, Area) {
        let width = self.room.width;
        self.room.cut_left(width - width * 36 / 100, 0)
    }
}

/// The middle of a `width` x `height` picture that fills `area` best. The centre square, which is what is assessed, is always in it.
pub(super) fn filling(width: u32, height: u32, area: Area) -> Region {
    let (across, down) = (u64::from(area.width.max(1)), u64::from(area.height.max(1)));
    let square = width.min(height);
    let width_wanted = (u64::from(square) * across / down).clamp(square.into(), width.into()) as u32;
    let height_wanted = (u64::from(square) * down / across).clamp(square.into(), height.into()) as u32;
    Region { x: (width - width_wanted) / 2, y: (height - height_wanted) / 2, width: width_wanted, height: height_wanted }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn screens_that_cannot_be_legible_are_refused() {
        for (width, height) in [(319, 240), (320, 239), (480, 800), (0, 0)] {
            assert!(matches!(Layout::new(width, height), Err(DisplayError::Unsuitable { .. })), "{width}x{height}");
        }
    }

    #[test]
    fn the_smallest_text_is_a_twenty_fourth_of_the_screen() {
        for (width, height) in [(320, 240), (480, 320), (800, 480), (1280, 720)] {
            assert!(Layout::new(width, height).unwrap().small * 24 >= height);
        }
    }

    #[test]
    fn the_bar_takes_the_lower_edge_and_leaves_the_rest() {
        for (width, height) in [(320, 240), (480, 320), (800, 480), (1280, 720), (1920, 1080)] {
            let layout = Layout::new(width, height).unwrap();
            let (bar, room) = (layout.bar(), layout.above_bar().room);
            assert!(bar.bottom() == height as i32 && room.bottom() == bar.y && room.y == 0);
            assert!(bar.height * 7 >= height && bar.height * 6 <= height, "{bar:?}");
        }
    }

    proptest! {
        #[test]
        fn the_filling_part_holds_the_centre_square_and_lies_inside(
            width in 1_u32..4000, height in 1_u32..4000, across in 0_u32..2000, down in 0_u32..2000
        ) {
            let part = filling(width, height, Area { x: 0, y: 0, width: across, height: down });
            let square = Region::centre_square(width, height);
            prop_assert!(part.x + part.width <= width && part.y + part.height <= height);
            prop_assert!(part.x <= square.x && part.x + part.width >= square.x + square.width);
            prop_assert!(part.y <= square.y && part.y + part.height >= square.y + square.height);
        }

        #[test]
        fn what_is_cut_off_and_what_is_left_stay_inside_and_apart(
            width in 0_u32..500, height in 0_u32..500, cut in 0_u32..600, gap in 0_u32..50
        ) {
            let area = Area { x: -20, y: 30, width, height };
            for (one, rest) in [area.cut_top(cut, gap), area.cut_bottom(cut, gap), area.cut_left(cut, gap)] {
                prop_assert!(area.holds(one) && area.holds(rest));
                prop_assert!(!one.overlaps(rest) || one.width == 0 || one.height == 0 || rest.width == 0 || rest.height == 0);
            }
        }

        #[test]
        fn fitted_rectangles_keep_their_proportions(width in 1_u32..2000, height in 1_u32..2000, across in 1_u32..5000, down in 1_u32..5000) {
            let area = Area { x: 0, y: 0, width, height };
            let fitted = area.fit(across, down);
            prop_assert!(area.holds(fitted));
            let wanted = f64::from(across) / f64::from(down);
            let slack = 1.0 / f64::from(fitted.width) + 1.0 / f64::from(fitted.height);
            let found = f64::from(fitted.width) / f64::from(fitted.height);
            prop_assert!(fitted.width == 1 || fitted.height == 1 || (found / wanted - 1.0).abs() <= 2.0 * slack, "{found} {wanted}");
        }
    }
}
