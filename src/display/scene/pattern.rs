//! The test pattern: order of the colours, steps of grey, sharpness, cropping and dead pixels of a panel, without a camera.
//!
//! From the top: colour bars with their initials below; a ramp of all 256 greys; the same grey in steps of 16; lines one and two
//! pixels apart; and around it a line on the outermost pixels with a mark in each corner.

use embedded_graphics::pixelcolor::Rgb888;

use super::{grid, words};
use crate::display::{
    layout::{Area, Layout},
    painter::{Align, Painter},
    palette, text,
};

/// Full and empty channels in the order of falling brightness, with the initials of their English names (K is black).
const BARS: [(&str, Rgb888); 8] = [
    ("W", Rgb888::new(255, 255, 255)),
    ("Y", Rgb888::new(255, 255, 0)),
    ("C", Rgb888::new(0, 255, 255)),
    ("G", Rgb888::new(0, 255, 0)),
    ("M", Rgb888::new(255, 0, 255)),
    ("R", Rgb888::new(255, 0, 0)),
    ("B", Rgb888::new(0, 0, 255)),
    ("K", Rgb888::new(0, 0, 0)),
];
const WHITE: Rgb888 = Rgb888::new(255, 255, 255);
const BLACK: Rgb888 = Rgb888::new(0, 0, 0);

pub(super) fn paint(painter: &mut Painter, layout: &Layout) {
    let screen = layout.screen;
    edge(painter, layout, screen);
    let line = text::height(1, layout.small);
    let inner = screen.inset(layout.margin);
    let (bars, rest) = inner.cut_top(inner.height * 34 / 100, 0);
    let (initials, rest) = rest.cut_top(line, layout.gap);
    for (at, (initial, colour)) in BARS.into_iter().enumerate() {
        painter.fill(column(bars, at, BARS.len()), colour);
        painter.line(column(initials, at, BARS.len()), &grid::small(layout, initial), Align::Centre);
    }
    let (ramp, rest) = rest.cut_top(inner.height * 14 / 100, 0);
    for at in 0..ramp.width as usize {
        painter.fill(column(ramp, at, ramp.width as usize), grey(at * 255 / (ramp.width as usize - 1).max(1)));
    }
    let (steps, rest) = rest.cut_top(inner.height * 14 / 100, layout.gap);
    for at in 0..16 {
        painter.fill(column(steps, at, 16), grey(at * 17));
    }
    let (words_area, fine) = rest.cut_bottom(line, layout.gap);
    painter.line(words_area, &grid::small(layout, words::size(screen.width, screen.height)), Align::Centre);
    lines(painter, fine);
}

/// Upright and level lines, one and two pixels apart: blurred or uneven where a panel is scaled or its clock is off.
fn lines(painter: &mut Painter, area: Area) {
    for (at, apart) in [1_u32, 2].into_iter().enumerate() {
        let upright = column(area, 2 * at, 4);
        let level = column(area, 2 * at + 1, 4);
        painter.fill(upright, BLACK);
        painter.fill(level, BLACK);
        for x in (0..upright.width.saturating_sub(apart - 1)).step_by(2 * apart as usize) {
            painter.fill(Area { x: upright.x + x as i32, width: apart, ..upright }, WHITE);
        }
        for y in (0..level.height.saturating_sub(apart - 1)).step_by(2 * apart as usize) {
            painter.fill(Area { y: level.y + y as i32, height: apart, ..level }, WHITE);
        }
    }
}

/// A line on the outermost pixels and a filled mark in each corner: red left above, green right above, blue left below, white right below.
fn edge(painter: &mut Painter, layout: &Layout, screen: Area) {
    painter.fill(screen, WHITE);
    painter.fill(screen.inset(1), palette::BACKGROUND);
    let side = layout.margin.saturating_sub(2);
    let (right, lower) = (screen.right() - side as i32 - 1, screen.bottom() - side as i32 - 1);
    for (x, y, (_, colour)) in [(1, 1, BARS[5]), (right, 1, BARS[3]), (1, lower, BARS[6]), (right, lower, BARS[0])] {
        painter.fill(Area { x, y, width: side, height: side }, colour);
    }
}

fn grey(level: usize) -> Rgb888 {
    let level = level.min(255) as u8;
    Rgb888::new(level, level, level)
}

/// Column `at` of `count` equal ones, without a gap.
fn column(area: Area, at: usize, count: usize) -> Area {
    let edge = |at: usize| (area.width as usize * at / count.max(1)) as u32;
    Area { x: area.x + edge(at) as i32, width: edge(at + 1) - edge(at), ..area }
}
