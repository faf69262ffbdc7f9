//! What is recorded of the criteria behind an answer and of the report that was written of it. Lines of bundles that measure none, and older
//! lines, have neither.

use serde::{Deserialize, Serialize};

use crate::{
    case::Explanation,
    explain::{
        report::{Language, Report},
        severity::Severity,
    },
};

/// The ABC criteria of one lesion in short.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Criteria {
    /// About how many axes the lesion is asymmetric, 0 to 2.
    pub asymmetry_points: u8,
    /// How many of the eight border segments end abruptly, 0 to 8.
    pub border_points: u8,
    /// How many of the six dermoscopic colours are present, 1 to 6.
    pub colour_points: u8,
    /// The ABCD rule's score without its D, at most 6.4.
    pub score: f64,
    /// Where the lesion lies among those that the bundle was made with, 1 to 5 each.
    pub levels: Severity,
    /// How far picture and criteria agree, -1 to 1.
    pub agreement: f32,
    /// The lesion goes on beyond what was assessed: the criteria are those of the part that is seen.
    pub cut_off: bool,
}

impl Criteria {
    /// In short what was measured.
    #[must_use]
    pub fn of(found: &Explanation) -> Self {
        let abc = &found.abc;
        Self {
            asymmetry_points: abc.asymmetry.points,
            border_points: abc.border.points,
            colour_points: abc.colour.points,
            // Sums of tenths; the digits behind are the noise of binary numbers.
            score: (abc.score.total * 1e4).round() / 1e4,
            levels: found.severity,
            agreement: (found.agreement * 1e4).round() / 1e4,
            cut_off: abc.size.cut_off,
        }
    }
}

/// A report as it was written when the picture was assessed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrittenReport {
    /// Its language.
    pub language: Language,
    /// All of it.
    pub text: String,
}

impl From<&Report> for WrittenReport {
    fn from(report: &Report) -> Self {
        Self { language: report.language, text: report.full() }
    }
}
