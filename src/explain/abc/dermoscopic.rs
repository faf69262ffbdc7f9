//! Which of the six colours of the ABCD rule a colour is.
//!
//! Prototypes are centres of a k-means clustering (12 clusters, in L* and in a* and b* less those of the skin) of lesion pixels of 245 training
//! pictures of ISIC 2017 after shades of grey, named by where they lie; red and white, too rare for a cluster of their own, by what they mean: red is as
//! light as light brown with twice its a* and a third of its b*, white is the skin's hue, lighter. So nothing that is skin's lightness is white.
//!
//! Colours only; nothing here may know where in the lesion one lies, or how many there must be.

use super::{
    Dermoscopic,
    picture::{Lab, difference},
};

/// Skin where none is seen: the median of the training pictures after shades of grey.
const USUAL_SKIN: Lab = [68.0, -0.2, 0.8];

/// A reflection is at least this much lighter than the skin, and at least this light.
const REFLECTION: [f32; 2] = [20.0, 88.0];

/// Tells the six colours apart beside a certain skin.
pub(super) struct Palette {
    skin: Lab,
    prototypes: [(Option<Dermoscopic>, Lab); 7],
}

impl Palette {
    pub(super) fn beside(skin: Option<Lab>) -> Self {
        let skin = skin.unwrap_or(USUAL_SKIN);
        let [lightness, a, b] = skin;
        let prototypes = [
            (None, skin),
            (Some(Dermoscopic::White), [lightness + 12.0, a, b - 1.0]),
            (Some(Dermoscopic::Red), [lightness - 15.0, a + 20.0, b + 6.0]),
            (Some(Dermoscopic::LightBrown), [lightness - 17.0, a + 11.0, b + 18.0]),
            (Some(Dermoscopic::DarkBrown), [33.0_f32.min(lightness - 25.0), a + 16.0, b + 16.0]),
            (Some(Dermoscopic::BlueGrey), [38.0_f32.min(lightness - 20.0), a + 3.0, b - 6.0]),
            (Some(Dermoscopic::Black), [14.0, a + 7.0, b + 4.0]),
        ];
        Self { skin, prototypes }
    }

    /// The colour whose prototype is nearest; `None` for skin and for reflections.
    pub(super) fn name(&self, lab: Lab) -> Option<Dermoscopic> {
        if lab[0] >= REFLECTION[1] && lab[0] >= self.skin[0] + REFLECTION[0] {
            return None;
        }
        let nearest = self.prototypes.iter().map(|(name, prototype)| (difference(lab, *prototype), *name));
        nearest.min_by(|one, other| one.0.total_cmp(&other.0)).and_then(|(_, name)| name)
    }
}

/// The six prototypes beside `skin` as 8-bit sRGB.
#[cfg(test)]
pub(super) fn examples(skin: [u8; 3]) -> [[u8; 3]; 6] {
    use crate::colour::{lab_of, linear};
    let palette = Palette::beside(Some(lab_of(skin.map(linear))));
    std::array::from_fn(|at| {
        let (_, [lightness, a, b]) = palette.prototypes[at + 1];
        let y = (lightness + 16.0) / 116.0;
        let cube = |root: f32| if root > 6.0 / 29.0 { root.powi(3) } else { (root - 16.0 / 116.0) / 7.787 };
        let [x, y, z] = [0.9505 * cube(y + a / 500.0), cube(y), 1.089 * cube(y - b / 200.0)];
        let light = [3.2406 * x - 1.5372 * y - 0.4986 * z, -0.9689 * x + 1.8758 * y + 0.0415 * z, 0.0557 * x - 0.2040 * y + 1.0570 * z];
        light.map(|light| (255.0 * if light <= 0.003_130_8 { 12.92 * light } else { 1.055 * light.powf(1.0 / 2.4) - 0.055 }).round() as u8)
    })
}
