//! Whether a lesion is there, inside the picture, and big enough.

use super::segment::{centre_of_mass, find, neighbours};
use super::view::View;

/// A patch with at least this share of its outline on the edge counts as cut in full; with less, in proportion.
const CUT_IN_FULL: f32 = 0.1;

/// What was found out about the lesion.
pub(super) struct Framing {
    /// Colour difference (CIE 1976) between the patch that stands out most and the rest.
    pub(super) contrast: f32,
    /// The same, less the farther the patch is from the middle and the more of its outline lies on the edge.
    pub(super) presence: f32,
    /// Share of the lit field that the patch covers, in [0, 1].
    pub(super) share: f32,
    /// How far the patch has slid out: distance of its centre of mass from the middle in half sides (0 to about 1.4),
    /// but 0 for a patch that does not touch the edge. A lesion that fills the picture evenly stays near 0.
    pub(super) cut_off: f32,
}

/// Measures how the lesion lies in the field.
pub(super) fn measure(view: &View) -> Framing {
    let patch = find(view);
    let Some((right, down)) = centre_of_mass(&patch.inside) else {
        return Framing { contrast: 0.0, presence: 0.0, share: 0.0, cut_off: 0.0 };
    };
    let (mut outline, mut on_edge) = (0_u32, 0_u32);
    for at in (0..patch.inside.len()).filter(|&at| patch.inside[at]) {
        for neighbour in neighbours(at) {
            let edge = neighbour.is_none_or(|neighbour| !view.field[neighbour]);
            on_edge += u32::from(edge);
            outline += u32::from(edge || neighbour.is_some_and(|neighbour| !patch.inside[neighbour]));
        }
    }
    let off = right.hypot(down);
    let cut = on_edge as f32 / outline.max(1) as f32;
    Framing {
        contrast: patch.contrast,
        presence: patch.contrast * (1.0 - off).max(0.0) * (1.0 - cut),
        share: patch.area as f32 / view.field_area as f32,
        cut_off: off * (cut / CUT_IN_FULL).min(1.0),
    }
}
