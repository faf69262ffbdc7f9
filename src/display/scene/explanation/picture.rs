//! The picture of the part that was assessed, with what was measured drawn on it.

use super::ExplanationView;
use crate::{
    display::{DisplayError, canvas::scale, layout::Area, painter::Painter},
    explain::criteria_overlay::criteria_overlay,
    frame::Region,
};

pub(super) fn paint(painter: &mut Painter, view: &ExplanationView, area: Area) -> Result<(), DisplayError> {
    let part = view.evidence.map_or_else(|| Region::centre_square(view.frame.width(), view.frame.height()), |evidence| evidence.region);
    let Area { width, height, .. } = area.fit(part.width, part.height);
    // Drawn on at the size in which it is seen: a line would be too thin, or too thick, at another.
    let scaled = scale(view.frame, part, width, height)?;
    let lesion = view.evidence.and_then(|evidence| evidence.lesion.as_ref());
    let drawn = lesion.map(|lesion| criteria_overlay(&scaled, part, lesion, &view.explanation.abc));
    painter.picture(drawn.as_ref().unwrap_or(&scaled), Region { x: 0, y: 0, width, height }, area)?;
    Ok(())
}
