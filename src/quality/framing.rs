//! Whether a lesion is there, inside the picture, and big enough.

use super::planes::Plane;
use super::segment::{centre_of_mass, find};
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

/// Measures how the lesion lies in the field; the contents of the planes are left undefined.
pub(super) fn measure(view: &View, scratch: [&mut Plane; 4]) -> Framing {
    let patch = find(view, scratch);
    let Some((right, down)) = centre_of_mass(&patch.inside) else {
        return Framing { contrast: 0.0, presence: 0.0, share: 0.0, cut_off: 0.0 };
    };
    let (outline, on_edge) = (patch.inside.sides_without(&patch.inside), patch.inside.sides_without(&view.field));
    let off = right.hypot(down);
    let cut = on_edge as f32 / outline.max(1) as f32;
    Framing {
        contrast: patch.contrast,
        presence: patch.contrast * (1.0 - off).max(0.0) * (1.0 - cut),
        share: view.share(patch.area),
        cut_off: off * (cut / CUT_IN_FULL).min(1.0),
    }
}
