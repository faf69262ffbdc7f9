//! No answer: why, and what to do without one. No number appears here.

use super::{
    bar::StatusBar,
    grid::{self, Sign},
    words,
};
use crate::{
    case::BundleId,
    display::{
        DisplayError,
        icon::Icon,
        layout::Layout,
        painter::{Anchor, Item, Painter},
        palette,
    },
    frame::{Frame, Region},
    verdict::Label,
};

pub(super) fn paint(
    painter: &mut Painter,
    layout: &Layout,
    frame: Option<&Frame>,
    cause: &str,
    bundle: &BundleId,
    bar: &StatusBar,
) -> Result<(), DisplayError> {
    let bands = layout.bands();
    let label = words::capitalised(Label::CannotAssess.text());
    grid::header(painter, layout, bands.header, Sign { words: &label, icon: Icon::CannotAssess, colour: palette::CANNOT_ASSESS });
    grid::footer(painter, layout, bands.footer, words::NOT_A_DIAGNOSIS, &grid::origin(bar, bundle));
    let column = match frame {
        Some(frame) => {
            let (picture, column) = bands.body.cut_left(bands.body.height.min(bands.body.width * 40 / 100), layout.margin * 3 / 2);
            painter.picture(frame, Region::centre_square(frame.width(), frame.height()), picture.corner_square())?;
            column
        }
        None => bands.body,
    };
    let items = [
        Item::Extra(0, grid::quiet(layout, words::WHY)),
        Item::Text(grid::body(layout, cause)),
        Item::Space(layout.margin),
        Item::Extra(0, grid::quiet(layout, words::NEXT_STEP)),
        Item::Text(grid::body(layout, Label::CannotAssess.next_step())),
    ];
    painter.column(column, Anchor::Top, &items);
    Ok(())
}
