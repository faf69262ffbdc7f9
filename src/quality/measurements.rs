//! What the gate measured on one frame.

use std::cell::RefCell;

use serde::Serialize;

use super::planes::Plane;
use super::view::{AREA, SIDE, Scaler, View};
use super::{exposure, focus, framing, glare};
use crate::frame::Frame;

/// What the gate measured on one frame, all but [`shorter_side`](Self::shorter_side) on the centre square at the gate's
/// own fixed scale of 128 x 128 pixels and inside the lit field of the dermatoscope.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Measurements {
    /// Shorter side of the frame as it came, in pixels.
    pub shorter_side: f32,
    /// Light on the skin in stops relative to about full-scale white skin, with the part that melanin took added back;
    /// less is darker.
    pub exposure: f32,
    /// Mean brightness, sRGB scaled to [0, 1].
    pub mean: f32,
    /// Share of pixels crushed to black, in [0, 1].
    pub dark_share: f32,
    /// Share of pixels with a channel clipped, in [0, 1].
    pub bright_share: f32,
    /// Share of pixels covered by reflections, in [0, 1].
    pub glare_share: f32,
    /// Share of the fine detail that one more blur takes away, in [0, 1]; more is sharper.
    pub focus: f32,
    /// Colour difference (CIE 1976) between the patch that stands out most and the rest.
    pub lesion_contrast: f32,
    /// [`lesion_contrast`](Self::lesion_contrast), less the farther out the patch lies.
    pub lesion_presence: f32,
    /// How far the patch has slid over the edge, in half sides; 0 when it does not touch the edge.
    pub lesion_cut_off: f32,
    /// Share of the field that the patch covers, in [0, 1].
    pub lesion_share: f32,
    /// Share of the square that the dermatoscope lights, in [0, 1]; less than 1 with dark corners.
    pub field_share: f32,
}

impl Measurements {
    /// Measures `frame`. Any frame can be measured; the figures of a hopeless one are low, never missing or NaN.
    #[must_use]
    pub fn of(frame: &Frame) -> Self {
        DESK.with_borrow_mut(|desk| desk.measure(frame))
    }
}

thread_local! {
    // A megabyte that would otherwise be asked of the system and given back for every frame.
    static DESK: RefCell<Box<Desk>> = RefCell::new(Box::new(Desk { scaler: Scaler::new(), view: View::black(), scratch: [[[0.0; SIDE]; SIDE]; 4] }));
}

/// What measuring needs room for.
struct Desk {
    scaler: Scaler,
    view: View,
    /// Intermediate results; nothing stays in them between two measurements.
    scratch: [Plane; 4],
}

impl Desk {
    fn measure(&mut self, frame: &Frame) -> Measurements {
        let Self { scaler, view, scratch: [a, b, c, d] } = self;
        view.show(scaler.scale(frame), [a, b]);
        let exposure = exposure::measure(view, a);
        let framing = framing::measure(view, [a, b, c, d]);
        Measurements {
            shorter_side: frame.width().min(frame.height()) as f32,
            exposure: exposure.level,
            mean: exposure.mean,
            dark_share: exposure.dark_share,
            bright_share: exposure.bright_share,
            glare_share: glare::share(view, [a, b]),
            focus: focus::sharpness(view, [a, b]),
            lesion_contrast: framing.contrast,
            lesion_presence: framing.presence,
            lesion_cut_off: framing.cut_off,
            lesion_share: framing.share,
            field_share: view.field_area as f32 / AREA as f32,
        }
    }
}
