//! Every number that describes a phantom, with its unit and range, and the check that each lies in its range.
//!
//! Values outside their range are refused, never clamped: a board file that asks for an exposure of 50 EV is a mistake
//! that its writer wants to hear of.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::colour::LesionColour;
use crate::frame::FrameError;

/// Why a phantom cannot be drawn.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum PhantomError {
    /// A parameter is not a number or lies outside its range.
    #[error("phantom: {name} is {value}, but must be {low} to {high}")]
    Parameter {
        /// Path of the key: `lesion.size`.
        name: &'static str,
        /// What was given.
        value: f64,
        /// Smallest value allowed.
        low: f64,
        /// Largest value allowed.
        high: f64,
    },
    /// The list of colours is empty or names one twice.
    #[error(
        "phantom: lesion.colours must name 1 to 6 different colours of light-brown, dark-brown, black, blue-grey, white, red; given: {given}"
    )]
    Colours {
        /// The list as it was given.
        given: String,
    },
    /// No picture can have this size.
    #[error("phantom: {0}")]
    Size(#[from] FrameError),
    /// A sequence without a single frame.
    #[error("phantom: nothing to show: name at least one patient, or one script entry with frames above 0")]
    EmptyScript,
}

/// A synthetic dermoscopic scene: all that [`render`](Phantom::render) needs, and nothing random beside `seed`.
///
/// Lengths are shares of the *field*, the largest square in the middle of the frame, so that one phantom looks the same
/// at every frame size; hair thickness, blur and tremor are in pixels of a field 720 pixels wide and scale with it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Phantom {
    /// Where textures, blotches, hairs and spots fall, and the sensor noise. Any value.
    pub seed: u64,
    /// The skin around the lesion.
    pub skin: Skin,
    /// The lesion.
    pub lesion: Lesion,
    /// Hairs across the picture.
    pub hair: Hair,
    /// What wet contact between lens and skin leaves behind.
    pub contact: Contact,
    /// Lens, light and sensor.
    pub optics: Optics,
}

/// Skin phototype (Fitzpatrick 1988), from very fair to deeply pigmented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Fitzpatrick {
    /// Always burns, never tans.
    I,
    /// Burns easily, tans little.
    #[default]
    II,
    /// Burns moderately, tans gradually.
    III,
    /// Burns little, tans well.
    IV,
    /// Rarely burns, tans deeply.
    V,
    /// Never burns.
    VI,
}

impl Fitzpatrick {
    /// All six, from the fairest.
    pub const ALL: [Self; 6] = [Self::I, Self::II, Self::III, Self::IV, Self::V, Self::VI];
}

/// Healthy skin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Skin {
    /// Phototype.
    pub tone: Fitzpatrick,
    /// Hue from bluish pink (-1) over neutral (0) to yellowish (1).
    pub hue: f32,
    /// Contrast of the fine texture: 0 smooth plastic, 0.5 usual, 1 coarse.
    pub texture: f32,
    /// Contrast of broad red patches: 0 none, 0.5 usual, 1 inflamed.
    pub redness: f32,
    /// Contrast of the crossing skin furrows: 0 none, 1 deep.
    pub furrows: f32,
}

impl Default for Skin {
    fn default() -> Self {
        Self { tone: Fitzpatrick::II, hue: 0.0, texture: 0.5, redness: 0.4, furrows: 0.3 }
    }
}

/// The pigmented spot. `size` 0 means that there is none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Lesion {
    /// Diameter of the circle of equal area, share of the field's side: 0 (no lesion) or up to 1.6.
    pub size: f32,
    /// Centre from the middle of the frame, `[right, down]`, share of the field's side, each -2 to 2; may lie outside the frame.
    pub centre: [f32; 2],
    /// Length over breadth of the underlying ellipse: 1 to 4.
    pub aspect: f32,
    /// Turn of the long axis, turns clockwise (0.25 is upright): -1 to 1.
    pub rotation: f32,
    /// Lopsidedness of shape and of where the colours lie: 0 mirror-symmetric ellipse, 1 very lopsided.
    pub asymmetry: f32,
    /// Depth of the notches of the border: 0 none, 1 ragged.
    pub border_irregularity: f32,
    /// How suddenly pigment ends: 0 fades over a third of the radius, 1 is cut off.
    pub border_abruptness: f32,
    /// Colours, each once; the first is the ground, the others lie on it as blotches, each smaller than the one before.
    pub colours: Vec<LesionColour>,
    /// Strength of the pigment, 0 (invisible) to 1 (full).
    pub density: f32,
    /// Contrast of the pigment network: 0 none, 1 strong.
    pub network: f32,
    /// Meshes of the network across the field: 15 to 90.
    pub meshes: f32,
    /// Contrast of brown dots and globules: 0 none, 1 strong.
    pub globules: f32,
}

impl Default for Lesion {
    fn default() -> Self {
        Self {
            size: 0.42,
            centre: [0.0, 0.0],
            aspect: 1.15,
            rotation: 0.1,
            asymmetry: 0.1,
            border_irregularity: 0.15,
            border_abruptness: 0.35,
            colours: vec![LesionColour::LightBrown, LesionColour::DarkBrown],
            density: 0.9,
            network: 0.4,
            meshes: 45.0,
            globules: 0.15,
        }
    }
}

