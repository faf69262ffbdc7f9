//! How large things are: from pixels of a frame to millimetres on the skin.

use super::Measures;

/// How wide the dermatoscope's field is.
///
/// Given as the side of the frame's largest centred square in millimetres, which stays true when the camera is asked for another
/// resolution; pixels for each millimetre would not.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    field_mm: f64,
}

impl Scale {
    /// The side of the centred square is `field_mm` millimetres on the skin; `None` unless that is a finite length above 0.
    #[must_use]
    pub fn of_field(field_mm: f64) -> Option<Self> {
        (field_mm.is_finite() && field_mm > 0.0).then_some(Self { field_mm })
    }

    /// Millimetres that a pixel of a `width` x `height` frame is wide.
    #[must_use]
    pub fn millimetres_per_pixel(self, width: u32, height: u32) -> f64 {
        self.field_mm / f64::from(width.min(height).max(1))
    }

    /// What was measured in pixels of a `width` x `height` frame, in millimetres.
    #[must_use]
    pub fn apply(self, measures: &Measures, width: u32, height: u32) -> Millimetres {
        let pixel = self.millimetres_per_pixel(width, height);
        Millimetres {
            area_mm2: measures.area * pixel * pixel,
            diameter_mm: measures.diameter * pixel,
            width_mm: measures.width * pixel,
            at_least: measures.at_least,
        }
    }
}

/// A lesion's size on the skin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Millimetres {
    /// Area without holes, in mm².
    pub area_mm2: f64,
    /// Greatest diameter, in mm.
    pub diameter_mm: f64,
    /// Greatest width across that diameter, in mm.
    pub width_mm: f64,
    /// The lesion reaches the border of what was assessed: it is at least so large.
    pub at_least: bool,
}
