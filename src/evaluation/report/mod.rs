//! All figures of one bundle on one labelled set: what `summary.json` holds of them.

mod abstention;
mod alignment;
mod classes;
mod criteria;
mod groups;
mod headline;
mod lesion;
mod referral;
mod yes_no;

use std::collections::BTreeMap;

use serde::Serialize;

pub use abstention::{Abstention, Kept, Step, order_by_certainty, order_by_confidence};
pub use alignment::{AlignmentFigures, PrototypeFigures, Recall};
pub use classes::{ClassFigures, OneClass};
pub use criteria::{AgainstExperts, AgainstMean, AgainstRaters, CriteriaFigures};
pub use groups::{Group, groups};
pub use headline::{FEWEST, Figure, Headline};
pub use lesion::{AttentionFigures, OutlineFigures};
pub use referral::{AtPoint, ReferralFigures};
pub use yes_no::YesNoFigures;

use super::answer::{Answer, Question};

/// All figures, each with its 95 % interval by lesion; a figure that does not exist is `null`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The referral against the column of the bundle's label.
    #[serde(flatten)]
    pub referral: ReferralFigures,
    /// The choice among several classes against the column `dx`, where the bundle makes one.
    pub classes: Option<ClassFigures>,
    /// Each class against its own column, where each is a question of its own.
    pub independent: Option<BTreeMap<String, YesNoFigures>>,
    /// The drawn lesion against the mask files, where there are both.
    pub mask: Option<OutlineFigures>,
    /// Where the evidence lies, where there are mask files.
    pub cam_in_lesion: Option<AttentionFigures>,
    /// The measured criteria against raters and experts; only of a bundle that measures criteria.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub criteria: Option<CriteriaFigures>,
    /// How far pictures and their criteria agree; only of a bundle that measures criteria.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alignment: Option<AlignmentFigures>,
    /// What the bundle would rather not answer, and what is gained by it.
    pub abstention: Abstention,
    /// The headline figures by kind of person, place and set.
    pub groups: BTreeMap<&'static str, Vec<Group>>,
}

impl Report {
    /// Works out everything.
    #[must_use]
    pub fn new(question: &Question, answers: &[Answer]) -> Self {
        let answers: Vec<&Answer> = answers.iter().collect();
        let independent =
            || question.names.iter().enumerate().map(|(class, name)| (name.clone(), yes_no::class(question, &answers, class)));
        Self {
            referral: ReferralFigures::new(question, &answers),
            classes: question.has_types().then(|| ClassFigures::new(question, &answers)),
            independent: (!question.exclusive).then(|| independent().collect()),
            mask: OutlineFigures::new(&answers),
            cam_in_lesion: AttentionFigures::new(&answers),
            criteria: CriteriaFigures::new(&answers),
            alignment: AlignmentFigures::new(&answers),
            abstention: Abstention::new(question, &answers),
            groups: groups(question, &answers),
        }
    }
}