/// Hairs lying between lens and skin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Hair {
    /// How many: 0 to 300.
    pub count: u32,
    /// Thickness in pixels of a 720-pixel field: 0.5 to 20.
    pub thickness: f32,
    /// 0 invisible, 1 black.
    pub darkness: f32,
    /// 0 straight, 1 curled.
    pub curl: f32,
}

impl Default for Hair {
    fn default() -> Self {
        Self { count: 0, thickness: 3.0, darkness: 0.8, curl: 0.4 }
    }
}

/// Gel, alcohol and pressure.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Contact {
    /// Specular reflections that saturate the sensor: 0 to 300 spots.
    pub glare_spots: u32,
    /// Diameter of the largest spot, share of the field's side: 0 to 0.8.
    pub glare_size: f32,
    /// Small air bubbles in the gel: 0 to 300.
    pub bubbles: u32,
}

/// Lens, light and sensor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Optics {
    /// Gaussian sigma in pixels of a 720-pixel field: 0 (sharp) to 60.
    pub blur: f32,
    /// Exposure against a well-exposed frame, EV: -6 to 6.
    pub exposure: f32,
    /// Colour temperature that the light has while the camera is balanced for 6500 K: 2500 to 12000.
    pub temperature: f32,
    /// Loss of light in the corners of the field: 0 none, 1 black.
    pub vignette: f32,
    /// Standard deviation of the sensor noise in 8-bit levels of one frame pixel: 0 to 40.
    pub noise: f32,
}

impl Default for Optics {
    fn default() -> Self {
        Self { blur: 0.0, exposure: 0.0, temperature: 6_500.0, vignette: 0.08, noise: 2.0 }
    }
}

impl Phantom {
    /// Checks every parameter against its range.
    ///
    /// # Errors
    /// [`PhantomError::Parameter`] names the first key that is out of range or not a number, [`PhantomError::Colours`]
    /// a list of colours that is empty or has one twice.
    pub fn check(&self) -> Result<(), PhantomError> {
        let Self { seed: _, skin, lesion, hair, contact, optics } = self;
        let share = 0.0..=1.0;
        let table: [(&'static str, f32, RangeInclusive<f32>); 28] = [
            ("skin.hue", skin.hue, -1.0..=1.0),
            ("skin.texture", skin.texture, share.clone()),
            ("skin.redness", skin.redness, share.clone()),
            ("skin.furrows", skin.furrows, share.clone()),
            ("lesion.size", lesion.size, 0.0..=1.6),
            ("lesion.centre", lesion.centre[0], -2.0..=2.0),
            ("lesion.centre", lesion.centre[1], -2.0..=2.0),
            ("lesion.aspect", lesion.aspect, 1.0..=4.0),
            ("lesion.rotation", lesion.rotation, -1.0..=1.0),
            ("lesion.asymmetry", lesion.asymmetry, share.clone()),
            ("lesion.border_irregularity", lesion.border_irregularity, share.clone()),
            ("lesion.border_abruptness", lesion.border_abruptness, share.clone()),
            ("lesion.density", lesion.density, share.clone()),
            ("lesion.network", lesion.network, share.clone()),
            ("lesion.meshes", lesion.meshes, 15.0..=90.0),
            ("lesion.globules", lesion.globules, share.clone()),
            ("hair.count", hair.count as f32, 0.0..=300.0),
            ("hair.thickness", hair.thickness, 0.5..=20.0),
            ("hair.darkness", hair.darkness, share.clone()),
            ("hair.curl", hair.curl, share.clone()),
            ("contact.glare_spots", contact.glare_spots as f32, 0.0..=300.0),
            ("contact.glare_size", contact.glare_size, 0.0..=0.8),
            ("contact.bubbles", contact.bubbles as f32, 0.0..=300.0),
            ("optics.blur", optics.blur, 0.0..=60.0),
            ("optics.exposure", optics.exposure, -6.0..=6.0),
            ("optics.temperature", optics.temperature, 2_500.0..=12_000.0),
            ("optics.vignette", optics.vignette, share),
            ("optics.noise", optics.noise, 0.0..=40.0),
        ];
        for (name, value, range) in table {
            in_range(name, value, &range)?;
        }
        let twice = |at: usize| lesion.colours[..at].contains(&lesion.colours[at]);
        if lesion.colours.is_empty() || (0..lesion.colours.len()).any(twice) {
            let given = lesion.colours.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            return Err(PhantomError::Colours { given: if given.is_empty() { "none".into() } else { given } });
        }
        Ok(())
    }
}

/// Refuses a value that is not a number or not in `range`.
pub(super) fn in_range(name: &'static str, value: f32, range: &RangeInclusive<f32>) -> Result<(), PhantomError> {
    // The decimal that was written, not its binary neighbour: 0.9 must not come back as 0.8999999761581421.
    let shown = |number: f32| number.to_string().parse().unwrap_or(f64::from(number));
    if range.contains(&value) {
        return Ok(());
    }
    Err(PhantomError::Parameter { name, value: shown(value), low: shown(*range.start()), high: shown(*range.end()) })
}
