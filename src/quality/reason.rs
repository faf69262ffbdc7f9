//! Why a frame is refused, in words that a health worker can act on.

use serde::Serialize;

/// One reason to take the picture again.
///
/// Ordered by what to put right first: a frame without enough pixels or light cannot be judged for sharpness, a blurred
/// or glaring one hardly for its lesion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The picture has too few pixels to judge.
    TooFewPixels,
    /// Too little light on the skin, or too many pixels crushed to black.
    TooDark,
    /// Too many pixels clipped, or too high a mean.
    TooBright,
    /// Specular reflections cover too much of the picture.
    Glare,
    /// Too little fine detail: out of focus, or moved.
    Blurred,
    /// Nothing stands out against the skin.
    NoLesion,
    /// The lesion is cut by the edge of the picture.
    LesionCutOff,
    /// The lesion fills too little of the picture.
    LesionTooSmall,
}

impl Reason {
    /// A short machine name: `too-dark`. Stable; used in records and tables.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::TooDark => "too-dark",
            Self::TooBright => "too-bright",
            Self::Blurred => "blurred",
            Self::Glare => "glare",
            Self::NoLesion => "no-lesion",
            Self::LesionCutOff => "lesion-cut-off",
            Self::LesionTooSmall => "lesion-too-small",
            Self::TooFewPixels => "too-few-pixels",
        }
    }

    /// What is wrong and what to do: "too dark: press the dermatoscope closer".
    #[must_use]
    pub fn advice(self) -> &'static str {
        match self {
            Self::TooDark => "too dark: press the dermatoscope closer and check its light",
            Self::TooBright => "too bright: lower the light or the exposure",
            Self::Blurred => "not sharp: hold still and focus",
            Self::Glare => "reflections: add gel or alcohol, press the lens flat on the skin",
            Self::NoLesion => "no lesion seen: centre the mole in the lens",
            Self::LesionCutOff => "the lesion is cut off: move so that all of it is inside",
            Self::LesionTooSmall => "the lesion is too small: move closer",
            Self::TooFewPixels => "the picture is too small: use a higher camera resolution",
        }
    }
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.advice())
    }
}
