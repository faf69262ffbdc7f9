//! What stands around every scene: whose case this is, what the device has to say about itself, and what each button does now.
//!
//! The action bar is cut into equal parts, one an action, so that a tap can be turned into an action without knowing the scene.

use super::grid;
use crate::display::{
    font::{self, Weight},
    layout::{Area, Layout},
    painter::{Align, Painter, Text},
    palette, text,
};

/// What a button does now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Action<'a> {
    /// The button, in the word that is written on it: `Accept`. At most 8 letters are whole on the smallest screen with four actions.
    pub button: &'a str,
    /// What it does in this state, in a word or two: `Next field`. Empty where the button's own word says it.
    pub what: &'a str,
}

/// What stands around a scene. The default is nothing at all: the scene then has the whole screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StatusBar<'a> {
    /// The running case: `Case 12`. Empty before the first.
    pub case: &'a str,
    /// What is known of the patient, each in a word or two: `54 years`, `back`.
    pub chips: &'a [&'a str],
    /// What the device has to say about itself: `Warm: preview slowed`. Shown with live pictures only.
    pub notice: Option<&'a str>,
    /// What the buttons do now, from left to right; the order of [`bar_action_at`].
    pub actions: &'a [Action<'a>],
}

impl StatusBar<'_> {
    /// Whose case this is: `Case 12 · 54 years · back`; empty when nothing is known.
    pub(super) fn subject(&self) -> String {
        joined(std::iter::once(self.case).chain(self.chips.iter().copied()))
    }
}

/// What a line has room for, the fullest first: all of [`StatusBar::subject`], or the case alone.
pub(super) fn subjects(bar: &StatusBar) -> [String; 2] {
    [bar.subject(), bar.case.to_owned()]
}

/// Between two facts on one line.
pub(super) const BETWEEN: &str = " · ";

/// Facts on one line, without the empty ones.
pub(super) fn joined<'a>(facts: impl IntoIterator<Item = &'a str>) -> String {
    facts.into_iter().filter(|fact| !fact.is_empty()).collect::<Vec<_>>().join(BETWEEN)
}

/// Which of `actions` actions a tap at (`x`, `y`) means, in pixels of a `width` x `height` screen from its left upper corner; `None` beside the bar.
///
/// # Examples
/// ```
/// use lentigo::display::scene::bar_action_at;
/// assert_eq!(bar_action_at(310.0, 239.0, 4, 320, 240), Some(3));
/// assert_eq!(bar_action_at(310.0, 120.0, 4, 320, 240), None);
/// ```
#[must_use]
pub fn bar_action_at(x: f32, y: f32, actions: usize, width: u32, height: u32) -> Option<usize> {
    let layout = Layout::new(width, height).ok()?;
    let inside = |area: Area| (area.x as f32..area.right() as f32).contains(&x) && (area.y as f32..area.bottom() as f32).contains(&y);
    parts(layout.bar(), actions).position(inside)
}

/// `area` in `count` equal parts from left to right, without a gap.
fn parts(area: Area, count: usize) -> impl Iterator<Item = Area> {
    let edge = move |at: usize| area.x + (u64::from(area.width) * at as u64 / count.max(1) as u64) as i32;
    (0..count).map(move |at| Area { x: edge(at), width: (edge(at + 1) - edge(at)) as u32, ..area })
}

/// Draws the actions along the lower edge; an empty bar when there are none.
pub(super) fn paint(painter: &mut Painter, layout: &Layout, actions: &[Action]) {
    let area = layout.bar();
    painter.fill(area, palette::PANEL);
    painter.fill(Area { height: 1, ..area }, palette::LINE);
    for (at, (part, action)) in parts(area, actions.len()).zip(actions).enumerate() {
        if at > 0 {
            painter.fill(Area { width: 1, ..part }, palette::LINE);
        }
        let inner = Area { y: part.y + 1, height: part.height - 1, ..part }.inset_sides(layout.gap / 2, 0);
        let loud = |words| Text { weight: Weight::Bold, ..grid::small(layout, words) };
        if action.what.is_empty() {
            painter.line(inner, &loud(action.button), Align::Centre);
        } else {
            let (upper, lower) = inner.cut_top(text::height(1, layout.small), 0);
            painter.line(upper, &grid::quiet(layout, action.button), Align::Centre);
            painter.line(lower, &loud(action.what), Align::Centre);
        }
    }
}

/// One line that says whose case this is: the case is always whole, the patient's data as far as there is room.
pub(super) fn subject(painter: &mut Painter, layout: &Layout, area: Area, bar: &StatusBar) {
    let case = Text { weight: Weight::Bold, ..grid::small(layout, bar.case) };
    let chips = bar.chips.join(BETWEEN);
    let needed = if bar.case.is_empty() { 0 } else { font::width(bar.case, Weight::Bold, layout.small).ceil() as u32 };
    let (left, right) = area.cut_left(needed, if needed > 0 { layout.margin } else { 0 });
    if needed > 0 {
        painter.line(left, &case, Align::Left);
    }
    if !chips.is_empty() && right.width > layout.small * 3 {
        painter.line(right, &grid::quiet(layout, chips), Align::Left);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_tap_beside_the_bar_or_on_no_screen_means_nothing() {
        for (x, y) in [(10.0, 10.0), (-1.0, 235.0), (320.0, 235.0), (10.0, 240.0), (f32::NAN, 235.0), (10.0, f32::INFINITY)] {
            assert_eq!(bar_action_at(x, y, 3, 320, 240), None, "{x} {y}");
        }
        assert_eq!(bar_action_at(10.0, 235.0, 0, 320, 240), None);
        assert_eq!(bar_action_at(10.0, 90.0, 3, 100, 100), None);
    }

    proptest! {
        #[test]
        fn every_tap_on_the_bar_means_the_part_that_is_drawn_there(
            (width, height) in (320_u32..2000, 240_u32..1100).prop_filter("not upright", |(width, height)| width >= height),
            across in 0.0_f32..1.0, count in 1_usize..7
        ) {
            let bar = Layout::new(width, height).unwrap().bar();
            let x = across * (width as f32 - 0.01);
            let found = bar_action_at(x, bar.y as f32 + 0.5, count, width, height).unwrap();
            let part = parts(bar, count).nth(found).unwrap();
            prop_assert!(part.x as f32 <= x && x < part.right() as f32);
            let widths: Vec<u32> = parts(bar, count).map(|part| part.width).collect();
            prop_assert_eq!(widths.iter().sum::<u32>(), width);
            prop_assert!(widths.iter().max().unwrap() - widths.iter().min().unwrap() <= 1);
        }
    }
}
