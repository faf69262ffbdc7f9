//! The limits of the gate, as they stand in a bundle's manifest under `[quality]`, and what each is compared with.
//!
//! [`RULES`] is the one place that ties a limit to its measurement, its reason and the way it was set, so that the
//! gate, the survey and the written table cannot disagree. No number of a limit stands in the code.

use serde::{Deserialize, Serialize};

use super::{Measurements, Reason};

/// Limits of the gate; each is set from the statistics of real dermoscopic images and kept in the bundle.
///
/// A frame exactly on a limit passes. A limit that is not a number refuses every frame.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Fewest pixels on the shorter side of the frame.
    pub shorter_side_min: f32,
    /// Least light in stops, see [`Measurements::exposure`].
    pub exposure_min: f32,
    /// Largest share of pixels crushed to black.
    pub dark_share_max: f32,
    /// Highest mean brightness.
    pub mean_max: f32,
    /// Largest share of pixels with a clipped channel.
    pub bright_share_max: f32,
    /// Largest share of pixels covered by reflections.
    pub glare_share_max: f32,
    /// Least sharpness, see [`Measurements::focus`].
    pub focus_min: f32,
    /// Least contrast of a lesion near the middle, see [`Measurements::lesion_presence`].
    pub lesion_presence_min: f32,
    /// Farthest that a lesion at the edge may lie from the middle, see [`Measurements::lesion_cut_off`].
    pub lesion_cut_off_max: f32,
    /// Smallest share of the field for a lesion.
    pub lesion_share_min: f32,
}

/// Which side of a limit is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refuses {
    /// Measurements below the limit.
    Below,
    /// Measurements above the limit.
    Above,
}

/// One limit: what it is compared with, what it refuses, and how it is set.
#[derive(Debug)]
pub struct Rule {
    /// Its key in the manifest, the name of the field of [`Limits`].
    pub key: &'static str,
    /// What it means, for the comment beside it.
    pub meaning: &'static str,
    /// What is said when it is broken.
    pub reason: Reason,
    /// Which side is refused.
    pub refuses: Refuses,
    /// Share of the surveyed real images that may lie on the refused side; 0 puts the limit at the extreme image.
    pub tail: f64,
    /// The measurement it is compared with.
    pub measured: fn(&Measurements) -> f32,
    /// The limit itself.
    pub limit: fn(&Limits) -> f32,
}

impl Rule {
    /// Whether `measurements` break this rule under `limits`.
    #[must_use]
    pub fn broken(&self, limits: &Limits, measurements: &Measurements) -> bool {
        let (measured, limit) = ((self.measured)(measurements), (self.limit)(limits));
        // Written so that a NaN on either side refuses.
        !match self.refuses {
            Refuses::Below => measured >= limit,
            Refuses::Above => measured <= limit,
        }
    }
}

/// Every rule of the gate, in the order of the fields of [`Limits`].
pub const RULES: [Rule; 10] = [
    Rule {
        key: "shorter_side_min",
        meaning: "fewest pixels on the shorter side of the frame",
        reason: Reason::TooFewPixels,
        refuses: Refuses::Below,
        tail: 0.0,
        measured: |m| m.shorter_side,
        limit: |l| l.shorter_side_min,
    },
    Rule {
        key: "exposure_min",
        meaning: "least light on the skin, in stops, melanin added back",
        reason: Reason::TooDark,
        refuses: Refuses::Below,
        // The surveyed images show hardly any dark skin: a larger tail would refuse half of phototype VI for its colour.
        tail: 0.001,
        measured: |m| m.exposure,
        limit: |l| l.exposure_min,
    },
    Rule {
        key: "dark_share_max",
        meaning: "largest share of pixels crushed to black",
        reason: Reason::TooDark,
        refuses: Refuses::Above,
        tail: 0.001,
        measured: |m| m.dark_share,
        limit: |l| l.dark_share_max,
    },
    Rule {
        key: "mean_max",
        meaning: "highest mean brightness, 0 to 1",
        reason: Reason::TooBright,
        refuses: Refuses::Above,
        tail: 0.002_5,
        measured: |m| m.mean,
        limit: |l| l.mean_max,
    },
    Rule {
        key: "bright_share_max",
        meaning: "largest share of pixels with a clipped channel",
        reason: Reason::TooBright,
        refuses: Refuses::Above,
        tail: 0.005,
        measured: |m| m.bright_share,
        limit: |l| l.bright_share_max,
    },
    Rule {
        key: "glare_share_max",
        meaning: "largest share of pixels covered by reflections",
        reason: Reason::Glare,
        refuses: Refuses::Above,
        tail: 0.005,
        measured: |m| m.glare_share,
        limit: |l| l.glare_share_max,
    },
    Rule {
        key: "focus_min",
        meaning: "least share of detail that one more blur takes away",
        reason: Reason::Blurred,
        refuses: Refuses::Below,
        tail: 0.005,
        measured: |m| m.focus,
        limit: |l| l.focus_min,
    },
    Rule {
        key: "lesion_presence_min",
        meaning: "least colour difference of a lesion near the middle",
        reason: Reason::NoLesion,
        refuses: Refuses::Below,
        tail: 0.007_5,
        measured: |m| m.lesion_presence,
        limit: |l| l.lesion_presence_min,
    },
    Rule {
        key: "lesion_cut_off_max",
        meaning: "farthest from the middle, in half sides, for a lesion that touches the edge",
        reason: Reason::LesionCutOff,
        refuses: Refuses::Above,
        tail: 0.007_5,
        measured: |m| m.lesion_cut_off,
        limit: |l| l.lesion_cut_off_max,
    },
    Rule {
        key: "lesion_share_min",
        meaning: "smallest share of the field for a lesion",
        reason: Reason::LesionTooSmall,
        refuses: Refuses::Below,
        tail: 0.002_5,
        measured: |m| m.lesion_share,
        limit: |l| l.lesion_share_min,
    },
];

impl Limits {
    /// The `[quality]` table of a manifest, with what each limit means beside it.
    ///
    /// Read back, it gives these limits exactly.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let lines: Vec<String> = RULES.iter().map(|rule| format!("{} = {:?}", rule.key, (rule.limit)(self))).collect();
        let column = lines.iter().map(String::len).max().unwrap_or(0);
        let mut table = String::from("[quality]\n");
        for (line, rule) in lines.iter().zip(&RULES) {
            table.push_str(&format!("{line:column$}  # {}\n", rule.meaning));
        }
        table
    }
}
