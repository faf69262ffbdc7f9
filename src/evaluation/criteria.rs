//! The criteria behind an answer as plain numbers, beside what people said of the same image.

use super::index::Ratings;

/// A, B and C.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Criterion {
    /// A.
    Asymmetry,
    /// B.
    Border,
    /// C.
    Colour,
}

impl Criterion {
    /// All three, in the order of [`Criteria`]'s arrays.
    pub const ALL: [Self; 3] = [Self::Asymmetry, Self::Border, Self::Colour];

    /// Its name in tables: `asymmetry`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Asymmetry => "asymmetry",
            Self::Border => "border",
            Self::Colour => "colour",
        }
    }

    /// What raters said of it, one by one.
    #[must_use]
    pub fn ratings(self, ratings: &Ratings) -> &[f64] {
        match self {
            Self::Asymmetry => &ratings.asymmetry,
            Self::Border => &ratings.border,
            Self::Colour => &ratings.colour,
        }
    }
}

/// What was measured and read of one image.
#[derive(Debug, Clone, PartialEq)]
pub struct Criteria {
    /// Every measured number with its name.
    pub measures: Vec<(&'static str, f64)>,
    /// The number that the level of A, of B and of C comes from.
    pub measured: [f64; 3],
    /// Points of the ABCD rule for A, B and C.
    pub points: [f64; 3],
    /// What the network itself reads of A, B and C, on the raters' scales; where the graph gives that.
    pub read: Option<[f64; 3]>,
    /// Levels of severity of A, B, C and all together, 1 to 5.
    pub severity: [u8; 4],
    /// Cosine of the picture's embedding with that of its criteria.
    pub agreement: f64,
    /// The picture's embedding, of length 1.
    pub embedding: Vec<f32>,
    /// The criteria's embedding, of length 1.
    pub criteria_embedding: Vec<f32>,
    /// The level of the nearest prototype.
    pub nearest: Option<u8>,
}

/// One of the values that stand for a criterion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Value {
    /// The measured number that levels of severity come from.
    Measured,
    /// Points of the ABCD rule.
    Points,
    /// What the network reads.
    Read,
}

impl Value {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Measured, Self::Points, Self::Read];

    /// Its name in tables: `measured`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Measured => "measured",
            Self::Points => "points",
            Self::Read => "read",
        }
    }

    /// The value for `criterion`, where there is one.
    #[must_use]
    pub fn of(self, criteria: &Criteria, criterion: Criterion) -> Option<f64> {
        let values = match self {
            Self::Measured => Some(criteria.measured),
            Self::Points => Some(criteria.points),
            Self::Read => criteria.read,
        };
        values.map(|values| values[criterion as usize])
    }
}
