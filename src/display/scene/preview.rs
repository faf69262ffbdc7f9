//! Live picture: where the lesion should be, and the one thing to do now.

use super::{
    bar::StatusBar,
    grid::{self, Sign},
    live, words,
};
use crate::{
    display::{
        icon::Icon,
        layout::{Area, Layout},
        painter::{Item, Painter},
        palette,
    },
    quality::Reason,
};

/// Draws all but the picture, and gives back where that goes.
pub(super) fn paint(painter: &mut Painter, layout: &Layout, hints: &[Reason], ready: &str, bar: &StatusBar) -> Area {
    let (picture, panel) = live::surround(painter, layout, bar);
    match hints {
        [] => {
            let sign = Sign { words: words::READY, icon: Icon::Ready, colour: palette::READY };
            live::advise(
                painter,
                layout,
                panel,
                sign,
                &[Item::Text(grid::body(layout, if ready.is_empty() { words::READY_NEXT } else { ready }))],
            );
        }
        [first, others @ ..] => {
            let (problem, action) = words::problem_and_action(*first);
            let sign = Sign { words: &problem, icon: Icon::Aim, colour: palette::RETAKE };
            let mut items = vec![Item::Text(grid::body(layout, action))];
            if !others.is_empty() {
                items.push(Item::Space(layout.gap));
                items.push(Item::Extra(0, grid::quiet(layout, words::also(others))));
            }
            live::advise(painter, layout, panel, sign, &items);
        }
    }
    picture
}
