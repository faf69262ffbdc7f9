//! The words for sex, site and phototype: a stable name for codes and records, a short one for screens, and what else people call it.
//!
//! A word that could mean two sites (`hand`: its back or its palm) is no alias: a wrong site is worse than an unknown one.

use super::{Phototype, Sex, Site};

/// One of a few values with words for each.
pub(super) trait Words: Copy + 'static {
    /// All values, in the order in which a form steps through them.
    const ALL: &'static [Self];

    /// Its stable name, as in JSON.
    fn word(self) -> &'static str;

    /// What a screen says.
    fn screen(self) -> &'static str;

    /// Other words for it, lower case, letters and digits only.
    fn aliases(self) -> &'static [&'static str];
}

impl Sex {
    /// Both, in the order in which a form steps through them.
    pub const ALL: [Self; 2] = [Self::Female, Self::Male];

    /// Its stable name in codes and records: `female`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Female => "female",
            Self::Male => "male",
        }
    }
}

impl Words for Sex {
    const ALL: &'static [Self] = &Sex::ALL;

    fn word(self) -> &'static str {
        self.name()
    }

    fn screen(self) -> &'static str {
        self.name()
    }

    fn aliases(self) -> &'static [&'static str] {
        match self {
            Self::Female => &["f", "w", "woman", "girl"],
            Self::Male => &["m", "man", "boy"],
        }
    }
}

impl Site {
    /// All of them, from head to foot.
    pub const ALL: [Self; 8] = [
        Self::HeadNeck,
        Self::AnteriorTorso,
        Self::PosteriorTorso,
        Self::LateralTorso,
        Self::UpperExtremity,
        Self::LowerExtremity,
        Self::PalmsSoles,
        Self::OralGenital,
    ];

    /// Its stable name in codes and records: `head-neck`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::HeadNeck => "head-neck",
            Self::AnteriorTorso => "anterior-torso",
            Self::PosteriorTorso => "posterior-torso",
            Self::LateralTorso => "lateral-torso",
            Self::UpperExtremity => "upper-extremity",
            Self::LowerExtremity => "lower-extremity",
            Self::PalmsSoles => "palms-soles",
            Self::OralGenital => "oral-genital",
        }
    }
}

impl Words for Site {
    const ALL: &'static [Self] = &Site::ALL;

    fn word(self) -> &'static str {
        self.name()
    }

    fn screen(self) -> &'static str {
        match self {
            Self::HeadNeck => "head or neck",
            Self::AnteriorTorso => "chest or belly",
            Self::PosteriorTorso => "back",
            Self::LateralTorso => "side of the trunk",
            Self::UpperExtremity => "arm",
            Self::LowerExtremity => "leg",
            Self::PalmsSoles => "palm or sole",
            Self::OralGenital => "mouth or genitals",
        }
    }

    fn aliases(self) -> &'static [&'static str] {
        match self {
            Self::HeadNeck => &["head", "neck", "face", "scalp", "ear", "nose", "cheek", "forehead", "lip", "chin", "throat"],
            Self::AnteriorTorso => &["chest", "belly", "abdomen", "breast", "stomach", "front", "anteriortrunk"],
            Self::PosteriorTorso => &["posteriortrunk", "upperback", "lowerback"],
            Self::LateralTorso => &["side", "flank", "lateraltrunk"],
            Self::UpperExtremity => &["upperarm", "lowerarm", "forearm", "elbow", "shoulder", "wrist", "upperextremities", "upperlimb"],
            Self::LowerExtremity => {
                &["thigh", "lowerleg", "upperleg", "knee", "calf", "shin", "hip", "ankle", "lowerextremities", "lowerlimb"]
            }
            Self::PalmsSoles => &["palm", "palms", "sole", "soles", "palmssoles", "palmsandsoles"],
            Self::OralGenital => &["mouth", "oral", "genital", "genitals", "mouthandgenitals", "tongue"],
        }
    }
}

impl Phototype {
    /// All of them, from the lightest skin to the darkest.
    pub const ALL: [Self; 6] = [Self::I, Self::II, Self::III, Self::IV, Self::V, Self::VI];

    /// Its stable name in codes and records: `III`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::I => "I",
            Self::II => "II",
            Self::III => "III",
            Self::IV => "IV",
            Self::V => "V",
            Self::VI => "VI",
        }
    }
}

impl Words for Phototype {
    const ALL: &'static [Self] = &Phototype::ALL;

    fn word(self) -> &'static str {
        self.name()
    }

    fn screen(self) -> &'static str {
        match self {
            Self::I => "phototype I",
            Self::II => "phototype II",
            Self::III => "phototype III",
            Self::IV => "phototype IV",
            Self::V => "phototype V",
            Self::VI => "phototype VI",
        }
    }

    fn aliases(self) -> &'static [&'static str] {
        match self {
            Self::I => &["1", "typei", "type1", "fitzpatricki", "fitzpatrick1"],
            Self::II => &["2", "typeii", "type2", "fitzpatrickii", "fitzpatrick2"],
            Self::III => &["3", "typeiii", "type3", "fitzpatrickiii", "fitzpatrick3"],
            Self::IV => &["4", "typeiv", "type4", "fitzpatrickiv", "fitzpatrick4"],
            Self::V => &["5", "typev", "type5", "fitzpatrickv", "fitzpatrick5"],
            Self::VI => &["6", "typevi", "type6", "fitzpatrickvi", "fitzpatrick6"],
        }
    }
}

macro_rules! shown_as_on_screens {
    ($($kind:ty),*) => {$(
        /// As screens say it.
        impl std::fmt::Display for $kind {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.screen())
            }
        }
    )*};
}
shown_as_on_screens!(Sex, Site, Phototype);
