//! How severe a measured criterion is, in five levels: where it lies among the lesions that the bundle was made with.
//!
//! Cuts are the quantiles 0.2, 0.4, 0.6 and 0.8 of the training lesions and belong to the bundle; nothing here knows words.

use serde::{Deserialize, Serialize};

use super::abc::Abc;

/// Five levels of a number, 1 (lowest fifth of the training lesions) to 5 (highest).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Level(u8);

impl Level {
    /// Level `number`; `None` unless that is 1 to 5.
    #[must_use]
    pub fn new(number: u8) -> Option<Self> {
        (1..=5).contains(&number).then_some(Self(number))
    }

    /// 1 to 5.
    #[must_use]
    pub fn number(self) -> u8 {
        self.0
    }
}

impl From<Level> for u8 {
    fn from(level: Level) -> Self {
        level.0
    }
}

impl TryFrom<u8> for Level {
    type Error = &'static str;

    fn try_from(number: u8) -> Result<Self, Self::Error> {
        Self::new(number).ok_or("a severity level is 1 to 5")
    }
}

/// Which measurement stands for a criterion and where its levels lie.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scale {
    /// One of [`Abc::KEYS`], [`Abc::SCORE`] or [`Abc::ASYMMETRY`].
    pub measure: String,
    /// Rising: a number below the first is level 1, one at or above the last is level 5.
    pub cuts: [f64; 4],
}

impl Scale {
    /// The level of what was measured; `None` when no measurement has that name.
    #[must_use]
    pub fn level(&self, abc: &Abc) -> Option<Level> {
        let value = abc.value(&self.measure)?;
        Level::new(1 + self.cuts.iter().filter(|cut| value >= **cut).count() as u8)
    }
}

/// The scales of a bundle.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scales {
    /// Of A.
    pub asymmetry: Scale,
    /// Of B.
    pub border: Scale,
    /// Of C.
    pub colour: Scale,
    /// Of all together.
    pub overall: Scale,
}

/// The levels of one lesion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Severity {
    /// Of A.
    pub asymmetry: Level,
    /// Of B.
    pub border: Level,
    /// Of C.
    pub colour: Level,
    /// Of all together.
    pub overall: Level,
}

impl Scales {
    /// The levels of what was measured; `None` when a scale names no measurement.
    #[must_use]
    pub fn levels(&self, abc: &Abc) -> Option<Severity> {
        Some(Severity {
            asymmetry: self.asymmetry.level(abc)?,
            border: self.border.level(abc)?,
            colour: self.colour.level(abc)?,
            overall: self.overall.level(abc)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_five_levels() {
        assert_eq!(Level::new(0), None);
        assert_eq!(Level::new(6), None);
        assert_eq!((1..=5).filter_map(Level::new).map(Level::number).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
        assert!(serde_json::from_str::<Level>("6").is_err() && serde_json::from_str::<Level>("5").is_ok());
    }

    #[test]
    fn a_number_at_a_cut_belongs_to_the_level_above_and_an_unknown_measure_has_none() {
        use crate::{
            explain::abc::{Settings, measure},
            frame::{Frame, Heatmap},
        };
        let picture = Frame::from_fn(32, 32, |_, _| [120, 70, 45]).unwrap();
        let abc = measure(&picture, &Heatmap::new(1, 1, vec![1.0]).unwrap(), &Settings::default()).unwrap();
        let share = abc.size.area_share;
        let level = |measure: &str, cuts: [f64; 4]| Scale { measure: measure.to_owned(), cuts }.level(&abc).map(Level::number);
        assert_eq!(level("size_area_share", [share, 2.0, 3.0, 4.0]), Some(2));
        assert_eq!(level("size_area_share", [0.1, 0.2, 0.3, share]), Some(5));
        assert_eq!(level("size_area_share", [1.1, 1.2, 1.3, 1.4]), Some(1));
        assert_eq!(level("size_area", [0.1, 0.2, 0.3, 0.4]), None);
        assert_eq!(level(Abc::ASYMMETRY, [-1.0, 10.0, 20.0, 30.0]), Some(2));
    }
}
