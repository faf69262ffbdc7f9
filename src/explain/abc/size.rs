//! How large a lesion is, in shares of the region.

use super::Size;
use crate::{
    explain::lesion::{Part, greatest_diameter},
    frame::Region,
};

/// Of `part` of a lesion in `region`; its holes count as lesion, as for the other criteria.
pub(super) fn size(region: Region, part: &Part) -> Size {
    let (width, height) = (f64::from(region.width), f64::from(region.height));
    let filled = Part { outer: part.outer.clone(), holes: Vec::new(), is_cut_off: part.is_cut_off };
    Size {
        area_share: (filled.area() / (width * height)).min(1.0),
        diameter_share: greatest_diameter(&part.outer) / width.max(height),
        cut_off: part.is_cut_off,
    }
}
