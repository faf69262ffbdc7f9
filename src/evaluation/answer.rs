//! What a bundle claims to tell apart, and what it answered for each row of a labelled set.

use super::{
    criteria::Criteria,
    index::Row,
    metrics::{Overlap, Scored, Typed},
    truth::Attention,
};
use crate::verdict::OperatingPoint;

/// What a bundle claims to tell apart.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// Class names, in the order of an answer's probabilities.
    pub names: Vec<String>,
    /// Whether just one of the classes is true; otherwise each is a yes/no question of its own.
    pub exclusive: bool,
    /// The 0/1 column that says whether a referral is right.
    pub label: String,
    /// The operating points to choose from.
    pub points: Vec<OperatingPoint>,
    /// The operating point that counts.
    pub chosen: OperatingPoint,
}

impl Question {
    /// Whether a class has to be chosen among several, which the column `dx` judges; with two there is only the referral.
    #[must_use]
    pub fn has_types(&self) -> bool {
        self.exclusive && self.names.len() > 2
    }
}

/// Why a bundle would rather not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Abstained {
    /// The picture is unlike those that it knows.
    Novelty,
    /// The views of the picture got different answers.
    Disagreement,
}

impl Abstained {
    /// As tables have it: `novelty`, `disagreement`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Novelty => "novelty",
            Self::Disagreement => "disagreement",
        }
    }
}

/// What a bundle answered for one row.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The row.
    pub row: Row,
    /// Calibrated probability of each class.
    pub probabilities: Vec<f64>,
    /// The class that the bundle names the picture after.
    pub named: usize,
    /// Calibrated probability that a referral is right.
    pub probability: f64,
    /// How unlike the known pictures it is, where the bundle measures that; larger is less alike.
    pub novelty: Option<f64>,
    /// Standard deviation of the referral's probability over the views; 0 with one view.
    pub disagreement: f64,
    /// Why it would rather not answer.
    pub abstained: Option<Abstained>,
    /// Its outline beside the mask file's, where there are both.
    pub outline: Option<Overlap>,
    /// Where its evidence lies on the mask file's lesion, where there are both.
    pub attention: Option<Attention>,
    /// The criteria behind it, where the bundle measures them and there is a lesion.
    pub criteria: Option<Criteria>,
}

impl Answer {
    /// How sure the referral's likelier side is: distance of its probability from one half, in [0, 0.5].
    #[must_use]
    pub fn referral_certainty(&self) -> f64 {
        (self.probability - 0.5).abs()
    }

    /// The referral's probability beside the truth in column `label`, where that is known.
    #[must_use]
    pub fn referral(&self, question: &Question) -> Option<Scored> {
        Some(Scored { probability: self.probability, positive: *self.row.labels.get(&question.label)? })
    }

    /// A class's own probability beside the truth in the column of its name, where that is known.
    #[must_use]
    pub fn class(&self, question: &Question, class: usize) -> Option<Scored> {
        Some(Scored { probability: *self.probabilities.get(class)?, positive: *self.row.labels.get(question.names.get(class)?)? })
    }

    /// All probabilities beside the class in column `dx`, where that is one of the bundle's.
    #[must_use]
    pub fn typed(&self, question: &Question) -> Option<Typed> {
        let dx = self.row.dx.as_deref()?;
        let truth = question.names.iter().position(|name| name.eq_ignore_ascii_case(dx))?;
        Some(Typed { probabilities: self.probabilities.clone(), named: self.named, truth })
    }
}

/// Those answers for which `pick` finds something, with the lesions they are of, in the answers' order.
pub(super) fn picked<'a, T>(answers: &[&'a Answer], pick: impl Fn(&Answer) -> Option<T>) -> (Vec<T>, Vec<&'a str>) {
    answers.iter().filter_map(|answer| Some((pick(answer)?, answer.row.lesion.as_str()))).unzip()
}

#[cfg(test)]
pub(super) mod examples {
    use std::collections::BTreeMap;

    use super::*;
    use crate::evaluation::index::{Person, Ratings};

    /// Operating points at 0.2 (chosen) and 0.6.
    pub(in crate::evaluation) fn question(names: &[&str], exclusive: bool) -> Question {
        let point = |name: &str, threshold| OperatingPoint { name: name.to_owned(), sensitivity: 0.9, threshold };
        Question {
            names: names.iter().map(ToString::to_string).collect(),
            exclusive,
            label: "malignant".to_owned(),
            points: vec![point("low", 0.2), point("high", 0.6)],
            chosen: point("low", 0.2),
        }
    }

    /// An answer of a lesion of its own, with nothing but a probability and a label.
    pub(in crate::evaluation) fn answer(name: &str, probability: f64, label: Option<bool>) -> Answer {
        Answer {
            row: Row {
                file: format!("{name}.jpg"),
                dataset: "one".to_owned(),
                split: "val".to_owned(),
                lesion: name.to_owned(),
                dx: None,
                mask: None,
                person: Person::read("", "", ""),
                labels: label.map(|truth| ("malignant".to_owned(), truth)).into_iter().collect::<BTreeMap<_, _>>(),
                ratings: Ratings::default(),
            },
            probabilities: vec![1.0 - probability, probability],
            named: usize::from(probability > 0.5),
            probability,
            novelty: None,
            disagreement: 0.0,
            abstained: None,
            outline: None,
            attention: None,
            criteria: None,
        }
    }

    /// Criteria of which A, B and C were measured as `values`, with points and a reading of the same.
    pub(in crate::evaluation) fn criteria(values: [f64; 3]) -> Criteria {
        Criteria {
            measures: vec![],
            measured: values,
            points: values,
            read: Some(values),
            severity: [1; 4],
            agreement: 1.0,
            embedding: vec![1.0],
            criteria_embedding: vec![1.0],
            nearest: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{examples::*, *};

    #[test]
    fn truths_come_from_the_columns_that_the_question_names() {
        let many = question(&["nv", "mel", "bcc"], true);
        let mut answer = answer("a", 0.7, Some(true));
        answer.probabilities = vec![0.3, 0.6, 0.1];
        assert_eq!(answer.referral(&many), Some(Scored { probability: 0.7, positive: true }));
        assert_eq!(answer.typed(&many), None);
        answer.row.dx = Some("BCC".to_owned());
        assert_eq!(answer.typed(&many).unwrap().truth, 2);
        answer.row.dx = Some("scc".to_owned());
        assert_eq!(answer.typed(&many), None);

        let apart = question(&["malignant", "seborrheic_keratosis"], false);
        assert_eq!(answer.class(&apart, 0), Some(Scored { probability: 0.3, positive: true }));
        assert_eq!(answer.class(&apart, 1), None);
        assert!(many.has_types() && !apart.has_types());
    }
}
